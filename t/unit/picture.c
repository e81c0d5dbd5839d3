/*
 * handlers/shared/picture.c, through the handler image: that memory is given
 * back however a request ends, and that a drawing that fails is a clean 500.
 *
 * This program brings its own malloc() and realloc(): they can be told to
 * refuse what is large, and so to refuse pixels, and to break each encoder in
 * the middle.
 */
#include "support/main.h"
#include "support/serve.h"

#include <dlfcn.h>
#include <malloc.h>
#include <stdlib.h>

/* As large as this or larger is refused; 0: nothing is. */
static size_t refuse_from;
static size_t refuse_new_from;

void *malloc(size_t size)
{
    static void *(*next)(size_t);

    if (next == NULL)
        *(void **)&next = dlsym(RTLD_NEXT, "malloc");
    if (refuse_new_from != 0 && size >= refuse_new_from)
        return NULL;
    return next(size);
}

void *realloc(void *memory, size_t size)
{
    static void *(*next)(void *, size_t);

    if (next == NULL)
        *(void **)&next = dlsym(RTLD_NEXT, "realloc");
    if (refuse_from != 0 && size >= refuse_from)
        return NULL;
    return next(memory, size);
}

/* Much text, so that each format's bytes outgrow their first block. */
#define TEXT                                                                   \
    "text=The+quick+brown+fox%0Ajumps+over+the+lazy+dog,%0Aand+again:+the+"    \
    "quick+brown+fox%0Ajumps+over+the+lazy+dog.&size=48"

static const char *const urls[] = {
    "/image?" TEXT "&format=jpeg",
    "/image?" TEXT "&format=png",
    "/image?" TEXT "&format=svg",
};

#define TEN "0%0A1%0A2%0A3%0A4%0A5%0A6%0A7%0A8%0A9%0A"
static const char too_big[] = "/image?size=144&text=" TEN TEN TEN;

static void test_refused_memory(void **state)
{
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(urls); i++) {
        const hbr_test_response_t *r;

        assert_true(hbr_test_get(kit, urls[i])->length > 16384);
        refuse_from = 32768;
        r = serve_run(&(hbr_test_request_t){ .url = urls[i] });
        refuse_from = 0;
        assert_int_equal(r->status, 500);
        assert_non_null(hbr_test_logged(kit, "drawing failed"));
        assert_null(hbr_test_header(r, "ETag"));
        assert_null(hbr_test_header(r, "Cache-Control"));
        assert_null(strstr(r->body, "memory"));
        assert_int_equal(hbr_test_get(kit, urls[i])->status, 200);
    }
}

/* Pixels are the instance's: the same again need no memory, more do. */
static void test_refused_pixels(void **state)
{
    static const char small[] = "/image?text=a+line+of+words&format=png";
    static const char large[] = "/image?text=a+line+of+words&format=png"
                                "&size=144";
    const hbr_test_response_t *r;

    (void)state;
    assert_int_equal(hbr_test_get(kit, small)->status, 200);
    refuse_new_from = 65536;
    assert_int_equal(hbr_test_get(kit, small)->status, 200);
    r = serve_run(&(hbr_test_request_t){ .url = large });
    refuse_new_from = 0;
    assert_int_equal(r->status, 500);
    assert_non_null(hbr_test_logged(kit, "drawing failed"));
    assert_int_equal(hbr_test_get(kit, small)->status, 200);
    assert_int_equal(hbr_test_get(kit, large)->status, 200);
}

/* One request of each way to end. */
static void run_all(void)
{
    apr_size_t i;

    for (i = 0; i < COUNT(urls); i++) {
        hbr_test_get(kit, urls[i]);
        serve_run(&(hbr_test_request_t){ .url = urls[i], .method = "HEAD" });
        serve_run(&(hbr_test_request_t){
            .url = urls[i], .headers = HEADERS("If-None-Match: *") });
        serve_run(&(hbr_test_request_t){
            .url = urls[i], .headers = HEADERS("Range: bytes=5-9,20-30") });
        serve_run(&(hbr_test_request_t){
            .url = urls[i], .headers = HEADERS("Range: bytes=9999999-") });
        serve_run(&(hbr_test_request_t){ .url = urls[i], .fail_pass = 1 });
        refuse_from = 32768;
        hbr_test_get(kit, urls[i]);
        refuse_from = 0;
    }
    hbr_test_get(kit, "/image?text=x&colour=none-such");
    hbr_test_get(kit, "/image?text=x&background=none-such");
    assert_int_equal(hbr_test_get(kit, too_big)->status, 400);
    hbr_test_clear(kit);
}

static size_t live(void)
{
    struct mallinfo2 info = mallinfo2();

    return info.uordblks + info.hblkhd;
}

/* Pixels of 7 MB go with their picture, those of smaller ones stay. */
static void test_many_pixels(void **state)
{
    static const char url[] =
        "/image?format=png&size=144&text="
        "several+words%0Ain%0Afive%0Alines%0Athat+are+long";
    enum { MUCH = 2 * 1024 * 1024 };
    size_t before;

    (void)state;
    hbr_test_get(kit, urls[1]);
    hbr_test_clear(kit);
    before = live();
    assert_int_equal(hbr_test_get(kit, url)->status, 200);
    hbr_test_clear(kit);
    if (live() > before + MUCH)
        fail_msg("%d bytes are kept", (int)(live() - before));
}

/* What an instance kept goes with it: pixels are 80,000 bytes, what compresses
 * more. */
static void test_instances_end(void **state)
{
    enum { FIRST = 3, ROUNDS = 10, LITTLE = 20000 };
    size_t before = 0;
    int i;

    for (i = 0; i < FIRST + ROUNDS; i++) {
        if (i == FIRST)
            before = live();
        serve_setup(state);
        hbr_test_get(kit, "/image?text=a+line+of+words&format=png");
        serve_teardown(state);
    }
    if (live() > before + ROUNDS * LITTLE)
        fail_msg("%d bytes in %d rounds", (int)(live() - before), (int)ROUNDS);
}

/* Fonts and glyphs are kept by Pango and Cairo once they were used, and their
 * tables still grow by some hundred bytes a round after many pictures. A layout
 * or the bytes of a picture that are kept in each round are 14,000 or more. A
 * sanitizer has a malloc() of its own that counts nothing here. */
static void test_nothing_is_kept(void **state)
{
    enum { FIRST = 25, ROUNDS = 10, LITTLE = 4000 };
    size_t before;
    int i;

    (void)state;
    for (i = 0; i < FIRST; i++)
        run_all();
    before = live();
    for (i = 0; i < ROUNDS; i++)
        run_all();
    if (live() > before + ROUNDS * LITTLE)
        fail_msg("%d bytes in %d rounds", (int)(live() - before), (int)ROUNDS);
    print_message("# %d bytes in %d rounds\n", (int)(live() - before),
                  (int)ROUNDS);
}

MAIN(SERVE_TEST(test_refused_memory), SERVE_TEST(test_refused_pixels),
     SERVE_TEST(test_many_pixels), cmocka_unit_test(test_instances_end),
     SERVE_TEST(test_nothing_is_kept))
