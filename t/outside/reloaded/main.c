/* For the test of reloading (t/long/reload), which compiles this folder once for
 * each version. */
#include "handlerbridge_module.h"

HBR_MODULE(reloaded);
