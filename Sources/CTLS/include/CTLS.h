// TLS 1.3 by OpenSSL's libssl, without sockets: bytes of the network go in and come out by memory,
// as formats/security.md#tls has it.
#ifndef MNEME_CTLS_H
#define MNEME_CTLS_H

#include <stddef.h>
#include <stdint.h>

/// What the connections of one side have in common: certificate, key, and whom it believes.
typedef struct mneme_tls_context mneme_tls_context;

/// One end of a connection, used by one thread at a time.
typedef struct mneme_tls mneme_tls;

/// Makes what connections have in common; null where that cannot be had, and then `why`, of
/// `why_count` bytes, says why.
///
/// `certificate` and `key` are paths of PEM files, both null where this side shows none.
/// `authorities` is the path of a PEM file with those who are believed; null for the system's own
/// on a client, and on a server for asking nobody for a certificate. `demands`: whether a server
/// lets nobody in without one.
mneme_tls_context *mneme_tls_context_make(int is_server, const char *certificate, const char *key,
                                          const char *authorities, int demands, char *why,
                                          size_t why_count);

/// The same for another holder.
mneme_tls_context *mneme_tls_context_share(mneme_tls_context *context);

/// Gives it back.
void mneme_tls_context_free(mneme_tls_context *context);

/// Makes one end of a connection; null where memory cannot be had. `name` is the server's, which a
/// client holds the certificate against; null on a server.
mneme_tls *mneme_tls_make(mneme_tls_context *context, const char *name);

/// Gives it back.
void mneme_tls_free(mneme_tls *tls);

/// Goes on with the handshake as far as the bytes that came allow: 1 when it is over, 0 when more
/// are needed, -1 when it failed.
int mneme_tls_shake(mneme_tls *tls);

/// Takes bytes that came. 1 when they were taken, 0 where there is no memory.
int mneme_tls_feed(mneme_tls *tls, const void *bytes, size_t count);

/// Reads what was said: how many bytes, 0 when more are needed, -1 when the other side said that it
/// was all, -2 when it failed.
long mneme_tls_read(mneme_tls *tls, void *to, size_t count);

/// Says something, after the handshake: 1 when it was taken, -2 when it failed.
int mneme_tls_write(mneme_tls *tls, const void *bytes, size_t count);

/// Says that this was all.
void mneme_tls_finish(mneme_tls *tls);

/// How many bytes wait to be sent.
size_t mneme_tls_waiting(const mneme_tls *tls);

/// Takes bytes that are to be sent: how many.
size_t mneme_tls_take(mneme_tls *tls, void *to, size_t count);

/// The common name in the certificate that the other side has shown and that was verified: how many
/// bytes, 0 where it has shown none.
size_t mneme_tls_peer(const mneme_tls *tls, char *to, size_t count);

/// Why it failed, as a text that ends with a zero.
void mneme_tls_why(const mneme_tls *tls, char *to, size_t count);

#endif
