/**
 * @file output_cache.h
 * @brief Beside httpd's mod_cache.
 */
#ifndef HBR_HTTPD_OUTPUT_CACHE_H
#define HBR_HTTPD_OUTPUT_CACHE_H

#include <stdbool.h>

#include <httpd.h>

/** Whether a 304 is lost on the cache: mod_cache_socache is there. */
extern bool hbr_output_cache_forgets;

/** Looks at what httpd has loaded; once a child, before its first request. */
void hbr_output_cache_begin(void);

/** Takes the conditions off a request whose response mod_cache is about to
 *  store, so that it gets a whole one. Only with hbr_output_cache_forgets. */
void hbr_output_cache_ask_whole(request_rec *r);

#endif
