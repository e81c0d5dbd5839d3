/*
 * The host's database. A connection is borrowed from mod_dbd for a statement
 * or a transaction (ap_dbd_open, ap_dbd_close), never for a request:
 * ap_dbd_acquire would hold it until the client has taken the last byte.
 *
 * mod_dbd's pool lets callers wait for ever, so a gate stands before it:
 * BridgeDBMax are let through, others wait BridgeDBWait, or until their
 * deadline (BridgeDeadline), and then fail. What
 * other modules take from the pool goes by the gate: when those hold all of
 * DBDMax, a borrower waits in mod_dbd with no end. One such case is taken
 * care of: a request that already holds a connection (mod_authn_dbd's) is lent
 * that one, or requests would wait for each other.
 *
 * Configuration is written in the parent's one thread; the gates are made in
 * each child's child_init; afterwards everything is read only. No database is
 * opened in the parent.
 */
#include <apr_dbd.h>
#include <apr_hash.h>
#include <apr_optional.h>
#include <apr_strings.h>

#include <httpd.h>
#include <http_config.h>
#include <http_log.h>
#include <http_request.h>
#include <mod_dbd.h>

#include "argument.h"
#include "bridge/statement.h"
#include "bridge/watchdog.h"
#include "database.h"
#include "host.h"
#include "mappings.h"

APLOG_USE_MODULE(handlerbridge);

#define DBD_MAX_DEFAULT 10 /* mod_dbd's own */
#define MAX_LIMIT 10000
#define WAIT_DEFAULT apr_time_from_sec(5)
#define WAIT_LIMIT_MS 3600000

static APR_OPTIONAL_FN_TYPE(ap_dbd_open) * dbd_open;
static APR_OPTIONAL_FN_TYPE(ap_dbd_close) * dbd_close;
static APR_OPTIONAL_FN_TYPE(ap_dbd_acquire) * dbd_acquire;
static module *dbd_module;
static hbr_watchdog_t *watchdog; /* the child's */

static hbr_database_config_t *config_of(const server_rec *server)
{
    return ap_get_module_config(server->module_config, &handlerbridge_module);
}

void *hbr_database_config_create(apr_pool_t *pool, server_rec *server)
{
    hbr_database_config_t *config = apr_pcalloc(pool, sizeof(*config));

    (void)server;
    config->wait = -1;
    config->timeout = -1;
    return config;
}

void *hbr_database_config_merge(apr_pool_t *pool, void *base, void *add)
{
    const hbr_database_config_t *outer = base;
    const hbr_database_config_t *inner = add;
    hbr_database_config_t *merged = apr_pcalloc(pool, sizeof(*merged));

    merged->driver = inner->driver != NULL ? inner->driver : outer->driver;
    merged->params = inner->params != NULL ? inner->params : outer->params;
    merged->dbd_max = inner->dbd_max != 0 ? inner->dbd_max : outer->dbd_max;
    merged->max = inner->max != 0 ? inner->max : outer->max;
    merged->wait = inner->wait >= 0 ? inner->wait : outer->wait;
    merged->timeout = inner->timeout >= 0 ? inner->timeout : outer->timeout;
    return merged;
}

static apr_uint32_t pool_size(const hbr_database_config_t *config)
{
    return config->dbd_max > 0 ? (apr_uint32_t)config->dbd_max
                               : DBD_MAX_DEFAULT;
}

/* More than mod_dbd has would let threads wait inside it. */
static apr_uint32_t gate_size(const hbr_database_config_t *config)
{
    apr_uint32_t size = pool_size(config);

    return config->max > 0 && (apr_uint32_t)config->max < size
               ? (apr_uint32_t)config->max
               : size;
}

/* ------------------------------------------------------------- directives */

const char *hbr_set_db_max(cmd_parms *cmd, void *config, const char *value)
{
    (void)config;
    return hbr_argument_number(cmd, value, 1, MAX_LIMIT,
                               &config_of(cmd->server)->max);
}

static const char *set_ms(cmd_parms *cmd, const char *value,
                          apr_interval_time_t *time)
{
    int milliseconds;
    const char *wrong =
        hbr_argument_number(cmd, value, 0, WAIT_LIMIT_MS, &milliseconds);

    if (wrong == NULL)
        *time = (apr_interval_time_t)milliseconds * 1000;
    return wrong;
}

