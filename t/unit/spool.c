/*
 * Bytes in memory or in a file without a name (include/handlerbridge/form.h,
 * hbr_upload_t).
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/folder.h"
#include "support/palloc.h"
#include "support/pool.h"

#include "spool.h"

static bool no_nameless;

/* The program's open() comes before libc's: it can play a file system that
 * makes no file without a name, as NFS does. */
int open(const char *path, int flags, ...)
{
    mode_t mode = 0;
    va_list rest;

    if (no_nameless && (flags & O_TMPFILE) == O_TMPFILE) {
        errno = EOPNOTSUPP;
        return -1;
    }
    va_start(rest, flags);
    if ((flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE)
        mode = va_arg(rest, mode_t);
    va_end(rest);
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

static int setup(void **state)
{
    return folder_make() || pool_setup(state);
}

/* Whatever a test does, the folder is empty then. */
static int teardown(void **state)
{
    return pool_teardown(state) || folder_remove();
}

/* How many files of the folder this process has open; each has to have lost
 * its name, and to be for the owner alone. */
static int count_open(void)
{
    char path[64], target[128];
    int count = 0;
    int fd;

    for (fd = 0; fd < 256; fd++) {
        struct stat info;
        ssize_t length;

        snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        length = readlink(path, target, sizeof(target) - 1);
        if (length < 0)
            continue;
        target[length] = '\0';
        if (strncmp(target, folder, strlen(folder)) != 0)
            continue;
        count++;
        assert_int_equal(fstat(fd, &info), 0);
        assert_int_equal(info.st_nlink, 0);
        assert_int_equal(info.st_mode & 07777, 0600);
        assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    }
    return count;
}

static char byte_at(apr_size_t at)
{
    return (char)(at * 7 + at / 256);
}

/* Reads all in steps, from every beginning that a step leads to. */
static void check_bytes(hbr_spool_t *spool, apr_size_t size, apr_size_t step)
{
    char *buffer = test_malloc(step);
    apr_size_t at = 0, length, i;

    assert_int_equal(hbr_spool_size(spool), size);
    do {
        assert_int_equal(
            hbr_spool_read(spool, (apr_off_t)at, buffer, step, &length),
            APR_SUCCESS);
        assert_int_equal(length, at + step <= size ? step : size - at);
        for (i = 0; i < length; i++)
            if (buffer[i] != byte_at(at + i))
                fail_msg("byte %zu of %zu", at + i, size);
        at += length;
    } while (length > 0);
    assert_int_equal(at, size);
    test_free(buffer);
}

static void write_bytes(hbr_spool_t *spool, apr_size_t size, apr_size_t step)
{
    char *buffer = test_malloc(step);
    apr_size_t at, i;

    for (at = 0; at < size; at += step) {
        apr_size_t length = size - at < step ? size - at : step;

        for (i = 0; i < length; i++)
            buffer[i] = byte_at(at + i);
        assert_int_equal(hbr_spool_write(spool, buffer, length), APR_SUCCESS);
    }
    test_free(buffer);
}

/* Around the border of memory, in pieces of every size. */
static void test_border(void **state)
{
    apr_size_t memory, size, step;

    (void)state;
    for (memory = 0; memory <= 12; memory += 3) {
        for (size = 0; size <= 24; size++) {
            for (step = 1; step <= size + 1; step++) {
                hbr_spool_t *spool = hbr_spool_create(pool, memory, folder);

                write_bytes(spool, size, step);
                check_bytes(spool, size, 1);
                check_bytes(spool, size, 5);
                check_bytes(spool, size, size + 1);
            }
            assert_int_equal(count_open(), size > memory ? size + 1 : 0);
            assert_int_equal(folder_names(), 0);
            pool_teardown(NULL);
            assert_int_equal(count_open(), 0);
            pool_setup(NULL);
        }
    }
}

static void test_large(void **state)
{
    static const apr_size_t steps[] = { 1000, 65536, 500000 };
    apr_size_t i;

    (void)state;
    for (i = 0; i < ITEMS(steps); i++) {
        hbr_spool_t *spool = hbr_spool_create(pool, 65536, folder);

        write_bytes(spool, 500000, steps[i]);
        check_bytes(spool, 500000, 30000);
    }
}

/* Reading moves nothing: what is written then goes to the end. */
static void test_read_between(void **state)
{
    apr_size_t memory;

    (void)state;
    for (memory = 0; memory <= 10; memory++) {
        hbr_spool_t *spool = hbr_spool_create(pool, memory, folder);
        apr_size_t at, length;

        for (at = 0; at < 10; at++) {
            char byte = byte_at(at);

            assert_int_equal(hbr_spool_write(spool, &byte, 1), APR_SUCCESS);
            check_bytes(spool, at + 1, 2);
            assert_int_equal(hbr_spool_read(spool, 0, &byte, 1, &length), 0);
            assert_int_equal(length, 1);
            assert_int_equal(hbr_spool_write(spool, &byte, 0), APR_SUCCESS);
        }
    }
}

/* Before the beginning, at the end, behind it. */
static void test_offsets(void **state)
{
    apr_size_t memory, length;
    char buffer[4];

    (void)state;
    for (memory = 0; memory <= 8; memory += 8) {
        hbr_spool_t *spool = hbr_spool_create(pool, memory, folder);

        write_bytes(spool, 3, 3);
        length = 9;
        assert_int_equal(hbr_spool_read(spool, -1, buffer, 1, &length),
                         APR_EINVAL);
        assert_int_equal(length, 0);
        assert_int_equal(hbr_spool_read(spool, 3, buffer, 1, &length), 0);
        assert_int_equal(length, 0);
        length = 9;
        assert_int_equal(hbr_spool_read(spool, INT64_MAX, buffer, 1, &length),
                         0);
        assert_int_equal(length, 0);
        assert_int_equal(
            hbr_spool_read(spool, 2, buffer, APR_SIZE_MAX, &length), 0);
        assert_int_equal(length, 1);
        assert_int_equal(hbr_spool_read(spool, 0, buffer, 0, &length), 0);
        assert_int_equal(length, 0);
    }
}

/* Memory stays at a small multiple of what may lie in it, whatever the pieces
 * are. */
static void test_memory(void **state)
{
    static const apr_size_t steps[] = { 1, 100, 4095, 4096, 10000 };
    apr_size_t i;

    (void)state;
    for (i = 0; i < ITEMS(steps); i++) {
        hbr_spool_t *spool = hbr_spool_create(pool, 4096, folder);
        apr_size_t before = palloc_live();

        write_bytes(spool, 20000, steps[i]);
        if (palloc_live() - before > 11000)
            fail_msg("%zu bytes", palloc_live() - before);
    }
}

/* Where the file cannot be made, what is in memory stays. */
static void test_no_folder(void **state)
{
    hbr_spool_t *spool = hbr_spool_create(pool, 4, "/tmp/hbr-no-such-folder");
    int i;

    (void)state;
    write_bytes(spool, 4, 4);
    for (i = 0; i < 3; i++) {
        assert_true(APR_STATUS_IS_ENOENT(hbr_spool_write(spool, "x", 1)));
        check_bytes(spool, 4, 3);
    }
}

static apr_status_t write_ten(hbr_spool_t *spool, apr_size_t at)
{
    char bytes[10];
    apr_size_t i;

    for (i = 0; i < sizeof(bytes); i++)
        bytes[i] = byte_at(at + i);
    return hbr_spool_write(spool, bytes, sizeof(bytes));
}

/* RLIMIT_FSIZE plays a full disk; it holds for a process of its own. */
static int fill_up(apr_size_t memory, apr_size_t limit)
{
    const struct rlimit small = { limit, limit };
    hbr_spool_t *spool = hbr_spool_create(pool, memory, folder);
    apr_size_t size;

    signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &small) != 0)
        return 1;
    for (size = 0; size < 100; size += 10) {
        apr_status_t status = write_ten(spool, size);

        if (status == APR_SUCCESS)
            continue;
        if (status != EFBIG || hbr_spool_size(spool) != (apr_off_t)size)
            return 2;
        check_bytes(spool, size, 7);
        return write_ten(spool, size) == EFBIG ? 0 : 3;
    }
    return 4;
}

