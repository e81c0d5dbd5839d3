/* For the tests: a module of its own that is loaded before mod_handlerbridge.
 * All of t/outside is compiled with the installed headers alone. */
#include "handlerbridge_module.h"

HBR_MODULE(first);
