/* One connection as client, or connections as server, with the options asked for. */
#include "peer.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mbedtls/ctr_drbg.h>
#include <mbedtls/debug.h>
#include <mbedtls/entropy.h>
#include <mbedtls/net_sockets.h>
#include <mbedtls/ssl_cookie.h>
#include <mbedtls/ssl_ticket.h>
#include <mbedtls/timing.h>
#include <mbedtls/x509_crt.h>
#if MBEDTLS_VERSION_NUMBER >= 0x02110000 && defined(MBEDTLS_PSA_CRYPTO_C)
#include <psa/crypto.h>
#endif

#define LISTED 64

struct peer {
    const struct options *o;
    int server;
    mbedtls_entropy_context entropy;
    mbedtls_ctr_drbg_context drbg;
    mbedtls_ssl_config conf;
    mbedtls_x509_crt ca, cert;
    mbedtls_pk_context key;
    mbedtls_ssl_session session;
    mbedtls_ssl_cookie_ctx cookie;
    mbedtls_ssl_ticket_context ticket;
    mbedtls_timing_delay_context timer;
    const char *alpn[LISTED];
    int suites[LISTED];
};

/* "a,b" into its parts; the text is cut up. */
static int split(const char *text, const char **parts)
{
    int n = 0;
    char *copy = strdup(text);
    for (char *part = strtok(copy, ","); part != NULL && n < LISTED - 1; part = strtok(NULL, ","))
        parts[n++] = part;
    parts[n] = NULL;
    return n;
}

/* A socket whose reads can be kept short, as those of a small driver are. */
struct link { mbedtls_net_context net; size_t chunk; unsigned char from[16]; size_t from_length; };

static int transmit(void *link, const unsigned char *from, size_t size)
{
    return mbedtls_net_send(&((struct link *) link)->net, from, size);
}

static int receive(void *link, unsigned char *to, size_t size, uint32_t timeout)
{
    struct link *l = link;
    if (l->chunk != 0 && size > l->chunk)
        size = l->chunk;
    return mbedtls_net_recv_timeout(&l->net, to, size, timeout);
}

static int load(struct peer *p)
{
    const struct options *o = p->o;
    int code;
    if (o->ca != NULL) {
        code = mbedtls_x509_crt_parse_file(&p->ca, o->ca);
        if (code != 0) {
            if (code > 0)
                say('E', "tls", "%d certificates of the CA file could not be read", code);
            else
                say_code("mbedtls_x509_crt_parse", code);
            return -1;
        }
        mbedtls_ssl_conf_ca_chain(&p->conf, &p->ca, NULL);
    }
    if (o->cert != NULL) {
        code = mbedtls_x509_crt_parse_file(&p->cert, o->cert);
        if (code != 0) {
            say_code("mbedtls_x509_crt_parse", code);
            return -1;
        }
#if MBEDTLS_VERSION_MAJOR >= 3
        code = mbedtls_pk_parse_keyfile(&p->key, o->key, NULL, mbedtls_ctr_drbg_random, &p->drbg);
#else
        code = mbedtls_pk_parse_keyfile(&p->key, o->key, NULL);
#endif
        if (code != 0) {
            say_code("mbedtls_pk_parse_key", code);
            return -1;
        }
        code = mbedtls_ssl_conf_own_cert(&p->conf, &p->cert, &p->key);
        if (code != 0) {
            say_code("mbedtls_ssl_conf_own_cert", code);
            return -1;
        }
    }
    return 0;
}

static int psk(struct peer *p)
{
    const struct options *o = p->o;
    unsigned char secret[64];
    size_t n = 0;
    if (o->psk == NULL)
        return 0;
    for (; n < sizeof secret && o->psk[2 * n] && o->psk[2 * n + 1]; n++) {
        unsigned byte = 0;
        sscanf(o->psk + 2 * n, "%2x", &byte);
        secret[n] = (unsigned char) byte;
    }
    return mbedtls_ssl_conf_psk(&p->conf, secret, n, (const unsigned char *) o->identity, strlen(o->identity));
}

#if MBEDTLS_VERSION_MAJOR >= 3
static uint16_t chosen_groups[LISTED], chosen_schemes[LISTED];
static const struct { const char *name; uint16_t id; } GROUPS[] = {
    { "secp256r1", 23 }, { "secp384r1", 24 }, { "secp521r1", 25 }, { "x25519", 29 }, { "x448", 30 },
    { "brainpoolP256r1", 26 }, { "secp256k1", 22 }, { "ffdhe2048", 256 },
};
#else
static mbedtls_ecp_group_id chosen_groups[LISTED];
static int chosen_hashes[LISTED];
#endif

