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
unit_prog := $(patsubst %.c,$(B)/%,$(wildcard tests/unit/*.c))

ifeq ($(V),0)
q = @printf '  %-4s %s\n' $(1) $(2);
endif

all: $(B)/libshouwang.a

$(B)/libshouwang.a: $(pure_obj)
	$(call q,AR,$@) rm -f $@ && ar rcs $@ $^

$(B)/libedge.a: $(edge_obj)
	$(call q,AR,$@) rm -f $@ && ar rcs $@ $^

$(B)/tests/unit/%: $(B)/tests/unit/%.o $(B)/libshouwang.a
	$(call q,LD,$@) $(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

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
