// Which store a directory holds. Format: formats/store.md#identity.

internal import MnemeBase
internal import MnemePages

/// The file that makes a directory a store.
///
/// Format: formats/store.md#identity.
enum IdentityFile {
    private static let magic: UInt64 = 0x3154_5345_4d45_4e4d  // "MNEMEST1"
    static let version: UInt32 = 1
    static let byteCount = 40

    static func bytes(_ identity: StoreIdentity) -> [UInt8] {
        var body = ByteWriter()
        body.put(magic)
        body.put(version)
        body.put(UInt32(0))
        body.put(identity.high)
        body.put(identity.low)
        var writer = ByteWriter()
        writer.put(Checksum.xxh3(body.bytes))
        writer.put(body.bytes)
        return writer.bytes
    }

    /// - Throws: `.malformed` when the bytes are not those that were written, `.newer`.
    static func read(_ bytes: [UInt8]) throws(IdentityError) -> StoreIdentity {
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
        return StoreIdentity(high: high, low: low)
    }
}

/// Why an identity file is refused.
enum IdentityError: Error {
    /// It is damaged, or was never one.
    case malformed
    case newer(version: UInt32)
}
