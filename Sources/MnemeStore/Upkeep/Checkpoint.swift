// Checkpoints: the newest state's pages and runs go to the page file, beside readers and the
// writer. What the pages do not say themselves, the state extent does: where replay begins, the
// schemas, the roots of the trees, the counts, the runs. Format: formats/store.md#state.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel
internal import MnemePages
internal import MnemeText
internal import Synchronization

/// The state as a checkpoint writes it down.
struct StateImage {
    static let version: UInt32 = 3

    var sequence: UInt64
    var position: LogPosition
    /// The log's, so that the next opening counts on even when it has nothing to replay.
    var incarnation: UInt64
    var epoch: UInt32
    var roots: StoreRoots
    var definitions: [Schema]
    var runs: [(place: ExtentPlace, births: ClosedRange<UInt64>)]

    func bytes() throws(StoreError) -> [UInt8] {
        var writer = ByteWriter(capacity: 1024)
        writer.put(Self.version)
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
        for (number, root) in roots.vectors.sorted(by: { $0.key < $1.key }) {
            writer.put(number)
            writer.put(root.bits)
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
            writer.put(UInt32(mention.isComplete ? 1 : 0))
        }
        writer.put(UInt32(roots.dead.count))
        for (segment, dead) in roots.dead.sorted(by: { $0.key < $1.key }) {
            writer.put(segment)
            writer.put(dead.byteCount)
            writer.put(dead.since)
        }
        writer.put(roots.countedFrom)
        writer.put(UInt32(roots.ends.count))
        for (segment, count) in roots.ends.sorted(by: { $0.key < $1.key }) {
            writer.put(segment)
            writer.put(count)
        }
        return writer.bytes
    }

