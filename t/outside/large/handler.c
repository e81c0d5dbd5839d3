/* For the tests: a struct of another size under the same name. */
#define SIZE (3 * 4096)
#include "../small/handler.c"
