/**
 * @file metric.h
 * @brief The declarations of handlers' own counters and timers.
 */
#ifndef HBR_BRIDGE_METRIC_H
#define HBR_BRIDGE_METRIC_H

#include "handlerbridge/metric.h"

/** What is wrong with them, or NULL. */
const char *hbr_metrics_refusal(apr_pool_t *pool, const hbr_metric_t *metrics,
                                apr_size_t count);

#endif
