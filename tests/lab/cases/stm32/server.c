/* A TLS server as it runs on a small board: Mbed TLS with mbedtls_config.h beside this file, and a
 * calloc() that does not always give zeroed memory.
 *
 * usage: server ADDRESS PORT CERTIFICATE KEY ONE_IN SEED CONNECTIONS OUT
 * Once the server listens, one in ONE_IN allocations comes back filled with 0xA5 (0: none).
 * OUT.log and OUT.timed are what its serial port printed at 115,200 bit/s. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "mbedtls/ctr_drbg.h"
#include "mbedtls/debug.h"
#include "mbedtls/entropy.h"
#include "mbedtls/net_sockets.h"
#include "mbedtls/pk.h"
#include "mbedtls/platform.h"
#include "mbedtls/ssl.h"
#include "mbedtls/version.h"
#include "mbedtls/x509_crt.h"

#define BAUD 115200
#define DEBUG_LEVEL 3

static FILE *plain, *timed;
static uint64_t started, line_free;
static uint32_t one_in, state;

static uint64_t micros(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t) t.tv_sec * 1000000 + (uint64_t) t.tv_nsec / 1000;
}

/* Prints and waits until the last bit has left the port. */
static void say(const char *text)
{
    char line[2048];
    uint32_t len = (uint32_t) snprintf(line, sizeof line, "%s\r\n", text);
    uint64_t now = micros();
    line_free = (line_free > now ? line_free : now) + (uint64_t) len * 10 * 1000000 / BAUD;
    struct timespec pause = { (time_t) ((line_free - now) / 1000000), (long) ((line_free - now) % 1000000 * 1000) };
    nanosleep(&pause, NULL);
    uint64_t at = line_free - started;
    fwrite(&at, 8, 1, timed);
    fwrite(&len, 4, 1, timed);
    fwrite(line, 1, len, timed);
    fwrite(line, 1, len, plain);
    fflush(timed);
    fflush(plain);
}

static uint32_t roll(void)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

static void *board_calloc(size_t n, size_t size)
{
    void *p = malloc(n * size);
    if (p != NULL)
        memset(p, one_in != 0 && roll() % one_in == 0 ? 0xA5 : 0, n * size);
    return p;
}

int mbedtls_hardware_poll(void *data, unsigned char *output, size_t len, size_t *olen)
{
    (void) data;
    *olen = getrandom(output, len, 0) == (ssize_t) len ? len : 0;
    return *olen == len ? 0 : MBEDTLS_ERR_ENTROPY_SOURCE_FAILED;
}

/* Lines of the library: the file without its folder, its number, the text. */
static void debug(void *ctx, int level, const char *file, int number, const char *text)
{
    char line[1024];
    const char *slash = strrchr(file, '/');
    size_t len = strcspn(text, "\n");
    (void) ctx;
    snprintf(line, sizeof line, "%s:%04d: |%d| %.*s", slash ? slash + 1 : file, number, level, (int) len, text);
    say(line);
}

static void step(const char *what, int ret)
{
    char line[128];
    if (ret == 0)
        snprintf(line, sizeof line, "[%8u] https: %s ok", (unsigned) ((micros() - started) / 1000), what);
    else
        snprintf(line, sizeof line, "[%8u] https: %s failed: -0x%04x", (unsigned) ((micros() - started) / 1000), what,
                 (unsigned) -ret);
    say(line);
    if (ret != 0)
        exit(2);
}

int main(int argc, char **argv)
{
    if (argc != 9)
        return 2;
    char name[512], line[256];
    snprintf(name, sizeof name, "%s.log", argv[8]);
    plain = fopen(name, "wb");
    snprintf(name, sizeof name, "%s.timed", argv[8]);
    timed = fopen(name, "wb");
    if (plain == NULL || timed == NULL)
        return 2;
    started = micros();
    mbedtls_platform_set_calloc_free(board_calloc, free);

    mbedtls_net_context listener, client;
    mbedtls_ssl_context ssl;
    mbedtls_ssl_config conf;
    mbedtls_x509_crt certificate;
    mbedtls_pk_context key;
    mbedtls_entropy_context entropy;
    mbedtls_ctr_drbg_context random;
    mbedtls_net_init(&listener);
    mbedtls_ssl_config_init(&conf);
    mbedtls_x509_crt_init(&certificate);
    mbedtls_pk_init(&key);
    mbedtls_entropy_init(&entropy);
    mbedtls_ctr_drbg_init(&random);

    say("");
    say("sensor-gw 1.4.2, STM32F407VG, FreeRTOS 10.2.1, lwIP 2.1.2");
    snprintf(line, sizeof line, "[%8u] https: %s", 3u, MBEDTLS_VERSION_STRING_FULL);
    say(line);
    step("random generator", mbedtls_ctr_drbg_seed(&random, mbedtls_entropy_func, &entropy, NULL, 0));
    step("certificate", mbedtls_x509_crt_parse_file(&certificate, argv[3]));
    step("private key", mbedtls_pk_parse_keyfile(&key, argv[4], NULL));
    step("key pair", mbedtls_pk_check_pair(&certificate.pk, &key));
    step("configuration", mbedtls_ssl_config_defaults(&conf, MBEDTLS_SSL_IS_SERVER, MBEDTLS_SSL_TRANSPORT_STREAM,
                                                      MBEDTLS_SSL_PRESET_DEFAULT));
    mbedtls_ssl_conf_rng(&conf, mbedtls_ctr_drbg_random, &random);
    mbedtls_ssl_conf_dbg(&conf, debug, NULL);
    mbedtls_debug_set_threshold(DEBUG_LEVEL);
    step("own certificate", mbedtls_ssl_conf_own_cert(&conf, &certificate, &key));
    step("listening on port 4433,", mbedtls_net_bind(&listener, argv[1], argv[2], MBEDTLS_NET_PROTO_TCP));
    state = (uint32_t) atoi(argv[6]) * 2654435761u | 1;

    for (int left = atoi(argv[7]); left > 0; left--) {
        unsigned char from[16];
        size_t from_len = 0;
        mbedtls_net_init(&client);
        if (mbedtls_net_accept(&listener, &client, from, sizeof from, &from_len) != 0)
            return 2;
        one_in = (uint32_t) atoi(argv[5]);
        snprintf(line, sizeof line, "[%8u] https: client %u.%u.%u.%u", (unsigned) ((micros() - started) / 1000), from[0],
                 from[1], from[2], from[3]);
        say(line);
        mbedtls_ssl_init(&ssl);
        int ret = mbedtls_ssl_setup(&ssl, &conf);
        mbedtls_ssl_set_bio(&ssl, &client, mbedtls_net_send, mbedtls_net_recv, NULL);
        if (ret == 0)
            ret = mbedtls_ssl_handshake(&ssl);
        if (ret == 0)
            snprintf(line, sizeof line, "[%8u] https: handshake done, %s", (unsigned) ((micros() - started) / 1000),
                     mbedtls_ssl_get_ciphersuite(&ssl));
        else
            snprintf(line, sizeof line, "[%8u] https: mbedtls_ssl_handshake returned -0x%04x (%d), closing",
                     (unsigned) ((micros() - started) / 1000), (unsigned) -ret, ret);
        say(line);
        one_in = 0;
        mbedtls_net_free(&client);
        mbedtls_ssl_free(&ssl);
    }
    say("");
    return 0;
}
