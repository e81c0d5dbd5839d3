/*
 * What is said of the CPU is what the kernel says of it, where the module is built
 * for 64 bits: elsewhere nobody asks. What is done with it is tested where it is
 * done.
 */
#include <stdio.h>

#include "support/pool.h"

#include "wide.h"

/* Whether the first of /proc/cpuinfo's processors has it. */
static bool has_flag(const char *name)
{
    static char line[16384];
    FILE *file = fopen("/proc/cpuinfo", "r");
    bool found = false;

    assert_non_null(file);
    while (!found && fgets(line, sizeof(line), file) != NULL) {
        char *word, *rest = line;

        if (strncmp(line, "flags\t", 6) != 0)
            continue;
        while ((word = strsep(&rest, " \t\n")) != NULL)
            found |= strcmp(word, name) == 0;
        break;
    }
    fclose(file);
    return found;
}

static void test_as_the_kernel_says(void **state)
{
#if defined(__x86_64__)
    const bool is_asked = true;
#else
    const bool is_asked = false;
#endif

    (void)state;
    assert_int_equal(hbr_wide,
                     is_asked && has_flag("avx2") && has_flag("bmi1"));
}

MAIN(POOL_TEST(test_as_the_kernel_says))
