/*
 * The one thing of ours in a request's configuration vector.
 */
#include "note.h"

hbr_note_t *hbr_note_make(request_rec *r)
{
    hbr_note_t *note = hbr_note_of(r);

    if (note == NULL) {
        note = apr_pcalloc(r->pool, sizeof(*note));
        ap_set_module_config(r->request_config, &handlerbridge_module, note);
    }
    return note;
}
