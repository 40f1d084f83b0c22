/* A TLS client or server on Mbed TLS that can be set up wrongly on purpose: what its files share. */
#ifndef PEER_H
#define PEER_H

#include <stddef.h>
#include <stdint.h>

#include <mbedtls/ssl.h>
#include <mbedtls/version.h>

/* Everything that can be asked for, as NAME=VALUE on the command line. NULL or -1: not given. */
struct options {
    const char *role;      /* client | server */
    const char *host;      /* address to connect to, or to listen at */
    int port;
    int debug;             /* threshold of mbedtls_debug_set_threshold */
    const char *style;     /* see printing.c */
    const char *name;      /* mbedtls_ssl_set_hostname; "none" leaves it out */
    const char *ca;        /* PEM file of trusted certificates */
    const char *cert;      /* PEM file of the own chain */
    const char *key;
    const char *verify;    /* none | optional | required */
    const char *psk;       /* hexadecimal */
    const char *identity;
    const char *alpn;      /* list, separated by commas */
    const char *suites;    /* list of names as Mbed TLS spells them */
    const char *groups;    /* list of curve names */
    const char *hashes;    /* list of signature hashes (2.x) or schemes by number (3.x) */
    int min, max;          /* minor version: 1 = TLS 1.0 ... 3 = TLS 1.2, 4 = TLS 1.3 */
    int fragment;          /* max_fragment_length: 512, 1024, 2048 or 4096 */
    int ems, etm, tickets; /* 0 or 1 */
    int timeout;           /* milliseconds a read may wait; 0: for ever */
    int heap;              /* bytes that may be allocated; 0: no limit */
    int rng;               /* random requests until the generator fails; 0: never */
    int chunk;             /* bytes that one read gives at most; 0: no limit */
    int datagram;          /* DTLS */
    int mtu;
    int again;             /* connect a second time with the session of the first */
    int again_port;        /* where the second connection goes */
    int renegotiate;       /* ask for it after the handshake */
    int legacy;            /* mbedtls_ssl_conf_legacy_renegotiation */
    int steps;             /* print the state before each step of the handshake */
    const char *send;      /* application data */
    int once;              /* server: leave after one connection */
    int report;            /* print what was negotiated to stderr */
};

int options_read(struct options *o, int argc, char **argv);

/* printing.c: how a device writes its lines. */
void printing_start(const struct options *o);
void printing_library(void *context, int level, const char *file, int line, const char *text);
void say(char level, const char *tag, const char *format, ...);
void say_code(const char *call, int code);

/* negotiated.c: what the handshake came to, gathered from the library's own lines. */
void negotiated_line(const char *text);
void negotiated_print(const mbedtls_ssl_context *ssl);

/* faults.c: memory and randomness that run out. */
void faults_start(const struct options *o);
int faults_random(void *drbg, unsigned char *out, size_t length);

#endif
