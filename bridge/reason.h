/**
 * @file reason.h
 * @brief The words of a status (RFC 9110 15).
 */
#ifndef HBR_BRIDGE_REASON_H
#define HBR_BRIDGE_REASON_H

/** "Not Found" for 404; "Error" and its like for a status that has none. */
const char *hbr_reason_phrase(int status);

#endif
