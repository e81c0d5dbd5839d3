#include "handlerbridge/application.h"

#pragma GCC diagnostic ignored "-Wunused-parameter"
void hbr_process_read(hbr_context_t *ctx) {  }
void hbr_process_write(hbr_context_t *ctx) {  }
void hbr_process_unlock(hbr_context_t *ctx) {  }
void *hbr_shared_lock(hbr_context_t *ctx) { return 0; }
void hbr_shared_unlock(hbr_context_t *ctx) {  }
void *hbr_shared(hbr_context_t *ctx) { return 0; }
