// What a backup takes of a log that goes on: the segments of one state, held, and which of them an
// earlier backup has already. Format: formats/backup.md#chain.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel
internal import MnemePages

/// The files that make up the log at one durable position; they stay as they are until the hold is
/// released.
struct BackedUpLog {
    /// Behind the last frame.
    let position: LogPosition
    /// The newest commit, 0 for none.
    let commit: UInt64
    /// In the order of their frames: plain segments, and complete cold ones in the place of those
    /// that they stand for.
    let numbers: [UInt64]
    /// Of the files; of the last one, up to the position.
    let byteCounts: [UInt64: Int]
    let hold: SegmentHold

    /// Segments may go between looking and holding, once a time for each compaction that ends.
    private static let attempts = 100

    /// Makes the log durable and holds its segments.
    ///
    /// - Throws: `.log` with `.poisoned`, `.missing` or `.disk`.
    init(_ store: Store) throws(StoreError) {
        for _ in 0..<Self.attempts {
            let (state, position) = try store.durableState()
            let mentions = state.roots.cold.filter(\.isComplete)
            let runs = mentions.compactMap { store.log.coldRun($0.number) }
            guard runs.count == mentions.count else { continue }
            let numbers = Self.numbers(through: position.place.segment, runs)
            let held = try onLog { () throws(LogError) in try store.log.hold(Set(numbers)) }
            guard let held else { continue }
            self.position = position
            commit = state.sequence
            self.numbers = numbers
            hold = held
            var byteCounts: [UInt64: Int] = [:]
            for number in numbers {
                byteCounts[number] = try store.length(store.log.path(ofSegment: number))
            }
            byteCounts[position.place.segment] = position.place.offset
            self.byteCounts = byteCounts
            return
        }
        throw .inconsistent("the log's segments go faster than they can be held")
    }

    private static func numbers(through last: UInt64, _ runs: [ColdRun]) -> [UInt64] {
        let cold = Dictionary(uniqueKeysWithValues: runs.map { ($0.segments.lowerBound, $0) })
        var (numbers, next): ([UInt64], UInt64) = ([], 1)
        while next <= last {
            numbers.append(cold[next]?.number ?? next)
            next = (cold[next]?.segments.upperBound ?? next) + 1
        }
        return numbers
    }
}

extension Store {
    var logIdentity: LogIdentity {
        LogIdentity(high: pages.identity.high, low: pages.identity.low)
    }

    fileprivate func length(_ path: String) throws(StoreError) -> Int {
        try onDisk { () throws(DiskError) in
            let file = try options.disk.open(path, .read)
            defer { try? file.close() }
            return Int(clamping: try file.byteCount())
        }
    }
}

/// Which of a log's segments a base has as they are.
struct KnownSegments {
    private let log: BackedUpLog
    private let store: Store
    /// What the base lists, its tail apart.
    private let entries: [UInt64: BackupManifest.Segment]
    /// Whether everything that the base has is the log's own past for sure.
    private let isProven: Bool

    init(_ base: BackupManifest, _ log: BackedUpLog, _ store: Store) throws(StoreError) {
        self.log = log
        self.store = store
        let entries = base.segments.dropLast().map { ($0.number, $0) }
        self.entries = Dictionary(uniqueKeysWithValues: entries)
        isProven = try Self.isProven(base, log, store)
    }

    /// Whether the base's last frame stands in the log where it stood: all before is the same then.
    private static func isProven(
        _ base: BackupManifest,
        _ log: BackedUpLog,
        _ store: Store
    ) throws(StoreError) -> Bool {
        guard log.numbers.contains(base.end.segment) else { return false }
        let found = try onLog { () throws(LogError) in
            try store.log.frame(endingAt: base.end)
        }
        return found?.sequence == base.lastSequence && found?.checksum == base.checksum
    }

    /// The base's entry of a segment of the log, where it is of the same bytes.
    func entry(
        _ number: UInt64,
        _ work: inout SliceWork
    ) throws(StoreError) -> BackupManifest.Segment? {
        guard var entry = entries[number], number != log.position.place.segment,
            log.byteCounts[number].map(UInt64.init) == entry.byteCount
        else { return nil }
        let path = store.log.path(ofSegment: number)
        let file = try onLog { () throws(LogError) in
            try SegmentFile(
                store.options.disk,
                path: path,
                number: number,
                identity: store.logIdentity
            )
        }
        guard file.firstSequence == entry.firstSequence, file.asEntry == entry.cold else {
            return nil
        }
        // What a cold one's header says of its frames tells it from every other one.
        if !isProven, entry.cold == nil {
            let checksum = try work.checksum(path, byteCount: entry.byteCount)
            guard checksum == entry.checksum else { return nil }
        } else {
            work.skip(entry.byteCount)
        }
        entry.making = .inBase
        return entry
    }
}
