/*
 * Descriptor files:
 *
 *     # a card for the front page
 *     handler image
 *     size    32
 *     font    "DejaVu Sans"
 *
 * Read once and kept until the file changes. A kept one has a pool of its own
 * and is counted: it goes when it was replaced and its last request has ended.
 * The cache is shared by the child's threads under one lock, which is not held
 * while a file is read.
 */
#include "descriptor.h"

#include <apr_atomic.h>
#include <apr_hash.h>
#include <apr_strings.h>
#include <apr_thread_mutex.h>

#include <http_config.h>
#include <http_log.h>

#include "config.h"
#include "host.h"

APLOG_USE_MODULE(handlerbridge);

/** The most bytes of a file, and the most files that are kept. */
#define SIZE_MAX_BYTES (64 * 1024)
#define KEPT_MAX 1024
#define LINE_MAX_BYTES 4096

typedef struct descriptor_t {
    apr_pool_t *pool;
    volatile apr_uint32_t users; /* requests, and the cache */
    apr_time_t changed;
    apr_off_t size;
    apr_ino_t inode;
    const char *mistake; /* with file and line; NULL: none */
    hbr_target_t target;
} descriptor_t;

static apr_hash_t *kept; /* by file name, which is the descriptor's */
static apr_thread_mutex_t *lock;

void hbr_descriptor_child_init(apr_pool_t *pchild)
{
    kept = apr_hash_make(pchild);
    apr_thread_mutex_create(&lock, APR_THREAD_MUTEX_DEFAULT, pchild);
}

static apr_status_t leave(void *data)
{
    descriptor_t *descriptor = data;

    if (apr_atomic_dec32(&descriptor->users) == 0)
        apr_pool_destroy(descriptor->pool);
    return APR_SUCCESS;
}

static descriptor_t *make(const apr_finfo_t *info)
{
    apr_allocator_t *allocator;
    apr_pool_t *pool;
    descriptor_t *descriptor;

    apr_allocator_create(&allocator);
    apr_pool_create_ex(&pool, NULL, NULL, allocator);
    apr_allocator_owner_set(allocator, pool);
    descriptor = apr_pcalloc(pool, sizeof(*descriptor));
    descriptor->pool = pool;
    descriptor->users = 1;
    descriptor->changed = info->mtime;
    descriptor->size = info->size;
    descriptor->inode = info->inode;
    return descriptor;
}

static const char *name_handler(descriptor_t *descriptor, const char *name)
{
    apr_pool_t *pool = descriptor->pool;
    char *lower = apr_pstrdup(pool, name);
    const char *nearest;

    ap_str_tolower(lower);
    descriptor->target.entry = hbr_registry_find(hbr_registry, lower);
    if (descriptor->target.entry != NULL) {
        descriptor->target.methods = descriptor->target.entry->methods;
        return NULL;
    }
    nearest = hbr_registry_nearest(hbr_registry, lower);
    return apr_psprintf(pool, "there is no handler \"%s\"%s%s%s", name,
                        nearest != NULL ? ", did you mean \"" : "",
                        nearest != NULL ? nearest : "",
                        nearest != NULL ? "\"?" : "");
}

/* One line: the handler comes first, its options follow. */
static const char *read_line(descriptor_t *descriptor, const char *line)
{
    apr_pool_t *pool = descriptor->pool;
    const char *key = ap_getword_conf(pool, &line);
    const char *value = ap_getword_conf(pool, &line);

    if (*key == '\0' || *key == '#')
        return NULL;
    if (*line != '\0')
        return apr_psprintf(pool,
                            "\"%s\" stands behind the value of \"%s\": a value "
                            "with blanks needs quotes",
                            line, key);
    if (descriptor->target.entry == NULL)
        return strcmp(key, "handler") == 0
                   ? name_handler(descriptor, value)
                   : apr_psprintf(pool, "\"%s\" comes before \"handler NAME\"",
                                  key);
    if (strcmp(key, "handler") == 0)
        return "a second handler";
    return hbr_values_set(pool, &descriptor->target.values,
                          descriptor->target.entry, key, value);
}