    init(
        sequence: UInt64,
        position: LogPosition,
        incarnation: UInt64,
        epoch: UInt32,
        roots: StoreRoots,
        definitions: [Schema],
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

    /// - Throws: `.inconsistent` when the bytes are no state image, `.refused` of a newer version.
    init(_ bytes: [UInt8]) throws(StoreError) {
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
            guard position.place.segment > 0, position.sequence > 0 else {
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
            roots.nextKeys = try Self.numbered(&reader) { Int64(bitPattern: $0) }
            roots.counts = try Self.numbered(&reader) { Int(Int64(bitPattern: $0)) }
            runs = try Self.runs(&reader)
            definitions = []
            for _ in 0..<(try reader.get(UInt32.self)) {
                let count = Int(try reader.get(UInt32.self))
                let start = reader.offset
                guard let schema = try? SchemaCoding.decode(try reader.get(count: count)) else {
                    throw .malformed(offset: start)
                }
                definitions.append(schema)
            }
            if version > 1 { try readSegments(&reader) }
            // What was not counted while those segments were written is not known.
            roots.countedFrom = position.place.segment + 1
            if version > 2, reader.offset < bytes.count { try readEnds(&reader) }
        } catch {
            throw .inconsistent("the checkpoint's state cannot be read: \(error)")
        }
    }

    /// Which segments are cold, and what is not needed of all.
    private mutating func readSegments(_ reader: inout ByteReader) throws(BytesError) {
        var last: UInt64 = 0
        for _ in 0..<(try reader.get(UInt32.self)) {
            let number: UInt64 = try reader.get()
            let isComplete: UInt32 = try reader.get()
            guard number > last, SegmentNumber.isCold(number), isComplete <= 1 else {
                throw .malformed(offset: reader.offset)
            }
            last = number
            roots.cold.append(ColdMention(number: number, isComplete: isComplete == 1))
        }
        var next: UInt64 = 0
        for _ in 0..<(try reader.get(UInt32.self)) {
            let number: UInt64 = try reader.get()
            guard number >= next, number < .max else { throw .malformed(offset: reader.offset) }
            next = number + 1
            roots.dead[number] = DeadBytes(
                byteCount: try reader.get(),
                since: try reader.get()
            )
        }
    }

    /// How many deletes and unlinks the segments hold.
    private mutating func readEnds(_ reader: inout ByteReader) throws(BytesError) {
        roots.countedFrom = try reader.get()
        var last: UInt64 = 0
        for _ in 0..<(try reader.get(UInt32.self)) {
            let number: UInt64 = try reader.get()
            let count: UInt64 = try reader.get()
            // More would not fit into the longest segment.
            guard number > last, 1..<(1 << 24) ~= count else {
                throw .malformed(offset: reader.offset)
            }
            last = number
            roots.ends[number] = count
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

extension Store {
    /// Writes a checkpoint of the newest durable state.
    ///
    /// - Throws: when the page file refuses; the store goes on with its log, and the next one
    ///   tries again unless a sync failed.
    func checkpoint() throws(StoreError) {
        try checkpointing.withLock { _ throws(StoreError) in try checkpointAlone() }
    }

    /// The newest state, made durable, and where the log goes on behind it.
    ///
    /// - Throws: `.log` with `.poisoned`.
    func durableState() throws(StoreError) -> (state: StoreState, position: LogPosition) {
        // A state may be published and not durable yet; a checkpoint of it must not outlive the
        // log, so the log is made durable first.
        let taken = Mutex<(state: StoreState, position: LogPosition)?>(nil)
        asWriter { [log, newest] in
            do throws(LogError) {
                // A poisoned log refuses: where it ends is not known.
                if log.isPoisoned || !log.isDurable { try log.commit() }
                let position = LogPosition(place: log.end, sequence: log.nextSequence)
                taken.withLock { $0 = (newest.state, position) }
            } catch {
                // The writer refuses from now on; the checkpoint before stays the newest.
            }
        }
        guard let durable = taken.withLock({ $0 }) else { throw .log(.poisoned) }
        return durable
    }

    /// As `checkpoint`, by whoever holds `checkpointing`.
    ///
    /// `flattening`: these pages too are written, and everything by a base alone.
    func checkpointAlone(flattening ids: [PageID]? = nil) throws(StoreError) {
        touch(ids ?? pages.scatteredPages(atMost: 32 * Self.deltasPerTurn))
        let (state, position) = try durableState()
        if upkeepState.withLock({ $0.pagesFailed }) {
            throw .pages(.disk(.failed(call: "sync", path: directory, code: 5)))
        }
        do throws(StoreError) {
            var writer = CheckpointWriter(log: log, pages: pages, flattens: ids != nil)
            let courtesy = courtesy
            writer.pause = courtesy.pause
            let extent = try writer.write(state, position)
            // The extent of the checkpoint before goes when this one takes its place.
            upkeepState.withLock { state in
                state.stateExtent?.becameUnnamed()
                state.stateExtent = extent
            }
        } catch {
            if case .pages(.disk(.failed)) = error {
                upkeepState.withLock { $0.pagesFailed = true }
                // What the system shows of the file may not be on the disk, and nobody could tell:
                // the next opening is to derive the pages again.
                try? options.disk.remove(StorePaths(directory: directory).pages)
                try? options.disk.syncDirectory(directory)
            }
            throw error
        }
        upkeepState.withLock {
            $0.checkpoint = position
            $0.put = state.roots.put
            $0.checkpoints += 1
        }
        mapWrittenRuns()
    }
}

extension Store {
    /// Pages whose deltas move in one turn of the writer, who is held up by some 10 µs for each.
    private static let deltasPerTurn = 32

    /// Has the coming checkpoint write pages anew: those whose deltas stand in almost empty delta
    /// pages, or whatever is asked for.
    private func touch(_ ids: [PageID]) {
        for start in stride(from: 0, to: ids.count, by: Self.deltasPerTurn) {
            let part = Array(ids[start..<min(start + Self.deltasPerTurn, ids.count)])
            asWriter { [writer, pages] in
                _ = writer.rearrange { state in state.replacing(root: pages.touch(part)) }
            }
        }
    }
}

extension StoreState {
    /// The same state on a root that shows the same.
    func replacing(root: PageRoot) -> StoreState {
        StoreState(
            catalog: catalog,
            root: root,
            sequence: sequence,
            roots: roots,
            runs: runs,
            lease: lease
        )
    }
}

/// Writes one checkpoint into a page file.
struct CheckpointWriter {
    let log: Log
    let pages: PageFile
    /// The opening that the checkpoint is to name, where it is a later one than the log's.
    var incarnation: UInt64 = 0
    /// Nothing is written as a delta.
    var flattens = false
    /// Called between pages, with the bytes that have left for the disk since.
    var pause: (Int) -> Void = { _ in }

    /// Writes a state whose frames are durable, and where replay goes on from it.
    ///
    /// - Returns: the extent of what the pages do not say themselves; to be held until the next
    ///   checkpoint is durable.
    func write(
        _ state: StoreState,
        _ position: LogPosition
    ) throws(StoreError)
        -> PageExtent
    {
        var runs: [(place: ExtentPlace, births: ClosedRange<UInt64>)] = []
        for run in state.runs {
            var extent = run.extent.withLock { $0 }
            if extent == nil {
                let made = try run.run
                let bytes = made.bytes.array(0..<made.byteCount)
                let written = try onPages { () throws(PageError) in
                    try pages.writeExtent(bytes, pause: pause)
                }
                run.extent.withLock { $0 = written }
                extent = written
            }
            if let extent { runs.append((extent.place, run.births)) }
        }
        let image = StateImage(
            sequence: state.sequence,
            position: position,
            incarnation: max(log.incarnation, incarnation),
            epoch: log.epoch,
            roots: state.roots,
            definitions: state.catalog.definitions,
            runs: runs
        )
        let bytes = try image.bytes()
        return try onPages { () throws(PageError) in
            let extent = try pages.writeExtent(bytes)
            try pages.checkpoint(
                state.root,
                payload: StatePayload.bytes(extent.place),
                flattening: flattens,
                pause: pause
            )
            return extent
        }
    }
}
