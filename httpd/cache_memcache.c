/*
 * The cache of several machines in memcached, by its text protocol. Not by
 * apr_memcache: that waits a second whatever it is told, takes a short count of
 * apr_socket_sendv() for all, has numbers of 32 bits, and no gets and cas, which
 * take and renew are made of. A key has one server, chosen by its digest: when
 * that is away nobody else stands in, or there would be two of each number.
 *
 * - take: gets, then cas with a life that is over. Of many one succeeds.
 * - A number is two's complement as memcached's unsigned one, which wraps: then
 *   incr adds a negative number too, and leaves the life alone.
 * - A life is in whole seconds. Over 30 days it is a date.
 */
#include <stdlib.h>

#include <apr_network_io.h>
#include <apr_poll.h>
#include <apr_strings.h>

#include <httpd.h>
#include <http_log.h>

#include "address.h"
#include "cache.h"
#include "remote.h"

APLOG_USE_MODULE(handlerbridge);

#define PORT 11211
#define PIECE (256 * 1024) /* memcached's -I is 1 MB; half of it in one piece */
#define SERVERS 32
#define BUFFER 4096
#define LINE 512
#define RELATIVE_MOST apr_time_from_sec(30 * 86400)

static hbr_address_t addresses[SERVERS];
static unsigned count;
static hbr_remote_t *remotes[SERVERS]; /* the child's */

/* ------------------------------------------------------------------ start */

static const char *read_argument(apr_pool_t *pool, const char *given)
{
    char *list = apr_pstrdup(pool, given != NULL ? given : "");
    char *last = NULL, *text;
    const char *wrong = NULL;

    count = 0;
    for (text = apr_strtok(list, ",", &last); text != NULL && wrong == NULL;
         text = apr_strtok(NULL, ",", &last)) {
        if (count == SERVERS)
            wrong = "more than 32 servers";
        else
            wrong = hbr_address_read(pool, text, PORT, &addresses[count++]);
    }
    if (wrong == NULL && count == 0)
        wrong = "there is none";
    return wrong != NULL
               ? apr_psprintf(pool,
                              "BridgeCache memcache takes "
                              "memcache:HOST[:PORT][,HOST[:PORT]...]: %s",
                              wrong)
               : NULL;
}

static const char *missing(apr_pool_t *pool)
{
    (void)pool;
    return hbr_cache_secret() != NULL
               ? "BridgeCacheSecret is Redis'; memcached has no passwords here"
               : NULL;
}

/* ------------------------------------------------------------ connections */

typedef struct link_t {
    apr_pool_t *pool; /* its own, and goes with it */
    apr_socket_t *socket;
    hbr_remote_t *remote;
    apr_time_t until; /* of the call at hand */
    char buffer[BUFFER];
    apr_size_t filled, used;
    const char *wrong; /* NULL: nothing */
    bool refused;      /* it answers, but not what was asked for */
} link_t;

static void close_link(void *data)
{
    apr_pool_destroy(((link_t *)data)->pool);
}

static bool is_open(void *data)
{
    const link_t *link = data;
    apr_pollfd_t fd = { .p = link->pool,
                        .desc_type = APR_POLL_SOCKET,
                        .reqevents = APR_POLLIN,
                        .desc.s = link->socket };
    apr_int32_t ready;

    return apr_poll(&fd, 1, &ready, 0) == APR_TIMEUP;
}

static void child_init(apr_pool_t *pchild, server_rec *main_server)
{
    unsigned i;

    (void)main_server;
    for (i = 0; i < count; i++)
        remotes[i] = hbr_remote_create(pchild,
                                       apr_psprintf(pchild, "memcached %s:%d",
                                                    addresses[i].host,
                                                    addresses[i].port),
                                       is_open, close_link);
}

