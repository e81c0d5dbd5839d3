/**
 * @file note.h
 * @brief What the bridge keeps of a request from one of httpd's phases to the
 *        next. Made when there is something to keep; the request's own.
 */
#ifndef HBR_HTTPD_NOTE_H
#define HBR_HTTPD_NOTE_H

#include <httpd.h>
#include <http_config.h>

#include "bridge/registry.h"
#include "host.h"
#include "way.h"

/** What stands for a file name where there is none: relative, so it leads
 *  nowhere. It ends in a slash, so it has no extension, and names relative to it
 *  lead nowhere either, which ap_sub_req_lookup_file() would else look up in
 *  httpd's current folder. */
#define HBR_NO_FILE "bridge-virtual:/"

typedef struct hbr_note_t {
    hbr_way_t *way;          /**< NULL: no BridgeMap was looked up. */
    const char *virtual_uri; /**< What was marked by BridgeVirtual; NULL. */
    const char *handler;     /**< Found in the handler phase; NULL: before. */
    hbr_entry_t *entry;      /**< A marked request's handler; NULL: unknown. */
    char file[sizeof(HBR_NO_FILE)]; /**< Its file name: r->filename. */
} hbr_note_t;

/** The request's note, or NULL. */
static inline hbr_note_t *hbr_note_of(const request_rec *r)
{
    return ap_get_module_config(r->request_config, &handlerbridge_module);
}

/** The request's note, made when there is none. */
hbr_note_t *hbr_note_make(request_rec *r);

#endif
