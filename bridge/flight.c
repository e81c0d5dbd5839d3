/*
 * The table of what is being made. A place is found by the key: it is one of a
 * few in a row, and a key has at most one place where somebody is at work.
 *
 * A place's word is a serial number and what became of it. It goes up with each
 * maker, so that one who is late, or who waits for a maker of before, sees that
 * the place is another's now. Only the word is read without the lock; it is
 * written under the lock when a maker begins, and by a compare-and-swap when
 * he ends.
 *
 * A maker who died, or whose term is over, is passed over by the next.
 */
#include "flight.h"

#include <stdatomic.h>
#include <string.h>

#define ROW 16
#define SHORTEST 500  /* microseconds of sleep, at first */
#define LONGEST 20000 /* and at last */

/* What became of it: the word's last bits. */
enum { OVER = 0, AT_WORK = 1, LOST = 2, STATES = 4 };

typedef struct place_t {
    _Atomic uint64_t word;
    unsigned char key[16]; /* a part of the digest is enough to tell by */
    apr_time_t ends;       /* of the maker's term */
    _Atomic uint32_t pid;
} place_t;

struct hbr_flights_t {
    place_t *places;
    uint32_t count;
    hbr_flights_host_t host;
};

apr_size_t hbr_flights_size(uint32_t places)
{
    return (apr_size_t)places * sizeof(place_t);
}

hbr_flights_t *hbr_flights_open(apr_pool_t *pool, void *memory, uint32_t places,
                                const hbr_flights_host_t *host)
{
    hbr_flights_t *flights = apr_palloc(pool, sizeof(*flights));

    flights->places = memory;
    flights->count = places;
    flights->host = *host;
    return flights;
}

static bool is_at_work(uint64_t word)
{
    return word % STATES == AT_WORK;
}

static bool is_believed(const hbr_flights_t *flights, const place_t *place,
                        apr_time_t now)
{
    return is_at_work(place->word) && now < place->ends
           && flights->host.is_alive(place->pid);
}

/* The place of who is at it; else one that is free; NULL: there is none. */
static place_t *find(hbr_flights_t *flights, const unsigned char *key,
                     apr_time_t now, bool *busy)
{
    uint32_t first, i;
    place_t *free_one = NULL;

    memcpy(&first, key + sizeof(((place_t *)NULL)->key), sizeof(first));
    *busy = false;
    for (i = 0; i < ROW && i < flights->count; i++) {
        place_t *place =
            &flights->places[(first % flights->count + i) % flights->count];
        bool believed = is_believed(flights, place, now);

        *busy = believed && memcmp(place->key, key, sizeof(place->key)) == 0;
        if (*busy)
            return place;
        if (!believed && free_one == NULL)
            free_one = place;
    }
    return free_one;
}

static uint64_t take(place_t *place, const unsigned char *key, uint32_t pid,
                     apr_time_t ends)
{
    memcpy(place->key, key, sizeof(place->key));
    place->pid = pid;
    place->ends = ends;
    place->word = (place->word / STATES + 1) * STATES + AT_WORK;
    return place->word;
}

apr_status_t hbr_flight_begin(hbr_flights_t *flights, const unsigned char *key,
                              uint32_t pid, apr_time_t now,
                              apr_interval_time_t term, hbr_flight_t *flight)
{
    place_t *place;
    bool busy;

    flight->place = HBR_NO_PLACE;
    if (!flights->host.lock(flights->host.data))
        return APR_SUCCESS;
    place = find(flights, key, now, &busy);
    if (place != NULL) {
        uint64_t word = place->word;

        busy = busy && is_at_work(word); /* he may have ended meanwhile */
        if (!busy)
            word = take(place, key, pid, now + term);
        flight->place = (uint32_t)(place - flights->places);
        flight->word = word;
    }
    flights->host.unlock(flights->host.data);
    return busy ? APR_EBUSY : APR_SUCCESS;
}

void hbr_flight_end(hbr_flights_t *flights, const hbr_flight_t *flight,
                    bool lost)
{
    uint64_t mine = flight->word;

    if (flight->place < flights->count)
        atomic_compare_exchange_strong(&flights->places[flight->place].word,
                                       &mine,
                                       mine - AT_WORK + (lost ? LOST : OVER));
}

apr_status_t hbr_flight_look(const hbr_flights_t *flights,
                             const hbr_flight_t *flight)
{
    const place_t *place;

    if (flight->place >= flights->count)
        return APR_SUCCESS;
    place = &flights->places[flight->place];
    if (place->word == flight->word)
        return flights->host.is_alive(place->pid) ? APR_EBUSY : APR_SUCCESS;
    return place->word == flight->word - AT_WORK + LOST ? APR_INCOMPLETE
                                                        : APR_SUCCESS;
}

apr_status_t hbr_flight_await(const hbr_flights_t *flights,
                              const hbr_flight_t *flight,
                              apr_interval_time_t wait)
{
    apr_time_t end = apr_time_now() + wait;
    apr_interval_time_t pause = SHORTEST;
    apr_status_t rv;

    while ((rv = hbr_flight_look(flights, flight)) == APR_EBUSY) {
        apr_interval_time_t left = end - apr_time_now();

        if (left <= 0)
            return APR_TIMEUP;
        apr_sleep(pause < left ? pause : left);
        pause = pause * 2 < LONGEST ? pause * 2 : LONGEST;
    }
    return rv;
}
