# mod_calendar, built by apxs against the installed headers of
# mod_handlerbridge.
#
#   make             .libs/mod_calendar.so
#   make install     into httpd's modules; make test runs t/*.t
#
#   HBR_INCLUDE=dir  where handlerbridge.h is, when not beside httpd.h
#   HBR_SO=file      the mod_handlerbridge.so of `make test`, when not beside
#                    httpd's modules
#   HBR_MPM=worker   the MPM of `make test`

APXS ?= apxs
HBR_INCLUDE ?= $(shell $(APXS) -q INCLUDEDIR)
SOURCES = mod_calendar.c leap_year.c weekday.c

# httpd shows the functions of a module to all others; -fvisibility=hidden keeps
# this one's calendar_is_leap_year() its own.
# -iquote comes before apxs's own -I, where an older handlerbridge.h may be.
FLAGS = -Wc,-iquote'$(HBR_INCLUDE)' -Wc,-fvisibility=hidden -Wc,-Wall

.PHONY: all install test clean
all: mod_calendar.la

mod_calendar.la: $(SOURCES) calendar.h
	$(APXS) -c $(FLAGS) $(SOURCES)

install: all
	$(APXS) -i -n calendar mod_calendar.la

test: all
	APXS='$(APXS)' HBR_SO='$(HBR_SO)' HBR_MPM='$(HBR_MPM)' t/TEST

clean:
	rm -rf .libs *.la *.lo *.slo *.o t/logs t/htdocs t/conf/*.conf \
	    t/conf/apache_test_config.pm t/conf/mime.types
