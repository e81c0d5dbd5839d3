/*
 * The kit's session: that of its one client, kept as mod_session would keep
 * it.
 *
 * Invariant: `values` is what was saved; what a request has loaded is a copy of
 * its own, as in a server. One thread at a time.
 */
#include <string.h>

#include <apr_strings.h>

#include "../bridge/session_text.h"
#include "kit.h"

struct hbr_test_session_t {
    apr_table_t *values;
    unsigned id;   /* 0: there is none */
    unsigned last; /* the last that was given out */
    apr_size_t saves;
    hbr_test_session_fault_e fault;
};

typedef struct hbr_test_session_t session_t;

static session_t *session_of(hbr_test_t *kit)
{
    if (kit->session == NULL) {
        kit->session = apr_pcalloc(kit->pool, sizeof(*kit->session));
        kit->session->values = apr_table_make(kit->pool, 4);
    }
    return kit->session;
}

static void begin(session_t *session)
{
    session->id = ++session->last;
}

static hbr_session_load_e load(void *request, hbr_host_session_load_t *loaded)
{
    hbr_kit_run_t *run = request;
    session_t *session = session_of(run->kit);

    if (loaded->values != NULL || loaded->host != NULL)
        hbr_kit_violate(run, "the session was loaded twice");
    loaded->missing = "Session On";
    if (session->fault == HBR_TEST_SESSION_OFF)
        return HBR_SESSION_OFF;
    if (session->fault == HBR_TEST_SESSION_AWAY)
        return HBR_SESSION_AWAY;
    loaded->values = apr_table_clone(run->pool, session->values);
    loaded->is_new = session->id == 0;
    loaded->host = session;
    return HBR_SESSION_LOADED;
}

static void check(hbr_kit_run_t *run, const hbr_session_change_t *change)
{
    if (run->has_head)
        hbr_kit_violate(run, "the session was saved after the head");
    if (run->session_saved)
        hbr_kit_violate(run, "the session was saved twice");
    if (!change->changed && !change->renewed && !change->abandoned)
        hbr_kit_violate(run, "the session was saved for nothing");
    run->session_saved = true;
}

static void keep(session_t *session, const apr_table_t *values)
{
    const apr_array_header_t *all = apr_table_elts(values);
    int i;

    apr_table_clear(session->values);
    for (i = 0; i < all->nelts; i++) /* As mod_session reads it back. */
        apr_table_set(session->values,
                      APR_ARRAY_IDX(all, i, apr_table_entry_t).key,
                      APR_ARRAY_IDX(all, i, apr_table_entry_t).val);
}

static apr_status_t save(void *request, const hbr_host_session_load_t *loaded,
                         const apr_table_t *values,
                         const hbr_session_change_t *change)
{
    session_t *session = loaded->host;

    check(request, change);
    if (session->fault != HBR_TEST_SESSION_WELL)
        return APR_EGENERAL;
    keep(session, values);
    session->saves++;
    if (change->abandoned && apr_is_empty_table(values))
        session->id = 0;
    else if (session->id == 0 || change->renewed || change->abandoned)
        begin(session);
    return APR_SUCCESS;
}

const hbr_host_session_t hbr_kit_session = { .load = load, .save = save };

void hbr_test_session_set(hbr_test_t *kit, const char *name, const char *value)
{
    session_t *session = session_of(kit);
    const char *stored = hbr_session_store_name(kit->results, name);

    if (session->id == 0)
        begin(session);
    if (value != NULL)
        apr_table_set(session->values, stored,
                      hbr_session_store_value(kit->results, value));
    else
        apr_table_unset(session->values, stored);
}

const char *hbr_test_session(const hbr_test_t *kit, const char *name)
{
    const char *value =
        kit->session == NULL
            ? NULL
            : apr_table_get(kit->session->values,
                            hbr_session_store_name(kit->results, name));

    return value != NULL
               ? apr_pstrdup(kit->results, hbr_session_read_value(value))
               : NULL;
}

apr_size_t hbr_test_session_size(const hbr_test_t *kit)
{
    return kit->session != NULL
               ? (apr_size_t)apr_table_elts(kit->session->values)->nelts
               : 0;
}

unsigned hbr_test_session_id(const hbr_test_t *kit)
{
    return kit->session != NULL ? kit->session->id : 0;
}

apr_size_t hbr_test_session_saves(const hbr_test_t *kit)
{
    return kit->session != NULL ? kit->session->saves : 0;
}

void hbr_test_session_fault(hbr_test_t *kit, hbr_test_session_fault_e fault)
{
    session_of(kit)->fault = fault;
}
