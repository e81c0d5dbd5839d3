/*
 * The form of an entry, the same on machines of all kinds, big end first:
 *
 *     0  'H' 'B', version, kind
 *     4  count       4 bytes
 *     8  total       8
 *    16  generation  8
 *    24  sliding     8, microseconds
 *    32  read        8, microseconds since 1970
 *    40  the bytes
 *
 * Another version is another form: it is no entry for this one.
 */
#include "cache_record.h"

#define VERSION 1

static void put(unsigned char *at, uint64_t number, int bytes)
{
    while (bytes-- > 0) {
        at[bytes] = (unsigned char)(number & 0xff);
        number >>= 8;
    }
}

static uint64_t get(const unsigned char *at, int bytes)
{
    uint64_t number = 0;

    while (bytes-- > 0)
        number = number << 8 | *at++;
    return number;
}

void hbr_record_write(const hbr_record_t *record,
                      unsigned char header[HBR_RECORD_HEADER])
{
    put(header, 'H', 1);
    put(header + 1, 'B', 1);
    put(header + 2, VERSION, 1);
    put(header + 3, record->kind, 1);
    put(header + 4, record->count, 4);
    put(header + 8, record->total, 8);
    put(header + 16, record->generation, 8);
    put(header + 24, (uint64_t)record->sliding, 8);
    put(header + 32, (uint64_t)record->read, 8);
}

/* What the kind says of the numbers. */
static bool agrees(const hbr_record_t *record)
{
    switch (record->kind) {
    case HBR_RECORD_WHOLE:
        return record->count == 0 && record->length == record->total;
    case HBR_RECORD_HEAD:
        return record->length == 0 && record->count > 0
               && record->count <= record->total;
    case HBR_RECORD_CHUNK:
        return record->length > 0 && record->length <= record->total;
    default: return false;
    }
}

bool hbr_record_read(const void *entry, apr_size_t length, hbr_record_t *record)
{
    const unsigned char *at = entry;

    if (length < HBR_RECORD_HEADER || at[0] != 'H' || at[1] != 'B'
        || at[2] != VERSION)
        return false;
    record->kind = (hbr_record_kind_e)at[3];
    record->count = (uint32_t)get(at + 4, 4);
    record->total = get(at + 8, 8);
    record->generation = get(at + 16, 8);
    record->sliding = (apr_interval_time_t)get(at + 24, 8);
    record->read = (apr_time_t)get(at + 32, 8);
    record->data = (const char *)entry + HBR_RECORD_HEADER;
    record->length = length - HBR_RECORD_HEADER;
    return record->sliding >= 0 && record->read >= 0 && agrees(record);
}