static void lists(struct peer *p)
{
    const struct options *o = p->o;
    const char *parts[LISTED];
    if (o->suites != NULL) {
        int n = split(o->suites, parts);
        for (int i = 0; i < n; i++)
            p->suites[i] = mbedtls_ssl_get_ciphersuite_id(parts[i]);
        mbedtls_ssl_conf_ciphersuites(&p->conf, p->suites);
    }
    if (o->groups != NULL) {
        int n = split(o->groups, parts), k = 0;
#if MBEDTLS_VERSION_MAJOR >= 3
        for (int i = 0; i < n; i++)
            for (size_t g = 0; g < sizeof GROUPS / sizeof *GROUPS; g++)
                if (strcmp(parts[i], GROUPS[g].name) == 0)
                    chosen_groups[k++] = GROUPS[g].id;
        chosen_groups[k] = 0;
        mbedtls_ssl_conf_groups(&p->conf, chosen_groups);
#else
        for (int i = 0; i < n; i++) {
            const mbedtls_ecp_curve_info *curve = mbedtls_ecp_curve_info_from_name(parts[i]);
            if (curve != NULL)
                chosen_groups[k++] = curve->grp_id;
        }
        chosen_groups[k] = MBEDTLS_ECP_DP_NONE;
        mbedtls_ssl_conf_curves(&p->conf, chosen_groups);
#endif
    }
    if (o->hashes != NULL) {
        int n = split(o->hashes, parts), k = 0;
#if MBEDTLS_VERSION_MAJOR >= 3
        for (int i = 0; i < n; i++)
            chosen_schemes[k++] = (uint16_t) strtol(parts[i], NULL, 16);
        chosen_schemes[k] = 0;
        mbedtls_ssl_conf_sig_algs(&p->conf, chosen_schemes);
#else
        for (int i = 0; i < n; i++) {
            const mbedtls_md_info_t *md = mbedtls_md_info_from_string(parts[i]);
            if (md != NULL)
                chosen_hashes[k++] = mbedtls_md_get_type(md);
        }
        chosen_hashes[k] = MBEDTLS_MD_NONE;
        mbedtls_ssl_conf_sig_hashes(&p->conf, chosen_hashes);
#endif
    }
    if (o->alpn != NULL) {
        split(o->alpn, p->alpn);
        mbedtls_ssl_conf_alpn_protocols(&p->conf, p->alpn);
    }
}

static int configure(struct peer *p)
{
    const struct options *o = p->o;
    int code = mbedtls_ssl_config_defaults(&p->conf, p->server ? MBEDTLS_SSL_IS_SERVER : MBEDTLS_SSL_IS_CLIENT,
                                           o->datagram ? MBEDTLS_SSL_TRANSPORT_DATAGRAM : MBEDTLS_SSL_TRANSPORT_STREAM,
                                           MBEDTLS_SSL_PRESET_DEFAULT);
    if (code != 0) {
        say_code("mbedtls_ssl_config_defaults", code);
        return -1;
    }
    mbedtls_ssl_conf_rng(&p->conf, faults_random, &p->drbg);
    mbedtls_ssl_conf_dbg(&p->conf, printing_library, NULL);
    mbedtls_ssl_conf_read_timeout(&p->conf, (uint32_t) o->timeout);
    if (o->verify != NULL)
        mbedtls_ssl_conf_authmode(&p->conf, strcmp(o->verify, "none") == 0 ? MBEDTLS_SSL_VERIFY_NONE
                                          : strcmp(o->verify, "optional") == 0 ? MBEDTLS_SSL_VERIFY_OPTIONAL
                                          : MBEDTLS_SSL_VERIFY_REQUIRED);
    if (o->min >= 0)
        mbedtls_ssl_conf_min_version(&p->conf, 3, o->min);
    if (o->max >= 0)
        mbedtls_ssl_conf_max_version(&p->conf, 3, o->max);
    lists(p);
    if (psk(p) != 0)
        return -1;
#if defined(MBEDTLS_SSL_MAX_FRAGMENT_LENGTH)
    if (o->fragment != 0)
        mbedtls_ssl_conf_max_frag_len(&p->conf, o->fragment == 512 ? MBEDTLS_SSL_MAX_FRAG_LEN_512
                                              : o->fragment == 1024 ? MBEDTLS_SSL_MAX_FRAG_LEN_1024
                                              : o->fragment == 2048 ? MBEDTLS_SSL_MAX_FRAG_LEN_2048
                                              : MBEDTLS_SSL_MAX_FRAG_LEN_4096);
#endif
#if defined(MBEDTLS_SSL_EXTENDED_MASTER_SECRET)
    if (o->ems >= 0)
        mbedtls_ssl_conf_extended_master_secret(&p->conf, o->ems);
#endif
#if defined(MBEDTLS_SSL_ENCRYPT_THEN_MAC)
    if (o->etm >= 0)
        mbedtls_ssl_conf_encrypt_then_mac(&p->conf, o->etm);
#endif
#if defined(MBEDTLS_SSL_SESSION_TICKETS)
    if (o->tickets >= 0 && !p->server)
        mbedtls_ssl_conf_session_tickets(&p->conf, o->tickets);
    if (o->tickets == 1 && p->server) {
        mbedtls_ssl_ticket_setup(&p->ticket, mbedtls_ctr_drbg_random, &p->drbg, MBEDTLS_CIPHER_AES_256_GCM, 86400);
        mbedtls_ssl_conf_session_tickets_cb(&p->conf, mbedtls_ssl_ticket_write, mbedtls_ssl_ticket_parse, &p->ticket);
    }
#endif
#if defined(MBEDTLS_SSL_RENEGOTIATION)
    if (o->renegotiate)
        mbedtls_ssl_conf_renegotiation(&p->conf, MBEDTLS_SSL_RENEGOTIATION_ENABLED);
#endif
    if (o->legacy >= 0)
        mbedtls_ssl_conf_legacy_renegotiation(&p->conf, o->legacy);
    if (o->datagram && p->server) {
        mbedtls_ssl_cookie_setup(&p->cookie, mbedtls_ctr_drbg_random, &p->drbg);
        mbedtls_ssl_conf_dtls_cookies(&p->conf, mbedtls_ssl_cookie_write, mbedtls_ssl_cookie_check, &p->cookie);
    }
    return load(p);
}

