/*
 * Asks the CPU once, before anything of ours runs. libgcc asks the operating
 * system, too, whether it keeps the wider registers.
 */
#include "wide.h"

bool hbr_wide;

#if defined(__x86_64__)

__attribute__((constructor)) static void ask(void)
{
    __builtin_cpu_init();
    hbr_wide = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi");
}

#endif
