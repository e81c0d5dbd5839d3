/* For the tests: a module of its own that is loaded after mod_handlerbridge. */
#include "handlerbridge_module.h"

HBR_MODULE(second);
