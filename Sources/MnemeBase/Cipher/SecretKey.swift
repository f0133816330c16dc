// Keys: bytes that are wiped when nobody needs them any more, and that nothing prints.
// Format: formats/encryption.md#keys.

internal import CCipher

/// A key of 32 bytes.
///
/// SAFETY: the bytes are written once, before anybody else has the object, and wiped when the last
/// reference goes.
@safe package final class SecretKey: Sendable {
    /// Bytes of a key.
    package static let byteCount = 32

    private nonisolated(unsafe) let bytes: UnsafeMutablePointer<UInt8>

    private init() {
        unsafe bytes = .allocate(capacity: Self.byteCount)
        unsafe bytes.initialize(repeating: 0, count: Self.byteCount)
    }

    /// A key of its bytes, nil where there are not exactly 32.
    package convenience init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        self.init()
        for (index, byte) in bytes.enumerated() { unsafe self.bytes[index] = byte }
    }

    /// A key that is drawn.
    package convenience init(drawnFrom randomness: any Randomness) {
        self.init()
        for index in 0..<Self.byteCount / 8 {
            unsafe UnsafeMutableRawPointer(bytes)
                .storeBytes(of: randomness.next(), toByteOffset: index * 8, as: UInt64.self)
        }
    }

    deinit {
        unsafe mneme_wipe(bytes, Self.byteCount)
        unsafe bytes.deallocate()
    }

    /// The key that follows from this one by HKDF-SHA256.
    package func derived(salt: [UInt8], info: [UInt8]) -> SecretKey {
        let key = SecretKey()
        let isMade = unsafe withBytes { input in
            unsafe KeyDerivation.derive(
                from: input,
                salt: salt,
                info: info,
                into: UnsafeMutableBufferPointer(start: key.bytes, count: Self.byteCount)
            )
        }
        guard isMade else { preconditionFailure("no memory for a key") }
        return key
    }

    /// Hands out the bytes, good until `body` returns.
    package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        defer { withExtendedLifetime(self) {} }
        return unsafe body(UnsafeRawBufferPointer(start: bytes, count: Self.byteCount))
    }

    /// What tells it from other keys in a test; says nothing of its bytes that can be used.
    package var fingerprint: UInt64 {
        unsafe withBytes { unsafe Checksum.xxh3(RawSpan(_unsafeBytes: $0), seed: 1) }
    }
}

/// HKDF with SHA-256 (RFC 5869).
package enum KeyDerivation {
    /// The bytes that follow from a key; nil where there is no memory.
    ///
    /// - Precondition: `info` has at most 256 bytes, and at most 8,160 are wanted.
    package static func bytes(
        from key: [UInt8],
        salt: [UInt8],
        info: [UInt8],
        count: Int
    ) -> [UInt8]? {
        let made = unsafe [UInt8](unsafeUninitializedCapacity: count) { target, written in
            let isMade = unsafe key.withUnsafeBytes { key in
                unsafe derive(
                    from: key,
                    salt: salt,
                    info: info,
                    into: UnsafeMutableBufferPointer(start: target.baseAddress, count: count)
                )
            }
            written = isMade ? count : 0
        }
        return made.count == count ? made : nil
    }

    fileprivate static func derive(
        from key: UnsafeRawBufferPointer,
        salt: [UInt8],
        info: [UInt8],
        into target: UnsafeMutableBufferPointer<UInt8>
    ) -> Bool {
        precondition(info.count <= 256 && target.count <= 255 * 32)
        return unsafe salt.withUnsafeBytes { salt in
            unsafe info.withUnsafeBytes { info in
                unsafe mneme_hkdf(
                    key.baseAddress,
                    key.count,
                    salt.baseAddress,
                    salt.count,
                    info.baseAddress,
                    info.count,
                    target.baseAddress,
                    target.count
                ) == 1
            }
        }
    }
}

extension Cipher {
    /// Enciphers a key under a nonce of zeros.
    ///
    /// - Precondition: the cipher's key is used for nothing else.
    package func seal(_ key: SecretKey, head: [UInt8]) -> (sealed: [UInt8], tag: [UInt8]) {
        var sealed = unsafe key.withBytes { unsafe Array($0) }
        var tag = [UInt8](repeating: 0, count: Self.tagCount)
        unsafe sealed.withUnsafeMutableBytes { bytes in
            unsafe tag.withUnsafeMutableBytes { tag in
                unsafe head.withUnsafeBytes { head in
                    guard let tag = tag.baseAddress else { return }
                    unsafe seal(bytes, head: head, Nonce(0, 0), tag: tag)
                }
            }
        }
        return (sealed, tag)
    }

    /// Deciphers a key, nil when it was not enciphered so.
    package func open(_ sealed: [UInt8], head: [UInt8], tag: [UInt8]) -> SecretKey? {
        guard sealed.count == SecretKey.byteCount, tag.count == Self.tagCount else { return nil }
        var plain = [UInt8](repeating: 0, count: sealed.count)
        defer {
            unsafe plain.withUnsafeMutableBytes { unsafe mneme_wipe($0.baseAddress, $0.count) }
        }
        let isOpen = unsafe sealed.withUnsafeBytes { bytes in
            unsafe tag.withUnsafeBytes { tag in
                unsafe head.withUnsafeBytes { head in
                    unsafe plain.withUnsafeMutableBytes { plain in
                        guard let tag = tag.baseAddress, let to = plain.baseAddress else {
                            return false
                        }
                        return unsafe open(bytes, head: head, Nonce(0, 0), tag: tag, into: to)
                    }
                }
            }
        }
        return isOpen ? SecretKey(plain) : nil
    }
}
