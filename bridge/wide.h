/**
 * @file wide.h
 * @brief Whether the CPU has what the files named *_wide.c are compiled for.
 *
 * They hold what another file holds, out of the same header, for vectors of 32
 * bytes instead of 16 (vector.h): AVX2 and BMI1, which the build asks for (apxs.mk).
 * Who calls them looks here first.
 */
#ifndef HBR_BRIDGE_WIDE_H
#define HBR_BRIDGE_WIDE_H

#include <stdbool.h>

/** Set when the module is loaded. Only tests write to it, and only false where it
 *  was false. */
extern bool hbr_wide;

#endif
