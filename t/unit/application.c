/*
 * What handlers keep between requests: the lock of their process, and the shared
 * struct of the server with its lock.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/main.h"
#include "support/serve.h"

#include <apr_strings.h>

#include "../../bridge/shared.h"
#include "../../bridge/shared_store.h"
#include "../../testkit/kit.h"

#define THREADS 8
#define EACH 500

typedef struct tickets_t {
    apr_uint64_t sold;
    apr_uint64_t twin; /* Changes with it: differs when two were at it. */
} tickets_t;

static const hbr_test_response_t *get(const char *url)
{
    return serve_run(&(hbr_test_request_t){ .url = url });
}

static const char *asked(hbr_context_t *ctx, const char *name)
{
    return hbr_query(ctx, name, NULL);
}

static int sell(hbr_context_t *ctx)
{
    tickets_t *tickets = hbr_shared_lock(ctx);
    int many = atoi(hbr_query(ctx, "many", "1"));
    int sold;

    while (--many > 0) {
        tickets->sold++;
        tickets->twin++;
        hbr_shared_unlock(ctx);
        tickets = hbr_shared_lock(ctx);
    }
    tickets->sold++;
    if (asked(ctx, "die") != NULL)
        kill(getpid(), SIGKILL);
    tickets->twin++;
    sold = (int)tickets->sold;
    if (asked(ctx, "keep") == NULL)
        hbr_shared_unlock(ctx);
    hbr_printf(ctx, "%d", sold);
    return atoi(hbr_query(ctx, "result", "0"));
}

HBR_TEST_HANDLER(sell, .process = sell, .shared_size = sizeof(tickets_t));

static int setup(void **state)
{
    int rv = serve_setup(state);

    return rv != 0 || hbr_test_add(kit, &sell_handler) != NULL;
}

