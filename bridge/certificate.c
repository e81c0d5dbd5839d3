/*
 * The client's certificate, made of the TLS module's variables when it is first
 * asked for.
 *
 * Invariant: a certificate is either verified or not, and each of the two
 * public functions shows only the one kind, so that an author who does not look
 * at `verified` is not deceived. What the TLS module does not clearly call
 * verified is not.
 */
#include <string.h>

#include <apr_date.h>
#include <apr_strings.h>

#include "state.h"

/* What was found, for the state: a certificate, or that there is none. */
typedef struct hbr_shown_t {
    bool is_there;
    hbr_certificate_t certificate;
} hbr_shown_t;

/* It lives until the request ends, so ctx->pool is not good enough. */
static const char *fact(const hbr_context_t *ctx, const char *name)
{
    const hbr_request_t *request = &ctx->state->request;

    return request->host->client->tls(request->request, request->pool, name);
}

/* "Nov  6 08:49:37 1994 GMT", as OpenSSL prints a time: with a day of the week
 * before it, whichever, it is asctime()'s form. */
static apr_time_t date(const hbr_context_t *ctx, const char *name)
{
    const char *text = fact(ctx, name);
    apr_time_t time;

    if (text == NULL)
        return 0;
    time = apr_date_parse_http(
        apr_pstrcat(ctx->state->request.pool, "Sun ", text, NULL));
    return time != APR_DATE_BAD ? time : 0;
}

static const char *email(const hbr_context_t *ctx)
{
    const char *address = fact(ctx, "SSL_CLIENT_SAN_Email_0");

    return address != NULL ? address : fact(ctx, "SSL_CLIENT_S_DN_Email");
}

/* The verdict is NONE, SUCCESS, GENEROUS (let in unverified), or FAILED:
 * and why. */
static const char *problem(const char *verdict)
{
    const char *failed = "FAILED:";

    if (verdict == NULL)
        return "The server does not tell whether it has verified it.";
    if (strncmp(verdict, failed, strlen(failed)) == 0)
        return verdict + strlen(failed);
    return "The server lets in certificates that it cannot verify.";
}

static void read_certificate(const hbr_context_t *ctx,
                             hbr_certificate_t *certificate)
{
    const hbr_request_t *request = &ctx->state->request;
    const char *verdict =
        request->host->client->verdict(request->request, request->pool);

    certificate->verified = verdict != NULL && strcmp(verdict, "SUCCESS") == 0;
    if (!certificate->verified)
        certificate->problem = problem(verdict);
    certificate->subject = fact(ctx, "SSL_CLIENT_S_DN");
    certificate->issuer = fact(ctx, "SSL_CLIENT_I_DN");
    certificate->serial = fact(ctx, "SSL_CLIENT_M_SERIAL");
    certificate->common_name = fact(ctx, "SSL_CLIENT_S_DN_CN");
    certificate->email = email(ctx);
    certificate->not_before = date(ctx, "SSL_CLIENT_V_START");
    certificate->not_after = date(ctx, "SSL_CLIENT_V_END");
}

static const hbr_shown_t *look(const hbr_context_t *ctx)
{
    const hbr_request_t *request = &ctx->state->request;
    hbr_shown_t *shown = apr_pcalloc(request->pool, sizeof(*shown));

    if (!request->host->client->is_secure(request->request))
        return shown;
    shown->certificate.pem = fact(ctx, "SSL_CLIENT_CERT");
    shown->is_there = shown->certificate.pem != NULL;
    if (shown->is_there)
        read_certificate(ctx, &shown->certificate);
    return shown;
}

static const hbr_certificate_t *shown(const hbr_context_t *ctx, bool verified)
{
    const hbr_shown_t *found = ctx->state->certificate;

    if (found == NULL)
        found = ctx->state->certificate = look(ctx);
    return found->is_there && found->certificate.verified == verified
               ? &found->certificate
               : NULL;
}

const hbr_certificate_t *hbr_client_certificate(hbr_context_t *ctx)
{
    return shown(ctx, true);
}

const hbr_certificate_t *hbr_unverified_certificate(hbr_context_t *ctx)
{
    return shown(ctx, false);
}
