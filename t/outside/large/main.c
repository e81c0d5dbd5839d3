/* For the tests: small's handler with another struct. */
#include "handlerbridge_module.h"

HBR_MODULE(large);
