/*
 * handlers/shared/picture.c, through the handler image: that memory is given back
 * however a request ends, and that a drawing that fails is a clean 500.
 *
 * This program brings its own realloc(): it can be told to refuse what is
 * large, and so to break each encoder in the middle.
 */
#include "support/main.h"
#include "support/serve.h"

#include <dlfcn.h>
#include <malloc.h>
#include <stdlib.h>

/* As large as this or larger is refused; 0: nothing is. */
static size_t refuse_from;

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

MAIN(SERVE_TEST(test_refused_memory), SERVE_TEST(test_nothing_is_kept))
