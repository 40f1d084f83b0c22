/* What the handshake came to. The library has no call for group and signature; its own debug lines
 * name them. Lines in, one line of NAME=VALUE out. */
#include "peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char group[64], hash[32], signature[32];

static void take(char *to, size_t size, const char *text, const char *after)
{
    const char *found = strstr(text, after);
    if (found == NULL)
        return;
    found += strlen(after);
    while (*found == ' ')
        found++;
    size_t n = strcspn(found, " \r\n,)");
    if (n >= size)
        n = size - 1;
    memcpy(to, found, n);
    to[n] = '\0';
}

void negotiated_line(const char *text)
{
    take(group, sizeof group, text, "ECDH curve:");                    /* 2.x, 3.x up to TLS 1.2 */
    take(group, sizeof group, text, "ECDH/FFDH group:");               /* 3.6 */
    take(group, sizeof group, text, "DHE group name:");                /* 3.x, TLS 1.3 */
    take(group, sizeof group, text, "ecdh curve:");
    take(hash, sizeof hash, text, "Server used HashAlgorithm");        /* 2.x: number */
    take(signature, sizeof signature, text, "Server used SignatureAlgorithm");
    take(signature, sizeof signature, text, "Certificate Verify: signature algorithm");
}

void negotiated_print(const mbedtls_ssl_context *ssl)
{
    fprintf(stderr, "negotiated version=%s suite=%s group=%s hash=%s signature=%s\n", mbedtls_ssl_get_version(ssl),
            mbedtls_ssl_get_ciphersuite(ssl), group[0] ? group : "none", hash[0] ? hash : "none",
            signature[0] ? signature : "none");
}
