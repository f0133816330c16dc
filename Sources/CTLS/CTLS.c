// Each end has two buffers in memory in the place of a socket: OpenSSL reads what came from one and
// writes what is to be sent to the other, and never waits.
#include "CTLS.h"
#include <limits.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <string.h>

struct mneme_tls {
    SSL *ssl;
    BIO *in;
    BIO *out;
    long verified;
    unsigned long error;
};

static SSL_CTX *context_of(mneme_tls_context *context) { return (SSL_CTX *)context; }

static void tell(char *why, size_t count, const char *what, const char *path) {
    char text[256];
    unsigned long error = ERR_peek_last_error();
    ERR_error_string_n(error, text, sizeof text);
    const char *reason = error ? ERR_reason_error_string(error) : NULL;
    BIO_snprintf(why, count, "%s%s%s: %s", what, path ? " " : "", path ? path : "",
                 reason ? reason : error ? text : "no reason is given");
    ERR_clear_error();
}

mneme_tls_context *mneme_tls_context_make(int is_server, const char *certificate, const char *key,
                                          const char *authorities, int demands, char *why,
                                          size_t why_count) {
    ERR_clear_error();
    SSL_CTX *made = SSL_CTX_new(is_server ? TLS_server_method() : TLS_client_method());
    if (!made) {
        tell(why, why_count, "TLS cannot be had", NULL);
        return NULL;
    }
    SSL_CTX_set_min_proto_version(made, TLS1_3_VERSION);
    SSL_CTX_set_mode(made, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                               SSL_MODE_RELEASE_BUFFERS);
    // A session that is taken up again would go around a certificate that was taken away.
    SSL_CTX_set_session_cache_mode(made, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(made, 0);
    if (certificate && SSL_CTX_use_certificate_chain_file(made, certificate) != 1) {
        tell(why, why_count, "the certificate cannot be read from", certificate);
        SSL_CTX_free(made);
        return NULL;
    }
    if (key && SSL_CTX_use_PrivateKey_file(made, key, SSL_FILETYPE_PEM) != 1) {
        tell(why, why_count, "the key cannot be read from, or is not the certificate's:", key);
        SSL_CTX_free(made);
        return NULL;
    }
    if (certificate && SSL_CTX_check_private_key(made) != 1) {
        tell(why, why_count, "the key is not the certificate's:", key);
        SSL_CTX_free(made);
        return NULL;
    }
    int is_read = 1;
    if (authorities) {
        is_read = SSL_CTX_load_verify_locations(made, authorities, NULL);
        if (is_read == 1 && is_server) {
            STACK_OF(X509_NAME) *names = SSL_load_client_CA_file(authorities);
            if (names) SSL_CTX_set_client_CA_list(made, names);
        }
    } else if (!is_server) {
        is_read = SSL_CTX_set_default_verify_paths(made);
    }
    if (is_read != 1) {
        tell(why, why_count, "the authorities cannot be read from", authorities);
        SSL_CTX_free(made);
        return NULL;
    }
    int mode = SSL_VERIFY_NONE;
    if (!is_server || authorities) mode = SSL_VERIFY_PEER;
    if (is_server && authorities && demands) mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
    SSL_CTX_set_verify(made, mode, NULL);
    return (mneme_tls_context *)made;
}

mneme_tls_context *mneme_tls_context_share(mneme_tls_context *context) {
    return SSL_CTX_up_ref(context_of(context)) == 1 ? context : NULL;
}

void mneme_tls_context_free(mneme_tls_context *context) { SSL_CTX_free(context_of(context)); }

mneme_tls *mneme_tls_make(mneme_tls_context *context, const char *name) {
    mneme_tls *made = OPENSSL_zalloc(sizeof *made);
    if (!made) return NULL;
    made->verified = X509_V_OK;
    made->ssl = SSL_new(context_of(context));
    made->in = BIO_new(BIO_s_mem());
    made->out = BIO_new(BIO_s_mem());
    if (!made->ssl || !made->in || !made->out) {
        BIO_free(made->in);
        BIO_free(made->out);
        SSL_free(made->ssl);
        OPENSSL_free(made);
        return NULL;
    }
    // An empty buffer means that more is to come.
    BIO_set_mem_eof_return(made->in, -1);
    BIO_set_mem_eof_return(made->out, -1);
    SSL_set_bio(made->ssl, made->in, made->out);
    if (!name) {
        SSL_set_accept_state(made->ssl);
        return made;
    }
    SSL_set_connect_state(made->ssl);
    // The name may be that of a host or a number of an address.
    X509_VERIFY_PARAM *wanted = SSL_get0_param(made->ssl);
    int is_set = X509_VERIFY_PARAM_set1_ip_asc(wanted, name);
    if (is_set != 1) {
        ERR_clear_error();
        X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
        is_set = X509_VERIFY_PARAM_set1_host(wanted, name, 0) == 1 &&
                 SSL_set_tlsext_host_name(made->ssl, name) == 1;
    }
    if (is_set != 1) {
        mneme_tls_free(made);
        return NULL;
    }
    return made;
}

void mneme_tls_free(mneme_tls *tls) {
    if (!tls) return;
    SSL_free(tls->ssl);
    OPENSSL_free(tls);
}

// What became of a call: 1 done, 0 more is needed, -1 the other side has ended, -2 failed.
static int outcome(mneme_tls *tls, int result) {
    if (result > 0) return 1;
    switch (SSL_get_error(tls->ssl, result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE: return 0;
    case SSL_ERROR_ZERO_RETURN: return -1;
    default:
        tls->verified = SSL_get_verify_result(tls->ssl);
        tls->error = ERR_peek_error();
        ERR_clear_error();
        return -2;
    }
}

int mneme_tls_shake(mneme_tls *tls) {
    ERR_clear_error();
    int result = outcome(tls, SSL_do_handshake(tls->ssl));
    return result < 0 ? -1 : result;
}

int mneme_tls_feed(mneme_tls *tls, const void *bytes, size_t count) {
    while (count > 0) {
        int part = count > INT_MAX ? INT_MAX : (int)count;
        int taken = BIO_write(tls->in, bytes, part);
        if (taken <= 0) return 0;
        bytes = (const uint8_t *)bytes + taken;
        count -= (size_t)taken;
    }
    return 1;
}

long mneme_tls_read(mneme_tls *tls, void *to, size_t count) {
    ERR_clear_error();
    int part = count > INT_MAX ? INT_MAX : (int)count;
    int result = SSL_read(tls->ssl, to, part);
    return result > 0 ? result : outcome(tls, result);
}

int mneme_tls_write(mneme_tls *tls, const void *bytes, size_t count) {
    while (count > 0) {
        ERR_clear_error();
        int part = count > INT_MAX ? INT_MAX : (int)count;
        int taken = SSL_write(tls->ssl, bytes, part);
        if (taken <= 0) {
            outcome(tls, taken);
            return -2;
        }
        bytes = (const uint8_t *)bytes + taken;
        count -= (size_t)taken;
    }
    return 1;
}

void mneme_tls_finish(mneme_tls *tls) {
    ERR_clear_error();
    if (SSL_is_init_finished(tls->ssl)) SSL_shutdown(tls->ssl);
    ERR_clear_error();
}

size_t mneme_tls_waiting(const mneme_tls *tls) { return BIO_ctrl_pending(tls->out); }

size_t mneme_tls_take(mneme_tls *tls, void *to, size_t count) {
    int part = count > INT_MAX ? INT_MAX : (int)count;
    int taken = BIO_read(tls->out, to, part);
    return taken > 0 ? (size_t)taken : 0;
}

size_t mneme_tls_peer(const mneme_tls *tls, char *to, size_t count) {
    X509 *certificate = SSL_get0_peer_certificate(tls->ssl);
    if (!certificate || SSL_get_verify_result(tls->ssl) != X509_V_OK || count > INT_MAX) return 0;
    X509_NAME *subject = X509_get_subject_name(certificate);
    int place = subject ? X509_NAME_get_index_by_NID(subject, NID_commonName, -1) : -1;
    if (place < 0) return 0;
    // More than one would let the bearer choose.
    if (X509_NAME_get_index_by_NID(subject, NID_commonName, place) >= 0) return 0;
    ASN1_STRING *data = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, place));
    unsigned char *text = NULL;
    int length = data ? ASN1_STRING_to_UTF8(&text, data) : -1;
    size_t told = length > 0 && (size_t)length <= count ? (size_t)length : 0;
    // A name with a zero in it would be told as what stands before that.
    if (told && memchr(text, 0, told)) told = 0;
    if (told) memcpy(to, text, told);
    OPENSSL_free(text);
    return told;
}

void mneme_tls_why(const mneme_tls *tls, char *to, size_t count) {
    if (tls->verified != X509_V_OK) {
        BIO_snprintf(to, count, "%s", X509_verify_cert_error_string(tls->verified));
        return;
    }
    const char *reason = tls->error ? ERR_reason_error_string(tls->error) : NULL;
    BIO_snprintf(to, count, "%s", reason ? reason : "the connection ended in the handshake");
}
