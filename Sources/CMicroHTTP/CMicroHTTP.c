#include "CMicroHTTP.h"

#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>

struct mneme_http {
    struct MHD_Daemon *daemon;
    mneme_http_ask ask;
    void *context;
};

// Few read figures, and none of them sends much.
static const unsigned connection_limit = 32;
static const unsigned timeout_seconds = 10;
static const size_t connection_memory = 16 << 10;

static enum MHD_Result answer_text(struct MHD_Connection *connection, unsigned status,
                                   const char *text) {
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(text), (void *)text, MHD_RESPMEM_PERSISTENT);
    if (response == NULL) return MHD_NO;
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "text/plain; charset=utf-8");
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
        MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
    enum MHD_Result result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result handle(void *closure, struct MHD_Connection *connection, const char *path,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_count, void **state) {
    (void)version;
    (void)upload;
    struct mneme_http *server = closure;
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0) {
        // What is sent is read and forgotten before it is refused.
        static int seen;
        if (*state == NULL) {
            *state = &seen;
            return MHD_YES;
        }
        if (*upload_count != 0) {
            *upload_count = 0;
            return MHD_YES;
        }
        return answer_text(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET is answered\n");
    }
    mneme_http_answer answer = server->ask(server->context, path);
    if (answer.status == 0)
        return answer_text(connection, MHD_HTTP_NOT_FOUND, "there is /metrics and /health\n");
    struct MHD_Response *response =
        MHD_create_response_from_buffer(answer.count, answer.body, MHD_RESPMEM_MUST_FREE);
    if (response == NULL) {
        free(answer.body);
        return MHD_NO;
    }
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer.type);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    enum MHD_Result result = MHD_queue_response(connection, answer.status, response);
    MHD_destroy_response(response);
    return result;
}

mneme_http *mneme_http_start(int listening, mneme_http_ask ask, void *context) {
    struct mneme_http *server = malloc(sizeof *server);
    if (server == NULL) return NULL;
    server->ask = ask;
    server->context = context;
    server->daemon = MHD_start_daemon(
        MHD_USE_AUTO | MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, handle, server,
        MHD_OPTION_LISTEN_SOCKET, (MHD_socket)listening, MHD_OPTION_CONNECTION_LIMIT,
        connection_limit, MHD_OPTION_CONNECTION_TIMEOUT, timeout_seconds,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, connection_memory, MHD_OPTION_END);
    if (server->daemon == NULL) {
        free(server);
        return NULL;
    }
    return server;
}

void mneme_http_stop(mneme_http *server) {
    MHD_stop_daemon(server->daemon);
    free(server);
}
