/* For the tests: counts in its shared struct, and says how long that is. small
 * and large have it under one name, with structs of two sizes. It cannot be
 * filled while there is the file that HBR_SIZED_FAILS names. */
#include <stdlib.h>
#include <unistd.h>

#include "handlerbridge.h"

#ifndef SIZE
#define SIZE sizeof(uint64_t)
#endif

static apr_status_t fill(void *shared, apr_size_t size)
{
    const char *file = getenv("HBR_SIZED_FAILS");

    (void)size;
    *(uint64_t *)shared = 100;
    return file != NULL && access(file, F_OK) == 0 ? APR_EACCES : APR_SUCCESS;
}

static int process(hbr_context_t *ctx)
{
    uint64_t *count = hbr_shared_lock(ctx);
    int now = (int)++*count;

    hbr_shared_unlock(ctx);
    return hbr_text(ctx, "%d in %d bytes\n", now, (int)SIZE);
}

HBR_HANDLER(sized, .process = process, .name = "sized-count",
            .shared_size = SIZE, .shared_init = fill);
