/**
 * @file palloc.h
 * @brief What palloc.c counts.
 */
#ifndef HBR_UNIT_PALLOC_H
#define HBR_UNIT_PALLOC_H

#include <apr_pools.h>

/** Bytes that are allocated from pools now. */
apr_size_t palloc_live(void);

/** The most that palloc_live() has been since palloc_mark(). */
apr_size_t palloc_peak(void);

/** Begins palloc_peak() anew. */
void palloc_mark(void);

#endif
