/**
 * @file rfc3339.h
 * @brief Dates and times as text (RFC 3339).
 */
#ifndef HBR_BRIDGE_RFC3339_H
#define HBR_BRIDGE_RFC3339_H

#include "handlerbridge/api.h"

/**
 * Reads a date (midnight UTC) or a date-time with "Z" or an offset. The second
 * 60 is taken where a leap second can be, at the end of a month in UTC
 * (RFC 3339 5.7), and is the same time as the second after it. Digits of a
 * fraction below the microsecond are dropped.
 * @param when set to the time; unchanged on failure
 * @return false for anything else, also with something before or after it
 */
bool hbr_rfc3339_parse(const char *text, apr_size_t length, apr_time_t *when);

/** A time as "2026-11-21T08:30:00Z", with a fraction where it has one. */
const char *hbr_rfc3339_format(apr_pool_t *pool, apr_time_t when);

#endif
