/*
 * One piece of a source. read gets a view of the context whose pool is cleared
 * before the next piece, so that a body of any length takes one piece's
 * memory.
 */
#include "piece.h"

#include "application.h"
#include "context.h"
#include "log.h"

/* As much as is asked for at a time. */
#define PIECE_MAX (256 * 1024)

apr_status_t hbr_piece_read(hbr_context_t *ctx, hbr_piece_t *piece,
                            apr_off_t first, apr_off_t left)
{
    const hbr_source_t *source = &ctx->state->content.source;
    apr_size_t wanted = left < PIECE_MAX ? (apr_size_t)left : PIECE_MAX;
    apr_status_t status;

    if (piece->pool == NULL)
        apr_pool_create(&piece->pool, ctx->pool);
    else
        apr_pool_clear(piece->pool);
    piece->length = 0;
    ctx->state->reading = true;
    status = source->read(hbr_context_view(ctx, piece->pool), source->data,
                          first, wanted, &piece->bytes, &piece->length);
    ctx->state->reading = false;
    if (ctx->state->locks != 0)
        hbr_application_leave(ctx);
    if (status == APR_SUCCESS && (piece->length == 0 || piece->length > wanted))
        status = APR_EGENERAL;
    if (status != APR_SUCCESS)
        hbr_bridge_log(ctx, HBR_LOG_ERROR, status, "HBR0025",
                       "the source failed at byte %" APR_OFF_T_FMT
                       " of %" APR_OFF_T_FMT,
                       first, ctx->state->body_length);
    return status;
}
