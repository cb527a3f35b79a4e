# Shouwang. `make help` tells the targets.
B ?= build
V ?= 0
ifeq ($(origin CC),default)
CC = gcc
endif

WARN = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes \
       -Wformat=2 -Wundef -Wvla -Wcast-qual -Wswitch-enum -Wimplicit-fallthrough -Werror
HARD = -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
CFLAGS ?= -O2 -g
ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -Iinclude -Idaemon $(WARN) $(HARD) $(CFLAGS)
ALL_LDFLAGS = -pie -Wl,-z,relro,-z,now $(LDFLAGS)

# Which folder links what. libshouwang.a is the part without I/O of its own.
pure = base lang model engine
edge = store intake delivery web
LIBS_pure = -lyaml -lyajl -lcrypto -lm
LIBS = -lev -lzmq -lsqlite3 -lcurl -lmicrohttpd $(LIBS_pure) -lpthread

src = $(foreach d,$(1),$(wildcard daemon/$(d)/*.c))
obj = $(patsubst %.c,$(B)/%.o,$(1))
pure_obj := $(call obj,$(call src,$(pure)))
edge_obj := $(call obj,$(call src,$(edge)))
ctl_obj := $(call obj,$(call src,ctl))
shared_ctl := $(call obj,daemon/ctl/config.c daemon/ctl/rulecheck.c)
unit_prog := $(patsubst %.c,$(B)/%,$(wildcard tests/unit/*.c))
programs := $(B)/shouwangd $(B)/shouwang
mo := $(B)/locale/zh_CN/LC_MESSAGES/shouwang.mo

ifeq ($(V),0)
q = @printf '  %-4s %s\n' $(1) $(2);
endif

all: $(programs) $(mo) $(B)/libshouwang.a

$(B)/libshouwang.a: $(pure_obj)
	$(call q,AR,$@) rm -f $@ && ar rcs $@ $^

$(B)/libedge.a: $(edge_obj)
	$(call q,AR,$@) rm -f $@ && ar rcs $@ $^

$(B)/shouwangd: $(B)/daemon/main.o $(shared_ctl) $(B)/libedge.a $(B)/libshouwang.a
	$(call q,LD,$@) $(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(B)/shouwang: $(ctl_obj) $(B)/libedge.a $(B)/libshouwang.a
	$(call q,LD,$@) $(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(B)/locale/%/LC_MESSAGES/shouwang.mo: daemon/ctl/po/%.po
	@mkdir -p $(@D)
	$(call q,PO,$@) msgfmt --check-format -o $@ $<

$(B)/tests/unit/%: $(B)/tests/unit/%.o $(B)/libedge.a $(B)/libshouwang.a
	$(call q,LD,$@) $(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

scenario := $(B)/tests/scenario/run
$(scenario): $(B)/tests/scenario/run.o $(shared_ctl) $(B)/libedge.a $(B)/libshouwang.a
	$(call q,LD,$@) $(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(B)/tests/e2e/%: $(B)/tests/e2e/%.o $(B)/libedge.a $(B)/libshouwang.a
	$(call q,LD,$@) $(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(B)/tests/peers/%: $(B)/tests/peers/%.o $(B)/libedge.a $(B)/libshouwang.a
	$(call q,LD,$@) $(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(B)/tests/bench/webhooks: $(B)/tests/bench/webhooks.o $(B)/libedge.a $(B)/libshouwang.a
	$(call q,LD,$@) $(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

# The daemon on a disk that fails on demand (SW_FAULT), and the test that kills it.
$(B)/tests/crash/shouwangd: $(B)/daemon/main.o $(shared_ctl) $(B)/tests/crash/fault_vfs.o \
                            $(B)/libedge.a $(B)/libshouwang.a
	$(call q,LD,$@) $(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(B)/tests/crash/kill: $(B)/tests/crash/kill.o $(B)/libedge.a $(B)/libshouwang.a
	$(call q,LD,$@) $(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

# schema.sql becomes one C string per line (a single literal could be longer than C allows).
$(B)/daemon/store/schema.inc: daemon/store/schema.sql
	@mkdir -p $(@D)
	$(call q,GEN,$@) sed -e 's/[\\"]/\\&/g' -e 's/.*/"&\\n",/' $< >$@

$(B)/daemon/store/migrate.o: $(B)/daemon/store/schema.inc
$(B)/daemon/store/migrate.o: ALL_CFLAGS += -I$(B)/daemon/store

# The store is tested with stubs for the engine and under a failing disk.
$(B)/libstore.a: $(call obj,$(call src,base store))
	$(call q,AR,$@) rm -f $@ && ar rcs $@ $^

$(B)/tests/unit/store_% $(B)/tests/bench/store%: LIBS := -lev -lsqlite3 $(LIBS_pure) -lpthread
$(B)/tests/unit/store_%: $(B)/tests/unit/store_%.o $(B)/tests/crash/fault_vfs.o $(B)/libstore.a
	$(call q,LD,$@) $(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(B)/tests/bench/store: $(B)/tests/bench/store.o $(B)/libstore.a
	$(call q,LD,$@) $(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

# Ratios to references in the same run: tests/bench/README.md. BENCH_ROWS="1 4": only these.
bench_common := $(call obj,$(addprefix tests/bench/,bench.c events.c feed.c receiver.c service.c))
bench_prog := $(addprefix $(B)/tests/bench/,ingest latency run scale)
$(bench_prog): $(B)/tests/bench/%: $(B)/tests/bench/%.o $(bench_common) $(B)/libedge.a $(B)/libshouwang.a
	$(call q,LD,$@) $(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

bench: $(B)/shouwangd $(bench_prog) $(B)/tests/bench/webhooks
	$(B)/tests/bench/run $(B) $(BENCH_ROWS)
bench-smoke: export BENCH_SMOKE = 1
bench-smoke: bench
.PHONY: bench bench-smoke

# A whole invented county for tests, from one number: tests/data/county/README.md.
county_prog := $(B)/tests/data/county/county
$(county_prog): $(call obj,$(wildcard tests/data/county/*.c)) $(B)/libshouwang.a
	$(call q,LD,$@) $(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(LIBS_pure)

$(B)/tests/unit/county: | $(county_prog)
county: $(county_prog)
.PHONY: county

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(call q,CC,$<) $(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

unit: $(unit_prog)
	prove --timer $(unit_prog)

clean:
	rm -rf $(B)

.PHONY: all unit clean
.SECONDARY:
-include $(shell find $(B) -name '*.d' 2>/dev/null)
