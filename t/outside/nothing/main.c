/* For the tests: no handler is linked in. */
#include "handlerbridge_module.h"

HBR_MODULE(nothing);
