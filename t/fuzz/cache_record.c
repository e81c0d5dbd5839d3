/*
 * Entries of the shared cache. Holds: what is read stays within the entry, its
 * numbers agree with its length, and a header that is written reads as it was.
 */
#include "fuzz.h"

#include <stdlib.h>

#include "cache_record.h"

void fuzz_setup(void)
{
}

static void check_within(const char *entry, apr_size_t length,
                         const hbr_record_t *record)
{
    CHECK(record->data == entry + HBR_RECORD_HEADER);
    CHECK(record->length == length - HBR_RECORD_HEADER);
    CHECK(record->sliding >= 0 && record->read >= 0);
    CHECK(record->kind == HBR_RECORD_HEAD ? record->length == 0
                                          : record->length <= record->total);
    CHECK(record->kind != HBR_RECORD_WHOLE || record->length == record->total);
    CHECK(record->kind != HBR_RECORD_HEAD || record->count <= record->total);
}

/* A block of its own, so that ASan sees reading behind it. */
void fuzz(fuzz_input_t *input)
{
    char *entry = apr_pmemdup(pool, input->at, input->left);
    apr_size_t length = input->left;
    unsigned char header[HBR_RECORD_HEADER];
    hbr_record_t record;

    if (!hbr_record_read(entry, length, &record))
        return;
    CHECK(length >= HBR_RECORD_HEADER);
    check_within(entry, length, &record);
    hbr_record_write(&record, header);
    CHECK(memcmp(header, entry, HBR_RECORD_HEADER) == 0);
}
