/* How a device writes: each line of the library and of the program with what a platform puts in
 * front. Text in, bytes of a serial port out. It knows nothing of the handshake. */
#include "peer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <mbedtls/error.h>

enum style { PLAIN, RAW, BOOT, ESP, COLOUR, ZEPHYR, ARDUINO, ISO, TAGGED };
static const char *const STYLES[] = { "plain", "raw", "boot", "esp", "colour", "zephyr", "arduino", "iso", "tagged" };

static enum style style;
static struct timespec start;
static long boot_ms;

void printing_start(const struct options *o)
{
    clock_gettime(CLOCK_MONOTONIC, &start);
    boot_ms = 3000 + (o->port * 37L) % 60000;
    for (size_t i = 0; i < sizeof STYLES / sizeof *STYLES; i++)
        if (strcmp(STYLES[i], o->style) == 0)
            style = (enum style) i;
    setvbuf(stdout, NULL, _IOLBF, 0);
}

static long uptime_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return boot_ms + (now.tv_sec - start.tv_sec) * 1000 + (now.tv_nsec - start.tv_nsec) / 1000000;
}

static const char *end_of_line(void)
{
    return style == COLOUR ? "\033[0m\r\n" : style == PLAIN || style == ISO ? "\n" : "\r\n";
}

static void prefix(char level, const char *tag)
{
    long ms = uptime_ms();
    struct timespec now;
    struct tm parts;
    char text[32];
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &parts);
    switch (style) {
    case PLAIN:
        break;
    case RAW:
        strftime(text, sizeof text, "%H:%M:%S", &parts);
        printf("%s.%03ld -> ", text, now.tv_nsec / 1000000);
        break;
    case BOOT:
        printf("[%5ld.%03ld] ", ms / 1000, ms % 1000);
        break;
    case ESP:
        printf("%c (%ld) %s: ", level, ms, tag);
        break;
    case COLOUR:
        printf("\033[0;%dm%c (%ld) %s: ", level == 'E' ? 31 : level == 'W' ? 33 : 32, level, ms, tag);
        break;
    case ZEPHYR:
        printf("[%02ld:%02ld:%02ld.%03ld,000] <%s> %s: ", ms / 3600000, ms / 60000 % 60, ms / 1000 % 60, ms % 1000,
               level == 'E' ? "err" : level == 'W' ? "wrn" : level == 'I' ? "inf" : "dbg", tag);
        break;
    case ARDUINO:
        printf("[%6ld][%c][%s] ", ms, level, tag);
        break;
    case ISO:
        strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
        printf("%s.%03ldZ %s ", text, now.tv_nsec / 1000000, tag);
        break;
    case TAGGED:
        strftime(text, sizeof text, "%m/%d %H:%M:%S", &parts);
        printf("%s.%03ld [%s] %s: ", text, now.tv_nsec / 1000000,
               level == 'E' ? "ERROR" : level == 'W' ? "WARN" : level == 'I' ? "INFO" : "DEBUG", tag);
        break;
    }
}

void say(char level, const char *tag, const char *format, ...)
{
    va_list list;
    prefix(level, tag);
    va_start(list, format);
    vprintf(format, list);
    va_end(list);
    fputs(end_of_line(), stdout);
}

/* An error as programs print it: in words where the platform's usually do, else the bare number. */
void say_code(const char *call, int code)
{
    char words[160] = "";
    mbedtls_strerror(code, words, sizeof words);
    switch (style) {
    case ARDUINO:
        prefix('E', "ssl_client.cpp:37");
        printf("_handle_error(): [start_ssl_client():273]: (%d) %s%s", code, words, end_of_line());
        break;
    case ESP:
    case COLOUR:
        say('E', "esp-tls-mbedtls", "%s returned -0x%04X", call, (unsigned) -code);
        break;
    case ZEPHYR:
        say('E', "net_sock_tls", "TLS handshake error: -%x", (unsigned) -code);
        break;
    case BOOT:
        say('E', "tls", "%s failed: %d", call, code);
        break;
    default:
        say('E', "tls", "%s returned -0x%04x: %s", call, (unsigned) -code, words);
    }
}

void printing_library(void *context, int level, const char *file, int line, const char *text)
{
    (void) context;
    const char *base = strrchr(file, '/') ? strrchr(file, '/') + 1 : file;
    size_t n = strlen(text);
    while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == '\r'))
        n--;
    negotiated_line(text);
    char letter = level <= 1 ? 'W' : level == 2 ? 'I' : level == 3 ? 'D' : 'V';
    switch (style) {
    case PLAIN:
        printf("%s:%04d: |%d| %.*s%s", base, line, level, (int) n, text, end_of_line());
        break;
    case ESP:
    case COLOUR:
        prefix(letter, "mbedtls");
        printf("%s:%d %.*s%s", base, line, (int) n, text, end_of_line());
        break;
    case ZEPHYR:
        prefix(level <= 1 ? 'E' : 'D', "mbedtls");
        printf("%s:%04d: %.*s%s", base, line, (int) n, text, end_of_line());
        break;
    default:
        prefix(letter, "mbedtls");
        printf("%s:%04d: |%d| %.*s%s", base, line, level, (int) n, text, end_of_line());
    }
}
