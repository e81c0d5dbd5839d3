/*
 * BridgeUnmap on a request. What a section takes away from itself is known when
 * it is read; what it takes away from those around it depends on which they
 * are, and so on the request. Everything here is the request's.
 */
#include "unmap.h"

#include <http_config.h>
#include <http_log.h>

/* An entry of an outer section that a nearer one has taken away. */
typedef struct gone_t {
    const hbr_section_t *section;
    apr_size_t index;
} gone_t;

struct hbr_unmapped_t {
    request_rec *r;
    apr_array_header_t *gone; /* gone_t */
};

APLOG_USE_MODULE(handlerbridge);

bool hbr_is_unmapped(const hbr_unmapped_t *unmapped,
                     const hbr_section_t *section, apr_size_t index)
{
    int i;

    if (hbr_section_took(section, index))
        return true;
    for (i = 0; unmapped != NULL && i < unmapped->gone->nelts; i++) {
        const gone_t *gone = &APR_ARRAY_IDX(unmapped->gone, i, gone_t);

        if (gone->section == section && gone->index == index)
            return true;
    }
    return false;
}

/* Takes away the nearest inherited entry of these texts. */
static bool take(hbr_unmapped_t *unmapped, const hbr_scope_t *from,
                 const hbr_removal_t *removal)
{
    for (; from != NULL; from = from->section->clears ? NULL : from->outer) {
        const hbr_section_t *section = from->section;
        apr_size_t index = 0;

        if (section->map == NULL)
            continue;
        while ((index = hbr_map_find(section->map, removal->methods,
                                     removal->pattern, index))
               != HBR_MAP_NONE) {
            if (!hbr_is_unmapped(unmapped, section, index)) {
                APR_ARRAY_PUSH(unmapped->gone, gone_t) =
                    (gone_t){ section, index };
                return true;
            }
            index++;
        }
    }
    return false;
}

static hbr_unmapped_t *create(request_rec *r)
{
    hbr_unmapped_t *unmapped = apr_palloc(r->pool, sizeof(*unmapped));

    unmapped->r = r;
    unmapped->gone = apr_array_make(r->pool, 4, sizeof(gone_t));
    return unmapped;
}

static void take_all(hbr_unmapped_t *unmapped, const hbr_scope_t *scope)
{
    const apr_array_header_t *removals = scope->section->removals;
    int i;

    for (i = 0; i < removals->nelts; i++) {
        const hbr_removal_t *removal =
            &APR_ARRAY_IDX(removals, i, hbr_removal_t);

        if (!take(unmapped, scope->outer, removal) && removal->is_logged)
            ap_log_rerror(APLOG_MARK, APLOG_WARNING, 0, unmapped->r,
                          "HBR0260: .htaccess: BridgeUnmap %s %s: nothing of "
                          "that text is mapped here",
                          removal->methods, removal->pattern->text);
    }
}

/* The outermost first: what it leaves is what the next one inherits. */
hbr_unmapped_t *hbr_unmap(request_rec *r, const hbr_scope_t *scope)
{
    hbr_unmapped_t *unmapped;

    if (scope == NULL)
        return NULL;
    unmapped = hbr_unmap(r, scope->section->clears ? NULL : scope->outer);
    if (scope->section->removals == NULL)
        return unmapped;
    if (unmapped == NULL)
        unmapped = create(r);
    take_all(unmapped, scope);
    return unmapped;
}