const char *hbr_set_db_wait(cmd_parms *cmd, void *config, const char *value)
{
    (void)config;
    return set_ms(cmd, value, &config_of(cmd->server)->wait);
}

const char *hbr_set_db_timeout(cmd_parms *cmd, void *config, const char *value)
{
    (void)config;
    return set_ms(cmd, value, &config_of(cmd->server)->timeout);
}

/* httpd takes a directive for known when any module has it, so without this
 * DBDriver would be silently passed over where mod_dbd is not loaded. */
static const char *seen(cmd_parms *cmd)
{
    if (ap_find_linked_module("mod_dbd.c") == NULL)
        return apr_psprintf(cmd->pool, "%s is mod_dbd's, which is not loaded",
                            cmd->cmd->name);
    return DECLINE_CMD;
}

const char *hbr_see_dbdriver(cmd_parms *cmd, void *config, const char *name)
{
    (void)config;
    config_of(cmd->server)->driver = name;
    return seen(cmd);
}

const char *hbr_see_dbdparams(cmd_parms *cmd, void *config, const char *params)
{
    (void)config;
    config_of(cmd->server)->params = params;
    return seen(cmd);
}

const char *hbr_see_dbdmax(cmd_parms *cmd, void *config, const char *value)
{
    (void)config;
    /* mod_dbd says what is wrong with it */
    config_of(cmd->server)->dbd_max = (int)apr_atoi64(value);
    return seen(cmd);
}

void hbr_httpd_database_retrieve(void)
{
    dbd_open = APR_RETRIEVE_OPTIONAL_FN(ap_dbd_open);
    dbd_close = APR_RETRIEVE_OPTIONAL_FN(ap_dbd_close);
    dbd_acquire = APR_RETRIEVE_OPTIONAL_FN(ap_dbd_acquire);
    dbd_module = ap_find_linked_module("mod_dbd.c");
}

/* ------------------------------------------------------------------ gates */

static bool has_database(const hbr_database_config_t *config)
{
    return config->driver != NULL && dbd_open != NULL;
}

/* Servers with the same database share mod_dbd's pool, so they share a gate. */
static const char *gate_key(apr_pool_t *pool,
                            const hbr_database_config_t *config)
{
    return apr_psprintf(pool, "%u\n%s\n%s", pool_size(config), config->driver,
                        config->params != NULL ? config->params : "");
}

static void open_gate(apr_pool_t *pool, apr_hash_t *gates, server_rec *server)
{
    hbr_database_config_t *config = config_of(server);
    const char *key = gate_key(pool, config);
    apr_status_t rv = APR_SUCCESS;

    config->gate = apr_hash_get(gates, key, APR_HASH_KEY_STRING);
    if (config->gate == NULL)
        rv = hbr_gate_create(pool, &config->gate);
    if (rv != APR_SUCCESS)
        ap_log_error(APLOG_MARK, APLOG_ERR, rv, server,
                     "HBR0208: no gate before the database: BridgeDBMax and "
                     "BridgeDBWait are without effect");
    apr_hash_set(gates, key, APR_HASH_KEY_STRING, config->gate);
}

void hbr_httpd_database_child_init(apr_pool_t *pool, server_rec *main_server)
{
    apr_hash_t *gates = apr_hash_make(pool);
    server_rec *server;

    watchdog = hbr_watchdog_create(pool);
    if (!hbr_httpd_is_threaded())
        return;
    for (server = main_server; server != NULL; server = server->next) {
        if (has_database(config_of(server)))
            open_gate(pool, gates, server);
    }
}

/* ------------------------------------------------------ borrow, give back */

/* What is lent: where it goes back to. */
typedef struct loan_t {
    server_rec *server;
    ap_dbd_t *dbd;
    hbr_gate_t *gate; /* NULL: none to leave */
    bool held;        /* the request's own, and stays its own */
} loan_t;

static bool enter(const hbr_database_config_t *config, apr_interval_time_t most)
{
    apr_interval_time_t wait = config->wait >= 0 ? config->wait : WAIT_DEFAULT;

    if (config->gate == NULL)
        return true;
    return hbr_gate_enter(config->gate, gate_size(config),
                          wait < most ? wait : most);
}

static void leave(hbr_gate_t *gate)
{
    if (gate != NULL)
        hbr_gate_leave(gate);
}

