// AES-256-GCM, HKDF-SHA256 and SHA-256 by OpenSSL's libcrypto, as formats/encryption.md and
// formats/security.md use them.
#ifndef MNEME_CCIPHER_H
#define MNEME_CCIPHER_H

#include <stddef.h>
#include <stdint.h>

/// A key that is ready for use, by one thread at a time.
typedef struct mneme_cipher mneme_cipher;

/// Makes a key of 32 bytes ready; null where memory or the algorithm cannot be had.
mneme_cipher *mneme_cipher_make(const uint8_t *key);

/// The same key for another thread; null where memory cannot be had.
mneme_cipher *mneme_cipher_copy(const mneme_cipher *cipher);

/// Wipes a key and gives its memory back.
void mneme_cipher_free(mneme_cipher *cipher);

/// Enciphers `count` bytes, below 2³¹; `from` and `to` may be one. The nonce has 12 bytes, the tag
/// 16; `head` is authenticated beside them. 1 when it was done.
int mneme_cipher_seal(mneme_cipher *cipher, const uint8_t *nonce, const void *head, size_t head_count,
                      const void *from, size_t count, void *to, uint8_t *tag);

/// Deciphers `count` bytes, below 2³¹. 1 when the tag is theirs; else `to` is wiped.
int mneme_cipher_open(mneme_cipher *cipher, const uint8_t *nonce, const void *head, size_t head_count,
                      const void *from, size_t count, void *to, const uint8_t *tag);

/// HKDF with SHA-256 (RFC 5869), at most 8,160 bytes. 1 when it was done.
int mneme_hkdf(const void *key, size_t key_count, const void *salt, size_t salt_count,
               const void *info, size_t info_count, uint8_t *to, size_t count);

/// SHA-256 (FIPS 180-4): 32 bytes. 1 when it was done.
int mneme_sha256(const void *from, size_t count, uint8_t *to);

/// Whether bytes are the same, in a time that says nothing of where they differ.
int mneme_same(const void *left, const void *right, size_t count);

/// Zeroes memory that nobody reads afterwards.
void mneme_wipe(void *bytes, size_t count);

#endif
