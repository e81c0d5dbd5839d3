/*
 * The allocator of the unit tests itself (support/palloc.c): pools behave as
 * always, and under AddressSanitizer an overflow by one byte is reported.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "support/palloc.h"

/* APR's header has only a macro; the function is what libapr itself calls. */
#undef apr_pcalloc
void *apr_pcalloc(apr_pool_t *pool, apr_size_t size);

#if defined(__SANITIZE_ADDRESS__)
#define HAS_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_ASAN 1
#endif
#endif
#ifndef HAS_ASAN
#define HAS_ASAN 0
#endif

static apr_pool_t *root;

static void test_counts_what_lives(void **state)
{
    apr_size_t before = palloc_live();
    apr_pool_t *pool;

    (void)state;
    apr_pool_create(&pool, root);
    memset(apr_palloc(pool, 1000), 1, 1000);
    assert_true(palloc_live() >= before + 1000);
    apr_pool_clear(pool);
    assert_int_equal(palloc_live(), before);
    assert_string_equal(apr_pstrdup(pool, "again"), "again");
    assert_true(palloc_live() > before);
    apr_pool_destroy(pool);
    assert_int_equal(palloc_live(), before);
}

static void test_peak(void **state)
{
    apr_pool_t *pool;

    (void)state;
    apr_pool_create(&pool, root);
    palloc_mark();
    apr_palloc(pool, 5000);
    apr_pool_destroy(pool);
    assert_true(palloc_peak() >= palloc_live() + 5000);
    palloc_mark();
    assert_int_equal(palloc_peak(), palloc_live());
}

static void test_aligned(void **state)
{
    apr_size_t i;

    (void)state;
    for (i = 0; i < 200; i++)
        assert_int_equal((uintptr_t)apr_palloc(root, i) % 8, 0);
}

static apr_status_t read_late(void *data)
{
    char *const *late = data;

    assert_string_equal(*late, "late");
    return APR_SUCCESS;
}

/* A cleanup may use what its pool gave out after it was registered. */
static void test_memory_outlives_cleanups(void **state)
{
    apr_pool_t *pool;
    char **late;

    (void)state;
    apr_pool_create(&pool, root);
    late = apr_pcalloc(pool, sizeof(*late));
    apr_pool_cleanup_register(pool, late, read_late, apr_pool_cleanup_null);
    *late = apr_pstrdup(pool, "late");
    apr_pool_destroy(pool);
}

static void test_pcalloc_is_zero(void **state)
{
    apr_pool_t *pool;
    int round, i;

    (void)state;
    apr_pool_create(&pool, root);
    for (round = 0; round < 3; round++) {
        char *memory = apr_pcalloc(pool, 500);
        for (i = 0; i < 500; i++)
            assert_int_equal(memory[i], 0);
        memset(memory, 0x55, 500);
        apr_pool_clear(pool);
    }
    apr_pool_destroy(pool);
}

/* Compilers see the mistake too where they know the numbers. */
static volatile apr_size_t size = 24;

static void overflow_palloc(apr_pool_t *pool)
{
    volatile char *memory = apr_palloc(pool, size);

    memory[size] = 1;
}

static void overflow_strdup(apr_pool_t *pool)
{
    volatile char *memory = apr_pstrdup(pool, "twenty-three bytes long");

    memory[size] = 1;
}

static void overflow_pcalloc(apr_pool_t *pool)
{
    volatile char *memory = apr_pcalloc(pool, size);

    memory[size] = 1;
}

static void use_after_clear(apr_pool_t *pool)
{
    volatile char *memory = apr_palloc(pool, 24);

    apr_pool_clear(pool);
    memory[0] = 1;
}

static void run_child(int out, void (*mistake)(apr_pool_t *pool))
{
    apr_pool_t *pool;

    dup2(out, STDERR_FILENO);
    dup2(out, STDOUT_FILENO);
    apr_pool_create(&pool, root);
    mistake(pool);
    _exit(0);
}

/* Forks a child that makes a mistake; what it wrote goes to report. */
static int watch(void (*mistake)(apr_pool_t *pool), char *report,
                 apr_size_t most)
{
    apr_size_t used = 0;
    ssize_t got;
    int ends[2], status;
    pid_t child;

    assert_int_equal(pipe(ends), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0)
        run_child(ends[1], mistake);
    close(ends[1]);
    while (used < most - 1
           && (got = read(ends[0], report + used, most - 1 - used)) > 0)
        used += (apr_size_t)got;
    report[used] = '\0';
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void test_asan_reports(void **state)
{
    static const struct {
        void (*mistake)(apr_pool_t *pool);
        const char *report;
    } rows[] = {
        { overflow_palloc, "heap-buffer-overflow" },
        { overflow_strdup, "heap-buffer-overflow" },
        { overflow_pcalloc, "heap-buffer-overflow" },
        { use_after_clear, "heap-use-after-free" },
    };
    static char report[65536];
    apr_size_t i;

    (void)state;
    /* cmocka's skip() is "not ok" for TAP's harness. */
    if (!HAS_ASAN) {
        print_message("# not built with AddressSanitizer: nothing to see\n");
        return;
    }
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int status = watch(rows[i].mistake, report, sizeof(report));
        assert_false(WIFEXITED(status) && WEXITSTATUS(status) == 0);
        assert_non_null(strstr(report, "AddressSanitizer"));
        assert_non_null(strstr(report, rows[i].report));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts_what_lives),
        cmocka_unit_test(test_peak),
        cmocka_unit_test(test_aligned),
        cmocka_unit_test(test_memory_outlives_cleanups),
        cmocka_unit_test(test_pcalloc_is_zero),
        cmocka_unit_test(test_asan_reports),
    };
    int failures;

    cmocka_set_message_output(CM_OUTPUT_TAP);
    apr_initialize();
    apr_pool_create(&root, NULL);
    failures = cmocka_run_group_tests(tests, NULL, NULL);
    apr_terminate();
    return failures;
}
