// A context of OpenSSL is made once for a key, and keeps the key's schedule: each message costs a
// nonce, not a key. The one context serves both directions, as the schedule of GCM is one.
#include "CCipher.h"
#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

static EVP_CIPHER_CTX *context(const mneme_cipher *cipher) { return (EVP_CIPHER_CTX *)cipher; }

mneme_cipher *mneme_cipher_make(const uint8_t *key) {
    EVP_CIPHER_CTX *made = EVP_CIPHER_CTX_new();
    if (made && EVP_CipherInit_ex(made, EVP_aes_256_gcm(), NULL, key, NULL, 1) == 1)
        return (mneme_cipher *)made;
    EVP_CIPHER_CTX_free(made);
    return NULL;
}

mneme_cipher *mneme_cipher_copy(const mneme_cipher *cipher) {
    EVP_CIPHER_CTX *made = EVP_CIPHER_CTX_new();
    if (made && EVP_CIPHER_CTX_copy(made, context(cipher)) == 1) return (mneme_cipher *)made;
    EVP_CIPHER_CTX_free(made);
    return NULL;
}

void mneme_cipher_free(mneme_cipher *cipher) { EVP_CIPHER_CTX_free(context(cipher)); }

// Begins a message and takes in its head.
static int begin(EVP_CIPHER_CTX *made, const uint8_t *nonce, const void *head, size_t head_count,
                 size_t count, int seals) {
    int done = 0;
    if (head_count > INT_MAX || count > INT_MAX) return 0;
    if (EVP_CipherInit_ex(made, NULL, NULL, NULL, nonce, seals) != 1) return 0;
    return head_count == 0 || EVP_CipherUpdate(made, NULL, &done, head, (int)head_count) == 1;
}

int mneme_cipher_seal(mneme_cipher *cipher, const uint8_t *nonce, const void *head, size_t head_count,
                      const void *from, size_t count, void *to, uint8_t *tag) {
    EVP_CIPHER_CTX *made = context(cipher);
    int done = 0;
    uint8_t rest[16];
    if (!begin(made, nonce, head, head_count, count, 1)) return 0;
    if (count > 0 && EVP_CipherUpdate(made, to, &done, from, (int)count) != 1) return 0;
    if (EVP_CipherFinal_ex(made, rest, &done) != 1) return 0;
    return EVP_CIPHER_CTX_ctrl(made, EVP_CTRL_AEAD_GET_TAG, 16, tag) == 1;
}

int mneme_cipher_open(mneme_cipher *cipher, const uint8_t *nonce, const void *head, size_t head_count,
                      const void *from, size_t count, void *to, const uint8_t *tag) {
    EVP_CIPHER_CTX *made = context(cipher);
    int done = 0;
    uint8_t rest[16], expected[16];
    memcpy(expected, tag, sizeof expected);
    int opened = begin(made, nonce, head, head_count, count, 0) &&
                 (count == 0 || EVP_CipherUpdate(made, to, &done, from, (int)count) == 1) &&
                 EVP_CIPHER_CTX_ctrl(made, EVP_CTRL_AEAD_SET_TAG, 16, expected) == 1 &&
                 EVP_CipherFinal_ex(made, rest, &done) == 1;
    if (!opened && count > 0) OPENSSL_cleanse(to, count);
    return opened;
}

static int hmac(const void *key, size_t key_count, const uint8_t *bytes, size_t count, uint8_t *to) {
    static const uint8_t none = 0;
    unsigned int length = 0;
    if (key_count > INT_MAX) return 0;
    return HMAC(EVP_sha256(), key_count ? key : &none, (int)key_count, bytes, count, to, &length) &&
           length == 32;
}

int mneme_hkdf(const void *key, size_t key_count, const void *salt, size_t salt_count,
               const void *info, size_t info_count, uint8_t *to, size_t count) {
    // A message of one step: the block before, the info, the step's number.
    uint8_t random[32], block[32], message[32 + 256 + 1];
    const uint8_t zeros[32] = {0};
    if (info_count > 256 || count > 255 * 32) return 0;
    int good = hmac(salt_count ? salt : zeros, salt_count ? salt_count : 32, key, key_count, random);
    size_t before = 0, made = 0;
    for (uint8_t step = 1; good && made < count; step++) {
        memcpy(message, block, before);
        memcpy(message + before, info, info_count);
        message[before + info_count] = step;
        good = hmac(random, 32, message, before + info_count + 1, block);
        before = 32;
        size_t part = count - made < 32 ? count - made : 32;
        if (good) memcpy(to + made, block, part);
        made += part;
    }
    OPENSSL_cleanse(random, sizeof random);
    OPENSSL_cleanse(block, sizeof block);
    OPENSSL_cleanse(message, sizeof message);
    return good;
}

int mneme_sha256(const void *from, size_t count, uint8_t *to) {
    return EVP_Digest(from, count, to, NULL, EVP_sha256(), NULL) == 1;
}

int mneme_same(const void *left, const void *right, size_t count) {
    return CRYPTO_memcmp(left, right, count) == 0;
}

void mneme_wipe(void *bytes, size_t count) { OPENSSL_cleanse(bytes, count); }
