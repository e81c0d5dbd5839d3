/**
 * @file spool.h
 * @brief Bytes that are kept in memory while they are few, else in a file.
 */
#ifndef HBR_BRIDGE_SPOOL_H
#define HBR_BRIDGE_SPOOL_H

#include "handlerbridge/api.h"

typedef struct hbr_spool_t hbr_spool_t;

/**
 * Makes an empty spool.
 * @param pool its memory; the file is closed with it
 * @param memory how many bytes are kept in memory
 * @param folder where the file goes; NULL: the system's folder for such
 */
hbr_spool_t *hbr_spool_create(apr_pool_t *pool, apr_size_t memory,
                              const char *folder);

/** Appends bytes. @return ENOSPC and its like when the disk is full */
apr_status_t hbr_spool_write(hbr_spool_t *spool, const char *bytes,
                             apr_size_t length);

/** How many bytes it holds. */
apr_off_t hbr_spool_size(const hbr_spool_t *spool);

/**
 * Reads from a place on.
 * @param length set to how many bytes were read; 0 at the end
 */
apr_status_t hbr_spool_read(hbr_spool_t *spool, apr_off_t offset, void *buffer,
                            apr_size_t size, apr_size_t *length);

#endif
