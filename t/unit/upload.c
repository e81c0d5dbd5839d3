/*
 * The files of a form, in memory and on disk alike: reading, digest, keeping.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <apr_file_io.h>
#include <apr_strings.h>

#include "support/folder.h"
#include "support/main.h"
#include "support/post.h"

/* The folder is for spool and kept files, empty when a test ends. */
static int setup(void **state)
{
    return folder_make() || serve_setup(state);
}

static int teardown(void **state)
{
    return serve_teardown(state) || folder_remove();
}

static const char *path_of(const char *name)
{
    static char paths[4][100];
    static int next;
    char *path = paths[next++ % 4];

    snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
    return path;
}

static void put(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void check_file(const char *path, const char *text)
{
    char found[200] = "";
    FILE *file = fopen(path, "r");

    assert_non_null(file);
    found[fread(found, 1, sizeof(found) - 1, file)] = '\0';
    fclose(file);
    assert_string_equal(found, text);
}

/* What can be made to fail: the next calls of libapr's. */
static apr_status_t write_status, read_status, sync_status;

#define LIBAPR(name) __attribute__((visibility("default"))) apr_status_t name

LIBAPR(apr_file_write_full)
(apr_file_t *file, const void *bytes, apr_size_t length, apr_size_t *written)
{
    apr_status_t (*libapr)(apr_file_t *, const void *, apr_size_t,
                           apr_size_t *);

    *(void **)&libapr = dlsym(RTLD_NEXT, "apr_file_write_full");
    return write_status ? write_status : libapr(file, bytes, length, written);
}

LIBAPR(apr_file_read_full)
(apr_file_t *file, void *bytes, apr_size_t length, apr_size_t *got)
{
    apr_status_t (*libapr)(apr_file_t *, void *, apr_size_t, apr_size_t *);

    *(void **)&libapr = dlsym(RTLD_NEXT, "apr_file_read_full");
    return read_status ? read_status : libapr(file, bytes, length, got);
}

LIBAPR(apr_file_datasync)(apr_file_t *file)
{
    apr_status_t (*libapr)(apr_file_t *);

    *(void **)&libapr = dlsym(RTLD_NEXT, "apr_file_datasync");
    return sync_status ? sync_status : libapr(file);
}

static void (*check)(hbr_context_t *ctx, const hbr_upload_t *upload);

static int run_check(hbr_context_t *ctx)
{
    const hbr_upload_t *upload = hbr_upload_next(ctx, "f", NULL);

    assert_non_null(upload);
    check(ctx, upload);
    return HBR_OK;
}

#define WITH_FILE(data) PART("name=\"f\"; filename=\"x\"", data) END

/* Once with the file in memory, once on disk. */
static void each_place(const char *body,
                       void (*how)(hbr_context_t *, const hbr_upload_t *))
{
    apr_size_t memory;

    check = how;
    for (memory = 1; memory < 100000; memory += 90000) {
        assert_int_equal(
            SERVE(run_check, .method = "POST", .headers = MULTIPART,
                  .body = body,
                  .limits = { .spool_memory = memory, .spool_dir = folder })
                ->status,
            200);
    }
}

#define TEN "0123456789"

static void check_reading(hbr_context_t *ctx, const hbr_upload_t *upload)
{
    apr_size_t length, size;
    char buffer[20];
    int at;

    (void)ctx;
    assert_int_equal(upload->size, 10);
    for (size = 0; size <= 12; size++) {
        for (at = 12; at >= 0; at--) {
            apr_size_t left = at < 10 ? 10 - (apr_size_t)at : 0;

            memset(buffer, '!', sizeof(buffer));
            assert_int_equal(hbr_upload_read(upload, at, buffer, size, &length),
                             APR_SUCCESS);
            assert_int_equal(length, size < left ? size : left);
            if (length > 0)
                assert_memory_equal(buffer, &TEN[at], length);
            assert_int_equal(buffer[length], '!');
        }
    }
    assert_int_equal(hbr_upload_read(upload, -1, buffer, 1, &length),
                     APR_EINVAL);
    assert_int_equal(folder_names(), 0);
}

static void test_reading(void **state)
{
    (void)state;
    each_place(WITH_FILE(TEN), check_reading);
}

/* FIPS 180-4's examples. */
static void check_abc(hbr_context_t *ctx, const hbr_upload_t *upload)
{
    int i;

    for (i = 0; i < 2; i++)
        assert_string_equal(
            hbr_upload_sha256(ctx, upload),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void check_empty(hbr_context_t *ctx, const hbr_upload_t *upload)
{
    assert_int_equal(upload->size, 0);
    assert_string_equal(
        hbr_upload_sha256(ctx, upload),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_int_equal(hbr_upload_keep(ctx, upload, path_of("empty"), false), 0);
    check_file(path_of("empty"), "");
    unlink(path_of("empty"));
}

static void check_long(hbr_context_t *ctx, const hbr_upload_t *upload)
{
    assert_int_equal(upload->size, 1000000);
    assert_string_equal(
        hbr_upload_sha256(ctx, upload),
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static void test_sha256(void **state)
{
    static const char first[] =
        "--x\r\nContent-Disposition: form-data; name=f; filename=x\r\n\r\n";
    char *body = test_malloc(1000200);

    (void)state;
    each_place(WITH_FILE("abc"), check_abc);
    each_place(WITH_FILE(""), check_empty);
    strcpy(body, first);
    memset(body + strlen(first), 'a', 1000000);
    strcpy(body + strlen(first) + 1000000, "\r\n" END);
    each_place(body, check_long);
    test_free(body);
}

/* Whole, for its owner alone. */
static void keep_and_look(hbr_context_t *ctx, const hbr_upload_t *upload)
{
    struct stat info;

    assert_int_equal(hbr_upload_keep(ctx, upload, path_of("new"), false), 0);
    check_file(path_of("new"), TEN);
    assert_int_equal(stat(path_of("new"), &info), 0);
    assert_int_equal(info.st_mode & 07777, 0600);
    assert_int_equal(info.st_nlink, 1);
    assert_int_equal(hbr_upload_keep(ctx, upload, path_of("two"), true), 0);
    check_file(path_of("two"), TEN);
    assert_int_equal(folder_names(), 2);
    assert_int_equal(unlink(path_of("two")), 0);
    assert_int_equal(unlink(path_of("new")), 0);
    check_reading(ctx, upload);
}

static void test_keep(void **state)
{
    (void)state;
    each_place(WITH_FILE(TEN), keep_and_look);
}

/* What is there stays, unless it may be replaced; a link is not followed. */
static void keep_over(hbr_context_t *ctx, const hbr_upload_t *upload)
{
    const char *path = path_of("there"), *other = path_of("other");
    struct stat info;

    put(path, "old");
    assert_true(
        APR_STATUS_IS_EEXIST(hbr_upload_keep(ctx, upload, path, false)));
    check_file(path, "old");
    assert_int_equal(folder_names(), 1);
    assert_int_equal(hbr_upload_keep(ctx, upload, path, true), APR_SUCCESS);
    check_file(path, TEN);
    assert_int_equal(folder_names(), 1);
    put(other, "other");
    unlink(path);
    assert_int_equal(symlink(other, path), 0);
    assert_true(
        APR_STATUS_IS_EEXIST(hbr_upload_keep(ctx, upload, path, false)));
    assert_int_equal(hbr_upload_keep(ctx, upload, path, true), APR_SUCCESS);
    check_file(other, "other");
    assert_int_equal(lstat(path, &info), 0);
    assert_true(S_ISREG(info.st_mode));
    check_file(path, TEN);
    unlink(path);
    unlink(other);
}

static void test_keep_over(void **state)
{
    (void)state;
    each_place(WITH_FILE(TEN), keep_over);
}

/* A folder that is missing, and a path that is a folder. */
static void keep_badly(hbr_context_t *ctx, const hbr_upload_t *upload)
{
    const char *path = path_of("dir");
    int overwrite;

    assert_int_equal(mkdir(path, 0700), 0);
    for (overwrite = 0; overwrite < 2; overwrite++) {
        assert_true(APR_STATUS_IS_ENOENT(
            hbr_upload_keep(ctx, upload, path_of("none/new"), overwrite)));
        assert_int_not_equal(hbr_upload_keep(ctx, upload, path, overwrite),
                             APR_SUCCESS);
        assert_int_equal(folder_names(), 1);
    }
    assert_int_equal(rmdir(path), 0);
    check_reading(ctx, upload);
}

static void test_keep_badly(void **state)
{
    (void)state;
    each_place(WITH_FILE(TEN), keep_badly);
}

/* Nothing is left behind, and what is there stays. */
static void keep_on_full_disk(hbr_context_t *ctx, const hbr_upload_t *upload)
{
    int overwrite;

    put(path_of("old"), "old");
    for (overwrite = 0; overwrite < 2; overwrite++) {
        write_status = ENOSPC;
        assert_int_equal(
            hbr_upload_keep(ctx, upload, path_of("old"), overwrite), ENOSPC);
        write_status = APR_SUCCESS;
        sync_status = EIO;
        assert_int_equal(
            hbr_upload_keep(ctx, upload, path_of("old"), overwrite), EIO);
        sync_status = APR_SUCCESS;
        assert_int_equal(folder_names(), 1);
        check_file(path_of("old"), "old");
    }
    unlink(path_of("old"));
}

static void test_keep_on_full_disk(void **state)
{
    (void)state;
    each_place(WITH_FILE(TEN), keep_on_full_disk);
}

/* A spool file that cannot be read is neither digested nor kept. */
static int read_badly(hbr_context_t *ctx)
{
    const hbr_upload_t *upload = hbr_upload_next(ctx, NULL, NULL);
    apr_size_t length = 9;
    char buffer[4];

    read_status = EIO;
    assert_int_equal(hbr_upload_read(upload, 0, buffer, 4, &length), EIO);
    assert_null(hbr_upload_sha256(ctx, upload));
    assert_int_equal(hbr_upload_keep(ctx, upload, path_of("new"), true), EIO);
    read_status = APR_SUCCESS;
    assert_int_equal(folder_names(), 0);
    return HBR_OK;
}

static void test_read_badly(void **state)
{
    (void)state;
    assert_int_equal(SERVE(read_badly, .method = "POST", .headers = MULTIPART,
                           .body = WITH_FILE(TEN),
                           .limits = { .spool_memory = 1, .spool_dir = folder })
                         ->status,
                     200);
}

/* RFC 7578 4.2: a name is a name and no path, whatever the client sends. */
static int show_names(hbr_context_t *ctx)
{
    const hbr_upload_t *upload = NULL;

    while ((upload = hbr_upload_next(ctx, NULL, upload)) != NULL)
        hbr_printf(ctx, "%s|", upload->filename);
    return HBR_OK;
}

#define NAMED(name) PART("name=\"f\"; filename=\"" name "\"", "")

static void test_names(void **state)
{
    (void)state;
    assert_string_equal(
        SERVE(show_names, .method = "POST", .headers = MULTIPART,
              .body = NAMED("../../etc/passwd") NAMED("C:\\\\a\\\\b.txt")
                  NAMED("..") NAMED("a/") NAMED("\xC3\xA4\xF0\x9F\x98\x80")
                      NAMED("%22\\\"") END)
            ->body,
        "passwd|b.txt|||\xC3\xA4\xF0\x9F\x98\x80|\"\"|");
}

/* Pointers stay good while more files follow. */
static int collect(hbr_context_t *ctx)
{
    const hbr_upload_t *upload = NULL, *all[40];
    char text[8], wanted[8];
    apr_size_t count = 0, length;

    while ((upload = hbr_upload_next(ctx, "f", upload)) != NULL)
        all[count++] = upload;
    assert_int_equal(count, 40);
    while (count-- > 0) {
        snprintf(wanted, sizeof(wanted), "%d", (int)count);
        assert_int_equal(hbr_upload_read(all[count], 0, text, 8, &length), 0);
        assert_int_equal(length, strlen(wanted));
        assert_memory_equal(text, wanted, length);
        assert_string_equal(all[count]->filename, wanted);
    }
    return HBR_OK;
}

static void test_many(void **state)
{
    char body[10000] = "";
    apr_size_t memory;
    int i;

    (void)state;
    for (i = 0; i < 40; i++)
        snprintf(body + strlen(body), sizeof(body) - strlen(body),
                 PART("name=\"f\"; filename=\"%d\"", "%d"), i, i);
    strcat(body, END);
    for (memory = 1; memory < 4; memory++)
        assert_int_equal(SERVE(collect, .method = "POST", .headers = MULTIPART,
                               .body = body,
                               .limits = { .spool_memory = memory,
                                           .spool_dir = folder,
                                           .files = 40 })
                             ->status,
                         200);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

MAIN(TEST(test_reading), TEST(test_sha256), TEST(test_keep),
     TEST(test_keep_over), TEST(test_keep_badly), TEST(test_keep_on_full_disk),
     TEST(test_read_badly), TEST(test_names), TEST(test_many))
