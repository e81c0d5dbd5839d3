/*
 * The words of a status: RFC 9110 15, and the IANA registry for the rest.
 */
#include "reason.h"

typedef struct reason_t {
    int status;
    const char *phrase;
} reason_t;

static const reason_t reasons[] = { { 301, "Moved Permanently" },
                                    { 302, "Found" },
                                    { 303, "See Other" },
                                    { 307, "Temporary Redirect" },
                                    { 308, "Permanent Redirect" },
                                    { 400, "Bad Request" },
                                    { 401, "Unauthorized" },
                                    { 402, "Payment Required" },
                                    { 403, "Forbidden" },
                                    { 404, "Not Found" },
                                    { 405, "Method Not Allowed" },
                                    { 406, "Not Acceptable" },
                                    { 407, "Proxy Authentication Required" },
                                    { 408, "Request Timeout" },
                                    { 409, "Conflict" },
                                    { 410, "Gone" },
                                    { 411, "Length Required" },
                                    { 412, "Precondition Failed" },
                                    { 413, "Content Too Large" },
                                    { 414, "URI Too Long" },
                                    { 415, "Unsupported Media Type" },
                                    { 416, "Range Not Satisfiable" },
                                    { 417, "Expectation Failed" },
                                    { 421, "Misdirected Request" },
                                    { 422, "Unprocessable Content" },
                                    { 423, "Locked" },
                                    { 424, "Failed Dependency" },
                                    { 425, "Too Early" },
                                    { 426, "Upgrade Required" },
                                    { 428, "Precondition Required" },
                                    { 429, "Too Many Requests" },
                                    { 431, "Request Header Fields Too Large" },
                                    { 451, "Unavailable For Legal Reasons" },
                                    { 500, "Internal Server Error" },
                                    { 501, "Not Implemented" },
                                    { 502, "Bad Gateway" },
                                    { 503, "Service Unavailable" },
                                    { 504, "Gateway Timeout" },
                                    { 505, "HTTP Version Not Supported" },
                                    { 507, "Insufficient Storage" },
                                    { 508, "Loop Detected" },
                                    { 511,
                                      "Network Authentication Required" } };

const char *hbr_reason_phrase(int status)
{
    unsigned i;

    for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
        if (reasons[i].status == status)
            return reasons[i].phrase;
    if (status < 400)
        return status < 300 ? "OK" : "Redirect";
    return status < 500 ? "Client Error" : "Server Error";
}