/* False when there is no time left. */
static bool set_timeout(link_t *link)
{
    apr_interval_time_t left = link->until - apr_time_now();

    if (left > 0)
        apr_socket_timeout_set(link->socket, left);
    else
        link->wrong = "it does not answer";
    return left > 0;
}

static void note_status(link_t *link, apr_status_t rv)
{
    link->wrong =
        APR_STATUS_IS_TIMEUP(rv)
            ? "it does not answer"
            : apr_pstrdup(link->pool, apr_strerror(rv, link->buffer, LINE));
}

static bool connect_socket(link_t *link, const hbr_address_t *address)
{
    apr_sockaddr_t *to;
    apr_status_t rv = apr_sockaddr_info_get(&to, address->host, APR_UNSPEC,
                                            address->port, 0, link->pool);

    if (rv == APR_SUCCESS)
        rv = apr_socket_create(&link->socket, to->family, SOCK_STREAM,
                               APR_PROTO_TCP, link->pool);
    if (rv == APR_SUCCESS) {
        apr_socket_opt_set(link->socket, APR_TCP_NODELAY, 1);
        if (!set_timeout(link))
            return false;
        rv = apr_socket_connect(link->socket, to);
    }
    if (rv != APR_SUCCESS)
        note_status(link, rv);
    return rv == APR_SUCCESS;
}

static link_t *connect_link(unsigned index, const hbr_cache_call_t *call)
{
    apr_pool_t *pool;
    link_t *link;

    if (apr_pool_create_unmanaged_ex(&pool, NULL, NULL) != APR_SUCCESS)
        return NULL;
    link = apr_pcalloc(pool, sizeof(*link));
    link->pool = pool;
    link->remote = remotes[index];
    link->until = call->until;
    if (connect_socket(link, &addresses[index]))
        return link;
    hbr_remote_failed(link->remote, link->wrong, call->hurried);
    close_link(link);
    return NULL;
}

static link_t *borrow(const hbr_cache_call_t *call)
{
    unsigned index = (call->key[4] << 8 | call->key[5]) % count;
    link_t *link;

    if (call->until <= apr_time_now() || hbr_remote_rests(remotes[index]))
        return NULL;
    link = hbr_remote_take(remotes[index]);
    if (link == NULL)
        return connect_link(index, call);
    link->until = call->until;
    return link;
}

/* A connection of which something is left unread, or that failed, is closed. */
static apr_status_t give_back(link_t *link, const hbr_cache_call_t *call,
                              apr_status_t rv)
{
    if (link->wrong == NULL && !link->refused && link->used != link->filled)
        link->wrong = "its answer is not the protocol's";
    if (link->wrong != NULL) {
        hbr_remote_failed(link->remote, link->wrong, call->hurried);
        close_link(link);
        return APR_EGENERAL;
    }
    hbr_remote_answered(link->remote);
    if (link->refused)
        close_link(link);
    else
        hbr_remote_give(link->remote, link);
    return rv;
}

/* ---------------------------------------------------------------- talking */

static bool send_bytes(link_t *link, const char *bytes, apr_size_t length)
{
    while (length > 0 && link->wrong == NULL) {
        apr_size_t sent = length;
        apr_status_t rv;

        if (!set_timeout(link))
            break;
        rv = apr_socket_send(link->socket, bytes, &sent);
        if (rv != APR_SUCCESS)
            note_status(link, rv);
        bytes += sent;
        length -= sent;
    }
    return link->wrong == NULL;
}

