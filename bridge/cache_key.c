/*
 * Keys: SHA-256 of all that tells entries apart, each part behind its length,
 * so that no two ways of cutting give the same bytes. A provider sees nothing
 * of the names, and no client can choose where his entry lands.
 */
#include "cache_key.h"

#include <string.h>

#include <openssl/evp.h>

#define PARTS 4

typedef struct part_t {
    const void *bytes;
    apr_size_t length;
} part_t;

/* In one order of bytes, for machines of several kinds share a cache. */
static void put(unsigned char *at, uint64_t number)
{
    int i;

    for (i = 7; i >= 0; i--, number >>= 8)
        at[i] = (unsigned char)(number & 0xff);
}

static bool add_part(EVP_MD_CTX *digest, const part_t *part)
{
    unsigned char length[8];

    put(length, part->length);
    return EVP_DigestUpdate(digest, length, sizeof(length)) == 1
           && EVP_DigestUpdate(digest, part->bytes, part->length) == 1;
}

static bool digest_of(const part_t *parts, apr_size_t count,
                      unsigned char key[HBR_CACHE_KEY])
{
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    bool done =
        digest != NULL && EVP_DigestInit_ex(digest, EVP_sha256(), NULL) == 1;
    apr_size_t i;

    for (i = 0; i < count && done; i++)
        done = add_part(digest, &parts[i]);
    done = done && EVP_DigestFinal_ex(digest, key, NULL) == 1;
    EVP_MD_CTX_free(digest);
    return done;
}

bool hbr_cache_key(hbr_cache_kind_e kind, const char *space,
                   const char *handler, const char *name,
                   unsigned char key[HBR_CACHE_KEY])
{
    char letter = (char)kind;
    const part_t parts[PARTS] = { { &letter, 1 },
                                  { space, strlen(space) },
                                  { handler, strlen(handler) },
                                  { name, strlen(name) } };

    return digest_of(parts, PARTS, key);
}

bool hbr_cache_chunk_key(const unsigned char head[HBR_CACHE_KEY],
                         uint64_t generation, uint32_t index,
                         unsigned char key[HBR_CACHE_KEY])
{
    unsigned char numbers[16];
    const part_t parts[] = { { "c", 1 },
                             { head, HBR_CACHE_KEY },
                             { numbers, sizeof(numbers) } };

    put(numbers, generation);
    put(numbers + 8, index);
    return digest_of(parts, 3, key);
}
