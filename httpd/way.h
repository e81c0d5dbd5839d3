/**
 * @file way.h
 * @brief A request's way through the mappings that fit it.
 */
#ifndef HBR_HTTPD_WAY_H
#define HBR_HTTPD_WAY_H

#include <httpd.h>

#include "bridge/dispatch.h"
#include "section.h"

typedef struct hbr_way_t hbr_way_t;

/**
 * The fixups hook: looks the request up in the BridgeMaps of its sections, and
 * names the handler where one fits.
 */
int hbr_way_fixups(request_rec *r);

/**
 * The request's way.
 * @return NULL when neither a BridgeMap nor a descriptor file named its handler
 */
hbr_way_t *hbr_way_of(request_rec *r);

/**
 * Makes the request's way one mapping: what its descriptor file says.
 * @param target lives as long as the request
 */
void hbr_way_set(request_rec *r, const hbr_target_t *target);

/**
 * The handler that a BridgeMap or a descriptor file named, where nobody has
 * named another one since.
 * @return NULL when there is none
 */
hbr_entry_t *hbr_way_entry(const request_rec *r);

/** Whether a descriptor file named its handler, and no BridgeMap. */
bool hbr_way_is_file(const hbr_way_t *way);

/** Names the handler at hand, in httpd's eyes too. */
void hbr_way_rename(request_rec *r, const char *handler);

/**
 * The log_transaction hook: lets "%R" of a LogFormat name the handler that
 * answered, where another one, or bridge-file, is mapped.
 */
int hbr_way_log(request_rec *r);

/** The route at hand. */
const hbr_route_t *hbr_way_route(const hbr_way_t *way);

/** What the mapping at hand says besides. */
const hbr_target_t *hbr_way_target(const hbr_way_t *way);

/**
 * Goes on to the next mapping that fits.
 * @return false when there is none
 */
bool hbr_way_next(hbr_way_t *way);

/** Whether another module has decided to proxy or to redirect the request. */
bool hbr_is_taken_care_of(const request_rec *r);

/** Whether what httpd found on the disk is what is required. */
bool hbr_is_there(const request_rec *r, hbr_require_e require);

#endif
