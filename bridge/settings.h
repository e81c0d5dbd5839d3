/**
 * @file settings.h
 * @brief The limits in force for a request. Each has one directive.
 */
#ifndef HBR_BRIDGE_SETTINGS_H
#define HBR_BRIDGE_SETTINGS_H

#include <apr.h>

typedef struct hbr_settings_t {
    /** BridgeBuffer: bytes of text that are collected before the response is
     *  committed and streams. */
    apr_size_t buffer;
    /** BridgeLimitParams: pairs in a query. */
    apr_size_t params;
} hbr_settings_t;

#define HBR_BUFFER_DEFAULT (1024 * 1024)
#define HBR_PARAMS_DEFAULT 1000

#define HBR_SETTINGS_DEFAULT                                                   \
    { .buffer = HBR_BUFFER_DEFAULT, .params = HBR_PARAMS_DEFAULT }

#endif
