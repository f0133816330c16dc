// The key of an open store, and the keys that follow from it.
// Format: formats/encryption.md#keys.

/// What an encrypted store's files are read and written with.
package final class Vault: Sendable {
    /// Bytes of a segment's salt, and of a session's.
    package static let segmentSaltCount = 32
    package static let sessionSaltCount = 12

    /// The store key.
    package let key: SecretKey
    private let identity: [UInt8]
    private let randomness: any Randomness
    private let watch: (@Sendable (Sealing) -> Void)?

    /// The vault of a store; identity in two halves.
    package init(
        _ key: SecretKey,
        identity high: UInt64,
        _ low: UInt64,
        randomness: any Randomness,
        watch: (@Sendable (Sealing) -> Void)? = nil
    ) {
        self.key = key
        var writer = ByteWriter(capacity: 16)
        writer.put(high)
        writer.put(low)
        identity = writer.bytes
        self.randomness = randomness
        self.watch = watch
    }

    /// A number that nobody foresees.
    package func draw() -> UInt64 { randomness.next() }

    /// Bytes that nobody foresees.
    package func draw(count: Int) -> [UInt8] { Self.draw(count: count, from: randomness) }

    /// Bytes that nobody foresees.
    package static func draw(count: Int, from randomness: any Randomness) -> [UInt8] {
        var writer = ByteWriter(capacity: count + 8)
        while writer.bytes.count < count { writer.put(randomness.next()) }
        return Array(writer.bytes.prefix(count))
    }

    /// The cipher of a segment of the log.
    package func segment(_ number: UInt64, salt: [UInt8]) -> Cipher {
        var info = ByteWriter()
        info.put(Array("mneme segment".utf8))
        info.put(identity)
        info.put(number)
        return Cipher(key.derived(salt: salt, info: info.bytes), watch: watch)
    }

    /// The cipher of one opening's writes into the page file.
    package func session(salt: [UInt8]) -> Cipher {
        let info = Array("mneme pages".utf8) + identity
        return Cipher(key.derived(salt: salt, info: info), watch: watch)
    }
}