/* What a request in a process of its own does to the others' memory. */
static int in_child(const char *url)
{
    pid_t child = fork();
    int status = 0;

    if (child == 0) {
        hbr_test_get(kit, url);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

/* ------------------------------------------------------------ shared struct */

static void test_shared(void **state)
{
    tickets_t *tickets;

    (void)state;
    assert_string_equal(get("/sell")->body, "1");
    hbr_test_stop(kit);
    assert_string_equal(get("/sell")->body, "2");
    assert_int_equal(in_child("/sell"), 0);
    assert_string_equal(get("/sell")->body, "4");
    assert_null(hbr_test_logged(kit, "HBR03"));
    tickets = hbr_test_shared(kit, "sell");
    assert_int_equal(tickets->twin, 4);
    assert_int_equal((apr_size_t)tickets % 64, 0);
}

static void test_threads(void **state)
{
    hbr_test_request_t requests[THREADS];
    const hbr_test_response_t *responses[THREADS];
    const tickets_t *tickets;
    apr_size_t i;

    (void)state;
    for (i = 0; i < THREADS; i++)
        requests[i] =
            (hbr_test_request_t){ .url = "/sell?many=" APR_STRINGIFY(EACH) };
    hbr_test_run_together(kit, requests, THREADS, responses);
    tickets = hbr_test_shared(kit, "sell");
    assert_int_equal(tickets->sold, THREADS * EACH);
    assert_int_equal(tickets->twin, THREADS * EACH);
}

static void test_processes(void **state)
{
    pid_t children[THREADS];
    const tickets_t *tickets = hbr_test_shared(kit, "sell");
    int i, status;

    (void)state;
    for (i = 0; i < THREADS; i++)
        if ((children[i] = fork()) == 0) {
            hbr_test_get(kit, "/sell?many=" APR_STRINGIFY(EACH));
            _exit(0);
        }
    for (i = 0; i < THREADS; i++)
        waitpid(children[i], &status, 0);
    assert_int_equal(tickets->sold, THREADS * EACH);
    assert_int_equal(tickets->twin, THREADS * EACH);
}

/* The next one gets the lock, the struct as it is, and a line that says so. */
static void test_killed(void **state)
{
    const tickets_t *tickets = hbr_test_shared(kit, "sell");
    int status;

    (void)state;
    status = in_child("/sell?die");
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGKILL);
    assert_int_equal(tickets->sold, 1);
    assert_int_equal(tickets->twin, 0);
    assert_string_equal(get("/sell")->body, "2");
    assert_non_null(hbr_test_logged(kit, "HBR0380: sell"));
    assert_string_equal(get("/sell")->body, "3");
    assert_null(hbr_test_logged(kit, "HBR0380"));
    assert_int_equal(tickets->twin, 2);
}

/* The next child meets it in its start. */
static void test_killed_before_start(void **state)
{
    (void)state;
    hbr_test_start(kit);
    in_child("/sell?die");
    hbr_test_stop(kit);
    assert_string_equal(get("/sell")->body, "2");
    assert_non_null(hbr_test_logged(kit, "HBR0380: sell"));
}

static int sell_nothing(hbr_context_t *ctx)
{
    assert_null(hbr_shared(ctx));
    assert_non_null(hbr_test_logged(kit, "HBR0378: any: hbr_shared() "));
    assert_null(hbr_shared_lock(ctx));
    assert_non_null(hbr_test_logged(kit, "HBR0378: any: hbr_shared_lock() "
                                         "was called by a handler without"));
    hbr_shared_unlock(ctx);
    assert_non_null(hbr_test_logged(kit, "hbr_shared_unlock() was called by a "
                                         "request that does not have"));
    return HBR_OK;
}

static void test_none(void **state)
{
    (void)state;
    assert_int_equal(SERVE(sell_nothing)->status, 200);
}

static int sell_twice(hbr_context_t *ctx)
{
    void *tickets = hbr_shared_lock(ctx);

    assert_non_null(tickets);
    assert_ptr_equal(hbr_shared(ctx), tickets);
    assert_null(hbr_shared_lock(ctx));
    assert_non_null(hbr_test_logged(
        kit, "HBR0378: twice: hbr_shared_lock() was called by a request that "
             "has the lock already"));
    /* One that this thread makes for it, as mod_include does. */
    if (asked(ctx, "inner") == NULL)
        assert_string_equal(hbr_test_get(kit, "/within")->body, "none");
    hbr_shared_unlock(ctx);
    return HBR_OK;
}

static int within(hbr_context_t *ctx)
{
    hbr_puts(ctx, hbr_shared_lock(ctx) == NULL ? "none" : "some");
    return HBR_OK;
}

HBR_TEST_HANDLER(twice, .process = sell_twice, .shared_size = 1);
HBR_TEST_HANDLER(within, .process = within, .shared_size = 1);

static void test_twice(void **state)
{
    (void)state;
    assert_null(hbr_test_add(kit, &twice_handler));
    assert_null(hbr_test_add(kit, &within_handler));
    assert_string_equal(get("/within")->body, "some");
    assert_int_equal(get("/twice?inner")->status, 200);
    assert_int_equal(get("/twice?inner")->status, 200);
    assert_null(hbr_test_logged(kit, "HBR0379"));
}

static int lock_in_lock(hbr_context_t *ctx)
{
    if (asked(ctx, "inner") != NULL) {
        if (hbr_shared_lock(ctx) == NULL)
            hbr_puts(ctx, "none");
        hbr_process_read(ctx);
        return HBR_OK;
    }
    assert_non_null(hbr_shared_lock(ctx));
    hbr_process_write(ctx);
    hbr_puts(ctx,
             apr_itoa(ctx->pool, hbr_test_get(kit, "/nested?inner")->status));
    hbr_process_unlock(ctx);
    hbr_shared_unlock(ctx);
    return HBR_OK;
}

HBR_TEST_HANDLER(nested, .process = lock_in_lock, .shared_size = 1);

/* A request that the same thread makes within another one does not wait for
 * it. */
static void test_nested(void **state)
{
    (void)state;
    assert_null(hbr_test_add(kit, &nested_handler));
    assert_string_equal(get("/nested")->body, "500");
}

/* -------------------------------------------------------------------- init */

static apr_status_t init_result;
static int inits;

static apr_status_t init(void *shared, apr_size_t size)
{
    tickets_t *tickets = shared;

    assert_int_equal(size, sizeof(*tickets));
    assert_int_equal(tickets->sold, 0);
    tickets->sold = 100;
    inits++;
    return init_result;
}

HBR_TEST_HANDLER(filled, .process = sell, .shared_init = init,
                 .shared_size = sizeof(tickets_t));

static void test_init(void **state)
{
    (void)state;
    inits = 0;
    init_result = APR_SUCCESS;
    assert_null(hbr_test_add(kit, &filled_handler));
    assert_string_equal(get("/filled")->body, "101");
    hbr_test_stop(kit);
    assert_string_equal(get("/filled")->body, "102");
    assert_int_equal(inits, 1);
}

static void test_init_fails(void **state)
{
    (void)state;
    inits = 0;
    init_result = APR_ENOENT;
    assert_null(hbr_test_add(kit, &filled_handler));
    assert_int_equal(get("/filled")->status, 503);
    assert_non_null(hbr_test_logged(
        kit, "HBR0377: filled: shared_init failed; it answers 503"));
    assert_int_equal(get("/sell")->status, 200);
    hbr_test_stop(kit);
    init_result = APR_SUCCESS;
    assert_string_equal(get("/filled")->body, "101");
    assert_int_equal(inits, 2);
}

static void test_refusals(void **state)
{
    static const hbr_handler_t lonely = { .stamp = HBR_TEST_STAMP(lonely),
                                          .process = sell,
                                          .shared_init = init };
    static const hbr_handler_t huge = { .stamp = HBR_TEST_STAMP(huge),
                                        .process = sell,
                                        .shared_size = HBR_SHARED_MAX + 1 };

    (void)state;
    assert_non_null(strstr(hbr_test_add(kit, &lonely),
                           "\"lonely\": .shared_init needs a .shared_size"));
    assert_non_null(strstr(hbr_test_add(kit, &huge),
                           "\"huge\": its .shared_size is more than 1 GB"));
}

HBR_TEST_HANDLER(large, .process = sell, .shared_size = 512 * 1024 * 1024);

/* No more address space than 64 MB. */
static void starve(void)
{
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    struct rlimit limit;

    if (fscanf(file, "%lu", &pages) != 1)
        _exit(9);
    fclose(file);
    limit.rlim_cur = limit.rlim_max =
        pages * (rlim_t)sysconf(_SC_PAGESIZE) + 64 * 1024 * 1024;
    setrlimit(RLIMIT_AS, &limit);
}

static int without_memory(void)
{
    if (get("/large")->status != 503)
        return 1;
    if (hbr_test_logged(kit, "HBR0376: large: shared memory failed") == NULL)
        return 2;
    return get("/sell")->status != 200 ? 3 : 0;
}

static void test_no_memory(void **state)
{
    pid_t child;
    int status;

    (void)state;
    assert_null(hbr_test_add(kit, &large_handler));
    child = fork();
    if (child == 0) {
        starve();
        _exit(without_memory());
    }
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
}

/* ------------------------------------------------------------------- store */

/* A configuration: one handler with a struct of that size, 0: none has one. */
static hbr_shared_t *configure(apr_pool_t *keeper, const char *name,
                               apr_size_t size)
{
    hbr_entry_t entry = { .name = name, .handler.shared_size = size };
    hbr_entry_t *entries[] = { &entry };

    hbr_shared_store_bind(keeper, entries, 1);
    assert_int_equal(entry.shared_failed, APR_SUCCESS);
    return entry.shared;
}

/* Whether this process still has the memory that lay there. */
static bool is_mapped(const void *memory)
{
    apr_size_t page = (apr_size_t)sysconf(_SC_PAGESIZE);

    return msync((void *)((apr_size_t)memory / page * page), 1, MS_ASYNC) == 0;
}

static void test_store(void **state)
{
    apr_pool_t *keeper;
    hbr_shared_t *first, *second;

    (void)state;
    apr_pool_create(&keeper, NULL);
    first = configure(keeper, "shop", 100);
    strcpy(hbr_shared_struct(first), "here");
    assert_ptr_equal(configure(keeper, "shop", 100), first);
    assert_string_equal(hbr_shared_struct(first), "here");
    second = configure(keeper, "shop", 101);
    assert_string_equal(hbr_shared_struct(second), "");
    assert_true(second == first || !is_mapped(first));
    strcpy(hbr_shared_struct(configure(keeper, "shop", 101)), "there");
    assert_null(configure(keeper, "shop", 0));
    assert_false(is_mapped(second));
    assert_string_equal(hbr_shared_struct(configure(keeper, "shop", 101)), "");
    strcpy(hbr_shared_struct(configure(keeper, "shop", 101)), "gone");
    assert_string_equal(hbr_shared_struct(configure(keeper, "other", 101)), "");
    assert_string_equal(hbr_shared_struct(configure(keeper, "shop", 101)), "");
    apr_pool_destroy(keeper);
}

/* Memory of another version of this code is not taken. */
static void test_layout(void **state)
{
    apr_size_t bytes = hbr_shared_bytes(10);
    char *memory = calloc(1, bytes);
    hbr_shared_t *shared;

    (void)state;
    assert_null(hbr_shared_open(memory, bytes, 10));
    assert_int_equal(hbr_shared_make(memory, 10, &shared), APR_SUCCESS);
    assert_ptr_equal(hbr_shared_open(memory, bytes, 10), shared);
    assert_null(hbr_shared_open(memory, bytes, 9));
    assert_null(hbr_shared_open(memory, bytes + 1, 10));
    memset(hbr_shared_struct(shared), 'x', 10);
    assert_ptr_equal(hbr_shared_open(memory, bytes, 10), shared);
    *(char *)shared ^= 1;
    assert_null(hbr_shared_open(memory, bytes, 10));
    free(memory);
}

/* -------------------------------------------------------------- given back */

/* Whether this thread could have the lock at once: nobody has it. */
static bool is_free(const char *handler)
{
    hbr_entry_t *entry = hbr_registry_find(kit->registry, handler);
    bool free = pthread_rwlock_trywrlock(&entry->lock) == 0;

    if (free)
        pthread_rwlock_unlock(&entry->lock);
    return free;
}

static void test_forgotten_shared(void **state)
{
    static const char *const results[] = { "0", "-1", "404", "204", "999" };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(results); i++) {
        get(apr_pstrcat(kit->pool, "/sell?keep&result=", results[i], NULL));
        assert_int_equal(hbr_test_logged(kit, "HBR0379") != NULL, i == 0);
        assert_int_equal(in_child("/sell"), 0);
    }
    hbr_test_stop(kit);
    get("/sell?keep");
    assert_non_null(hbr_test_logged(
        kit, "HBR0379: sell: the handler returned with its shared struct "
             "locked"));
}

