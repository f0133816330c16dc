// Making packs: frames of a cold segment that is being written are gathered as long as they are
// alike, and what comes of them is smaller than they are. Format: formats/log.md#pack.

internal import MnemeBase

/// Frames that may come to be a pack.
struct PackBuilder {
    /// A frame, and what it carries where it is written.
    typealias Member = (frame: Frame, content: FrameContent)

    /// The most frames of a pack that is written: whoever reads one of them verifies all.
    private static let most = 256
    /// The most bytes of them, as they were.
    private static let mostBytes = 64 << 10
    /// Longer bodies stand by themselves.
    private static let longestBody = 1024

    private(set) var members: [Member] = []
    private var byteCount = 0

    /// Whether a frame may stand in a pack at all.
    static func fits(_ content: FrameContent) -> Bool {
        content.vectors.isEmpty && content.flags == 0 && content.columns.count % 8 == 0
            && content.columns.count / 8 <= Pack.wordLimit && content.body.count <= longestBody
    }

    /// Whether a frame that fits is like those that are there, and has room beside them.
    func takes(_ frame: Frame, _ content: FrameContent) -> Bool {
        guard let first = members.first else { return true }
        return members.count < Self.most && byteCount + content.storedCount <= Self.mostBytes
            && first.content.type == content.type
            && first.content.schemaVersion == content.schemaVersion
            && first.content.keyID == content.keyID
            && first.content.columns.count == content.columns.count
            && first.frame.epoch == frame.epoch && first.frame.incarnation == frame.incarnation
    }

    /// Takes one more.
    ///
    /// - Precondition: `takes` says so; its sequence is above those before.
    mutating func add(_ frame: Frame, _ content: FrameContent) {
        members.append((frame, content))
        byteCount += content.byteCount
    }

    /// Begins anew.
    mutating func clear() {
        members.removeAll(keepingCapacity: true)
        byteCount = 0
    }

    /// The pack of all that are there; nil where they take less room by themselves.
    ///
    /// - Complexity: O(bytes of the frames).
    var pack: FrameContent? {
        guard members.count >= 2, let first = members.first?.content else { return nil }
        let common = Self.common(members.map(\.content.body))
        var restEnd: UInt64 = 0
        var rows: [[UInt64]] = []
        rows.reserveCapacity(members.count)
        for (frame, content) in members {
            restEnd += UInt64(content.body.count - common)
            var row: [UInt64] = [
                restEnd, UInt64(content.plainCount), frame.sequence,
                UInt64(bitPattern: frame.time), content.owner,
            ]
            for start in stride(from: 0, to: content.columns.count, by: 8) {
                row.append(Self.word(content.columns[start..<(start + 8)]))
            }
            for byte in content.body.prefix(common) { row.append(UInt64(byte)) }
            rows.append(row)
        }
        var columns = ByteWriter()
        columns.put(UInt16(rows.count))
        columns.put(first.type)
        columns.put(UInt8(first.columns.count / 8))
        columns.put(UInt16(common))
        columns.put(UInt16(0))
        let described = rows[0].indices.map { index in Self.column(rows.map { $0[index] }) }
        for column in described {
            columns.put(UInt8(column.bits))
            columns.putVariable(column.least)
        }
        var bits = BitWriter()
        for row in rows {
            for (value, column) in zip(row, described) {
                bits.put(value - column.least, column.bits)
            }
        }
        var body = bits.bytes
        for (_, content) in members { body += content.body.dropFirst(common) }
        let pack = FrameContent(
            type: LogFrameType.pack,
            schemaVersion: first.schemaVersion,
            keyID: first.keyID,
            columns: columns.bytes,
            body: body
        )
        return pack.byteCount < byteCount ? pack : nil
    }

    /// What describes numbers.
    private static func column(_ values: [UInt64]) -> Pack.Column {
        let least = values.min() ?? 0
        let span = (values.max() ?? 0) - least
        return Pack.Column(bits: UInt64.bitWidth - span.leadingZeroBitCount, least: least)
    }

    /// How many first bytes of the bodies are best described.
    private static func common(_ bodies: [[UInt8]]) -> Int {
        let shared = bodies.map(\.count).min() ?? 0
        var (best, bestGain, gain) = (0, 0, 0)
        for index in 0..<min(shared, Pack.commonLimit) {
            let column = column(bodies.map { UInt64($0[index]) })
            // In bits: those that rows have fewer, less what describes them.
            gain += bodies.count * (8 - column.bits) - (column.least < 128 ? 16 : 24)
            if gain > bestGain { (best, bestGain) = (index + 1, gain) }
        }
        return best
    }

    private static func word(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}

/// Writes bits one behind the other, the lowest of each byte first.
private struct BitWriter {
    private(set) var bytes: [UInt8] = []
    /// Bits of the last byte that are taken; 8 where there is none to go on with.
    private var used = 8

    mutating func put(_ value: UInt64, _ count: Int) {
        var (value, left) = (value, count)
        while left > 0 {
            if used == 8 {
                bytes.append(0)
                used = 0
            }
            let part = min(8 - used, left)
            let piece = UInt8(truncatingIfNeeded: value & (1 << UInt64(part) - 1))
            bytes[bytes.count - 1] |= piece << UInt8(used)
            value >>= UInt64(part)
            left -= part
            used += part
        }
    }
}
