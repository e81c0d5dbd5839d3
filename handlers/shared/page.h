/**
 * @file page.h
 * @brief A page for people: its head, its policy, its end.
 *
 * The policy (CSP) lets nothing in but the page's own style and script, which
 * carry this response's own mark.
 */
#ifndef SHARED_PAGE_H
#define SHARED_PAGE_H

#include "handlerbridge.h"

typedef struct page_t {
    const char *title;
    const char *style;  /**< CSS behind that of all pages. */
    const char *script; /**< Runs at the page's end; NULL: none. */
    const char *policy; /**< What else it may load: "img-src 'self'; "; NULL:
                             nothing. */
    const char *mark;   /**< page_begin()'s. */
} page_t;

/** A number that nobody can know, in hexadecimal; NULL when the system has none
 *  to give. */
const char *page_mark(hbr_context_t *ctx);

/** Writes all up to the beginning of <main>.
 *  @return HBR_OK; else it is to be returned */
int page_begin(hbr_context_t *ctx, page_t *page);

/** Writes the end. */
void page_end(hbr_context_t *ctx, const page_t *page);

#endif