static int forget_process(hbr_context_t *ctx)
{
    if (asked(ctx, "write") != NULL)
        hbr_process_write(ctx);
    else
        hbr_process_read(ctx);
    return atoi(hbr_query(ctx, "result", "0"));
}

HBR_TEST_HANDLER(forget, .process = forget_process);

static int forget_choose(hbr_context_t *ctx, hbr_choice_t *choice)
{
    hbr_process_write(ctx);
    choice->name = "sell";
    return HBR_OK;
}

HBR_TEST_HANDLER(factory, .choose = forget_choose);

static apr_status_t forget_read(hbr_context_t *ctx, void *data, apr_off_t first,
                                apr_size_t wanted, const void **bytes,
                                apr_size_t *length)
{
    (void)data, (void)first;
    hbr_process_read(ctx);
    *bytes = "0123456789";
    *length = wanted < 10 ? wanted : 10;
    return APR_SUCCESS;
}

static int forget_source(hbr_context_t *ctx)
{
    return hbr_source(ctx, &(hbr_source_t){ .read = forget_read, .length = 25 },
                      NULL);
}

HBR_TEST_HANDLER(source, .process = forget_source);

static void test_forgotten_process(void **state)
{
    (void)state;
    assert_null(hbr_test_add(kit, &forget_handler));
    assert_null(hbr_test_add(kit, &factory_handler));
    assert_null(hbr_test_add(kit, &source_handler));
    get("/forget?write");
    assert_non_null(hbr_test_logged(
        kit, "HBR0379: forget: the handler returned with its process' lock"));
    assert_true(is_free("forget"));
    get("/forget?result=-1");
    assert_null(hbr_test_logged(kit, "HBR0379"));
    assert_true(is_free("forget"));
    assert_int_equal(get("/factory")->status, 200);
    assert_non_null(hbr_test_logged(kit, "HBR0379: factory"));
    assert_true(is_free("factory"));
    assert_int_equal(get("/source")->length, 25);
    assert_non_null(hbr_test_logged(kit, "HBR0379: source"));
    assert_null(hbr_test_logged(kit, "HBR0378"));
    assert_true(is_free("source"));
}