static int handshake(struct peer *p, mbedtls_ssl_context *ssl, struct link *link)
{
    int code;
    do {
        code = mbedtls_ssl_handshake(ssl);
        if (code == MBEDTLS_ERR_SSL_HELLO_VERIFY_REQUIRED) { /* the same client comes again with its cookie */
            mbedtls_ssl_session_reset(ssl);
            mbedtls_ssl_set_client_transport_id(ssl, link->from, link->from_length);
            code = MBEDTLS_ERR_SSL_WANT_READ;
        }
    } while (code == MBEDTLS_ERR_SSL_WANT_READ || code == MBEDTLS_ERR_SSL_WANT_WRITE);
    if (code == 0)
        return 0;
    say_code("mbedtls_ssl_handshake", code);
    uint32_t flags = mbedtls_ssl_get_verify_result(ssl);
    if (code == MBEDTLS_ERR_X509_CERT_VERIFY_FAILED && p->o->debug > 0) {
        char words[512];
        mbedtls_x509_crt_verify_info(words, sizeof words, "  ! ", flags);
        say('W', "tls", "certificate verification failed, flags 0x%02x", (unsigned) flags);
        for (char *line = strtok(words, "\n"); line != NULL; line = strtok(NULL, "\n"))
            say('W', "tls", "%s", line);
    }
    return code;
}

/* One connection from the handshake to the close. */
static int converse(struct peer *p, struct link *link, int second)
{
    const struct options *o = p->o;
    mbedtls_ssl_context ssl;
    int code;
    mbedtls_ssl_init(&ssl);
    code = mbedtls_ssl_setup(&ssl, &p->conf);
    if (code != 0) {
        say_code("mbedtls_ssl_setup", code);
        mbedtls_ssl_free(&ssl);
        return code;
    }
    if (!p->server && o->name != NULL && strcmp(o->name, "none") != 0)
        mbedtls_ssl_set_hostname(&ssl, o->name);
    mbedtls_ssl_set_bio(&ssl, link, transmit, NULL, receive);
    mbedtls_ssl_set_timer_cb(&ssl, &p->timer, mbedtls_timing_set_delay, mbedtls_timing_get_delay);
#if MBEDTLS_VERSION_NUMBER >= 0x020D0000
    if (o->mtu != 0)
        mbedtls_ssl_set_mtu(&ssl, (uint16_t) o->mtu);
#endif
    if (second)
        mbedtls_ssl_set_session(&ssl, &p->session);
    if (p->server && o->datagram)
        mbedtls_ssl_set_client_transport_id(&ssl, link->from, link->from_length);
    code = handshake(p, &ssl, link);
    if (code == 0) {
        say('I', "tls", "TLS session established: %s %s", mbedtls_ssl_get_version(&ssl), mbedtls_ssl_get_ciphersuite(&ssl));
        if (o->report)
            negotiated_print(&ssl);
        unsigned char data[2048];
        if (o->renegotiate && !p->server) {
#if defined(MBEDTLS_SSL_RENEGOTIATION)
            code = mbedtls_ssl_renegotiate(&ssl);
            if (code != 0)
                say_code("mbedtls_ssl_renegotiate", code);
#endif
        }
        const char *text = o->send ? o->send : "PING\r\n";
        if (code == 0 && !p->server)
            code = mbedtls_ssl_write(&ssl, (const unsigned char *) text, strlen(text));
        if (code >= 0) {
            do {
                code = mbedtls_ssl_read(&ssl, data, sizeof data);
#if defined(MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET)
            } while (code == MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET || code == MBEDTLS_ERR_SSL_WANT_READ);
#else
            } while (code == MBEDTLS_ERR_SSL_WANT_READ);
#endif
            if (code > 0) {
                say('I', "app", "%d bytes received", code);
                if (p->server)
                    mbedtls_ssl_write(&ssl, data, (size_t) code);
                code = 0;
            } else if (code == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY) {
                say('I', "app", "closed by peer");
                code = 0;
            } else if (code < 0) {
                say_code("mbedtls_ssl_read", code);
            }
        }
        if (code == 0 && o->again && !second)
            mbedtls_ssl_get_session(&ssl, &p->session);
        if (code == 0)
            mbedtls_ssl_close_notify(&ssl);
    }
    mbedtls_ssl_free(&ssl);
    return code;
}

