// A time zone as a file of TZif has it: RFC 8536. Bytes that break a rule of it make no table.

/// How far the clocks of a zone were from UTC, and will be by its rule.
package struct ZoneTable: Sendable {
    /// When the distance changed, in seconds since 1970, ascending.
    private let changes: [Int64]
    /// The distance from each change on, in seconds, east of Greenwich above 0.
    private let distances: [Int32]
    /// The distance before the first change.
    private let first: Int32
    /// What holds after the last change; nil where that is the last distance.
    private let rule: ZoneRule?

    /// The table of a file's bytes; nil where they are none.
    ///
    /// - Complexity: O(bytes).
    package init?(_ bytes: [UInt8]) {
        guard var head = Head(bytes, at: 0) else { return nil }
        var width = 4
        var start = Head.byteCount
        if head.version >= UInt8(ascii: "2") {
            // What stands first is for readers of 32-bit times.
            start += head.byteCount(width: 4)
            guard let second = Head(bytes, at: start) else { return nil }
            head = second
            width = 8
            start += Head.byteCount
        }
        let end = start + head.byteCount(width: width)
        // Zones that count leap seconds have times that are not UTC's.
        guard end <= bytes.count, head.typeCount > 0, head.leapCount == 0 else { return nil }
        var place = start
        var changes: [Int64] = []
        for _ in 0..<head.timeCount {
            let time = Self.number(bytes, place, width)
            if let last = changes.last, last >= time { return nil }
            changes.append(time)
            place += width
        }
        let kinds = bytes[place..<place + head.timeCount]
        place += head.timeCount
        var types: [Int32] = []
        for index in 0..<head.typeCount {
            let distance = Self.number(bytes, place + 6 * index, 4)
            guard (-89_999...93_599).contains(distance) else { return nil }
            types.append(Int32(distance))
        }
        var distances: [Int32] = []
        for kind in kinds {
            guard Int(kind) < types.count else { return nil }
            distances.append(types[Int(kind)])
        }
        var rule: ZoneRule?
        if width == 8 {
            guard end < bytes.count, bytes[end] == UInt8(ascii: "\n"),
                let stop = bytes[(end + 1)...].firstIndex(of: UInt8(ascii: "\n"))
            else { return nil }
            let footer = bytes[(end + 1)..<stop]
            if !footer.isEmpty {
                guard let read = ZoneRule(footer) else { return nil }
                rule = read
            }
        }
        self.changes = changes
        self.distances = distances
        first = types[0]
        self.rule = rule
    }

    /// The distance from UTC at an instant, in seconds.
    ///
    /// - Complexity: O(log *n*) in the changes.
    package func distance(at seconds: Int64) -> Int32 {
        guard let begin = changes.first, let end = changes.last else {
            return rule?.distance(at: seconds) ?? first
        }
        if seconds < begin { return first }
        if seconds >= end, let rule { return rule.distance(at: seconds) }
        var (low, high) = (0, changes.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if changes[middle] <= seconds { low = middle } else { high = middle }
        }
        return distances[low]
    }

    /// A number of 4 or 8 bytes, big-endian.
    private static func number(_ bytes: [UInt8], _ place: Int, _ width: Int) -> Int64 {
        var value: UInt64 = 0
        for byte in bytes[place..<place + width] { value = value << 8 | UInt64(byte) }
        return width == 4
            ? Int64(Int32(truncatingIfNeeded: value)) : Int64(truncatingIfNeeded: value)
    }

    /// The counts at the beginning of a block.
    private struct Head {
        static let byteCount = 44
        /// More than this no file has.
        private static let most = 1 << 20

        let version: UInt8
        let utcCount: Int
        let standardCount: Int
        let leapCount: Int
        let timeCount: Int
        let typeCount: Int
        let letterCount: Int

        init?(_ bytes: [UInt8], at place: Int) {
            guard place + Self.byteCount <= bytes.count,
                bytes[place..<place + 4].elementsEqual("TZif".utf8)
            else { return nil }
            version = bytes[place + 4]
            let counts = (0..<6).map { ZoneTable.number(bytes, place + 20 + 4 * $0, 4) }
            guard counts.allSatisfy({ (0...Int64(Self.most)).contains($0) }) else { return nil }
            utcCount = Int(counts[0])
            standardCount = Int(counts[1])
            leapCount = Int(counts[2])
            timeCount = Int(counts[3])
            typeCount = Int(counts[4])
            letterCount = Int(counts[5])
        }

        /// The bytes of what follows, with times of so many bytes.
        func byteCount(width: Int) -> Int {
            timeCount * (width + 1) + typeCount * 6 + letterCount + leapCount * (width + 4)
                + standardCount + utcCount
        }
    }
}
