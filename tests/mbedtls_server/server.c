/* A server of Mbed TLS 2.28 on loopback for the tests of the probe: certificate and key from files,
 * suites and versions from the command line, one connection after the other.
 *
 *   server list                        what this build knows: "suite ID KX MIN MAX" and "group ID"
 *   server PORT CERT KEY MIN MAX [ID]  serves; MIN and MAX are minor versions (1 = TLS 1.0, 3 = TLS 1.2),
 *                                      ID are suites in the server's order
 */
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/ecp.h>
#include <mbedtls/entropy.h>
#include <mbedtls/net_sockets.h>
#include <mbedtls/ssl.h>
#include <mbedtls/ssl_ciphersuites.h>
#include <mbedtls/ssl_cache.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int list(void)
{
    const int *id;
    const mbedtls_ecp_curve_info *curve;

    for (id = mbedtls_ssl_list_ciphersuites(); *id != 0; id++) {
        const mbedtls_ssl_ciphersuite_t *suite = mbedtls_ssl_ciphersuite_from_id(*id);
        if (suite != NULL)
            printf("suite %d %d %d %d\n", *id, suite->key_exchange, suite->min_minor_ver,
                   suite->max_minor_ver);
    }
    for (curve = mbedtls_ecp_curve_list(); curve->grp_id != MBEDTLS_ECP_DP_NONE; curve++)
        printf("group %d\n", curve->tls_id);
    return 0;
}

int main(int argc, char **argv)
{
    mbedtls_net_context listener, client;
    mbedtls_entropy_context entropy;
    mbedtls_ctr_drbg_context random;
    mbedtls_ssl_config config;
    mbedtls_ssl_cache_context cache;
    mbedtls_x509_crt chain;
    mbedtls_pk_context key;
    static int suites[64];
    int i;

    if (argc == 2 && strcmp(argv[1], "list") == 0)
        return list();
    if (argc < 6)
        return 2;
    mbedtls_net_init(&listener);
    mbedtls_entropy_init(&entropy);
    mbedtls_ctr_drbg_init(&random);
    mbedtls_ssl_config_init(&config);
    mbedtls_ssl_cache_init(&cache);
    mbedtls_x509_crt_init(&chain);
    mbedtls_pk_init(&key);
    if (mbedtls_ctr_drbg_seed(&random, mbedtls_entropy_func, &entropy, NULL, 0) != 0 ||
        mbedtls_x509_crt_parse_file(&chain, argv[2]) != 0 ||
        mbedtls_pk_parse_keyfile(&key, argv[3], NULL) != 0 ||
        mbedtls_ssl_config_defaults(&config, MBEDTLS_SSL_IS_SERVER, MBEDTLS_SSL_TRANSPORT_STREAM,
                                    MBEDTLS_SSL_PRESET_DEFAULT) != 0)
        return 3;
    mbedtls_ssl_conf_rng(&config, mbedtls_ctr_drbg_random, &random);
    mbedtls_ssl_conf_min_version(&config, MBEDTLS_SSL_MAJOR_VERSION_3, atoi(argv[4]));
    mbedtls_ssl_conf_max_version(&config, MBEDTLS_SSL_MAJOR_VERSION_3, atoi(argv[5]));
    mbedtls_ssl_conf_session_cache(&config, &cache, mbedtls_ssl_cache_get, mbedtls_ssl_cache_set);
    for (i = 6; i < argc && i < 6 + 63; i++)
        suites[i - 6] = atoi(argv[i]);
    if (argc > 6)
        mbedtls_ssl_conf_ciphersuites(&config, suites);
    if (mbedtls_ssl_conf_own_cert(&config, &chain, &key) != 0 ||
        mbedtls_net_bind(&listener, "127.0.0.1", argv[1], MBEDTLS_NET_PROTO_TCP) != 0)
        return 4;
    for (;;) {
        mbedtls_ssl_context ssl;
        int result;

        mbedtls_net_init(&client);
        mbedtls_ssl_init(&ssl);
        if (mbedtls_net_accept(&listener, &client, NULL, 0, NULL) == 0 &&
            mbedtls_ssl_setup(&ssl, &config) == 0) {
            mbedtls_ssl_set_bio(&ssl, &client, mbedtls_net_send, mbedtls_net_recv, NULL);
            do {
                result = mbedtls_ssl_handshake(&ssl);
            } while (result == MBEDTLS_ERR_SSL_WANT_READ || result == MBEDTLS_ERR_SSL_WANT_WRITE);
            if (result == 0)
                mbedtls_ssl_close_notify(&ssl);
        }
        mbedtls_ssl_free(&ssl);
        mbedtls_net_free(&client);
    }
}
