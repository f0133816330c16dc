// What a checkpoint says besides pages and runs: where replay begins, the schemas, the roots of the
// trees, the counts, the runs, what is known of the segments. Format: formats/store.md#state.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel
internal import MnemePages
internal import MnemeText

/// The state as a checkpoint writes it down.
struct StateImage {
    static let version: UInt32 = 10
    /// Of a state without vector fields, or whose graphs are of a layout that is not read any more.
    private static let versionWithoutPairs: UInt32 = 9
    /// Of a state in which no cold segment has packs.
    private static let versionWithoutPacks: UInt32 = 8
    /// Of a state without vector fields.
    private static let versionWithoutHeads: UInt32 = 7
    /// Of a state in which nothing is archived.
    private static let versionWithoutArchived: UInt32 = 6
    /// Of a state in which nothing is withdrawn.
    private static let versionWithoutWithdrawn: UInt32 = 5
    /// Of a state in which no index is being built and none is on its way out.
    private static let versionWithoutBuilds: UInt32 = 4
    /// Of a state without forks, which older programs read too.
    private static let versionWithoutForks: UInt32 = 3

    var sequence: UInt64
    var position: LogPosition
    /// The log's, so that the next opening counts on even when it has nothing to replay.
    var incarnation: UInt64
    var epoch: UInt32
    var roots: StoreRoots
    var definitions: [Definition]
    var runs: [(place: ExtentPlace, births: ClosedRange<UInt64>)]
    /// The version of a state that names trees of codes where head pages are to be; nil of others.
    ///
    /// What it says beside that may be believed, and its pages are to be derived again.
    private(set) var olderVersion: UInt32?

    func bytes() throws(StoreError) -> [UInt8] {
        var writer = ByteWriter(capacity: 1024)
        let hasPairs = !roots.vectors.isEmpty
        let hasPacks = hasPairs || roots.cold.contains(where: \.hasPacks)
        let hasArchived = hasPacks || !roots.archived.isEmpty
        let hasWithdrawn = hasArchived || !roots.withdrawn.isEmpty
        let hasBuilds = hasWithdrawn || !roots.building.isEmpty || !roots.leaving.isEmpty
        let hasForks = hasBuilds || !roots.forks.isEmpty
        writer.put(
            hasPairs
                ? Self.version
                : hasPacks
                    ? Self.versionWithoutPairs
                    : hasArchived
                        ? Self.versionWithoutHeads
                        : hasWithdrawn
                            ? Self.versionWithoutArchived
                            : hasBuilds
                                ? Self.versionWithoutWithdrawn
                                : hasForks ? Self.versionWithoutBuilds : Self.versionWithoutForks
        )
        writer.put(UInt32(0))
        writer.put(sequence)
        writer.put(position.place.bits)
        writer.put(position.sequence)
        writer.put(incarnation)
        writer.put(epoch)
        writer.put(UInt32(0))
        writer.put(roots.tree.bits)
        writer.put(roots.adjacency.bits)
        writer.put(roots.nextOrdinal)
        writer.put(roots.nextOwner)
        writer.put(UInt32(roots.hasExpiring ? 1 : 0))
        writer.put(UInt64(roots.deadDocuments))
        writer.put(UInt32(roots.vectors.count))
        for (number, head) in roots.vectors.sorted(by: { $0.key < $1.key }) {
            writer.put(number)
            writer.put(head.bits)
        }
        writer.put(UInt32(roots.nextKeys.count))
        for (number, key) in roots.nextKeys.sorted(by: { $0.key < $1.key }) {
            writer.put(number)
            writer.put(key)
        }
        writer.put(UInt32(roots.counts.count))
        for (number, count) in roots.counts.sorted(by: { $0.key < $1.key }) {
            writer.put(number)
            writer.put(Int64(count))
        }
        writer.put(UInt32(runs.count))
        for run in runs {
            writer.put(run.place.place)
            writer.put(run.place.byteCount)
            writer.put(run.place.checksum)
            writer.put(run.births.lowerBound)
            writer.put(run.births.upperBound)
        }
        writer.put(UInt32(definitions.count))
        for schema in definitions {
            let encoded: [UInt8]
            do throws(MnemeError) {
                encoded = try SchemaCoding.encode(schema)
            } catch {
                throw .refused(error)
            }
            writer.put(UInt32(encoded.count))
            writer.put(encoded)
        }
        writer.put(UInt32(roots.cold.count))
        for mention in roots.cold.sorted(by: { $0.number < $1.number }) {
            writer.put(mention.number)
            writer.put(UInt32((mention.isComplete ? 1 : 0) | (mention.hasPacks ? 2 : 0)))
        }
        writer.put(UInt32(roots.dead.count))
        for (segment, dead) in roots.dead.sorted(by: { $0.key < $1.key }) {
            writer.put(segment)
            writer.put(dead.byteCount)
            writer.put(dead.since)
        }
        if hasForks {
            writer.put(UInt32(roots.forks.count))
            for fork in roots.forks { fork.put(into: &writer) }
        }
        writer.put(UInt32(roots.passing.count))
        for (segment, byteCount) in roots.passing.sorted(by: { $0.key < $1.key }) {
            writer.put(segment)
            writer.put(byteCount)
        }
        if hasBuilds { putBuilds(into: &writer) }
        if hasWithdrawn { roots.withdrawn.put(into: &writer) }
        if hasArchived { putArchived(into: &writer) }
        return writer.bytes
    }