static const char *read_lines(descriptor_t *descriptor, ap_configfile_t *file)
{
    char line[LINE_MAX_BYTES];
    const char *mistake = NULL;
    apr_status_t status = APR_SUCCESS;

    while (mistake == NULL && status == APR_SUCCESS) {
        status = ap_cfg_getline(line, sizeof(line), file);
        if (status == APR_SUCCESS)
            mistake = read_line(descriptor, line);
    }
    if (mistake == NULL && status != APR_EOF)
        mistake = "a line that is too long, or cannot be read";
    if (mistake == NULL && descriptor->target.entry == NULL)
        mistake = "it names no handler: \"handler NAME\" is missing";
    return mistake;
}

static void read_file(descriptor_t *descriptor, const char *name)
{
    ap_configfile_t *file;
    const char *mistake;

    if (descriptor->size > SIZE_MAX_BYTES) {
        descriptor->mistake = apr_psprintf(
            descriptor->pool, "%s: larger than %d bytes", name, SIZE_MAX_BYTES);
        return;
    }
    if (ap_pcfg_openfile(&file, descriptor->pool, name) != APR_SUCCESS) {
        descriptor->mistake =
            apr_pstrcat(descriptor->pool, name, ": cannot be opened", NULL);
        return;
    }
    mistake = read_lines(descriptor, file);
    if (mistake != NULL)
        descriptor->mistake = apr_psprintf(descriptor->pool, "%s line %u: %s",
                                           name, file->line_number, mistake);
    ap_cfg_closefile(file);
}

static bool is_current(const descriptor_t *descriptor, const apr_finfo_t *info)
{
    return descriptor->changed == info->mtime && descriptor->size == info->size
           && descriptor->inode == info->inode;
}

/* The kept one, with the request among its users; NULL: none that is current.
 */
static descriptor_t *take(const request_rec *r)
{
    descriptor_t *descriptor;

    apr_thread_mutex_lock(lock);
    descriptor = apr_hash_get(kept, r->filename, APR_HASH_KEY_STRING);
    if (descriptor != NULL && is_current(descriptor, &r->finfo))
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

static void drop_all(apr_pool_t *pool)
{
    apr_hash_index_t *at = apr_hash_first(pool, kept);

    while (at != NULL) {
        descriptor_t *old = apr_hash_this_val(at);

        at = apr_hash_next(at);
        leave(old);
    }
    apr_hash_clear(kept);
}

/* More files than are kept: all are read again. */
static void keep(const request_rec *r, descriptor_t *descriptor)
{
    const char *name = apr_pstrdup(descriptor->pool, r->filename);

    apr_thread_mutex_lock(lock);
    drop(name);
    if (apr_hash_count(kept) >= KEPT_MAX)
        drop_all(r->pool);
    apr_atomic_inc32(&descriptor->users);
    apr_hash_set(kept, name, APR_HASH_KEY_STRING, descriptor);
    apr_thread_mutex_unlock(lock);
}

static bool are_on(const request_rec *r)
{
    const hbr_dir_config_t *config =
        ap_get_module_config(r->per_dir_config, &handlerbridge_module);

    return config != NULL && hbr_scope_files(config->scope);
}

static bool has_forbidden_path_info(const request_rec *r)
{
    return r->used_path_info == AP_REQ_REJECT_PATH_INFO && r->path_info != NULL
           && *r->path_info != '\0';
}

int hbr_descriptor_read(request_rec *r, const hbr_target_t **target)
{
    descriptor_t *descriptor;

    if (!are_on(r)) {
        ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r,
                      "HBR0270: %s: BridgeFiles is Off here", r->filename);
        return HTTP_FORBIDDEN;
    }
    if (r->finfo.filetype != APR_REG || has_forbidden_path_info(r))
        return HTTP_NOT_FOUND;
    descriptor = take(r);
    if (descriptor == NULL) {
        descriptor = make(&r->finfo);
        read_file(descriptor, r->filename);
        keep(r, descriptor);
    }
    apr_pool_cleanup_register(r->pool, descriptor, leave,
                              apr_pool_cleanup_null);
    if (descriptor->mistake != NULL) {
        ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r, "HBR0271: %s",
                      descriptor->mistake);
        return HTTP_INTERNAL_SERVER_ERROR;
    }
    *target = &descriptor->target;
    return OK;
}
