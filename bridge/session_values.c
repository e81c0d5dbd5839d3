/*
 * The values of a request's session: few, so a list that is searched.
 *
 * Invariants: no two have one name, nor stored names that differ in case only;
 * `length` is the sum over all of them. Used by the request's thread only.
 */
#include "session_values.h"

#include <string.h>

#include <apr_strings.h>

#include "session_text.h"

/* mod_session adds its own pair where SessionMaxAge is set. */
#define EXPIRY_LENGTH (sizeof("expiry=1700000000000000&") - 1)

static void describe(hbr_session_value_t *value, const char *name,
                     const char *text)
{
    value->pair = (hbr_pair_t){ .name = name,
                                .value = text,
                                .name_length = strlen(name),
                                .value_length = strlen(text) };
}

static apr_size_t length_of(const hbr_session_value_t *value)
{
    return hbr_session_encoded_length(value->stored_name, value->stored_value);
}

static void take(hbr_session_t *session, apr_pool_t *pool,
                 const apr_table_entry_t *stored)
{
    hbr_session_value_t *value = apr_array_push(session->values);

    *value =
        (hbr_session_value_t){ .stored_name = apr_pstrdup(pool, stored->key),
                               .stored_value = apr_pstrdup(pool, stored->val) };
    describe(value, hbr_session_read_name(pool, stored->key),
             hbr_session_read_value(value->stored_value));
    session->length += length_of(value);
}

void hbr_session_values_take(hbr_session_t *session, apr_pool_t *pool)
{
    const apr_array_header_t *all = apr_table_elts(session->loaded.values);
    int i;

    session->values =
        apr_array_make(pool, all->nelts + 4, sizeof(hbr_session_value_t));
    session->length = EXPIRY_LENGTH;
    for (i = 0; i < all->nelts; i++) {
        const apr_table_entry_t *stored =
            &APR_ARRAY_IDX(all, i, apr_table_entry_t);

        if (!hbr_session_is_expiry(stored->key))
            take(session, pool, stored);
    }
}

hbr_session_value_t *hbr_session_values_find(const hbr_session_t *session,
                                             const char *name)
{
    int i;

    for (i = 0; i < session->values->nelts; i++)
        if (strcmp(hbr_session_value_at(session, i)->pair.name, name) == 0)
            return hbr_session_value_at(session, i);
    return NULL;
}

/* What others stored in upper case goes where it would be in the way. */
static hbr_session_value_t *find_stored(const hbr_session_t *session,
                                        const char *stored_name)
{
    int i;

    for (i = 0; i < session->values->nelts; i++)
        if (strcasecmp(hbr_session_value_at(session, i)->stored_name,
                       stored_name)
            == 0)
            return hbr_session_value_at(session, i);
    return NULL;
}

hbr_session_value_t hbr_session_value_make(apr_pool_t *pool, const char *name,
                                           const char *text)
{
    hbr_session_value_t value = { .stored_name =
                                      hbr_session_store_name(pool, name),
                                  .stored_value =
                                      hbr_session_store_value(pool, text) };

    describe(&value, apr_pstrdup(pool, name),
             hbr_session_read_value(value.stored_value));
    return value;
}

apr_size_t hbr_session_values_put(hbr_session_t *session,
                                  const hbr_session_value_t *value,
                                  apr_size_t most)
{
    hbr_session_value_t *place =
        hbr_session_values_find(session, value->pair.name);
    apr_size_t before, length;

    if (place == NULL)
        place = find_stored(session, value->stored_name);
    before = place != NULL ? length_of(place) : 0;
    length = session->length - before + length_of(value);
    if (length > most && length > session->length)
        return length;
    if (place == NULL)
        place = apr_array_push(session->values);
    *place = *value;
    session->length = length;
    session->change.changed = true;
    return 0;
}

void hbr_session_values_drop(hbr_session_t *session, hbr_session_value_t *value)
{
    const hbr_session_value_t *last =
        hbr_session_value_at(session, session->values->nelts - 1);

    session->length -= length_of(value);
    *value = *last;
    apr_array_pop(session->values);
    session->change.changed = true;
}

void hbr_session_values_clear(hbr_session_t *session)
{
    apr_array_clear(session->values);
    session->length = EXPIRY_LENGTH;
}

const apr_table_t *hbr_session_values_stored(const hbr_session_t *session,
                                             apr_pool_t *pool)
{
    apr_table_t *values = apr_table_make(pool, session->values->nelts + 1);
    int i;

    for (i = 0; i < session->values->nelts; i++)
        apr_table_addn(values, hbr_session_value_at(session, i)->stored_name,
                       hbr_session_value_at(session, i)->stored_value);
    return values;
}
