/**
 * @file tally.h
 * @brief Numbers that are added to, in memory that processes share.
 */
#ifndef HBR_BRIDGE_TALLY_H
#define HBR_BRIDGE_TALLY_H

#include <stdint.h>

#include <apr_errno.h>
#include <apr_time.h>

/** The bytes of a table for so many numbers. Zeros are an empty one. */
apr_size_t hbr_tally_size(uint32_t places);

/**
 * Adds to a number; one that is not there is 0 and lives from now on. The caller
 * has the table to himself.
 * @param table zeros at first
 * @param key HBR_CACHE_KEY bytes of a digest
 * @param sum set to the number after it
 * @return APR_SUCCESS, or APR_ERANGE: it stays as it was
 */
apr_status_t hbr_tally_add(void *table, uint32_t places,
                           const unsigned char *key, int64_t by, apr_time_t now,
                           apr_interval_time_t life, int64_t *sum);

#endif
