// AES-256-GCM under one key. Contexts of OpenSSL are made once and lent: a message costs a nonce,
// and not the schedule of a key.

internal import CCipher
internal import Synchronization

/// What makes a message's use of a key its own: 12 bytes, the first number's before the second's.
package struct Nonce: Hashable, Sendable {
    package let first: UInt64
    package let second: UInt32

    /// From its two parts.
    package init(_ first: UInt64, _ second: UInt32) {
        self.first = first
        self.second = second
    }
}

/// What a key was used for once; for tests that hold all of them against each other.
package struct Sealing: Hashable, Sendable {
    /// The key's fingerprint.
    package let key: UInt64
    package let nonce: Nonce
    /// XXH3-64 of what was enciphered.
    package let plain: UInt64
}

/// A key that is ready for use, by any number of threads.
///
/// SAFETY: a context is used by whoever has taken it out of `spare`, and by nobody else.
@safe package final class Cipher: Sendable {
    /// Bytes of a tag.
    package static let tagCount = 16

    /// SAFETY: lent to one thread at a time.
    @safe private struct Context: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    private let first: Context
    private let spare = Mutex<[Context]>([])
    private let fingerprint: UInt64
    private let watch: (@Sendable (Sealing) -> Void)?

    /// Makes a key ready.
    ///
    /// `watch` is told of everything that is enciphered.
    package init(_ key: SecretKey, watch: (@Sendable (Sealing) -> Void)? = nil) {
        let made = unsafe key.withBytes {
            unsafe mneme_cipher_make($0.bindMemory(to: UInt8.self).baseAddress)
        }
        guard let made = unsafe made else { preconditionFailure("no AES-256-GCM") }
        first = unsafe Context(pointer: made)
        fingerprint = watch == nil ? 0 : key.fingerprint
        self.watch = watch
    }

    deinit {
        for context in spare.withLock({ $0 }) { unsafe mneme_cipher_free(context.pointer) }
        unsafe mneme_cipher_free(first.pointer)
    }

    /// Enciphers bytes where they stand, and writes their tag of 16 bytes.
    ///
    /// - Precondition: fewer than 2³¹ bytes, and a nonce that the key never had before.
    package func seal(
        _ bytes: UnsafeMutableRawBufferPointer,
        head: UnsafeRawBufferPointer,
        _ nonce: Nonce,
        tag: UnsafeMutableRawPointer
    ) {
        if let watch {
            let plain = unsafe Checksum.xxh3(
                RawSpan(_unsafeBytes: UnsafeRawBufferPointer(bytes)),
                seed: 0
            )
            watch(Sealing(key: fingerprint, nonce: nonce, plain: plain))
        }
        let isSealed = withContext { context in
            unsafe Self.withNonce(nonce) { nonce in
                unsafe mneme_cipher_seal(
                    context.pointer,
                    nonce,
                    head.baseAddress,
                    head.count,
                    bytes.baseAddress,
                    bytes.count,
                    bytes.baseAddress,
                    tag.assumingMemoryBound(to: UInt8.self)
                ) == 1
            }
        }
        guard isSealed else { preconditionFailure("bytes could not be enciphered") }
    }

    /// Deciphers bytes to another place, where there is room for as many; false, and nothing of
    /// them stands there, when the tag is not theirs.
    ///
    /// - Precondition: fewer than 2³¹ bytes.
    package func open(
        _ bytes: UnsafeRawBufferPointer,
        head: UnsafeRawBufferPointer,
        _ nonce: Nonce,
        tag: UnsafeRawPointer,
        into target: UnsafeMutableRawPointer
    ) -> Bool {
        withContext { context in
            unsafe Self.withNonce(nonce) { nonce in
                unsafe mneme_cipher_open(
                    context.pointer,
                    nonce,
                    head.baseAddress,
                    head.count,
                    bytes.baseAddress,
                    bytes.count,
                    target,
                    tag.assumingMemoryBound(to: UInt8.self)
                ) == 1
            }
        }
    }

    /// Lends a context that nobody else uses meanwhile.
    private func withContext<Result>(_ body: (Context) -> Result) -> Result {
        let context = spare.withLock { $0.popLast() } ?? copied()
        defer { spare.withLock { $0.append(context) } }
        return body(context)
    }

    /// The first one is never lent, so that it may be copied at any time.
    private func copied() -> Context {
        guard let made = unsafe mneme_cipher_copy(first.pointer) else {
            preconditionFailure("no memory for a key")
        }
        return unsafe Context(pointer: made)
    }

    private static func withNonce<Result>(
        _ nonce: Nonce,
        _ body: (UnsafePointer<UInt8>) -> Result
    ) -> Result {
        unsafe withUnsafeTemporaryAllocation(byteCount: 12, alignment: 8) { room in
            unsafe room.storeBytes(of: nonce.first.littleEndian, as: UInt64.self)
            unsafe room.storeBytes(of: nonce.second.littleEndian, toByteOffset: 8, as: UInt32.self)
            guard let base = unsafe room.bindMemory(to: UInt8.self).baseAddress else {
                preconditionFailure("no room on the stack")
            }
            return unsafe body(base)
        }
    }
}
