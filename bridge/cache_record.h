/**
 * @file cache_record.h
 * @brief What an entry of the shared cache looks like: a header, and bytes.
 *
 * What comes from a cache is not trusted: another program may have written it.
 */
#ifndef HBR_BRIDGE_CACHE_RECORD_H
#define HBR_BRIDGE_CACHE_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include <apr_time.h>

/** Bytes of the header. */
#define HBR_RECORD_HEADER 40

typedef enum {
    HBR_RECORD_WHOLE = 1, /**< A value: its bytes follow. */
    HBR_RECORD_HEAD,      /**< A value in chunks: nothing follows. */
    HBR_RECORD_CHUNK      /**< One of them: its bytes follow. */
} hbr_record_kind_e;

typedef struct hbr_record_t {
    hbr_record_kind_e kind;
    uint32_t count;      /**< A head's chunks; which of them a chunk is; 0. */
    uint64_t total;      /**< Bytes of the whole value. */
    uint64_t generation; /**< Another with every set. */
    apr_interval_time_t sliding; /**< Its life from when it was last read; 0: it
                                      is not prolonged. */
    apr_time_t read;             /**< When that life began. */
    const char *data;            /**< What follows, in the entry. */
    apr_size_t length;
} hbr_record_t;

/** Writes the header alone. */
void hbr_record_write(const hbr_record_t *record,
                      unsigned char header[HBR_RECORD_HEADER]);

/**
 * Reads an entry.
 * @return false: it is none that the bridge wrote, or not all of it
 */
bool hbr_record_read(const void *entry, apr_size_t length,
                     hbr_record_t *record);

#endif
