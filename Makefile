# Shouwang. `make help` tells the targets.
.DEFAULT_GOAL := all
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

link = $(call q,LD,$@) $(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^

all: $(programs) $(mo) $(B)/libshouwang.a

$(B)/libshouwang.a: $(pure_obj)
	$(call q,AR,$@) rm -f $@ && ar rcs $@ $^

$(B)/libedge.a: $(edge_obj)
	$(call q,AR,$@) rm -f $@ && ar rcs $@ $^

$(B)/shouwangd: $(B)/daemon/main.o $(shared_ctl) $(B)/libedge.a $(B)/libshouwang.a
	$(link) $(LIBS)

$(B)/shouwang: $(ctl_obj) $(B)/libedge.a $(B)/libshouwang.a
	$(link) $(LIBS)

$(B)/locale/%/LC_MESSAGES/shouwang.mo: daemon/ctl/po/%.po
	@mkdir -p $(@D)
	$(call q,PO,$@) msgfmt --check-format -o $@ $<

$(B)/tests/unit/%: $(B)/tests/unit/%.o $(B)/libedge.a $(B)/libshouwang.a
	$(link) $(LIBS)

$(B)/tests/unit/schema_files $(addprefix $(B)/tests/unit/,doors mutants part present record year): $(B)/tests/unit/%: $(B)/tests/unit/%.o \
    $(shared_ctl) $(B)/libedge.a $(B)/libshouwang.a
	$(link) $(LIBS)

scenario := $(B)/tests/scenario/run
$(scenario): $(B)/tests/scenario/run.o $(shared_ctl) $(B)/libedge.a $(B)/libshouwang.a
	$(link) $(LIBS)

$(B)/tests/e2e/%: $(B)/tests/e2e/%.o $(B)/libedge.a $(B)/libshouwang.a
	$(link) $(LIBS)

$(B)/tests/peers/%: $(B)/tests/peers/%.o $(B)/libedge.a $(B)/libshouwang.a
	$(link) $(LIBS)

$(B)/tests/bench/webhooks: $(B)/tests/bench/webhooks.o $(B)/libedge.a $(B)/libshouwang.a
	$(link) $(LIBS)

# The daemon on a disk that fails on demand (SW_FAULT), and the test that kills it.
$(B)/tests/crash/shouwangd: $(B)/daemon/main.o $(shared_ctl) $(B)/tests/crash/fault_vfs.o \
                            $(B)/libedge.a $(B)/libshouwang.a
	$(link) $(LIBS)

$(B)/tests/crash/kill: $(B)/tests/crash/kill.o $(B)/libedge.a $(B)/libshouwang.a
	$(link) $(LIBS)

# schema.sql becomes one C string per line (a single literal could be longer than C allows).
$(B)/daemon/store/schema.inc: daemon/store/schema.sql
	@mkdir -p $(@D)
	$(call q,GEN,$@) sed -e 's/[\\"]/\\&/g' -e 's/.*/"&\\n",/' $< >$@

$(B)/daemon/store/migrate.o: $(B)/daemon/store/schema.inc
$(B)/daemon/store/migrate.o: ALL_CFLAGS += -I$(B)/daemon/store

# The life of a case that holds where a folder has no cases.yaml is the one shipped.
$(B)/daemon/engine/cases.inc: rules/cases.yaml
	@mkdir -p $(@D)
	$(call q,GEN,$@) sed -e 's/[\\"]/\\&/g' -e 's/.*/"&\\n",/' $< >$@

$(B)/daemon/engine/lifecycle.o: $(B)/daemon/engine/cases.inc
$(B)/daemon/engine/lifecycle.o: ALL_CFLAGS += -I$(B)/daemon/engine

# The store is tested with stubs for the engine and under a failing disk.
$(B)/libstore.a: $(call obj,$(call src,base store))
	$(call q,AR,$@) rm -f $@ && ar rcs $@ $^

$(B)/tests/unit/store_% $(B)/tests/bench/store%: LIBS := -lev -lsqlite3 $(LIBS_pure) -lpthread
$(B)/tests/unit/store_%: $(B)/tests/unit/store_%.o $(B)/tests/crash/fault_vfs.o $(B)/libstore.a
	$(link) $(LIBS)

$(B)/tests/bench/store: $(B)/tests/bench/store.o $(B)/libstore.a
	$(link) $(LIBS)

# ---- what people run ---------------------------------------------------------------------------

help:
	@echo 'make              build the daemon, the tool and the library into $(B)/'
	@echo 'make demo         install what is missing; a county, a year, a live day: about a minute'
	@echo 'make test         install what is missing; every test that needs Debian packages only'
	@echo 'make asan         the same with AddressSanitizer and UBSan, in $(B)-asan/'
	@echo 'make test-peers   checks with npm'"'"'s clients (installs nodejs and npm)'
	@echo 'make unit         the unit tests alone'
	@echo 'make lint         layers, purity, sizes, texts, format, clang-tidy, cppcheck'
	@echo 'make fuzz         FUZZ_SECONDS=60 for each target (clang)'
	@echo 'make bench        ratios to bare references; BENCH_ROWS="1 4" for some rows'
	@echo 'make bench-rules  the rule language beside LuaJIT; loading, testing and what-if'
	@echo 'make bench-load    106 000 households and a month-end list through import: time and memory'
	@echo 'make bench-smoke  both, small: do they still run?'
	@echo 'make install      into $$DESTDIR/usr; systemd/README.md tells the rest'
	@echo 'make clean        remove $(B)/'
	@echo 'B=folder builds elsewhere, CC=clang with another compiler, V=1 shows commands.'

demo:
	@.ci/packages demo
	@$(MAKE) -s -j$$(nproc) --no-print-directory all county $(B)/tests/e2e/sink
	@tests/demo.sh $(B)

scenarios := $(wildcard tests/scenario/*.scn)
scripts := $(wildcard tests/e2e/*.t tests/crash/*.t tests/fuzz/*.t)
fuzz_prog := $(patsubst %.c,$(B)/%,$(wildcard tests/fuzz/*.c))
test_prog := $(unit_prog) $(scenario) $(B)/tests/e2e/sink $(B)/tests/e2e/listen \
             $(B)/tests/e2e/kannel \
             $(B)/tests/crash/shouwangd $(B)/tests/crash/kill $(fuzz_prog)

slow := tests/crash/kill.t tests/crash/disk.t tests/e2e/gateways.t # begun first

test:
	@.ci/packages test
	@$(MAKE) -s -j$$(nproc) --no-print-directory all county $(test_prog)
	@$(MAKE) -s --no-print-directory prove
prove:
	SHOUWANG_BUILD=$(abspath $(B)) prove --timer -j2 --exec tests/tap \
	    $(slow) $(filter-out $(slow),$(scripts)) $(B)/tests/e2e/kannel $(unit_prog) $(scenarios)

# The same with AddressSanitizer, UBSan and leak detection, in a folder of its own.
asan:
	@$(MAKE) -s --no-print-directory B=$(B)-asan \
	    CFLAGS='-O1 -g -U_FORTIFY_SOURCE -fno-omit-frame-pointer -fsanitize=address,undefined \
	            -fno-sanitize-recover=undefined' test

test-peers:
	@.ci/packages test peers
	@$(MAKE) --no-print-directory all $(B)/tests/peers/post_webhook
	cd tests/peers && npm ci --no-fund --no-audit
	SHOUWANG_BUILD=$(abspath $(B)) prove --timer tests/peers/run.t

unit: $(unit_prog)
	prove --timer $(unit_prog)

sources = $(shell git ls-files -co --exclude-standard '*.c' '*.h')
lint:
	@.ci/packages lint
	@$(MAKE) --no-print-directory all
	tests/lint/layers
	tests/lint/pure $(B)
	tests/lint/sizes
	tests/lint/texts
	tests/lint/words
	@clang-format --dry-run -Werror $(sources)
	tests/lint/tidy $(B)
	tests/lint/cppcheck $(B)

# Everything the targets reach, instrumented: clang compiles it into a folder of its own.
fuzz:
	@.ci/packages lint
	tests/fuzz/run $(B)-fuzz $${FUZZ_SECONDS:-60}

install: all
	install -D -m 755 -t $(DESTDIR)/usr/bin $(B)/shouwang $(B)/shouwangd
	install -D -m 644 -t $(DESTDIR)/usr/lib $(B)/libshouwang.a
	cd include && find shouwang -name '*.h' -exec install -D -m 644 {} $(DESTDIR)/usr/include/{} \;
	install -D -m 644 -t $(DESTDIR)/usr/share/locale/zh_CN/LC_MESSAGES $(mo)
	install -D -m 644 -t $(DESTDIR)/usr/lib/systemd/system systemd/shouwangd.service \
	    systemd/shouwang-inbox.service
	install -D -m 644 systemd/shouwang.sysusers $(DESTDIR)/usr/lib/sysusers.d/shouwang.conf
	install -D -m 644 systemd/shouwang.tmpfiles $(DESTDIR)/usr/lib/tmpfiles.d/shouwang.conf
	cd rules && find . -type f ! -name README.md \
	    -exec install -D -m 644 {} $(DESTDIR)/usr/share/shouwang/rules/{} \;
	install -D -m 644 -t $(DESTDIR)/usr/share/shouwang systemd/shouwang.yaml

clean:
	rm -rf $(B) $(B)-fuzz $(B)-asan

.PHONY: all help demo test asan prove test-peers unit lint fuzz install clean

# ---- programs of tests ---------------------------------------------------------------------------

$(B)/tests/fuzz/%: $(B)/tests/fuzz/%.o $(B)/libedge.a $(B)/libshouwang.a
	$(link) $(LIBS)

# Ratios to references in the same run: tests/bench/README.md. BENCH_ROWS="1 4": only these.
bench_common := $(call obj,$(addprefix tests/bench/,bench.c events.c feed.c receiver.c service.c))
bench_prog := $(addprefix $(B)/tests/bench/,ingest latency run scale)
$(bench_prog): $(B)/tests/bench/%: $(B)/tests/bench/%.o $(bench_common) $(B)/libedge.a $(B)/libshouwang.a
	$(link) $(LIBS)

# The rule language's: beside LuaJIT, and what-if over a county. They count what they allocate.
rules_prog := $(addprefix $(B)/tests/bench/,rules whatif)
$(rules_prog): ALL_LDFLAGS += -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
$(rules_prog): $(B)/tests/bench/%: $(B)/tests/bench/%.o $(call obj,$(addprefix tests/bench/,allocs.c \
               bench.c pack.c)) $(B)/libshouwang.a
	$(link) $(LIBS_pure) -lsqlite3 -lluajit-5.1
$(B)/tests/bench/rules.o: ALL_CFLAGS += -isystem /usr/include/luajit-2.1

bench:
	@.ci/packages bench
	@$(MAKE) --no-print-directory $(B)/shouwangd $(bench_prog) $(B)/tests/bench/webhooks
	$(B)/tests/bench/run $(B) $(or $(BENCH_ROWS),1 2 3 4 5 6 7)
bench-rules:
	@.ci/packages bench
	@$(MAKE) --no-print-directory $(B)/tests/bench/run $(rules_prog)
	$(B)/tests/bench/run $(B) $(or $(BENCH_ROWS),8 9 10 11 12 13)
bench-smoke: export BENCH_SMOKE = 1
bench-smoke: bench bench-rules
# A county of 106 000 households and a month-end list: golden scenario 10 at its full size.
bench-load:
	@.ci/packages test
	@$(MAKE) -s --no-print-directory all
	SHOUWANG_BUILD=$(abspath $(B)) tests/bench/load
.PHONY: bench bench-rules bench-smoke bench-load

# A whole invented county for tests, from one number: tests/data/county/README.md.
county_prog := $(B)/tests/data/county/county
$(county_prog): $(call obj,$(wildcard tests/data/county/*.c)) $(B)/libshouwang.a
	$(link) $(LIBS_pure)

$(B)/tests/unit/county $(B)/tests/unit/year: | $(county_prog)
county: $(county_prog)
.PHONY: county

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(call q,CC,$<) $(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

.SECONDARY:
-include $(shell find $(B) -name '*.d' 2>/dev/null)
