/*
 * memcached servers by their text protocol: connections, and the few commands
 * that the shared cache is made of. A key has one server, chosen by its digest:
 * when that is away nobody else stands in, or there would be two of each number.
 *
 * A connection that anything went wrong with is closed, and nothing is sent
 * twice. All threads of a child; a connection has one borrower.
 */
#include <stdlib.h>

#include <apr_network_io.h>
#include <apr_poll.h>
#include <apr_strings.h>

#include <httpd.h>

#include "cache.h"
#include "memcached.h"
#include "remote.h"

#define BUFFER 4096
#define LINE 512

static const hbr_memcached_servers_t *servers;
static hbr_remote_t *remotes[HBR_MEMCACHED_SERVERS]; /* the child's */

/* ------------------------------------------------------------ connections */

struct hbr_memcached_t {
    apr_pool_t *pool; /* its own, and goes with it */
    apr_socket_t *socket;
    hbr_remote_t *remote;
    apr_time_t until; /* of the call at hand */
    char buffer[BUFFER];
    apr_size_t filled, used;
    const char *wrong; /* NULL: nothing */
    bool refused;      /* it answers, but not what was asked for */
};

static void close_link(void *data)
{
    apr_pool_destroy(((hbr_memcached_t *)data)->pool);
}

static bool is_open(void *data)
{
    const hbr_memcached_t *link = data;
    apr_pollfd_t fd = { .p = link->pool,
                        .desc_type = APR_POLL_SOCKET,
                        .reqevents = APR_POLLIN,
                        .desc.s = link->socket };
    apr_int32_t ready;

    return apr_poll(&fd, 1, &ready, 0) == APR_TIMEUP;
}

void hbr_memcached_child_init(apr_pool_t *pchild,
                              const hbr_memcached_servers_t *all)
{
    unsigned i;

    servers = all;
    for (i = 0; i < all->count; i++)
        remotes[i] = hbr_remote_create(pchild,
                                       apr_psprintf(pchild, "memcached %s:%d",
                                                    all->address[i].host,
                                                    all->address[i].port),
                                       is_open, close_link);
}

/* False when there is no time left. */
static bool set_timeout(hbr_memcached_t *link)
{
    apr_interval_time_t left = link->until - apr_time_now();

    if (left > 0)
        apr_socket_timeout_set(link->socket, left);
    else
        link->wrong = "it does not answer";
    return left > 0;
}

static void note_status(hbr_memcached_t *link, apr_status_t rv)
{
    link->wrong =
        APR_STATUS_IS_TIMEUP(rv)
            ? "it does not answer"
            : apr_pstrdup(link->pool, apr_strerror(rv, link->buffer, LINE));
}

static apr_status_t connect_to(hbr_memcached_t *link, apr_sockaddr_t *to)
{
    apr_status_t rv = apr_socket_create(&link->socket, to->family, SOCK_STREAM,
                                        APR_PROTO_TCP, link->pool);

    if (rv != APR_SUCCESS)
        return rv;
    apr_socket_opt_set(link->socket, APR_TCP_NODELAY, 1);
    if (!set_timeout(link))
        return APR_TIMEUP;
    rv = apr_socket_connect(link->socket, to);
    if (rv != APR_SUCCESS)
        apr_socket_close(link->socket);
    return rv;
}

/* A name may have several addresses: "localhost" two. */
static bool connect_socket(hbr_memcached_t *link, const hbr_address_t *address)
{
    apr_sockaddr_t *to;
    apr_status_t rv = apr_sockaddr_info_get(&to, address->host, APR_UNSPEC,
                                            address->port, 0, link->pool);

    if (rv == APR_SUCCESS) {
        do {
            rv = connect_to(link, to);
            to = to->next;
        } while (rv != APR_SUCCESS && !APR_STATUS_IS_TIMEUP(rv) && to != NULL);
    }
    if (rv != APR_SUCCESS)
        note_status(link, rv);
    return rv == APR_SUCCESS;
}

static hbr_memcached_t *connect_link(unsigned index,
                                     const hbr_cache_call_t *call)
{
    apr_pool_t *pool;
    hbr_memcached_t *link;

    if (apr_pool_create_unmanaged_ex(&pool, NULL, NULL) != APR_SUCCESS)
        return NULL;
    link = apr_pcalloc(pool, sizeof(*link));
    link->pool = pool;
    link->remote = remotes[index];
    link->until = call->until;
    if (connect_socket(link, &servers->address[index]))
        return link;
    hbr_remote_failed(link->remote, link->wrong, call->hurried);
    close_link(link);
    return NULL;
}

hbr_memcached_t *hbr_memcached_borrow(const hbr_cache_call_t *call)
{
    unsigned index = (call->key[4] << 8 | call->key[5]) % servers->count;
    hbr_memcached_t *link;

    if (call->until <= apr_time_now() || hbr_remote_rests(remotes[index]))
        return NULL;
    link = hbr_remote_take(remotes[index]);
    if (link == NULL)
        return connect_link(index, call);
    link->until = call->until;
    return link;
}

/* A connection of which something is left unread, or that failed, is closed. */
apr_status_t hbr_memcached_give(hbr_memcached_t *link,
                                const hbr_cache_call_t *call, apr_status_t rv)
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

static bool send_bytes(hbr_memcached_t *link, const char *bytes,
                       apr_size_t length)
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
static bool send_line(hbr_memcached_t *link, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool send_line(hbr_memcached_t *link, const char *format, ...)
{
    char line[LINE];
    va_list values;
    int length;

    va_start(values, format);
    length = apr_vsnprintf(line, sizeof(line), format, values);
    va_end(values);
    return send_bytes(link, line, (apr_size_t)length);
}

static bool fill(hbr_memcached_t *link)
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
static bool read_line(hbr_memcached_t *link, char line[LINE])
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

static bool read_bytes(hbr_memcached_t *link, char *bytes, apr_size_t length)
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
static apr_status_t complain(hbr_memcached_t *link, const char *line)
{
    hbr_remote_complained(link->remote, line);
    link->refused = true;
    return APR_EGENERAL;
}

static bool read_head(const char *line, const char *key,
                      hbr_memcached_found_t *found)
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
    if (end == at || length < 0 || length > HBR_MEMCACHED_PIECE || *end != ' ')
        return false;
    found->length = (apr_size_t)length;
    at = end + 1;
    if (*at == '\0' || strspn(at, "0123456789") != strlen(at)
        || strlen(at) >= sizeof(found->unique))
        return false;
    apr_cpystrn(found->unique, at, sizeof(found->unique));
    return true;
}

apr_status_t hbr_memcached_gets(hbr_memcached_t *link, const char *key,
                                apr_pool_t *pool, hbr_memcached_found_t *found)
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
apr_status_t hbr_memcached_store(hbr_memcached_t *link, const char *command,
                                 const char *key, const char *data,
                                 apr_size_t length, apr_int64_t seconds,
                                 const char *unique)
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

apr_status_t hbr_memcached_incr(hbr_memcached_t *link, const char *key,
                                uint64_t by, uint64_t *result)
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

apr_status_t hbr_memcached_delete(hbr_memcached_t *link, const char *key)
{
    char line[LINE];

    if (!send_line(link, "delete %s\r\n", key) || !read_line(link, line))
        return APR_EGENERAL;
    if (strcmp(line, "DELETED") == 0)
        return APR_SUCCESS;
    return strcmp(line, "NOT_FOUND") == 0 ? APR_NOTFOUND : complain(link, line);
}