static void test_full(void **state)
{
    static const struct {
        apr_size_t memory, limit;
    } rows[] = { { 0, 0 },   { 0, 5 },   { 0, 10 },  { 0, 55 }, { 30, 5 },
                 { 30, 30 }, { 30, 35 }, { 30, 45 }, { 40, 40 } };
    apr_size_t i;

    (void)state;
    for (i = 0; i < ITEMS(rows); i++) {
        pid_t child = fork();
        int status;

        if (child == 0)
            _exit(fill_up(rows[i].memory, rows[i].limit));
        assert_int_equal(waitpid(child, &status, 0), child);
        if (status != 0)
            fail_msg("row %zu: %x", i, (unsigned)status);
        assert_int_equal(folder_names(), 0);
    }
}

/* A child process that dies leaves nothing. */
static void test_killed(void **state)
{
    int status;
    pid_t child = fork();

    (void)state;
    if (child == 0) {
        write_bytes(hbr_spool_create(pool, 0, folder), 1000, 100);
        raise(SIGKILL);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(folder_names(), 0);
}

/* Where no file can be made without a name, it has one for a moment. */
static void test_named(void **state)
{
    hbr_spool_t *spool = hbr_spool_create(pool, 4, folder);

    (void)state;
    no_nameless = true;
    write_bytes(spool, 1000, 100);
    no_nameless = false;
    assert_int_equal(folder_names(), 0);
    assert_int_equal(count_open(), 1);
    check_bytes(spool, 1000, 300);
}

/* Without a folder it is the system's for such. */
static void test_system_folder(void **state)
{
    hbr_spool_t *spool;

    (void)state;
    setenv("TMPDIR", folder, 1);
    spool = hbr_spool_create(pool, 0, NULL);
    write_bytes(spool, 10, 10);
    check_bytes(spool, 10, 3);
    unsetenv("TMPDIR");
    assert_int_equal(folder_names(), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

MAIN(TEST(test_border), TEST(test_large), TEST(test_read_between),
     TEST(test_offsets), TEST(test_memory), TEST(test_no_folder),
     TEST(test_full), TEST(test_killed), TEST(test_named),
     TEST(test_system_folder))