static int connect_once(struct peer *p, int second)
{
    const struct options *o = p->o;
    struct link link = { .chunk = (size_t) o->chunk };
    char port[16];
    snprintf(port, sizeof port, "%d", second && o->again_port ? o->again_port : o->port);
    mbedtls_net_init(&link.net);
    say('I', "net", "connecting to %s", o->name && strcmp(o->name, "none") != 0 ? o->name : o->host);
    int code = mbedtls_net_connect(&link.net, o->host, port, o->datagram ? MBEDTLS_NET_PROTO_UDP : MBEDTLS_NET_PROTO_TCP);
    if (code != 0) {
        say_code("mbedtls_net_connect", code);
        return code;
    }
    code = converse(p, &link, second);
    if (code != 0)
        say('W', "app", "connection failed, retry in 60 s");
    mbedtls_net_free(&link.net);
    return code;
}

static int serve(struct peer *p)
{
    const struct options *o = p->o;
    mbedtls_net_context listener;
    char port[16];
    int code;
    snprintf(port, sizeof port, "%d", o->port);
    mbedtls_net_init(&listener);
    code = mbedtls_net_bind(&listener, o->host, port, o->datagram ? MBEDTLS_NET_PROTO_UDP : MBEDTLS_NET_PROTO_TCP);
    if (code != 0) {
        say_code("mbedtls_net_bind", code);
        return code;
    }
    say('I', "net", "listening on port %d", o->port);
    do {
        struct link link = { .chunk = (size_t) o->chunk };
        mbedtls_net_init(&link.net);
        code = mbedtls_net_accept(&listener, &link.net, link.from, sizeof link.from, &link.from_length);
        if (code != 0)
            break;
        say('I', "net", "client connected");
        code = converse(p, &link, 0);
        mbedtls_net_free(&link.net);
    } while (!o->once);
    mbedtls_net_free(&listener);
    return code;
}

int main(int argc, char **argv)
{
    struct options options;
    struct peer p;
    if (options_read(&options, argc, argv) != 0)
        return 2;
    signal(SIGPIPE, SIG_IGN);
    memset(&p, 0, sizeof p);
    p.o = &options;
    p.server = strcmp(options.role, "server") == 0;
    printing_start(&options);
    faults_start(&options);
    mbedtls_debug_set_threshold(options.debug);
    mbedtls_entropy_init(&p.entropy);
    mbedtls_ctr_drbg_init(&p.drbg);
    mbedtls_ssl_config_init(&p.conf);
    mbedtls_x509_crt_init(&p.ca);
    mbedtls_x509_crt_init(&p.cert);
    mbedtls_pk_init(&p.key);
    mbedtls_ssl_session_init(&p.session);
    mbedtls_ssl_cookie_init(&p.cookie);
    mbedtls_ssl_ticket_init(&p.ticket);
    int code = mbedtls_ctr_drbg_seed(&p.drbg, mbedtls_entropy_func, &p.entropy, NULL, 0);
    if (code != 0) {
        say_code("mbedtls_ctr_drbg_seed", code);
        return 1;
    }
#if MBEDTLS_VERSION_MAJOR >= 3 && defined(MBEDTLS_PSA_CRYPTO_C)
    psa_crypto_init();
#endif
    if (configure(&p) != 0)
        return 1;
    if (p.server)
        return serve(&p) == 0 ? 0 : 1;
    code = connect_once(&p, 0);
    if (code == 0 && options.again)
        code = connect_once(&p, 1);
    return code == 0 ? 0 : 1;
}
