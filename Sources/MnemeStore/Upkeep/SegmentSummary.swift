// The last frame of a cold segment: what frames that are gone had used up, so that a log that is
// read from its beginning gives no number twice. Format: formats/store.md#compaction.

internal import MnemeBase
internal import MnemeLog

/// What the frames of a run of segments, and those before, had used up.
struct SegmentSummary: Equatable {
    var nextOrdinal: UInt64
    var nextKeys: [UInt16: Int64]

    init(nextOrdinal: UInt64, nextKeys: [UInt16: Int64]) {
        self.nextOrdinal = nextOrdinal
        self.nextKeys = nextKeys
    }

    /// Reads a body; nil when it is none.
    init?(_ bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        guard let ordinal = try? reader.get(UInt64.self), ordinal > 0,
            let count = try? reader.get(UInt32.self)
        else { return nil }
        var keys: [UInt16: Int64] = [:]
        for _ in 0..<count {
            guard let number = try? reader.get(UInt16.self), let key = try? reader.get(Int64.self),
                key > 0, keys[number] == nil
            else { return nil }
            keys[number] = key
        }
        nextOrdinal = ordinal
        nextKeys = keys
    }

    var content: FrameContent {
        var writer = ByteWriter()
        writer.put(nextOrdinal)
        writer.put(UInt32(nextKeys.count))
        for (number, key) in nextKeys.sorted(by: { $0.key < $1.key }) {
            writer.put(number)
            writer.put(key)
        }
        return FrameContent(type: StoreFrameType.summary, body: writer.bytes)
    }
}
