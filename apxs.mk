# The build.  `make help` lists the targets; `make -f apxs.mk TARGET` is the
# same as `make TARGET`.
#
# No list of sources is kept: a file dropped into bridge/, httpd/, handlers/,
# handlers/shared/ or testkit/ is compiled in, one that is taken away is linked
# out.  The flags are those that httpd itself was built with (apxs -q), ours
# behind them.
#
#   V=1              show the commands
#   CC=clang         another compiler
#   CFLAGS=-O0       added behind all other flags; changing it rebuilds
#   HBR_MPM=worker   what `make test-httpd` and t/TEST run on
#
# Objects go to $(B)/obj, the module to $(B)/mod_handlerbridge.so, and what is
# in session_socache/ to a second one, $(B)/mod_session_socache.so.  The module
# of the test suite, $(B)/test/mod_handlerbridge.so, holds t/handlers/*.c
# besides, that of `make bench`, $(B)/bench/mod_handlerbridge.so, bench/handlers.
# t/outside/NAME/*.c are modules of their own, compiled with what `make install`
# puts into $(B)/installed.  With SAN=address,undefined all of it goes to
# build/asan, with SAN=thread to build/tsan; the fuzzers and what they are linked
# from go to build/fuzz.

APXS ?= apxs
PKG_CONFIG ?= pkg-config
SAN ?=
B := build$(if $(findstring thread,$(SAN)),/tsan,$(if $(SAN),/asan))
SHELL := /bin/sh
, := ,
.DELETE_ON_ERROR:
.SUFFIXES:

ifeq ($(V),)
Q := @
say = @echo "$(1)"
else
Q :=
say =
endif

# For targets that install first and then build; with all processors unless -j
# was given.
AGAIN = --no-print-directory -f apxs.mk \
        $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc))

# ---------------------------------------------------------------- what is built

MODULE_SRC  := $(wildcard mod_handlerbridge.c) $(sort $(wildcard httpd/*.c))
BRIDGE_SRC  := $(sort $(wildcard bridge/*.c))
HANDLER_SRC := $(sort $(wildcard handlers/*.c handlers/shared/*.c))
SOCACHE_SRC := $(sort $(wildcard session_socache/*.c))
TESTKIT_SRC := $(sort $(wildcard testkit/*.c))
EXTRA_SRC   := $(sort $(wildcard t/handlers/*.c))
BENCH_SRC   := $(sort $(wildcard bench/handlers/*.c))
UNIT_SRC    := $(sort $(wildcard t/unit/*.c))
SUPPORT_SRC := $(sort $(wildcard t/unit/support/*.c))
FUZZ_SRC    := $(sort $(wildcard t/fuzz/*.c))
FUZZ_HELP   := $(sort $(wildcard t/fuzz/support/*.c))
PC_FILES    := $(sort $(wildcard handlers/*.pc handlers/shared/*.pc \
                 t/handlers/*.pc))

objects = $(patsubst %.c,$(B)/obj/%.o,$(1))
MODULE_OBJ  := $(call objects,$(MODULE_SRC))
BRIDGE_OBJ  := $(call objects,$(BRIDGE_SRC))
HANDLER_OBJ := $(call objects,$(HANDLER_SRC))
SOCACHE_OBJ := $(call objects,$(SOCACHE_SRC))
# What of it needs no httpd: unit tests and fuzzers link that.
SOCACHE_FREE := $(call objects,session_socache/cookie.c session_socache/job.c \
                session_socache/remote.c)
TESTKIT_OBJ := $(call objects,$(TESTKIT_SRC))
EXTRA_OBJ   := $(call objects,$(EXTRA_SRC))
BENCH_OBJ   := $(call objects,$(BENCH_SRC))
SUPPORT_OBJ := $(call objects,$(SUPPORT_SRC))
UNIT_OBJ    := $(call objects,$(UNIT_SRC))
UNIT_BIN    := $(patsubst t/unit/%.c,$(B)/unit/%,$(UNIT_SRC))
FUZZ_OBJ    := $(call objects,$(FUZZ_SRC) $(FUZZ_HELP))
FUZZ_NAMES  := $(patsubst t/fuzz/%.c,%,$(FUZZ_SRC))
FUZZ_BIN    := $(addprefix $(B)/,$(FUZZ_NAMES))

SO      := $(B)/mod_handlerbridge.so
SOCACHE_SO := $(B)/mod_session_socache.so
TEST_SO := $(B)/test/mod_handlerbridge.so
BENCH_SO := $(B)/bench/mod_handlerbridge.so
# Modules of their own, and one for each older version of the headers: t/abi/1.0
# makes mod_abi_1_0.so.
OUTSIDE_SO := $(patsubst t/outside/%/main.c,$(B)/test/outside/mod_%.so, \
                $(sort $(wildcard t/outside/*/main.c)))
