// How much of each segment is archived: counted with every change, so that nobody has to look for
// it, and noted in the state. By it compaction knows which segments to pack, and the statistics say
// how much of what is archived is cold. formats/store.md#archived

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel
internal import MnemePages

/// Records that are archived, and their bytes before anything is compressed.
///
/// Of a segment that is being written again either may be below zero: what has moved already and
/// dies counts there, and what has not moved counts here until all has.
struct ArchivedAmount: Equatable, Sendable {
    var records: Int64 = 0
    var bytes: Int64 = 0

    /// Amounts that can be reckoned with are below this, whichever way they lie.
    static let limit: Int64 = 1 << 60

    static func += (sum: inout ArchivedAmount, other: ArchivedAmount) {
        sum.records += other.records
        sum.bytes += other.bytes
    }

    static prefix func - (amount: ArchivedAmount) -> ArchivedAmount {
        ArchivedAmount(records: -amount.records, bytes: -amount.bytes)
    }
}

extension StoreRoots {
    /// What the statistics say; nil where nothing is archived.
    var archivedFigures: ArchivedFigures? {
        var (all, cold) = (ArchivedAmount(), ArchivedAmount())
        for (segment, amount) in archived {
            all += amount
            if SegmentNumber.isCold(segment) { cold += amount }
        }
        guard all.records > 0 else { return nil }
        return ArchivedFigures(
            records: Int(all.records),
            bytes: Int(max(0, all.bytes)),
            coldRecords: Int(min(max(0, cold.records), all.records)),
            coldBytes: Int(min(max(0, cold.bytes), max(0, all.bytes)))
        )
    }
}

extension CollectionEntry {
    /// Whether a version of a record is archived.
    func isArchived(_ record: StoredRecord) -> Bool {
        guard let archived = marks?.archived else { return false }
        return archived.isHeld { name in fieldNumbers[name].map { record[$0] } ?? .null }
    }
}

extension StoreEditor {
    /// Counts a version that is archived.
    func noteArchived(_ put: PlannedPut, _ place: LogPlace) {
        let amount = ArchivedAmount(records: 1, bytes: Int64(put.usage.bytes))
        add(amount, of: place.segment)
    }

    /// Does not count a version any more, which was archived when it was put.
    func noteUnarchived(_ entry: OrdinalEntry, _ usageBytes: Int) {
        let amount = ArchivedAmount(records: 1, bytes: Int64(usageBytes))
        add(-amount, of: LogPlace(bits: entry.place).segment)
    }

    private func add(_ amount: ArchivedAmount, of segment: UInt64) {
        var sum = roots.archived[segment] ?? ArchivedAmount()
        sum += amount
        roots.archived[segment] = sum == ArchivedAmount() ? nil : sum
    }

    /// Has a cold segment count what those have that it stands for.
    func moveArchived(to cold: UInt64, from isGone: (UInt64) -> Bool) {
        for (segment, amount) in roots.archived where isGone(segment) {
            roots.archived.removeValue(forKey: segment)
            add(amount, of: cold)
        }
    }
}

extension StateImage {
    /// Writes what is archived of the segments.
    func putArchived(into writer: inout ByteWriter) {
        writer.put(UInt32(roots.archived.count))
        for (segment, amount) in roots.archived.sorted(by: { $0.key < $1.key }) {
            writer.put(segment)
            writer.put(amount.records)
            writer.put(amount.bytes)
        }
    }

    mutating func readArchived(_ reader: inout ByteReader) throws(BytesError) {
        var last: UInt64 = 0
        let possible = -ArchivedAmount.limit..<ArchivedAmount.limit
        for _ in 0..<(try reader.get(UInt32.self)) {
            let number: UInt64 = try reader.get()
            let amount = ArchivedAmount(records: try reader.get(), bytes: try reader.get())
            let isThere =
                SegmentNumber.isCold(number)
                ? roots.cold.contains { $0.number == number } : number <= position.place.segment
            guard number > last, isThere, possible ~= amount.records, possible ~= amount.bytes
            else { throw .malformed(offset: reader.offset) }
            last = number
            roots.archived[number] = amount
        }
    }
}
