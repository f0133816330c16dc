// A small HTTP server for reading alone, by GNU libmicrohttpd, whose own functions take arguments of
// any number and cannot be called from Swift.
#ifndef MNEME_CMICROHTTP_H
#define MNEME_CMICROHTTP_H

#include <stddef.h>

/// What is answered to a GET; zero, and no body, where there is nothing under the path.
typedef struct {
    /// The status, as in 200.
    unsigned status;
    /// A text that lives as long as the process.
    const char *type;
    /// From malloc; whoever calls frees it.
    char *body;
    size_t count;
} mneme_http_answer;

typedef mneme_http_answer (*mneme_http_ask)(void *context, const char *path);

typedef struct mneme_http mneme_http;

/// Serves on a thread of its own; `listening` is a socket that listens, and is closed by `stop`.
/// Null where memory or a thread cannot be had; the socket is the caller's then.
mneme_http *mneme_http_start(int listening, mneme_http_ask ask, void *context);

/// Ends all connections and the thread; nothing is asked any more when it returns.
void mneme_http_stop(mneme_http *server);

#endif