static void lend(hbr_connection_t *connection, apr_pool_t *pool,
                 const hbr_database_config_t *config, const loan_t *loan)
{
    *connection =
        (hbr_connection_t){ .driver = loan->dbd->driver,
                            .handle = loan->dbd->handle,
                            .pool = loan->dbd->pool,
                            .timeout =
                                config->timeout > 0 ? config->timeout : 0,
                            .watchdog = watchdog,
                            .host = apr_pmemdup(pool, loan, sizeof(*loan)) };
}

static hbr_borrow_e borrow_from(server_rec *server, apr_pool_t *pool,
                                apr_interval_time_t most,
                                hbr_connection_t *connection)
{
    const hbr_database_config_t *config = config_of(server);
    loan_t loan = { .server = server, .gate = config->gate };

    if (!has_database(config))
        return HBR_NO_DATABASE;
    if (!enter(config, most))
        return HBR_DATABASE_BUSY;
    loan.dbd = dbd_open(pool, server);
    if (loan.dbd == NULL) {
        leave(loan.gate);
        return HBR_DATABASE_AWAY;
    }
    lend(connection, pool, config, &loan);
    return HBR_BORROWED;
}

/* mod_dbd notes a connection that a request holds in its request_config, at
 * the request that everything began with. */
static ap_dbd_t *held_by(request_rec *r)
{
    request_rec *first = r;

    while (!ap_is_initial_req(first))
        first = first->prev != NULL ? first->prev : first->main;
    if (dbd_module == NULL || dbd_acquire == NULL
        || ap_get_module_config(first->request_config, dbd_module) == NULL)
        return NULL;
    return dbd_acquire(r);
}

static hbr_borrow_e borrow(void *request, apr_pool_t *pool,
                           apr_interval_time_t most,
                           hbr_connection_t *connection)
{
    request_rec *r = request;
    loan_t loan = { .dbd = held_by(r), .held = true };

    if (loan.dbd == NULL)
        return borrow_from(r->server, pool, most, connection);
    lend(connection, pool, config_of(r->server), &loan);
    return HBR_BORROWED;
}

/* A broken connection cannot be taken out of mod_dbd's pool from here, and
 * need not be: ap_dbd_open asks the driver about each connection it hands out
 * and drops one that is dead. SQLite's driver calls every connection good; its
 * errors pass when the file is back. */
static void give_back(void *request, hbr_connection_t *connection, bool broken)
{
    const loan_t *loan = connection->host;

    (void)request;
    (void)broken;
    if (loan->held)
        return;
    dbd_close(loan->server, loan->dbd);
    leave(loan->gate);
}

const hbr_host_database_t hbr_httpd_database = { .borrow = borrow,
                                                 .give_back = give_back };

static bool uses_sql(hbr_entry_t *const *entries, apr_size_t count)
{
    apr_size_t i;

    for (i = 0; i < count; i++) {
        if (entries[i]->statements > 0)
            return true;
    }
    return false;
}

static void try_server(apr_pool_t *pool, server_rec *server,
                       hbr_entry_t *const *entries, apr_size_t count)
{
    char message[HBR_DRIVER_MESSAGE] = "";
    hbr_connection_t connection;
    hbr_borrow_e borrowed;
    apr_size_t i;

    if (!uses_sql(entries, count))
        return;
    borrowed = borrow_from(server, pool, WAIT_DEFAULT, &connection);
    if (borrowed == HBR_DATABASE_AWAY)
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, server,
                     "HBR0209: the database cannot be reached at start; "
                     "statements are tried when they are first used");
    if (borrowed != HBR_BORROWED)
        return;
    if (hbr_connection_ready(&connection, message) == HBR_CONNECTION_BAD) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, server,
                     "HBR0209: the database cannot be reached at start; "
                     "statements are tried when they are first used: %s",
                     message);
        count = 0;
    }
    for (i = 0; i < count; i++)
        hbr_statements_try(&connection, entries[i], apr_time_now());
    give_back(NULL, &connection, false);
}

void hbr_httpd_database_try(apr_pool_t *pool, server_rec *main_server)
{
    server_rec *s;

    for (s = main_server; s != NULL; s = s->next) {
        apr_size_t count;
        hbr_entry_t *const *mapped =
            hbr_mappings_of(pool, s, main_server, &count);

        try_server(pool, s, mapped, count);
    }
}
