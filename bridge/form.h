/**
 * @file form.h
 * @brief A form that was read: fields and files.
 */
#ifndef HBR_BRIDGE_FORM_H
#define HBR_BRIDGE_FORM_H

#include "handlerbridge/form.h"
#include "state.h"

/** A form. Made by form.c; upload.c reads its files. */
typedef struct hbr_form_t {
    int result; /**< HBR_OK, or why it could not be read: then it is empty. */
    apr_size_t fields;
    const hbr_pair_t *field; /**< The first of them. */
    apr_size_t uploads;
    const hbr_upload_t *upload;
} hbr_form_t;

/** The form, read at the first call. Never NULL. */
const hbr_form_t *hbr_form_of(hbr_context_t *ctx);

#endif
