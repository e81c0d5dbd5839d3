/*
 * The last errors of a handler, in memory that processes share.
 *
 * Invariants: who holds a place's `writer` is the only one to write there, and
 * `version` is odd as long as what stands there is not whole. Nobody waits for
 * anybody: a writer who finds another one lets it be, a reader leaves the place
 * out. Records are copied by atomic words, so that a copy that goes wrong is
 * only thrown away.
 */
#include "error_ring.h"

#include <stdlib.h>
#include <string.h>

#include "atomic.h"

_Static_assert(sizeof(hbr_error_record_t) % sizeof(apr_uint64_t) == 0,
               "a record is copied by words");

typedef union record_t {
    hbr_error_record_t error;
    apr_uint64_t words[HBR_ERROR_WORDS];
} record_t;

static bool grab(apr_uint32_t *writer, apr_uint32_t from, apr_uint32_t pid)
{
    return __atomic_compare_exchange_n(writer, &from, pid, false,
                                       __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

/* A process may die in here; its places would be lost for ever. */
static bool lock(hbr_error_place_t *place, apr_uint32_t pid,
                 hbr_is_alive_fn *is_alive)
{
    apr_uint32_t writer;

    if (grab(&place->writer, 0, pid))
        return true;
    writer = hbr_load32(&place->writer);
    return writer != 0 && writer != pid && !is_alive(writer)
           && grab(&place->writer, writer, pid);
}

static void unlock(hbr_error_place_t *place)
{
    __atomic_store_n(&place->writer, 0, __ATOMIC_RELEASE);
}

/* Who gets a new word gets the odd version, too, when he looks at it behind the
 * words. Orders rather than fences, which ThreadSanitizer does not know. */
static void put_word(apr_uint64_t *at, apr_uint64_t word)
{
    __atomic_store_n(at, word, __ATOMIC_RELEASE);
}

static apr_uint64_t get_word(const apr_uint64_t *at)
{
    return __atomic_load_n(at, __ATOMIC_ACQUIRE);
}

static void write_words(hbr_error_place_t *place, const record_t *record,
                        apr_uint64_t number)
{
    apr_uint32_t version = hbr_load32(&place->version) | 1;
    apr_size_t i;

    hbr_store32(&place->version, version);
    put_word(&place->number, number);
    for (i = 0; i < HBR_ERROR_WORDS; i++)
        put_word(&place->words[i], record->words[i]);
    __atomic_store_n(&place->version, version + 1, __ATOMIC_RELEASE);
}

void hbr_error_ring_put(hbr_error_ring_t *ring, const hbr_error_record_t *error,
                        apr_uint32_t pid, hbr_is_alive_fn *is_alive)
{
    record_t record = { .error = *error };
    apr_uint64_t before = __atomic_fetch_add(&ring->count, 1, __ATOMIC_RELAXED);
    hbr_error_place_t *place = &ring->places[before % HBR_ERRORS_KEPT];

    if (!lock(place, pid, is_alive))
        return;
    if (hbr_load64(&place->number) <= before) /* else a later one was quicker */
        write_words(place, &record, before + 1);
    unlock(place);
}

/* A copy with its number, to sort by. */
typedef struct copy_t {
    apr_uint64_t number;
    record_t record;
} copy_t;

static bool read_words(const hbr_error_place_t *place, copy_t *copy)
{
    apr_uint32_t version = __atomic_load_n(&place->version, __ATOMIC_ACQUIRE);
    apr_size_t i;

    copy->number = get_word(&place->number);
    for (i = 0; i < HBR_ERROR_WORDS; i++)
        copy->record.words[i] = get_word(&place->words[i]);
    return version % 2 == 0 && copy->number != 0
           && hbr_load32(&place->version) == version;
}

static int by_number(const void *a, const void *b)
{
    apr_uint64_t x = ((const copy_t *)a)->number;
    apr_uint64_t y = ((const copy_t *)b)->number;

    return (x < y) - (x > y);
}

apr_size_t hbr_error_ring_get(const hbr_error_ring_t *ring,
                              hbr_error_record_t errors[HBR_ERRORS_KEPT])
{
    copy_t copies[HBR_ERRORS_KEPT];
    apr_size_t count = 0;
    apr_size_t i;

    for (i = 0; i < HBR_ERRORS_KEPT; i++)
        if (read_words(&ring->places[i], &copies[count]))
            count++;
    qsort(copies, count, sizeof(copies[0]), by_number);
    for (i = 0; i < count; i++)
        errors[i] = copies[i].record.error;
    return count;
}

void hbr_error_text(char *to, apr_size_t room, const char *from)
{
    apr_size_t length = strlen(from);

    if (length >= room) {
        length = room - 1;
        while (length > 0 && ((unsigned char)from[length] & 0xC0) == 0x80)
            length--;
    }
    memset(to, 0, room);
    memcpy(to, from, length);
}
