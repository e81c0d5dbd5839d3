/* For the tests: what an application does with mod_session, on request.
 *
 *   /path?get            the session's entries, one name=value in a line
 *   /path?set=NAME:VALUE ?big=BYTES ?unset=NAME
 *   ?renew               a new id, as after a login
 *   ?abandon             the session's end
 *   ?sleep=MILLISECONDS  between loading and what comes after it
 *   ?save                saves it here: 503 when that fails; otherwise
 *                        mod_session's filter does, behind the handler
 *   ?subrequest=URI ?redirect=URI ?status=CODE
 *
 * Parts are taken in their order. Loading fails with 503. */
#include <httpd.h>
#include <http_config.h>
#include <http_protocol.h>
#include <http_request.h>

#include <unistd.h>

#include <apr_strings.h>
#include <mod_session.h>

#define HANDLER "hss-probe"

static APR_OPTIONAL_FN_TYPE(ap_session_load) * load;
static APR_OPTIONAL_FN_TYPE(ap_session_save) * save;

static int print_entry(void *r, const char *key, const char *value)
{
    if (strcmp(key, "expiry") != 0)
        ap_rprintf(r, "%s=%.100s\n", key, value);
    return 1;
}

static void set(session_rec *z, char *value)
{
    char *colon = strchr(value, ':');

    *colon++ = '\0';
    apr_table_set(z->entries, value, colon);
    z->dirty = 1;
}

static void set_big(session_rec *z, const char *count)
{
    apr_size_t length = (apr_size_t)apr_atoi64(count);
    char *text = apr_pcalloc(z->pool, length + 1);

    memset(text, 'b', length);
    apr_table_set(z->entries, "big", text);
    z->dirty = 1;
}

static int subrequest(request_rec *r, const char *uri)
{
    request_rec *sub = ap_sub_req_lookup_uri(uri, r, r->output_filters);

    ap_run_sub_req(sub);
    ap_destroy_sub_req(sub);
    return OK;
}

static int change(request_rec *r, session_rec *z, const char *name, char *value)
{
    if (strcmp(name, "set") == 0)
        set(z, value);
    else if (strcmp(name, "big") == 0)
        set_big(z, value);
    else if (strcmp(name, "unset") == 0)
        apr_table_unset(z->entries, value), z->dirty = 1;
    else if (strcmp(name, "renew") == 0)
        z->uuid = NULL, z->dirty = 1;
    else if (strcmp(name, "abandon") == 0)
        apr_table_clear(z->entries), z->dirty = 1;
    else if (strcmp(name, "sleep") == 0)
        usleep((useconds_t)apr_atoi64(value) * 1000);
    else if (strcmp(name, "save") == 0)
        return save(r, z) == APR_SUCCESS ? OK : HTTP_SERVICE_UNAVAILABLE;
    else if (strcmp(name, "subrequest") == 0)
        return subrequest(r, value);
    else if (strcmp(name, "status") == 0)
        return atoi(value);
    return OK;
}

static int answer(request_rec *r, session_rec *z)
{
    ap_set_content_type(r, "text/plain");
    apr_table_setn(r->headers_out, "X-Pid",
                   apr_psprintf(r->pool, "%d", (int)getpid()));
    if (z != NULL)
        apr_table_do(print_entry, r, z->entries, NULL);
    return OK;
}

static int handle(request_rec *r)
{
    session_rec *z = NULL;
    char *last;
    char *part;

    if (r->handler == NULL || strcmp(r->handler, HANDLER) != 0)
        return DECLINED;
    if (load(r, &z) != APR_SUCCESS)
        return HTTP_SERVICE_UNAVAILABLE;
    part = r->args != NULL
               ? apr_strtok(apr_pstrdup(r->pool, r->args), "&", &last)
               : NULL;
    for (; part != NULL; part = apr_strtok(NULL, "&", &last)) {
        char *value = strchr(part, '=');
        int rc;

        if (value != NULL)
            *value++ = '\0';
        if (value != NULL && strcmp(part, "redirect") == 0) {
            ap_internal_redirect(value, r);
            return OK;
        }
        rc = change(r, z, part, value);
        if (rc != OK)
            return rc;
    }
    return answer(r, z);
}

static void retrieve(void)
{
    load = APR_RETRIEVE_OPTIONAL_FN(ap_session_load);
    save = APR_RETRIEVE_OPTIONAL_FN(ap_session_save);
}

static void register_hooks(apr_pool_t *pool)
{
    (void)pool;
    ap_hook_optional_fn_retrieve(retrieve, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_handler(handle, NULL, NULL, APR_HOOK_MIDDLE);
}

/* clang-format off */
AP_DECLARE_MODULE(hss_probe) = {
    STANDARD20_MODULE_STUFF,
    NULL, NULL, NULL, NULL, NULL,
    register_hooks,
    0
};
