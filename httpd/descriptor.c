/*
 * Descriptor files: bridge/descriptor.h reads their text; here they are found,
 * kept, and turned into what a BridgeMap line would lead to.
 *
 * A file is read once and kept until it changes. A kept one has a pool of its
 * own and is counted: it goes when it was replaced and its last request has
 * ended. The cache is shared by the child's threads under one lock, which is
 * not held while a file is read.
 */
#include "descriptor.h"

#include <apr_atomic.h>
#include <apr_file_io.h>
#include <apr_hash.h>
#include <apr_strings.h>
#include <apr_thread_mutex.h>

#include <http_log.h>

#include "bridge/descriptor.h"
#include "config.h"
#include "host.h"
#include "names.h"
#include "way.h"

APLOG_USE_MODULE(handlerbridge);

/** The most bytes of a file, and the most files that are kept. */
#define SIZE_MAX_BYTES (64 * 1024)
#define KEPT_MAX 1024

/* File systems set times by a clock that ticks, some each two seconds: a file
 * that changed as lately as this before it was read may have changed again
 * since, and show no sign of it. */
#define SETTLED apr_time_from_sec(2)

/** What changes when a file does. */
typedef struct stamp_t {
    apr_dev_t device;
    apr_ino_t inode;
    apr_off_t size;
    apr_time_t modified;
    apr_time_t changed; /* also when the other time was set by hand */
} stamp_t;

typedef struct descriptor_t {
    apr_pool_t *pool;
    volatile apr_uint32_t users; /* requests, and the cache */
    stamp_t stamp;
    bool settled;
    const char *mistake; /* NULL: none */
    hbr_target_t target;
} descriptor_t;

static apr_hash_t *kept; /* by file name, which is the descriptor's */
static apr_thread_mutex_t *lock;

/* The table has a pool of its own: pchild is used by others at the same
 * time. */
void hbr_httpd_descriptor_child_init(apr_pool_t *pchild)
{
    apr_pool_t *pool;

    apr_pool_create_unmanaged_ex(&pool, apr_pool_abort_get(pchild), NULL);
    kept = apr_hash_make(pool);
    apr_thread_mutex_create(&lock, APR_THREAD_MUTEX_DEFAULT, pool);
}

/* ---- one file ------------------------------------------------------------ */

static stamp_t stamp_of(const apr_finfo_t *info)
{
    return (stamp_t){ .device = info->device,
                      .inode = info->inode,
                      .size = info->size,
                      .modified = info->mtime,
                      .changed = info->ctime };
}

static bool is_same(const stamp_t *a, const stamp_t *b)
{
    return a->device == b->device && a->inode == b->inode && a->size == b->size
           && a->modified == b->modified && a->changed == b->changed;
}

static apr_status_t leave(void *data)
{
    descriptor_t *descriptor = data;

    if (apr_atomic_dec32(&descriptor->users) == 0)
        apr_pool_destroy(descriptor->pool);
    return APR_SUCCESS;
}

static descriptor_t *create(const request_rec *r, const apr_finfo_t *info,
                            apr_time_t now)
{
    apr_pool_t *pool;
    descriptor_t *descriptor;

    apr_pool_create_unmanaged_ex(&pool, apr_pool_abort_get(r->pool), NULL);
    descriptor = apr_pcalloc(pool, sizeof(*descriptor));
    descriptor->pool = pool;
    descriptor->users = 1;
    descriptor->stamp = stamp_of(info);
    descriptor->settled = info->ctime + SETTLED < now;
    return descriptor;
}

static bool is_set(const hbr_values_t *values, const char *key)
{
    int i;

    for (i = 0; values->set != NULL && i < values->set->nelts; i++)
        if (strcmp(
                APR_ARRAY_IDX(values->set, i, hbr_option_value_t).option->name,
                key)
            == 0)
            return true;
    return false;
}

static const char *set_option(descriptor_t *descriptor,
                              const hbr_descriptor_line_t *line)
{
    hbr_target_t *target = &descriptor->target;

    if (is_set(&target->values, line->key))
        return apr_psprintf(descriptor->pool, "a second \"%s\"", line->key);
    return hbr_values_set(descriptor->pool, &target->values, target->entry,
                          line->key, line->value);
}

static const char *name_handler(descriptor_t *descriptor, const char *name)
{
    hbr_target_t *target = &descriptor->target;
    const char *mistake = NULL;

    target->entry =
        hbr_name_find(hbr_registry, descriptor->pool, name, &mistake);
    if (target->entry != NULL)
        target->methods = target->entry->methods;
    return mistake;
}

static const char *take_said(descriptor_t *descriptor,
                             const hbr_descriptor_t *said)
{
    const hbr_descriptor_line_t *line = &said->handler;
    const char *mistake = name_handler(descriptor, line->value);
    int i;

    for (i = 0; mistake == NULL && i < said->options->nelts; i++) {
        line = &APR_ARRAY_IDX(said->options, i, hbr_descriptor_line_t);
        mistake = set_option(descriptor, line);
    }
    return mistake == NULL ? NULL
                           : apr_psprintf(descriptor->pool, "line %u: %s",
                                          line->number, mistake);
}

