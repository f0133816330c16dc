// Which store a directory holds, and, of an encrypted one, the key that its contents are enciphered
// with. Format: formats/store.md#identity, formats/encryption.md#identity-file.

internal import MnemeBase
internal import MnemePages

/// The file that makes a directory a store.
///
/// Format: formats/store.md#identity.
struct IdentityFile: Equatable {
    private static let magic: UInt64 = 0x3154_5345_4d45_4e4d  // "MNEMEST1"
    static let version: UInt32 = 1
    static let byteCount = 40
    /// Of encrypted stores: version, cipher, bytes, a copy's bytes and where the second one stands.
    static let encryptedVersion: UInt32 = 2
    private static let cipher: UInt32 = 1
    static let encryptedByteCount = secondCopy + copySize
    private static let copySize = 128
    static let secondCopy = 2048

    let identity: StoreIdentity
    /// The store key; nil where the store is not encrypted.
    let wrapped: WrappedKey?

    init(_ identity: StoreIdentity, _ wrapped: WrappedKey? = nil) {
        self.identity = identity
        self.wrapped = wrapped
    }

    /// Reads a file.
    ///
    /// - Throws: `.malformed` when the bytes are not those that were written, `.newer`.
    init(_ bytes: [UInt8]) throws(IdentityError) {
        for start in [0, Self.secondCopy] where bytes.count >= start + Self.copySize {
            let copy = Array(bytes[start..<(start + Self.copySize)])
            if let read = try Self.read(copy: copy) {
                self = read
                return
            }
        }
        var reader = ByteReader(bytes)
        guard let checksum = try? reader.get(UInt64.self),
            let magic = try? reader.get(UInt64.self), magic == Self.magic,
            checksum == Checksum.xxh3(Array(bytes.dropFirst(8))),
            let version = try? reader.get(UInt32.self)
        else { throw .malformed }
        guard version == Self.version else { throw .newer(version: version) }
        guard (try? reader.get(UInt32.self)) != nil, let high = try? reader.get(UInt64.self),
            let low = try? reader.get(UInt64.self)
        else { throw .malformed }
        self.init(StoreIdentity(high: high, low: low))
    }

    /// A copy of an encrypted store's file, nil when it is none or damaged.
    private static func read(copy: [UInt8]) throws(IdentityError) -> IdentityFile? {
        var reader = ByteReader(copy)
        reader.offset = copySize - 8
        guard let checksum = try? reader.get(UInt64.self),
            checksum == Checksum.xxh3(Array(copy[8..<(copySize - 8)]))
        else { return nil }
        reader.offset = 8
        guard (try? reader.get(UInt64.self)) == magic,
            let version = try? reader.get(UInt32.self), version >= encryptedVersion,
            let cipher = try? reader.get(UInt32.self)
        else { return nil }
        guard version == encryptedVersion, cipher == Self.cipher else {
            throw .newer(version: version)
        }
        guard let high = try? reader.get(UInt64.self), let low = try? reader.get(UInt64.self),
            let salt = try? reader.get(count: WrappedKey.saltCount),
            let sealed = try? reader.get(count: SecretKey.byteCount),
            let tag = try? reader.get(count: Cipher.tagCount)
        else { return nil }
        return IdentityFile(
            StoreIdentity(high: high, low: low),
            WrappedKey(salt: salt, sealed: sealed, tag: tag)
        )
    }

    /// What stands before the wrapped key, without the checksum.
    static func head(_ identity: StoreIdentity, isEncrypted: Bool) -> [UInt8] {
        var writer = ByteWriter()
        writer.put(magic)
        writer.put(isEncrypted ? encryptedVersion : version)
        writer.put(isEncrypted ? cipher : 0)
        writer.put(identity.high)
        writer.put(identity.low)
        return writer.bytes
    }

    /// The file.
    var bytes: [UInt8] {
        let head = Self.head(identity, isEncrypted: wrapped != nil)
        var body = ByteWriter()
        body.put(head)
        if let wrapped {
            body.put(wrapped.salt)
            body.put(wrapped.sealed)
            body.put(wrapped.tag)
            body.put(Checksum.xxh3(body.bytes))
            let copy = body.bytes
            body.put([UInt8](repeating: 0, count: Self.secondCopy - copy.count))
            body.put(copy)
        }
        var writer = ByteWriter()
        writer.put(Checksum.xxh3(body.bytes))
        writer.put(body.bytes)
        return writer.bytes
    }
}

/// Why an identity file is refused.
enum IdentityError: Error {
    /// It is damaged, or was never one.
    case malformed
    case newer(version: UInt32)
}
