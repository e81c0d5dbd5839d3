#include "handlerbridge/session.h"

#pragma GCC diagnostic ignored "-Wunused-parameter"
const char *hbr_session(hbr_context_t *ctx, const char *name, const char *fallback) { return 0; }
int64_t hbr_session_int(hbr_context_t *ctx, const char *name, int64_t fallback) { return 0; }
bool hbr_session_bool(hbr_context_t *ctx, const char *name, bool fallback) { return 0; }
apr_time_t hbr_session_time(hbr_context_t *ctx, const char *name, apr_time_t fallback) { return 0; }
const hbr_pair_t *hbr_session_next(hbr_context_t *ctx, const hbr_pair_t *after) { return 0; }
bool hbr_session_is_new(hbr_context_t *ctx) { return 0; }
int hbr_session_set(hbr_context_t *ctx, const char *name, const char *value) { return 500; }
int hbr_session_set_int(hbr_context_t *ctx, const char *name, int64_t value) { return 500; }
int hbr_session_set_bool(hbr_context_t *ctx, const char *name, bool value) { return 500; }
int hbr_session_set_time(hbr_context_t *ctx, const char *name, apr_time_t value) { return 500; }
int hbr_session_remove(hbr_context_t *ctx, const char *name) { return 500; }
int hbr_session_clear(hbr_context_t *ctx) { return 500; }
int hbr_session_abandon(hbr_context_t *ctx) { return 500; }
int hbr_session_renew(hbr_context_t *ctx) { return 500; }
int hbr_session_flash_set(hbr_context_t *ctx, const char *name, const char *value) { return 500; }
const char *hbr_session_flash(hbr_context_t *ctx, const char *name) { return 0; }
