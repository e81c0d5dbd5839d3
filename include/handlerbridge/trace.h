/**
 * @file trace.h
 * @brief The request's place in a trace that goes through several servers (W3C
 *        Trace Context, Level 1).
 *
 * A client that is traced says so in the header field traceparent. Its trace id
 * is taken over; where there is none, or a wrong one, a new trace begins here.
 * The id stands in the line of a slow request, and in the note hbr-trace-id for
 * the access log, when BridgeTrace is On or the handler asked for it.
 *
 *     const char *parent = hbr_traceparent(ctx);
 *
 *     if (parent != NULL)
 *         headers = curl_slist_append(headers,
 *             apr_pstrcat(ctx->pool, "traceparent: ", parent, NULL));
 *
 * Who passes it on to another server passes on hbr_header(ctx, "tracestate")
 * as it came, too: it belongs to a trace that was taken over.
 */
#ifndef HANDLERBRIDGE_TRACE_H
#define HANDLERBRIDGE_TRACE_H

#include "context.h"

/**
 * The trace's id: 32 lower case hexadecimal digits.
 * @param ctx the context
 * @return the same for the whole request; NULL when the system gives no random
 *         bytes for a new one
 */
HBR_API const char *hbr_trace_id(hbr_context_t *ctx);

/**
 * The traceparent of requests that this one makes: "00-", the trace's id, an id
 * of this request (not its client's), and whether the client records the trace.
 * A trace that began here is not recorded.
 * @return 55 characters, the same for the whole request; NULL as above
 */
HBR_API const char *hbr_traceparent(hbr_context_t *ctx);

#endif
