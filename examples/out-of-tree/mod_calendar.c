/*
 * mod_calendar: two handlers in a module of their own. This is all that makes it
 * one; the handlers are in files that know nothing of httpd.
 */
#include "handlerbridge_module.h"

HBR_MODULE(calendar);