/* The text is read into the request's memory: what is kept is small. */
static apr_status_t read_text(descriptor_t *descriptor, apr_file_t *file,
                              apr_pool_t *pool)
{
    apr_size_t size = (apr_size_t)descriptor->stamp.size;
    char *text = apr_palloc(pool, size + 1);
    hbr_descriptor_t said;
    const char *mistake;
    apr_status_t status = apr_file_read_full(file, text, size, &size);

    if (status != APR_SUCCESS && status != APR_EOF)
        return status;
    mistake = hbr_descriptor_parse(pool, text, size, &said);
    descriptor->mistake = mistake != NULL
                              ? apr_pstrdup(descriptor->pool, mistake)
                              : take_said(descriptor, &said);
    return APR_SUCCESS;
}

static int cannot_read(const request_rec *r, apr_status_t status)
{
    if (APR_STATUS_IS_ENOENT(status) || APR_STATUS_IS_ENOTDIR(status))
        return HTTP_NOT_FOUND;
    ap_log_rerror(APLOG_MARK, APLOG_ERR, status, r, "HBR0272: %s: cannot read",
                  r->filename);
    return APR_STATUS_IS_EACCES(status) ? HTTP_FORBIDDEN
                                        : HTTP_INTERNAL_SERVER_ERROR;
}

/* What is in the place of the file may be another one than the request's, and
 * no file at all: it is looked at again, and opening it does not wait. */
static apr_status_t read_file(const request_rec *r, apr_file_t *file,
                              descriptor_t **made)
{
    apr_time_t now = apr_time_now();
    apr_finfo_t info;
    apr_status_t status =
        apr_file_info_get(&info, APR_FINFO_MIN | APR_FINFO_IDENT, file);

    if (status != APR_SUCCESS)
        return status;
    if (info.filetype != APR_REG)
        return APR_ENOENT;
    *made = create(r, &info, now);
    if (info.size <= SIZE_MAX_BYTES)
        return read_text(*made, file, r->pool);
    (*made)->mistake =
        apr_psprintf((*made)->pool, "larger than %d bytes", SIZE_MAX_BYTES);
    return APR_SUCCESS;
}

static int make(const request_rec *r, descriptor_t **made)
{
    apr_file_t *file;
    apr_status_t status =
        apr_file_open(&file, r->filename, APR_FOPEN_READ | APR_FOPEN_NONBLOCK,
                      APR_FPROT_OS_DEFAULT, r->pool);

    if (status != APR_SUCCESS)
        return cannot_read(r, status);
    *made = NULL;
    status = read_file(r, file, made);
    apr_file_close(file);
    if (status == APR_SUCCESS)
        return OK;
    if (*made != NULL)
        leave(*made);
    return cannot_read(r, status);
}

/* ---- the cache ----------------------------------------------------------- */

/* The kept one, with the request among its users; NULL: none that is current.
 */
static descriptor_t *take(const request_rec *r)
{
    stamp_t stamp = stamp_of(&r->finfo);
    descriptor_t *descriptor;

    apr_thread_mutex_lock(lock);
    descriptor = apr_hash_get(kept, r->filename, APR_HASH_KEY_STRING);
    if (descriptor != NULL && descriptor->settled
        && is_same(&descriptor->stamp, &stamp))
        apr_atomic_inc32(&descriptor->users);
    else
        descriptor = NULL;
    apr_thread_mutex_unlock(lock);
    return descriptor;
}

static void drop(const char *name)
{
    descriptor_t *old = apr_hash_get(kept, name, APR_HASH_KEY_STRING);

    if (old == NULL)
        return;
    apr_hash_set(kept, name, APR_HASH_KEY_STRING, NULL);
    leave(old);
}

/* Which of them goes does not matter: it is read again. */
static void make_room(void)
{
    if (apr_hash_count(kept) >= KEPT_MAX)
        drop(apr_hash_this_key(apr_hash_first(NULL, kept)));
}

static void keep(const request_rec *r, descriptor_t *descriptor)
{
    const char *name = apr_pstrdup(descriptor->pool, r->filename);

    apr_thread_mutex_lock(lock);
    drop(name);
    make_room();
    apr_atomic_inc32(&descriptor->users);
    apr_hash_set(kept, name, APR_HASH_KEY_STRING, descriptor);
    apr_thread_mutex_unlock(lock);
}

/* ---- a request ----------------------------------------------------------- */

static bool are_on(const request_rec *r)
{
    return hbr_scope_files(hbr_scope_of(r));
}

static int find(const request_rec *r, descriptor_t **descriptor)
{
    int status;

    *descriptor = take(r);
    if (*descriptor != NULL)
        return OK;
    status = make(r, descriptor);
    if (status == OK)
        keep(r, *descriptor);
    return status;
}

/* What the request's file says, for as long as the request lasts. Logs what is
 * wrong with it. */
static int look_up(request_rec *r, const hbr_target_t **target)
{
    descriptor_t *descriptor;
    int status;

    if (!are_on(r)) {
        ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r,
                      "HBR0270: %s: BridgeFiles is Off here", r->filename);
        return HTTP_FORBIDDEN;
    }
    if (r->finfo.filetype != APR_REG)
        return HTTP_NOT_FOUND;
    status = find(r, &descriptor);
    if (status != OK)
        return status;
    apr_pool_cleanup_register(r->pool, descriptor, leave,
                              apr_pool_cleanup_null);
    if (descriptor->mistake != NULL) {
        ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r, "HBR0271: %s: %s",
                      r->filename, descriptor->mistake);
        return HTTP_INTERNAL_SERVER_ERROR;
    }
    *target = &descriptor->target;
    return OK;
}

int hbr_httpd_descriptor_answer(request_rec *r)
{
    const hbr_target_t *target;
    int status = look_up(r, &target);

    if (status != OK)
        return status;
    hbr_way_set(r, target);
    return hbr_httpd_serve(target->entry, r);
}
