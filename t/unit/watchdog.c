/*
 * The watchdog: a socket whose time is over is shut down, and no other.
 */
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/main.h"

#include "../../bridge/watchdog.h"

#define SOON apr_time_from_msec(50)
#define LATE apr_time_from_sec(60)

static apr_pool_t *pool;
static hbr_watchdog_t *watchdog;
static int pair[2], other[2];

static int setup(void **state)
{
    (void)state;
    if (apr_pool_create(&pool, NULL) != APR_SUCCESS
        || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0
        || socketpair(AF_UNIX, SOCK_STREAM, 0, other) != 0)
        return -1;
    watchdog = hbr_watchdog_create(pool);
    return watchdog == NULL;
}

static int teardown(void **state)
{
    int i;

    (void)state;
    apr_pool_destroy(pool);
    for (i = 0; i < 2; i++) {
        close(pair[i]);
        close(other[i]);
    }
    return 0;
}

/* Whether it ends within so many milliseconds. */
static bool ends(int fd, int ms)
{
    struct pollfd poller = { .fd = fd, .events = POLLIN };
    char byte;

    return poll(&poller, 1, ms) > 0 && read(fd, &byte, 1) == 0;
}

static void test_cuts(void **state)
{
    hbr_watch_t watch = { .fd = -1 };

    (void)state;
    hbr_watchdog_arm(watchdog, &watch, pair[0], apr_time_now() + SOON);
    assert_true(ends(pair[0], 20000));
    assert_true(hbr_watchdog_disarm(watchdog, &watch));
    assert_false(ends(other[0], 0));
}

static void test_disarmed(void **state)
{
    hbr_watch_t watch = { .fd = -1 };

    (void)state;
    hbr_watchdog_arm(watchdog, &watch, pair[0], apr_time_now() + 10 * SOON);
    assert_false(hbr_watchdog_disarm(watchdog, &watch));
    assert_false(ends(pair[0], 700));
    assert_false(hbr_watchdog_disarm(watchdog, &watch));
}

/* One that ends sooner than the one it sleeps for. */
static void test_sooner(void **state)
{
    hbr_watch_t late = { .fd = -1 }, soon = { .fd = -1 };

    (void)state;
    hbr_watchdog_arm(watchdog, &late, other[0], apr_time_now() + LATE);
    apr_sleep(SOON);
    hbr_watchdog_arm(watchdog, &soon, pair[0], apr_time_now() + SOON);
    assert_true(ends(pair[0], 20000));
    assert_false(hbr_watchdog_disarm(watchdog, &late));
    assert_true(hbr_watchdog_disarm(watchdog, &soon));
    assert_false(ends(other[0], 0));
}

/* Both of two, and in any order out of the list. */
static void test_both(void **state)
{
    hbr_watch_t one = { .fd = -1 }, two = { .fd = -1 };

    (void)state;
    hbr_watchdog_arm(watchdog, &one, pair[0], apr_time_now() + SOON);
    hbr_watchdog_arm(watchdog, &two, other[0], apr_time_now() + 2 * SOON);
    assert_true(ends(other[0], 20000));
    assert_true(ends(pair[0], 20000));
    assert_true(hbr_watchdog_disarm(watchdog, &one));
    assert_true(hbr_watchdog_disarm(watchdog, &two));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

MAIN(TEST(test_cuts), TEST(test_disarmed), TEST(test_sooner), TEST(test_both))