    init(
        sequence: UInt64,
        position: LogPosition,
        incarnation: UInt64,
        epoch: UInt32,
        roots: StoreRoots,
        definitions: [Definition],
        runs: [(place: ExtentPlace, births: ClosedRange<UInt64>)]
    ) {
        self.sequence = sequence
        self.position = position
        self.incarnation = incarnation
        self.epoch = epoch
        self.roots = roots
        self.definitions = definitions
        self.runs = runs
    }

    /// - Throws: `.inconsistent` when the bytes are no state image, `.pages(.newer)` of a newer
    ///   version, `.refused` of a schema that a newer program wrote.
    init(_ bytes: [UInt8]) throws(StoreError) {
        var newer: MnemeError?
        var head = ByteReader(bytes)
        if let version = try? head.get(UInt32.self), version > Self.version {
            throw .pages(.newer(version: version))
        }
        do throws(BytesError) {
            var reader = ByteReader(bytes)
            let version: UInt32 = try reader.get()
            guard 1...Self.version ~= version else { throw .malformed(offset: 0) }
            _ = try reader.get(UInt32.self)
            sequence = try reader.get()
            position = LogPosition(
                place: LogPlace(bits: try reader.get()),
                sequence: try reader.get()
            )
            guard position.place.segment > 0, 1..<SegmentNumber.sequenceLimit ~= position.sequence
            else {
                throw .malformed(offset: 16)
            }
            incarnation = try reader.get()
            epoch = try reader.get()
            _ = try reader.get(UInt32.self)
            roots = StoreRoots(
                tree: PageID(bits: try reader.get()),
                adjacency: PageID(bits: try reader.get())
            )
            roots.nextOrdinal = try reader.get()
            roots.nextOwner = try reader.get()
            let expiring: UInt32 = try reader.get()
            guard expiring <= 1 else { throw .malformed(offset: 76) }
            roots.hasExpiring = expiring == 1
            roots.deadDocuments = Int(truncatingIfNeeded: try reader.get(UInt64.self))
            roots.vectors = try Self.numbered(&reader) { PageID(bits: $0) }
            if version <= Self.versionWithoutHeads, !roots.vectors.isEmpty {
                olderVersion = version
            }
            roots.nextKeys = try Self.numbered(&reader) { Int64(bitPattern: $0) }
            roots.counts = try Self.numbered(&reader) { Int(Int64(bitPattern: $0)) }
            runs = try Self.runs(&reader)
            definitions = []
            for _ in 0..<(try reader.get(UInt32.self)) {
                let count = Int(try reader.get(UInt32.self))
                let start = reader.offset
                let content = try reader.get(count: count)
                do throws(MnemeError) {
                    definitions.append(try SchemaCoding.decode(content))
                } catch {
                    newer = error.code == .newerFormat ? error : nil
                    throw .malformed(offset: start)
                }
            }
            if version > 1 { try readSegments(&reader, version) }
            if version > Self.versionWithoutForks { try readForks(&reader) }
            if version > 2, reader.offset < bytes.count { try readPassing(&reader) }
            if version > Self.versionWithoutBuilds { try readBuilds(&reader) }
            if version > Self.versionWithoutWithdrawn { try readWithdrawn(&reader) }
            if version > Self.versionWithoutArchived { try readArchived(&reader) }
        } catch {
            if let newer { throw .refused(newer) }
            throw .inconsistent("the checkpoint's state cannot be read: \(error)")
        }
    }