ABI_SO     := $(foreach abi,$(patsubst t/abi/%/module.c,%, \
                $(sort $(wildcard t/abi/*/module.c))), \
                $(B)/test/outside/mod_abi_$(subst .,_,$(abi)).so)

.PHONY: all
all: $(SO) $(SOCACHE_SO) ## build the modules: build/mod_handlerbridge.so, build/mod_session_socache.so

# ------------------------------------------------------------------------ flags

# $(B)/flags.mk holds what the machine's tools say, $(B)/flags.txt what is made
# of it; both are rewritten only when they change, and every object depends on
# the latter.  Targets that build nothing, or that install packages first and
# then call make again, need neither.
LIGHT := help deps clean demo demo-stop cluster cluster-stop test-cluster \
         test test-all test-asan test-tsan uninstall check-format check-cost \
         fuzz fuzz-% bench
ifneq ($(filter-out $(LIGHT),$(or $(MAKECMDGOALS),all)),)
include $(B)/flags.mk
endif

# keep FILE FROM: FROM becomes FILE when they differ
keep = if cmp -s $(2) $(1); then rm -f $(2); else mv -f $(2) $(1); fi

$(B)/flags.mk: FORCE
	@mkdir -p $(@D)
	@APXS='$(APXS)' PKG_CONFIG='$(PKG_CONFIG)' tools/flags $(PC_FILES) \
	    > $@.new || { rm -f $@.new; exit 1; }
	@$(call keep,$@,$@.new)

ifneq ($(filter default undefined,$(origin CC)),)
CC := $(APXS_CC)
endif

# APR's brigade macros make clang warn of a subtraction from null.
WARNINGS := -Wall -Wextra -Werror \
            $(if $(findstring clang,$(CC)),-Wno-null-pointer-subtraction)
ifneq ($(SAN),)
SAN_FLAGS := -fsanitize=$(SAN) -fno-omit-frame-pointer -U_FORTIFY_SOURCE
endif
# A fuzzer has to stop at what UBSan finds, or it keeps no input that shows it.
# APR's offsetof reaches into a null pointer; a true access ends in ASan.
ifneq ($(findstring fuzzer,$(SAN)),)
SAN_FLAGS += -fno-sanitize-recover=all -fno-sanitize=null,object-size
endif
BASE_FLAGS := $(APXS_CFLAGS) $(APXS_CPPFLAGS) $(APXS_EXTRA_CPPFLAGS) \
              -std=gnu11 -fPIC -fno-plt -fvisibility=hidden $(WARNINGS) $(SAN_FLAGS) \
              -DHBR_IN_BRIDGE -Iinclude -I$(B)/include
# The bridge and what stands between it and httpd are compiled as one where the
# module is linked: the files are small, and a request crosses most of them.
# Programs for tests link the ordinary code that lies in the objects too.
ifeq ($(SAN)$(findstring clang,$(CC)),)
AS_ONE   := -flto=auto -ffat-lto-objects
NOT_ONE  := -fno-lto
endif
LINK_FLAGS := $(filter -Wl$(,)%,$(APXS_LDFLAGS)) $(SAN_FLAGS)

# Who may know whom: handlers see the public headers and "shared/...", the
# bridge and the test kit nothing of httpd's.
BRIDGE_FLAGS  := -iquote . -iquote bridge $(APR_CPPFLAGS) $(JANSSON_CFLAGS) \
                 $(AS_ONE)
HANDLER_FLAGS := -iquote handlers $(APR_CPPFLAGS) $(JANSSON_CFLAGS)
MODULE_FLAGS  := -iquote . -iquote bridge -iquote httpd -isystem $(APXS_INCLUDEDIR) \
                 $(APR_CPPFLAGS) $(JANSSON_CFLAGS) $(AS_ONE)
UNIT_FLAGS    := -iquote . -iquote bridge -iquote testkit -iquote t/unit/support \
                 $(APR_CPPFLAGS) $(JANSSON_CFLAGS)

$(B)/flags.txt: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' '$(CC)' '$(BASE_FLAGS)' '$(AS_ONE) $(LINK_FLAGS)' '$(CFLAGS)' \
	    '$(LDFLAGS)' '$(MODULE_FLAGS)' '$(HANDLER_FLAGS)' '$(UNIT_FLAGS)' \
	    '$(PC_LIBS) $(HIREDIS_LIBS)' > $@.new
	@$(call keep,$@,$@.new)

# ---------------------------------------------------------------------- compile

# compile FLAGS
define compile
	@mkdir -p $(@D)
	$(call say,CC $<)
	$(Q)$(CC) $(BASE_FLAGS) $(1) $(CFLAGS) -MMD -MP -c -o $@ $<
endef

$(B)/obj/bridge/%.o: bridge/%.c $(B)/flags.txt
	$(call compile,$(BRIDGE_FLAGS))

# Called only where the CPU has it (bridge/wide.h). Elsewhere they are what the
# other files are.
$(B)/obj/bridge/%_wide.o: private BRIDGE_FLAGS += \
    $(if $(filter x86_64-%,$(shell $(CC) -dumpmachine)),-mavx2 -mbmi)

# What handlers in modules of their own call the bridge through. It is made of
# the public headers, and checked against those of older versions.
API_HEADERS := $(sort $(wildcard include/handlerbridge/*.h))
API_LIST    := include/handlerbridge/api.list
API_MADE    := $(B)/include/handlerbridge/api_table.h \
               $(B)/include/handlerbridge/api_calls.h

$(B)/api.made: tools/api-table $(API_LIST) $(API_HEADERS) \
               $(wildcard t/abi/*/handlerbridge/api_table.h)
	@mkdir -p $(B)/include/handlerbridge
	@tools/api-table $(API_LIST) t/abi $(B)/include/handlerbridge $(API_HEADERS)
	@touch $@

$(API_MADE): $(B)/api.made ;

$(B)/obj/bridge/module.o $(B)/obj/httpd/modules.o: $(API_MADE)

$(B)/obj/testkit/%.o: testkit/%.c $(B)/flags.txt
	$(call compile,$(BRIDGE_FLAGS) -iquote testkit)

$(B)/obj/handlers/%.o: handlers/%.c $(B)/flags.txt $(B)/flags.mk
	$(call compile,$(HANDLER_FLAGS) $(PC_CFLAGS_handlers/$*))

# ASSET() in shared/asset.h: the compiler does not tell of it.
$(HANDLER_OBJ): $(wildcard handlers/assets/*)

$(B)/obj/t/handlers/%.o: t/handlers/%.c $(B)/flags.txt $(B)/flags.mk
	$(call compile,$(HANDLER_FLAGS) $(PC_CFLAGS_t/handlers/$*))

$(B)/obj/bench/handlers/%.o: bench/handlers/%.c $(B)/flags.txt
	$(call compile,$(HANDLER_FLAGS))

$(B)/obj/t/unit/%.o: t/unit/%.c $(B)/flags.txt
	$(call compile,$(UNIT_FLAGS))

# It draws itself.
$(B)/obj/t/unit/scrawl.o: private UNIT_FLAGS += $(PC_CFLAGS_handlers/shared/scrawl)

$(B)/obj/t/fuzz/%.o: t/fuzz/%.c $(B)/flags.txt
	$(call compile,$(UNIT_FLAGS) -iquote t/fuzz/support)

$(B)/obj/httpd/%.o: httpd/%.c $(B)/flags.txt
	$(call compile,$(MODULE_FLAGS))

$(B)/obj/session_socache/%.o: session_socache/%.c $(B)/flags.txt
	$(call compile,$(MODULE_FLAGS))

$(B)/obj/mod_handlerbridge.o: mod_handlerbridge.c $(B)/flags.txt
	$(call compile,$(MODULE_FLAGS))

-include $(patsubst %.o,%.d,$(MODULE_OBJ) $(SOCACHE_OBJ) $(BRIDGE_OBJ) $(HANDLER_OBJ) \
    $(TESTKIT_OBJ) $(EXTRA_OBJ) $(BENCH_OBJ) $(SUPPORT_OBJ) $(UNIT_OBJ) $(FUZZ_OBJ))

# ------------------------------------------------------------------------- link

SO_OBJ      := $(MODULE_OBJ) $(BRIDGE_OBJ) $(HANDLER_OBJ)
TEST_SO_OBJ := $(SO_OBJ) $(EXTRA_OBJ)
BENCH_SO_OBJ := $(SO_OBJ) $(BENCH_OBJ)
UNIT_DEPS   := $(SUPPORT_OBJ) $(TESTKIT_OBJ) $(BRIDGE_OBJ) $(HANDLER_OBJ) \
               $(SOCACHE_FREE)
FUZZ_DEPS   := $(B)/fuzz.a $(call objects,t/unit/support/palloc.c) \
               $(TESTKIT_OBJ) $(BRIDGE_OBJ) $(SOCACHE_FREE)

# The list of objects, so that a file that went away is linked out.
$(B)/objects.txt: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' $(TEST_SO_OBJ) $(BENCH_OBJ) - $(UNIT_DEPS) - $(SOCACHE_OBJ) \
	    > $@.new
	@$(call keep,$@,$@.new)

# A module in use is never written to: a running httpd has it mapped.  The new
# one takes its name when it is whole.
define link_module
	@mkdir -p $(@D)
	$(call say,LD $@)
	$(Q)$(CC) -shared $(AS_ONE) $(LINK_FLAGS) \
	    -Wl,--version-script=tools/exports.map \
	    -o $@.new $(1) $(LDFLAGS) $(PC_LIBS) $(HIREDIS_LIBS) -lm
	$(Q)mv -f $@.new $@
endef

$(SO): $(SO_OBJ) $(B)/objects.txt tools/exports.map
	$(call link_module,$(SO_OBJ))

# It knows nothing of the bridge, and shows its record alone.
$(SOCACHE_SO): $(SOCACHE_OBJ) $(B)/objects.txt
	@mkdir -p $(@D)
	$(call say,LD $@)
	$(Q)$(CC) -shared $(AS_ONE) $(LINK_FLAGS) -o $@.new $(SOCACHE_OBJ) \
	    $(LDFLAGS)
	$(Q)mv -f $@.new $@

$(TEST_SO): $(TEST_SO_OBJ) $(B)/objects.txt tools/exports.map
	$(call link_module,$(TEST_SO_OBJ))

$(BENCH_SO): $(BENCH_SO_OBJ) $(B)/objects.txt tools/exports.map
	$(call link_module,$(BENCH_SO_OBJ))

# outside SOURCES INCLUDE: a module that knows one folder of headers and httpd's.
define outside
	@mkdir -p $(@D)
	$(call say,LD $@)
	$(Q)$(CC) $(APXS_CFLAGS) $(APXS_CPPFLAGS) $(APXS_EXTRA_CPPFLAGS) -fPIC \
	    $(WARNINGS) $(CFLAGS) -I$(2) -isystem $(APXS_INCLUDEDIR) \
	    $(APR_CPPFLAGS) -shared $(filter -Wl$(,)%,$(APXS_LDFLAGS)) \
	    -o $@.new $(1)
	$(Q)mv -f $@.new $@
endef

.SECONDEXPANSION:
$(OUTSIDE_SO): $(B)/test/outside/mod_%.so: $$(wildcard t/outside/$$*/*.c) \
               $(B)/installed.made
	$(call outside,$(filter %.c,$^),$(B)/installed$(APXS_INCLUDEDIR))

abi_of = t/abi/$(subst _,.,$(patsubst mod_abi_%.so,%,$(notdir $(1))))
$(ABI_SO): $$(call abi_of,$$@)/module.c $(B)/flags.txt \
           $$(wildcard $$(call abi_of,$$@)/*.h $$(call abi_of,$$@)/*/*.h)
	$(call outside,$<,$(call abi_of,$@))

$(UNIT_BIN): $(B)/unit/%: $(B)/obj/t/unit/%.o $(UNIT_DEPS) $(B)/objects.txt
	@mkdir -p $(@D)
	$(call say,LD $@)
	$(Q)$(CC) $(NOT_ONE) $(LINK_FLAGS) -o $@ $< $(UNIT_DEPS) $(LDFLAGS) -lcmocka \
	    $(PC_LIBS) $(APR_LIBS) -ldl -lm

# An archive: a fuzzer takes what it uses, and may do without.
$(B)/fuzz.a: $(call objects,$(FUZZ_HELP))
	$(Q)rm -f $@ && ar rc $@ $^

# No handlers: a fuzzer brings its own, and starts sooner without their
# libraries.
$(FUZZ_BIN): $(B)/%: $(B)/obj/t/fuzz/%.o $(FUZZ_DEPS) $(B)/objects.txt
	@mkdir -p $(@D)
	$(call say,LD $@)
	$(Q)$(CC) $(LINK_FLAGS) -fsanitize=fuzzer -Wl,--as-needed -o $@ $< \
	    $(FUZZ_DEPS) $(LDFLAGS) $(PC_LIBS) $(APR_LIBS) -ldl -lm -lpthread

.SECONDARY:

FORCE:
.PHONY: FORCE

# ------------------------------------------------------------------------ tests

.PHONY: built-for-tests
built-for-tests: $(SO) built-for-httpd $(UNIT_BIN)

.PHONY: built-for-httpd
built-for-httpd: $(TEST_SO) $(SOCACHE_SO) $(OUTSIDE_SO) $(ABI_SO)

.PHONY: test
test: deps ## install what is missing, build, run all tests, one summary
	@$(MAKE) $(AGAIN) built-for-tests check-layers
	@t/run --build $(B) $(if $(EVERYWHERE),--all) unit httpd example $(TESTS)

.PHONY: test-example
test-example: $(B)/installed.made ## examples/out-of-tree against what make install installs
	@t/run --build $(B) example

.PHONY: test-unit
test-unit: $(UNIT_BIN) ## the C unit tests alone
	@t/run --build $(B) unit

.PHONY: test-httpd
test-httpd: built-for-httpd ## the Apache::Test suite alone (TESTS=t/hello.t HBR_MPM=event)
	@t/run --build $(B) httpd $(TESTS)

.PHONY: test-asan
test-asan: deps ## unit tests and one httpd pass under ASan and UBSan
	@$(MAKE) $(AGAIN) SAN=address,undefined built-for-tests
	@t/run --build build/asan --asan unit httpd $(TESTS)

# httpd, glib and fontconfig were built without: t/tsan.supp names the latter.
THREADED := $(patsubst t/unit/%.c,%,$(shell grep -lE \
                'p?thread_create|hbr_(test_run_together|watchdog_create)' \
                $(UNIT_SRC)))

.PHONY: test-tsan
test-tsan: deps ## the unit tests that have threads under ThreadSanitizer
	@$(MAKE) $(AGAIN) SAN=thread $(THREADED:%=build/tsan/unit/%)
	@TSAN_OPTIONS='exitcode=66 suppressions=t/tsan.supp' \
	    prove --exec '' $(THREADED:%=build/tsan/unit/%)

.PHONY: test-all
test-all: ## all of the tests, also those that take long
	@tools/deps all
	@$(MAKE) --no-print-directory -f apxs.mk test EVERYWHERE=1
	@$(MAKE) --no-print-directory -f apxs.mk test-asan
	@$(MAKE) --no-print-directory -f apxs.mk test-tsan
	@$(MAKE) --no-print-directory -f apxs.mk fuzz FUZZ_SECONDS=60
	@for more in t/long/*; do \
	    [ ! -x "$$more" ] || { echo "$$more"; "$$more" || exit 1; }; \
	done

# ---------------------------------------------------------------------- fuzzing

# Each t/fuzz/NAME.c is a libFuzzer target, run over t/fuzz/corpus/NAME.  What
# it finds goes to build/fuzz/corpus/NAME and, when it fails, to
# build/fuzz/found/NAME; neither into the tree.
FUZZ_SECONDS ?= 20
FUZZ_B    := build/fuzz
FUZZ_MAKE = $(MAKE) $(AGAIN) CC=clang B=$(FUZZ_B) \
            SAN=fuzzer-no-link,address,undefined
FUZZ_RUN  = t/fuzz/run --build $(FUZZ_B) --seconds $(FUZZ_SECONDS)

.PHONY: fuzz
fuzz: ## every fuzzer under ASan and UBSan (FUZZ_SECONDS=20 each); fuzz-NAME: one
	@tools/deps fuzz
	@$(FUZZ_MAKE) built-for-fuzz
	@$(FUZZ_RUN) $(FUZZ_NAMES)

fuzz-%: FORCE
	@[ -f t/fuzz/$*.c ] || { echo "there is no t/fuzz/$*.c"; exit 1; }
	@tools/deps fuzz
	@$(FUZZ_MAKE) $(FUZZ_B)/$*
	@$(FUZZ_RUN) $*

.PHONY: built-for-fuzz
built-for-fuzz: $(FUZZ_BIN)

# ----------------------------------------------------------------------- checks

# Nothing but httpd/ and mod_handlerbridge.c knows httpd, and the module shows
# nothing but its record and the API.
.PHONY: check-layers
check-layers: $(SO) $(BRIDGE_OBJ) $(HANDLER_OBJ) $(TESTKIT_OBJ) ## no httpd below the host; only the API exported
	@tools/check-layers $(SO) $(BRIDGE_OBJ) $(HANDLER_OBJ) $(TESTKIT_OBJ)

.PHONY: check-format
check-format: ## the sources against .clang-format
	@command -v clang-format > /dev/null || \
	    { echo "clang-format is not installed"; exit 1; }
	@clang-format --dry-run --Werror $(wildcard *.c bridge/*.[ch] \
	    httpd/*.[ch] session_socache/*.[ch] handlers/*.[ch] \
	    handlers/shared/*.[ch] testkit/*.[ch] \
	    include/*.h include/*/*.h t/unit/*.[ch] t/unit/support/*.[ch] \
	    t/handlers/*.[ch] t/outside/*/*.[ch] t/fuzz/*.[ch] t/fuzz/support/*.[ch] \
	    bench/*.[ch] bench/handlers/*.[ch] examples/*/*.[ch])

.PHONY: check-cost
check-cost: ## hello's instructions: at most 1.03 of a hand-written module's
	@tools/deps count
	@$(MAKE) $(AGAIN) $(SO)
	@bench/instructions --hello

BENCH ?=
BENCH_FLAGS ?=

.PHONY: bench
bench: ## install the peers, measure side by side (BENCH=bodies BENCH_FLAGS=--short)
	@tools/deps bench
	@$(MAKE) $(AGAIN) $(BENCH_SO)
	@bench/run $(BENCH_FLAGS) $(BENCH)

.PHONY: bench-instructions
bench-instructions: $(SO) ## hello against a hand-written module: instructions per request
	@bench/instructions

# ------------------------------------------------------------------------- demo

.PHONY: demo
demo: deps ## install what is missing, build, start httpd with every handler
	@$(MAKE) $(AGAIN) all
	@demo/start

.PHONY: demo-stop
demo-stop: ## stop it
	@demo/stop

# ---------------------------------------------------------------------- cluster

.PHONY: cluster
cluster: ## three nodes behind a balancer, on Redis and PostgreSQL (CLUSTER_PORT=8090)
	@tools/deps cluster
	@$(MAKE) $(AGAIN) all $(B)/installed.made
	@examples/cluster/start

.PHONY: cluster-stop
cluster-stop: ## stop it
	@examples/cluster/stop

.PHONY: test-cluster
test-cluster: deps ## nodes, Redis and PostgreSQL are taken away under load
	@$(MAKE) $(AGAIN) all $(B)/installed.made
	@t/long/cluster

# ---------------------------------------------------------------------- install

# Modules, headers, and on Debian mods-available/handlerbridge.load and .conf,
# session_socache.load: `a2enmod handlerbridge` then switches it on.  DESTDIR=dir
# puts all of it below dir.
LIBEXECDIR = $(shell $(APXS) -q LIBEXECDIR)
SYSCONFDIR = $(shell $(APXS) -q SYSCONFDIR)
INCLUDEDIR = $(shell $(APXS) -q INCLUDEDIR)

# install_below DIR
install_below = mkdir -p '$(1)$(LIBEXECDIR)' && \
    $(APXS) -i -S LIBEXECDIR='$(1)$(LIBEXECDIR)' -n handlerbridge $(SO) && \
    $(APXS) -i -S LIBEXECDIR='$(1)$(LIBEXECDIR)' -n session_socache \
        $(SOCACHE_SO) && \
    tools/install-files install '$(1)' '$(LIBEXECDIR)' '$(SYSCONFDIR)' \
        '$(INCLUDEDIR)' $(B)/include

.PHONY: install
install: $(SO) $(SOCACHE_SO) $(API_MADE) ## install the modules through apxs, headers, .load and .conf (DESTDIR=)
	@$(call install_below,$(DESTDIR))

# What a module is compiled with against this version, for the versions to come.
# t/abi/VERSION/module.c is written by hand.
.PHONY: keep-abi
keep-abi: $(B)/installed.made ## keep this version's headers in t/abi, when it is out
	@v=$$(sed -n 's/^#define HBR_ABI_M[AI][JN]OR *//p' \
	    include/handlerbridge/handler.h | paste -sd.); \
	mkdir -p t/abi/$$v && cd $(B)/installed$(INCLUDEDIR) && \
	cp -R handlerbridge.h handlerbridge_module.h handlerbridge \
	    $(CURDIR)/t/abi/$$v && echo "kept: t/abi/$$v"

# For the tests of what is built outside.
$(B)/installed.made: $(SO) $(SOCACHE_SO) $(API_MADE) $(wildcard include/*.h) $(API_HEADERS) \
                     tools/install-files
	$(call say,INSTALL $(B)/installed)
	@rm -rf $(B)/installed
	@{ $(call install_below,$(CURDIR)/$(B)/installed); } > $@.new 2>&1 || \
	    { cat $@.new; exit 1; }
	@mv -f $@.new $@

.PHONY: uninstall
uninstall: ## take away what install put there (DESTDIR=)
	rm -f '$(DESTDIR)$(LIBEXECDIR)/mod_handlerbridge.so' \
	    '$(DESTDIR)$(LIBEXECDIR)/mod_session_socache.so'
	@tools/install-files uninstall '$(DESTDIR)' '$(LIBEXECDIR)' \
	    '$(SYSCONFDIR)' '$(INCLUDEDIR)'

# ------------------------------------------------------------------------- rest

.PHONY: deps
deps: ## install the Debian packages that are missing
	@tools/deps

.PHONY: clean
clean: ## remove what was built
	@[ ! -x demo/stop ] || demo/stop > /dev/null 2>&1 || :
	@[ ! -x examples/cluster/stop ] || examples/cluster/stop > /dev/null 2>&1 || :
	rm -rf build

.PHONY: help
help: ## this list
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/\1\t\2/p' apxs.mk | \
	    while IFS='	' read -r name text; do \
	        printf '  %-20s %s\n' "$$name" "$$text"; done