/* ---------------------------------------------------------- process' lock */

static int count_process;
static pthread_barrier_t barrier;

static int write_process(hbr_context_t *ctx)
{
    int i;

    for (i = 0; i < EACH; i++) {
        hbr_process_write(ctx);
        count_process++;
        hbr_process_unlock(ctx);
        hbr_process_read(ctx);
        assert_true(count_process > 0);
        hbr_process_unlock(ctx);
    }
    return HBR_OK;
}

/* All readers are inside before the first goes. */
static int meet(hbr_context_t *ctx)
{
    hbr_process_read(ctx);
    pthread_barrier_wait(&barrier);
    hbr_process_unlock(ctx);
    return HBR_OK;
}

static void run_all(const char *url)
{
    hbr_test_request_t requests[THREADS];
    const hbr_test_response_t *responses[THREADS];
    apr_size_t i;

    for (i = 0; i < THREADS; i++)
        requests[i] = (hbr_test_request_t){ .url = url };
    hbr_test_run_together(kit, requests, THREADS, responses);
    for (i = 0; i < THREADS; i++)
        assert_int_equal(responses[i]->status, 200);
}

HBR_TEST_HANDLER(write, .process = write_process);
HBR_TEST_HANDLER(meet, .process = meet);

static void test_writers(void **state)
{
    (void)state;
    count_process = 0;
    assert_null(hbr_test_add(kit, &write_handler));
    run_all("/write");
    assert_int_equal(count_process, THREADS * EACH);
}

