// Where records are that were looked at by their keys: the ordinal that a key had. A hint may be
// about another key or of another time, and is nothing but a guess: whoever follows it must find
// the version of that very key to be the newest of its ordinal, and alive. Then it is what the tree
// would lead to, as no two records that are there have one key.

internal import MnemeBase
internal import MnemeModel

/// Ordinals by key.
///
/// For any thread.
final class KeyHints: Sendable {
    /// A word is an ordinal, and bits of the key's hash above it.
    private static let ordinalBits: UInt64 = 48

    private let words: AtomicWords

    /// Room for the keys of about so many bytes of records.
    init(recordBytes: Int) { words = AtomicWords(atLeast: max(64, recordBytes / 1024)) }

    /// The ordinal that a key may have, nil when nothing is known of it.
    func find(_ collection: UInt16, _ key: Key) -> UInt64? {
        let hash = Self.hash(collection, key)
        let word = words.load(Int(truncatingIfNeeded: hash))
        guard word != 0, (word ^ hash) >> Self.ordinalBits == 0 else { return nil }
        return word & (1 << Self.ordinalBits - 1)
    }

    /// Notes the ordinal of a key.
    func note(_ collection: UInt16, _ key: Key, _ ordinal: UInt64) {
        guard ordinal >> Self.ordinalBits == 0 else { return }
        let hash = Self.hash(collection, key)
        let tag = hash & ~(1 << Self.ordinalBits - 1)
        words.store(tag | ordinal, Int(truncatingIfNeeded: hash))
    }

    /// The same for the same key of a collection.
    static func hash(_ collection: UInt16, _ key: Key) -> UInt64 {
        let start = UInt64(collection)
        switch key {
        case .uuid(let id): return mix(mix(start, id.high), id.low)
        case .int(let number): return mix(start, UInt64(bitPattern: number))
        case .text(let text): return mix(start, text.plainHash(seed: start))
        }
    }

    private static func mix(_ hash: UInt64, _ word: UInt64) -> UInt64 {
        let product = (hash ^ word).multipliedFullWidth(by: 0x9e37_79b9_7f4a_7c15)
        return (product.high ^ product.low) &+ 0x2545_f491_4f6c_dd1d
    }
}

extension String {
    /// A number of its bytes, the same for the same ones.
    func plainHash(seed: UInt64) -> UInt64 {
        let bytes = utf8Span.span
        var hash = seed ^ 0xcbf2_9ce4_8422_2325
        for index in 0..<bytes.count {
            hash = (hash ^ UInt64(bytes[index])) &* 0x0000_0100_0000_01b3
        }
        return hash ^ hash >> 32
    }
}