/* A command of one line, in one packet with the little that follows it. */
static bool send_line(link_t *link, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool send_line(link_t *link, const char *format, ...)
{
    char line[LINE];
    va_list values;
    int length;

    va_start(values, format);
    length = apr_vsnprintf(line, sizeof(line), format, values);
    va_end(values);
    return send_bytes(link, line, (apr_size_t)length);
}

static bool fill(link_t *link)
{
    apr_status_t rv;

    if (!set_timeout(link))
        return false;
    link->used = 0;
    link->filled = sizeof(link->buffer);
    rv = apr_socket_recv(link->socket, link->buffer, &link->filled);
    if (rv != APR_SUCCESS && link->filled == 0)
        note_status(link, rv);
    return link->filled > 0;
}

/* Without its end, which is LF or CR LF. */
static bool read_line(link_t *link, char line[LINE])
{
    apr_size_t length = 0;

    for (;;) {
        char c;

        if (link->used == link->filled && !fill(link))
            return false;
        c = link->buffer[link->used++];
        if (c == '\n')
            break;
        if (length == LINE - 1) {
            link->wrong = "its answer is not the protocol's";
            return false;
        }
        line[length++] = c;
    }
    if (length > 0 && line[length - 1] == '\r')
        length--;
    line[length] = '\0';
    return true;
}

static bool read_bytes(link_t *link, char *bytes, apr_size_t length)
{
    while (length > 0) {
        apr_size_t some = link->filled - link->used;

        if (some == 0) {
            if (!fill(link))
                return false;
            continue;
        }
        if (some > length)
            some = length;
        memcpy(bytes, link->buffer + link->used, some);
        link->used += some;
        bytes += some;
        length -= some;
    }
    return true;
}

/* It may take for commands what was meant as bytes: the connection is not used
 * again. */
static apr_status_t complain(link_t *link, const char *line)
{
    hbr_remote_complained(link->remote, line);
    link->refused = true;
    return APR_EGENERAL;
}

static apr_int64_t seconds_of(apr_interval_time_t life)
{
    apr_int64_t seconds = (life + APR_USEC_PER_SEC - 1) / APR_USEC_PER_SEC;

    return life < RELATIVE_MOST ? seconds
                                : apr_time_sec(apr_time_now()) + seconds;
}

/* An entry with what cas wants. */
typedef struct found_t {
    char *data;
    apr_size_t length;
    char unique[24];
} found_t;

static bool read_head(const char *line, const char *key, found_t *found)
{
    const char *at = line + strlen("VALUE ");
    char *end;
    apr_int64_t length;

    if (strncmp(line, "VALUE ", 6) != 0 || strncmp(at, key, HBR_CACHE_NAME) != 0
        || at[HBR_CACHE_NAME] != ' ')
        return false;
    at += HBR_CACHE_NAME + 1;
    at += strcspn(at, " "); /* flags */
    length = apr_strtoi64(at, &end, 10);
    if (end == at || length < 0 || length > PIECE || *end != ' ')
        return false;
    found->length = (apr_size_t)length;
    at = end + 1;
    if (*at == '\0' || strspn(at, "0123456789") != strlen(at)
        || strlen(at) >= sizeof(found->unique))
        return false;
    apr_cpystrn(found->unique, at, sizeof(found->unique));
    return true;
}

static apr_status_t fetch(link_t *link, const char *key, apr_pool_t *pool,
                          found_t *found)
{
    char line[LINE], end[2];

    if (!send_line(link, "gets %s\r\n", key) || !read_line(link, line))
        return APR_EGENERAL;
    if (strcmp(line, "END") == 0)
        return APR_NOTFOUND;
    if (!read_head(line, key, found)) {
        link->wrong = "its answer is not the protocol's";
        return APR_EGENERAL;
    }
    found->data = apr_palloc(pool, found->length + 1);
    found->data[found->length] = '\0';
    if (!read_bytes(link, found->data, found->length)
        || !read_bytes(link, end, 2) || !read_line(link, line))
        return APR_EGENERAL;
    if (memcmp(end, "\r\n", 2) == 0 && strcmp(line, "END") == 0)
        return APR_SUCCESS;
    link->wrong = "its answer is not the protocol's";
    return APR_EGENERAL;
}

/* set, add or cas; unique is cas' alone. */
static apr_status_t store(link_t *link, const char *command, const char *key,
                          const char *data, apr_size_t length,
                          apr_int64_t seconds, const char *unique)
{
    char line[LINE];

    if (!send_line(
            link, "%s %s 0 %" APR_INT64_T_FMT " %" APR_SIZE_T_FMT "%s%s\r\n",
            command, key, seconds, length, unique[0] != '\0' ? " " : "", unique)
        || !send_bytes(link, data, length) || !send_bytes(link, "\r\n", 2)
        || !read_line(link, line))
        return APR_EGENERAL;
    if (strcmp(line, "STORED") == 0)
        return APR_SUCCESS;
    if (strcmp(line, "NOT_STORED") == 0 || strcmp(line, "EXISTS") == 0)
        return APR_EEXIST;
    if (strcmp(line, "NOT_FOUND") == 0)
        return APR_NOTFOUND;
    return complain(link, line);
}

/* ------------------------------------------------------------------ calls */

static apr_size_t piece(void *request)
{
    (void)request;
    return PIECE;
}

static apr_status_t get(void *request, const hbr_cache_call_t *call,
                        apr_pool_t *pool, char **data, apr_size_t *length)
{
    link_t *link = borrow(call);
    char key[HBR_CACHE_NAME + 1];
    apr_status_t rv;
    found_t found;

    (void)request;
    if (link == NULL)
        return APR_EGENERAL;
    hbr_cache_name(call, key);
    rv = fetch(link, key, pool, &found);
    if (rv == APR_SUCCESS) {
        *data = found.data;
        *length = found.length;
    }
    return give_back(link, call, rv);
}

static apr_status_t write_entry(const hbr_cache_call_t *call,
                                const char *command, const char *data,
                                apr_size_t length, apr_interval_time_t life)
{
    link_t *link = borrow(call);
    char key[HBR_CACHE_NAME + 1];

    if (link == NULL)
        return APR_EGENERAL;
    hbr_cache_name(call, key);
    return give_back(
        link, call,
        store(link, command, key, data, length, seconds_of(life), ""));
}

static apr_status_t set(void *request, const hbr_cache_call_t *call,
                        const char *data, apr_size_t length,
                        apr_interval_time_t life)
{
    (void)request;
    return write_entry(call, "set", data, length, life);
}

static apr_status_t add(void *request, const hbr_cache_call_t *call,
                        const char *data, apr_size_t length,
                        apr_interval_time_t life)
{
    (void)request;
    return write_entry(call, "add", data, length, life);
}

static apr_status_t remove_entry(void *request, const hbr_cache_call_t *call)
{
    link_t *link = borrow(call);
    char key[HBR_CACHE_NAME + 1], line[LINE];

    (void)request;
    if (link == NULL)
        return APR_EGENERAL;
    hbr_cache_name(call, key);
    if (!send_line(link, "delete %s\r\n", key) || !read_line(link, line))
        return give_back(link, call, APR_EGENERAL);
    if (strcmp(line, "DELETED") == 0)
        return give_back(link, call, APR_SUCCESS);
    if (strcmp(line, "NOT_FOUND") == 0)
        return give_back(link, call, APR_NOTFOUND);
    return give_back(link, call, complain(link, line));
}

/* Whoever comes first has it; a value that was set anew meanwhile is another
 * one to be taken. */
static apr_status_t take_from(link_t *link, const char *key, apr_pool_t *pool,
                              found_t *found)
{
    apr_status_t rv;

    do {
        rv = fetch(link, key, pool, found);
        if (rv == APR_SUCCESS)
            rv = store(link, "cas", key, "", 0, -1, found->unique);
    } while (rv == APR_EEXIST);
    return rv;
}

static apr_status_t take(void *request, const hbr_cache_call_t *call,
                         apr_pool_t *pool, char **data, apr_size_t *length)
{
    link_t *link = borrow(call);
    char key[HBR_CACHE_NAME + 1];
    apr_status_t rv;
    found_t found;

    (void)request;
    if (link == NULL)
        return APR_EGENERAL;
    hbr_cache_name(call, key);
    rv = take_from(link, key, pool, &found);
    if (rv == APR_SUCCESS) {
        *data = found.data;
        *length = found.length;
    }
    return give_back(link, call, rv);
}

static apr_status_t renew(void *request, const hbr_cache_call_t *call,
                          const char *was, const char *is, apr_size_t length,
                          apr_interval_time_t life)
{
    link_t *link = borrow(call);
    char key[HBR_CACHE_NAME + 1];
    apr_status_t rv;
    found_t found;

    if (link == NULL)
        return APR_EGENERAL;
    hbr_cache_name(call, key);
    rv = fetch(link, key, ((request_rec *)request)->pool, &found);
    if (rv == APR_SUCCESS
        && (found.length < length || memcmp(found.data, was, length) != 0))
        rv = APR_NOTFOUND;
    if (rv == APR_SUCCESS) {
        memcpy(found.data, is, length);
        rv = store(link, "cas", key, found.data, found.length, seconds_of(life),
                   found.unique);
    }
    return give_back(link, call, rv == APR_EEXIST ? APR_NOTFOUND : rv);
}

static apr_status_t incr(link_t *link, const char *key, uint64_t by,
                         uint64_t *result)
{
    char line[LINE];

    if (!send_line(link, "incr %s %" APR_UINT64_T_FMT "\r\n", key, by)
        || !read_line(link, line))
        return APR_EGENERAL;
    if (strcmp(line, "NOT_FOUND") == 0)
        return APR_NOTFOUND;
    if (line[0] < '0' || line[0] > '9')
        return complain(link, line);
    *result = strtoull(line, NULL, 10);
    return APR_SUCCESS;
}

/* Adds modulo 2^64, and takes it back when the sum is no int64: for a moment
 * others may see it. */
static apr_status_t incr_signed(link_t *link, const char *key, int64_t by,
                                int64_t *sum)
{
    uint64_t result;
    int64_t checked;
    apr_status_t rv = incr(link, key, (uint64_t)by, &result);

    if (rv != APR_SUCCESS)
        return rv;
    if (!__builtin_add_overflow((int64_t)(result - (uint64_t)by), by,
                                &checked)) {
        *sum = checked;
        return APR_SUCCESS;
    }
    rv = incr(link, key, 0 - (uint64_t)by, &result);
    return rv == APR_SUCCESS ? APR_ERANGE : rv;
}

static apr_status_t add_number(link_t *link, const char *key, int64_t by,
                               apr_int64_t seconds)
{
    char number[24];
    int length = apr_snprintf(number, sizeof(number), "%" APR_UINT64_T_FMT,
                              (uint64_t)by);

    return store(link, "add", key, number, (apr_size_t)length, seconds, "");
}

static apr_status_t increment(void *request, const hbr_cache_call_t *call,
                              int64_t by, apr_interval_time_t life,
                              int64_t *sum)
{
    link_t *link = borrow(call);
    char key[HBR_CACHE_NAME + 1];
    apr_status_t rv;

    (void)request;
    if (link == NULL)
        return APR_EGENERAL;
    hbr_cache_name(call, key);
    do {
        rv = incr_signed(link, key, by, sum);
        if (rv != APR_NOTFOUND)
            break;
        rv = add_number(link, key, by, seconds_of(life));
        if (rv == APR_SUCCESS)
            *sum = by;
    } while (rv == APR_EEXIST);
    return give_back(link, call, rv);
}

static const hbr_host_cache_t calls = { .piece = piece,
                                        .get = get,
                                        .set = set,
                                        .remove = remove_entry,
                                        .add = add,
                                        .take = take,
                                        .renew = renew,
                                        .increment = increment };

const hbr_provider_t hbr_cache_memcache = { .name = "memcache",
                                            .read = read_argument,
                                            .missing = missing,
                                            .child_init = child_init,
                                            .calls = &calls };
