/*
 * A table of numbers that are changed where they lie. A number has one of a few
 * places in a row, found by its key; where all of them are taken by others that
 * still live, the one that would end first makes room.
 *
 * mod_socache_shmcb writes an entry anew for each change and drops the oldest of
 * its queue for room: a busy counter would soon have pushed out everything.
 */
#include "tally.h"

#include <string.h>

#define KEY 32
#define ROW 16

typedef struct place_t {
    unsigned char key[KEY];
    int64_t number;
    apr_time_t ends; /* 0: it was never taken */
} place_t;

apr_size_t hbr_tally_size(uint32_t places)
{
    return (apr_size_t)places * sizeof(place_t);
}

/* The number's own place, or the one to put it in. */
static place_t *find(place_t *places, uint32_t count, const unsigned char *key,
                     apr_time_t now)
{
    place_t *room = NULL;
    uint32_t first, i;

    memcpy(&first, key, sizeof(first));
    for (i = 0; i < ROW && i < count; i++) {
        place_t *place = &places[(first % count + i) % count];

        if (place->ends > now && memcmp(place->key, key, KEY) == 0)
            return place;
        if (room == NULL || (room->ends > now && place->ends < room->ends))
            room = place;
    }
    return room;
}

apr_status_t hbr_tally_add(void *table, uint32_t places,
                           const unsigned char *key, int64_t by, apr_time_t now,
                           apr_interval_time_t life, int64_t *sum)
{
    place_t *place = find(table, places, key, now);

    if (place->ends <= now || memcmp(place->key, key, KEY) != 0) {
        memcpy(place->key, key, KEY);
        place->number = 0;
        place->ends = life < INT64_MAX - now ? now + life : INT64_MAX;
    }
    if (__builtin_add_overflow(place->number, by, sum))
        return APR_ERANGE;
    place->number = *sum;
    return APR_SUCCESS;
}