static void test_readers(void **state)
{
    (void)state;
    pthread_barrier_init(&barrier, NULL, THREADS);
    assert_null(hbr_test_add(kit, &meet_handler));
    run_all("/meet");
    pthread_barrier_destroy(&barrier);
}

/* A reader that stays until a writer waits and keeps new readers out. */
static int stay(hbr_context_t *ctx)
{
    pthread_rwlock_t *lock = &hbr_registry_find(kit->registry, "stay")->lock;
    int tries = 5000;

    if (asked(ctx, "write") != NULL) {
        pthread_barrier_wait(&barrier);
        hbr_process_write(ctx);
        hbr_process_unlock(ctx);
        return HBR_OK;
    }
    hbr_process_read(ctx);
    pthread_barrier_wait(&barrier);
    while (tries-- > 0 && pthread_rwlock_tryrdlock(lock) == 0) {
        pthread_rwlock_unlock(lock);
        apr_sleep(1000);
    }
    hbr_process_unlock(ctx);
    return tries >= 0 ? HBR_OK : 500;
}

HBR_TEST_HANDLER(stay, .process = stay);

static void test_writers_are_not_kept_out(void **state)
{
    const hbr_test_request_t requests[] = { { .url = "/stay" },
                                            { .url = "/stay?write" } };
    const hbr_test_response_t *responses[2];

    (void)state;
    pthread_barrier_init(&barrier, NULL, 2);
    assert_null(hbr_test_add(kit, &stay_handler));
    hbr_test_run_together(kit, requests, 2, responses);
    assert_int_equal(responses[0]->status, 200);
    assert_int_equal(responses[1]->status, 200);
    pthread_barrier_destroy(&barrier);
}

static bool others_may(int (*try)(pthread_rwlock_t *lock))
{
    hbr_entry_t *entry = hbr_registry_find(kit->registry, "again");
    bool may = try(&entry->lock) == 0;

    if (may)
        pthread_rwlock_unlock(&entry->lock);
    return may;
}

static int take_again(hbr_context_t *ctx)
{
    hbr_process_read(ctx);
    hbr_process_read(ctx);
    assert_non_null(hbr_test_logged(kit, "HBR0378: again: hbr_process_read()"));
    assert_true(others_may(pthread_rwlock_tryrdlock));
    hbr_process_write(ctx);
    assert_non_null(
        hbr_test_logged(kit, "HBR0378: again: hbr_process_write()"));
    assert_false(others_may(pthread_rwlock_tryrdlock));
    hbr_process_write(ctx);
    hbr_process_read(ctx);
    assert_false(others_may(pthread_rwlock_tryrdlock));
    hbr_process_unlock(ctx);
    assert_true(others_may(pthread_rwlock_trywrlock));
    hbr_process_unlock(ctx);
    assert_non_null(hbr_test_logged(kit, "hbr_process_unlock() was called by a "
                                         "request that does not have"));
    return HBR_OK;
}

HBR_TEST_HANDLER(again, .process = take_again);

static void test_again(void **state)
{
    (void)state;
    assert_null(hbr_test_add(kit, &again_handler));
    assert_int_equal(get("/again")->status, 200);
    assert_null(hbr_test_logged(kit, "HBR0379"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, serve_teardown)

MAIN(TEST(test_shared), TEST(test_threads), TEST(test_processes),
     TEST(test_killed), TEST(test_killed_before_start), TEST(test_none),
     TEST(test_twice), TEST(test_nested), TEST(test_init),
     TEST(test_init_fails), TEST(test_refusals), TEST(test_no_memory),
     cmocka_unit_test(test_store), cmocka_unit_test(test_layout),
     TEST(test_forgotten_shared), TEST(test_forgotten_process),
     TEST(test_writers), TEST(test_readers),
     TEST(test_writers_are_not_kept_out), TEST(test_again))