    /// Which segments are cold, and what is not needed of all.
    private mutating func readSegments(
        _ reader: inout ByteReader,
        _ version: UInt32
    ) throws(BytesError) {
        let most: UInt32 = version > Self.versionWithoutPacks ? 3 : 1
        var last: UInt64 = 0
        for _ in 0..<(try reader.get(UInt32.self)) {
            let number: UInt64 = try reader.get()
            let flags: UInt32 = try reader.get()
            guard number > last, SegmentNumber.isCold(number), flags <= most else {
                throw .malformed(offset: reader.offset)
            }
            last = number
            roots.cold.append(
                ColdMention(number: number, isComplete: flags & 1 != 0, hasPacks: flags & 2 != 0)
            )
        }
        var next: UInt64 = 0
        for _ in 0..<(try reader.get(UInt32.self)) {
            let number: UInt64 = try reader.get()
            let dead = DeadBytes(byteCount: try reader.get(), since: try reader.get())
            let isThere =
                SegmentNumber.isCold(number)
                ? roots.cold.contains { $0.number == number } : number <= position.place.segment
            guard number >= next, isThere, dead.isPossible else {
                throw .malformed(offset: reader.offset)
            }
            next = number + 1
            roots.dead[number] = dead
        }
    }

    /// The forks of the log.
    private mutating func readForks(_ reader: inout ByteReader) throws(BytesError) {
        for _ in 0..<(try reader.get(UInt32.self)) {
            let start = reader.offset
            let fork = try Fork(&reader)
            guard fork.stop < sequence, fork.kept < fork.first, fork.first <= incarnation,
                fork.follows(roots.forks.last)
            else { throw .malformed(offset: start) }
            roots.forks.append(fork)
        }
    }

    /// What is gone for every reader and lives still.
    private mutating func readWithdrawn(_ reader: inout ByteReader) throws(BytesError) {
        let start = reader.offset
        roots.withdrawn = try IDBitmap(&reader)
        guard roots.withdrawn.first ?? 1 > 0, roots.withdrawn.last ?? 0 < roots.nextOrdinal else {
            throw .malformed(offset: start)
        }
    }

    /// Bytes of the segments' deletes, unlinks and commits.
    private mutating func readPassing(_ reader: inout ByteReader) throws(BytesError) {
        var last: UInt64 = 0
        for _ in 0..<(try reader.get(UInt32.self)) {
            let number: UInt64 = try reader.get()
            let byteCount: UInt64 = try reader.get()
            guard number > last, 1...UInt64(SegmentSize.limit) ~= byteCount else {
                throw .malformed(offset: reader.offset)
            }
            last = number
            roots.passing[number] = byteCount
        }
    }

    /// Entries by ascending number.
    private static func numbered<Entry>(
        _ reader: inout ByteReader,
        _ entry: (UInt64) -> Entry
    ) throws(BytesError) -> [UInt16: Entry] {
        var entries: [UInt16: Entry] = [:]
        var last = -1
        for _ in 0..<(try reader.get(UInt32.self)) {
            let number: UInt16 = try reader.get()
            guard Int(number) > last else { throw .malformed(offset: reader.offset) }
            last = Int(number)
            entries[number] = entry(try reader.get())
        }
        return entries
    }

    private static func runs(
        _ reader: inout ByteReader
    ) throws(BytesError)
        -> [(place: ExtentPlace, births: ClosedRange<UInt64>)]
    {
        var runs: [(place: ExtentPlace, births: ClosedRange<UInt64>)] = []
        for _ in 0..<(try reader.get(UInt32.self)) {
            let place = ExtentPlace(
                place: try reader.get(),
                byteCount: try reader.get(),
                checksum: try reader.get()
            )
            let first: UInt64 = try reader.get()
            let last: UInt64 = try reader.get()
            guard first <= last else { throw .malformed(offset: reader.offset) }
            runs.append((place, first...last))
        }
        return runs
    }
}

/// Where the state extent stands, as the root block's payload says it.
enum StatePayload {
    static func bytes(_ place: ExtentPlace) -> [UInt8] {
        var writer = ByteWriter(capacity: 24)
        writer.put(place.place)
        writer.put(place.byteCount)
        writer.put(place.checksum)
        return writer.bytes
    }

    static func place(_ bytes: [UInt8]) -> ExtentPlace? {
        var reader = ByteReader(bytes)
        guard let place = try? reader.get(UInt64.self),
            let byteCount = try? reader.get(UInt64.self),
            let checksum = try? reader.get(UInt64.self)
        else { return nil }
        return ExtentPlace(place: place, byteCount: byteCount, checksum: checksum)
    }
}
