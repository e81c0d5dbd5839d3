/**
 * @file post.h
 * @brief Forms for unit tests: PART("name=\"a\"", "data") ... END.
 */
#ifndef HBR_UNIT_POST_H
#define HBR_UNIT_POST_H

#include "serve.h"

#define URLENCODED HEADERS("Content-Type: application/x-www-form-urlencoded")
#define MULTIPART HEADERS("Content-Type: multipart/form-data; boundary=x")

/** A part of a multipart form; the parameters of its Content-Disposition. */
#define PART(parameters, data)                                                 \
    "--x\r\nContent-Disposition: form-data; " parameters "\r\n\r\n" data "\r"  \
    "\n"

/** The same, with a Content-Type. */
#define TYPED_PART(parameters, type, data)                                     \
    "--x\r\nContent-Disposition: form-data; " parameters                       \
    "\r\nContent-Type: " type "\r\n\r\n" data "\r\n"

#define END "--x--\r\n"

#endif
