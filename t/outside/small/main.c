/* For the tests: a module with a handler that has a shared struct. */
#include "handlerbridge_module.h"

HBR_MODULE(small);
