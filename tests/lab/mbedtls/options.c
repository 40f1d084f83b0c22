/* Command line in, struct options out. It knows nothing of TLS. */
#include "peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct text_option { const char *name; size_t at; };
#define TEXT(n) { #n, offsetof(struct options, n) }
static const struct text_option TEXTS[] = {
    TEXT(role), TEXT(host), TEXT(style), TEXT(name), TEXT(ca), TEXT(cert), TEXT(key), TEXT(verify), TEXT(psk),
    TEXT(identity), TEXT(alpn), TEXT(suites), TEXT(groups), TEXT(hashes), TEXT(send),
};
#define NUMBER(n) { #n, offsetof(struct options, n) }
static const struct text_option NUMBERS[] = {
    NUMBER(port), NUMBER(debug), NUMBER(min), NUMBER(max), NUMBER(fragment), NUMBER(ems), NUMBER(etm),
    NUMBER(tickets), NUMBER(timeout), NUMBER(heap), NUMBER(rng), NUMBER(chunk), NUMBER(datagram), NUMBER(mtu),
    NUMBER(again), NUMBER(again_port), NUMBER(renegotiate), NUMBER(legacy), NUMBER(steps), NUMBER(once), NUMBER(report),
};

static int set(struct options *o, const char *name, const char *value)
{
    for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++)
        if (strcmp(TEXTS[i].name, name) == 0) {
            *(const char **) ((char *) o + TEXTS[i].at) = value;
            return 0;
        }
    for (size_t i = 0; i < sizeof NUMBERS / sizeof *NUMBERS; i++)
        if (strcmp(NUMBERS[i].name, name) == 0) {
            *(int *) ((char *) o + NUMBERS[i].at) = atoi(value);
            return 0;
        }
    fprintf(stderr, "unknown option %s\n", name);
    return -1;
}

int options_read(struct options *o, int argc, char **argv)
{
    memset(o, 0, sizeof *o);
    o->role = "client";
    o->host = "127.0.0.1";
    o->port = 4433;
    o->debug = 3;
    o->style = "plain";
    o->verify = NULL;
    o->min = o->max = -1;
    o->ems = o->etm = o->tickets = o->legacy = -1;
    o->timeout = 10000;
    for (int i = 1; i < argc; i++) {
        char *equals = strchr(argv[i], '=');
        if (equals == NULL) {
            fprintf(stderr, "NAME=VALUE is wanted, not %s\n", argv[i]);
            return -1;
        }
        *equals = '\0';
        if (set(o, argv[i], equals + 1) != 0)
            return -1;
    }
    return 0;
}
