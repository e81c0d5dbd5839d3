/*
 * What is wrong with a multipart form, in words. Pure functions, for any
 * thread.
 */
#include "multipart_problem.h"

#include <apr_strings.h>

#define BAD_REQUEST 400
#define CONTENT_TOO_LARGE 413

/* What is too much, and whose limit that is. */
typedef struct excess_t {
    const char *before; /* The number. */
    const char *one;
    const char *many;
    const char *directive;
} excess_t;

static const char *const malformed[] = {
    [HBR_MULTIPART_BOUNDARY_MISSING] =
        "The form's Content-Type has no boundary parameter.",
    [HBR_MULTIPART_BOUNDARY_TWICE] =
        "The form's Content-Type has more than one boundary parameter.",
    [HBR_MULTIPART_BOUNDARY_INVALID] =
        "The form's Content-Type is malformed, or its boundary is not of the 1 "
        "to 70 characters that RFC 2046 allows.",
    [HBR_MULTIPART_UNFINISHED] = "The form ends before its final boundary.",
    [HBR_MULTIPART_HEADER_CONTROL] =
        "The header of a part holds a control character.",
    [HBR_MULTIPART_HEADER_SYNTAX] = "The header of a part is malformed.",
    [HBR_MULTIPART_HEADER_TWICE] =
        "The header of a part has a field twice that may occur once.",
    [HBR_MULTIPART_DISPOSITION] = "A part has no Content-Disposition that is "
                                  "form-data with a name.",
    [HBR_MULTIPART_DISPOSITION_SYNTAX] =
        "The Content-Disposition of a part is malformed.",
    [HBR_MULTIPART_FILENAME_STAR] =
        "The name of a file is given as filename* only, which RFC 7578 forbids "
        "in forms: filename is needed.",
    [HBR_MULTIPART_NAME_UTF8] = "The name of a field is not UTF-8.",
    [HBR_MULTIPART_FILENAME_UTF8] = "The name of a file is not UTF-8.",
    [HBR_MULTIPART_NESTED] =
        "A part is itself multipart, which RFC 7578 has done away with.",
    [HBR_MULTIPART_ENCODING] = "A part has a Content-Transfer-Encoding other "
                               "than binary, 8bit or 7bit."
};

static const excess_t excesses[] = {
    [HBR_MULTIPART_PARTS] = { "The form has more than ", " part", " parts",
                              "BridgeLimitParts" },
    [HBR_MULTIPART_HEADER_BYTES] = { "The header of a part has more than ",
                                     " byte", " bytes",
                                     "BridgeLimitPartHeader" },
    [HBR_MULTIPART_HEADER_FIELDS] = { "The header of a part has more than ",
                                      " field", " fields",
                                      "BridgeLimitPartFields" },
    [HBR_MULTIPART_NAME] = { "The name of a field has more than ", " byte",
                             " bytes", "BridgeLimitName" },
    [HBR_MULTIPART_FILENAME] = { "The name of a file has more than ", " byte",
                                 " bytes", "BridgeLimitFileName" },
    [HBR_MULTIPART_PREAMBLE] = { "Before the form's first part there is more "
                                 "than ",
                                 " byte", " bytes", "BridgeLimitPreamble" },
    [HBR_MULTIPART_EPILOGUE] = { "Behind the form's last part there is more "
                                 "than ",
                                 " byte", " bytes", "BridgeLimitPreamble" }
};

static apr_size_t limit_of(hbr_multipart_e problem,
                           const hbr_multipart_limits_t *limits)
{
    switch (problem) {
    case HBR_MULTIPART_PARTS: return limits->parts;
    case HBR_MULTIPART_HEADER_BYTES: return limits->header_bytes;
    case HBR_MULTIPART_HEADER_FIELDS: return limits->header_fields;
    case HBR_MULTIPART_NAME: return limits->name_bytes;
    case HBR_MULTIPART_FILENAME: return limits->filename_bytes;
    default: return limits->outside_bytes;
    }
}

int hbr_multipart_status(hbr_multipart_e problem)
{
    if (problem == HBR_MULTIPART_OK)
        return 0;
    return problem < HBR_MULTIPART_PARTS ? BAD_REQUEST : CONTENT_TOO_LARGE;
}

const char *hbr_multipart_sentence(apr_pool_t *pool, hbr_multipart_e problem,
                                   const hbr_multipart_limits_t *limits)
{
    const excess_t *excess = &excesses[problem];
    apr_size_t limit;

    if (problem < HBR_MULTIPART_PARTS)
        return malformed[problem];
    limit = limit_of(problem, limits);
    return apr_psprintf(pool, "%s%" APR_SIZE_T_FMT "%s (%s).", excess->before,
                        limit, limit == 1 ? excess->one : excess->many,
                        excess->directive);
}
