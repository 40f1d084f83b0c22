/* Memory that runs out and a random generator that gives up. Options in, failing calls out. */
#include "peer.h"

#include <stdlib.h>
#include <string.h>

#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/platform.h>

static size_t limit, used;
static int requests_left = -1;

/* The size stands in front of each block, so that freeing gives it back. */
union head { size_t size; max_align_t align; };

static void *limited_calloc(size_t n, size_t size)
{
    size_t bytes = n * size;
    if (size != 0 && bytes / size != n)
        return NULL;
    if (limit != 0 && used + bytes > limit)
        return NULL;
    union head *block = calloc(1, sizeof *block + bytes);
    if (block == NULL)
        return NULL;
    block->size = bytes;
    used += bytes;
    return block + 1;
}

static void limited_free(void *pointer)
{
    if (pointer == NULL)
        return;
    union head *block = (union head *) pointer - 1;
    used -= block->size;
    free(block);
}

void faults_start(const struct options *o)
{
    limit = (size_t) o->heap;
    requests_left = o->rng > 0 ? o->rng : -1;
#if defined(MBEDTLS_PLATFORM_MEMORY)
    mbedtls_platform_set_calloc_free(limited_calloc, limited_free);
#else
    if (limit != 0) {
        say('E', "lab", "this library was built without MBEDTLS_PLATFORM_MEMORY: heap= needs it");
        exit(3);
    }
    (void) limited_calloc;
    (void) limited_free;
#endif
}

int faults_random(void *drbg, unsigned char *out, size_t length)
{
    if (requests_left == 0)
        return MBEDTLS_ERR_CTR_DRBG_ENTROPY_SOURCE_FAILED;
    if (requests_left > 0)
        requests_left--;
    return mbedtls_ctr_drbg_random(drbg, out, length);
}
