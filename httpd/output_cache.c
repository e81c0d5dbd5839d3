/*
 * Beside httpd's mod_cache.
 *
 * When what it has stored is no longer fresh, mod_cache asks with If-None-Match,
 * and a 304 makes the stored response fresh again. mod_cache_disk keeps the body
 * then; mod_cache_socache writes the new header over header and body, and answers
 * everybody with nothing from there on (Content-Length: 0; of static files, too).
 * So where that module is loaded, what mod_cache is about to store is always a
 * whole response. The handler runs in any case: only its bytes are sent once
 * more, to the cache.
 */
#include <httpd.h>
#include <http_config.h>
#include <util_filter.h>

#include "output_cache.h"

bool hbr_output_cache_forgets;

static const ap_filter_rec_t *save;

void hbr_output_cache_begin(void)
{
    save = ap_get_output_filter_handle("CACHE_SAVE");
    hbr_output_cache_forgets =
        save != NULL && ap_find_linked_module("mod_cache_socache.c") != NULL;
}

static bool is_to_be_stored(const request_rec *r)
{
    const ap_filter_t *filter = r->output_filters;

    while (filter != NULL && filter->frec != save)
        filter = filter->next;
    return filter != NULL;
}

/* The client's own are mod_cache's to obey, out of what it then has. */
void hbr_output_cache_ask_whole(request_rec *r)
{
    if (!is_to_be_stored(r))
        return;
    apr_table_unset(r->headers_in, "If-None-Match");
    apr_table_unset(r->headers_in, "If-Modified-Since");
}
