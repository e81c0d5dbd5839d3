/**
 * @file trace.h
 * @brief W3C Trace Context, Level 1: the field traceparent.
 */
#ifndef HBR_BRIDGE_TRACE_H
#define HBR_BRIDGE_TRACE_H

#include "handlerbridge/trace.h"

#define HBR_TRACE_ID 32
#define HBR_SPAN_ID 16
/** The length of version 00. */
#define HBR_TRACEPARENT 55

typedef struct hbr_trace_t {
    char id[HBR_TRACE_ID + 1];
    char parent[HBR_TRACEPARENT + 1]; /**< For requests that this one makes. */
} hbr_trace_t;

/**
 * Reads a traceparent (3.2.2). A version that is not known yet is read as far
 * as version 00 goes (4.3).
 * @param text the field; several that came are one list, and not valid
 * @param id set to the trace's id
 * @param sampled set to whether the client records the trace
 * @return false: it is not valid, and nothing is set
 */
bool hbr_traceparent_read(const char *text, char id[HBR_TRACE_ID + 1],
                          bool *sampled);

#endif
