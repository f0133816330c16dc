// The append-only log: the one thing that a commit waits for, and the one truth that everything
// else is derived from. Frames are gathered into a group in memory, written in one piece, made
// durable by one data sync. The log does not know what a payload means. Format: formats/log.md.
//
// One thread at a time appends (the store's writer); any thread reads.

package import MnemeBase
internal import Synchronization

/// Which store a log belongs to.
package struct LogIdentity: Hashable, Sendable {
    package let high: UInt64
    package let low: UInt64

    /// From its two halves.
    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
}

/// Sizes that the log keeps to.
///
/// The defaults are the design's; tests use smaller ones.
package struct LogLimits: Sendable {
    /// The first segment's bytes; each next one has twice as many, up to `largestSegment`.
    package var smallestSegment = 1 << 20
    /// A segment's most bytes, at most 128 MiB.
    package var largestSegment = 64 << 20
    /// A frame's most bytes.
    package var frame = 16 << 20
    /// A batch's most bytes.
    package var batch = 32 << 20
    /// Bugs on purpose; none but in the crash harness's tests of itself.
    package var faults = LogFaults()

    /// The design's sizes.
    package init() {}
}

/// What a write of a group left to be synced.
package struct WrittenLog: Sendable {
    let segment: Segment
    let sequence: UInt64
}

/// The log of one store, open for appending.
///
/// SAFETY: `tail` is used by the one appending thread; `segments` is behind a lock; a sync looks at
/// what it is handed.
package final class Log: @unchecked Sendable {
    let disk: any Disk
    let directory: String
    package let identity: LogIdentity
    let limits: LogLimits
    /// What encrypts it; nil where it is not encrypted.
    package let vault: Vault?
    /// Of every frame that is written: the leader's epoch, and which opening of the store this is.
    package let epoch: UInt32
    package let incarnation: UInt64
    let segments: Mutex<[UInt64: Segment]>
    /// Those that stand beside it, in memory alone, and how many there were.
    let asides = Mutex<[UInt64: Segment]>([:])
    let asideCount = Atomic<UInt64>(0)
    /// What the cold ones among them stand for, by their numbers.
    let cold: Mutex<[UInt64: ColdRun]>
    /// Files that were there when it was opened and that its newest checkpoint does not need.
    let leftovers: Mutex<[UInt64]>
    let spare = Mutex<Segment?>(nil)
    /// A retired segment's file, of zeros, that the next spare is to be.
    let zeroed = Mutex<ZeroedFile?>(nil)
    /// Held while a segment is made or taken, so that no number is given to two files.
    let making = Mutex(())
    /// Segments that must stay as they are.
    package let holds = SegmentHolds()
    /// What did not read back since the log was opened.
    let found = Mutex(FoundDamage())
    /// Nothing behind it is told to be durable: of a log that is only read, the last sequence that
    /// it calls so itself, as nobody syncs what else was found.
    private let told: UInt64
    /// Told of the last sequence whenever more is durable.
    let durability = Mutex(DurabilityListener())
    private let poison = Atomic<Bool>(false)
    /// The last sequence that was written, the last that was synced, and where writing stands.
    private let written: Atomic<UInt64>
    private let synced: Atomic<UInt64>
    private let writtenBits: Atomic<UInt64>
    var tail: Tail

    /// Where appending stands.
    struct Tail {
        var segment: Segment
        /// The next frame's offset.
        var offset: Int
        /// The next frame's sequence.
        var sequence: UInt64
        /// The group that is not written yet; begins at `groupOffset`.
        var group = ByteWriter()
        var groupOffset: Int
        /// Up to here the segment was written, be it zeros, or needs no writing ahead.
        var writtenOffset: Int
        /// The checksums of the batch that is open.
        var batch = ByteWriter()
        var batchCount: UInt32 = 0
        /// What to go back to when the group is discarded.
        var committedSequence: UInt64
        /// What frames are enciphered with; nil where the log is not encrypted.
        var sealer: FrameSealer?
    }

    init(
        disk: any Disk,
        directory: String,
        identity: LogIdentity,
        limits: LogLimits,
        vault: Vault?,
        epoch: UInt32,
        incarnation: UInt64,
        segments: [UInt64: Segment],
        cold: [ColdRun] = [],
        leftovers: [UInt64] = [],
        telling told: UInt64 = .max,
        tail: Tail
    ) {
        self.told = told
        self.disk = disk
        self.directory = directory
        self.identity = identity
        self.limits = limits
        self.vault = vault
        self.epoch = epoch
        self.incarnation = incarnation
        self.segments = Mutex(segments)
        self.cold = Mutex(Dictionary(uniqueKeysWithValues: cold.map { ($0.number, $0) }))
        self.leftovers = Mutex(leftovers)
        self.tail = tail
        written = Atomic(tail.sequence - 1)
        synced = Atomic(tail.sequence - 1)
        let end = LogPlace(segment: tail.segment.number, offset: tail.offset)
        writtenBits = Atomic(end.bits)
    }

    /// Everything up to this sequence survived a sync.
    private var durable: UInt64 { synced.load(ordering: .acquiring) }

    /// Everything up to this sequence survives a power cut.
    ///
    /// For any thread. Of a log that is only read, what follows it may survive one too.
    package var durableSequence: UInt64 { min(durable, told) }

    /// Has `tell` called whenever more is durable, on the thread that synced; it waits for nothing.
    package func onDurable(_ tell: @escaping @Sendable (UInt64) -> Void) {
        durability.withLock { $0.tell = tell }
    }

    /// The sequence of the next frame.
    package var nextSequence: UInt64 { tail.sequence }
    /// Where the next frame will stand, unless its batch needs a new segment.
    package var end: LogPlace { LogPlace(segment: tail.segment.number, offset: tail.offset) }
    /// Whether everything that was written is durable.
    ///
    /// For any thread.
    package var isDurable: Bool {
        written.load(ordering: .acquiring) <= synced.load(ordering: .acquiring)
    }

    /// Where the frames that are written end.
    ///
    /// For any thread.
    package var writtenPlace: LogPlace { LogPlace(bits: writtenBits.load(ordering: .acquiring)) }

    /// How much was written since a place.
    ///
    /// For any thread.
    package func bytes(since place: LogPlace) -> Int {
        let end = writtenPlace
        if end.segment == place.segment { return max(0, end.offset - place.offset) }
        let between = segments.withLock { all in
            all.values.reduce(0) { sum, segment in
                (place.segment..<end.segment).contains(segment.number)
                    ? sum + segment.byteCount : sum
            }
        }
        return max(0, between - place.offset + end.offset)
    }

    /// Whether frames are enciphered.
    package var isEncrypted: Bool { vault != nil }
    /// The key that contents must name.
    package var keyID: UInt32 { vault == nil ? 0 : FrameHead.segmentKey }
    /// A frame's most bytes.
    package var frameLimit: Int { limits.frame }
    /// A batch's most bytes, its commit frame not counted.
    package var batchLimit: Int { limits.batch }
    /// Whether a write or a sync failed.
    package var isPoisoned: Bool { poison.load(ordering: .acquiring) }
    /// Bytes of all segments' files, the spare's included.
    package var fileBytes: Int {
        segments.withLock { $0.values.reduce(0) { $0 + $1.byteCount } }
            + spare.withLock { $0?.byteCount ?? 0 }
    }

    /// Makes sure that a batch of this many bytes, its commit frame not counted, fits where the
    /// group stands.
    ///
    /// Before a new segment, everything must be written and no sync be under way (`isQuiet`): the
    /// caller gets false where it is not so.
    ///
    /// - Throws: `.tooLarge`, `.poisoned`, `.disk` when no new segment can be had.
    package func begin(batchBytes: Int, isQuiet: Bool = true) throws(LogError) -> Bool {
        if isPoisoned { throw .poisoned }
        guard batchBytes <= limits.batch else {
            throw .tooLarge(byteCount: batchBytes, limit: limits.batch)
        }
        let needed = batchBytes + FrameHead.commitSize
        if tail.offset + needed <= tail.segment.byteCount { return true }
        guard isQuiet, tail.group.bytes.isEmpty else { return false }
        let size = max(nextSegmentSize(), SegmentHeader.size + needed)
        try move(to: takeSegment(atLeast: size))
        return true
    }

    /// Goes on in a new segment, so that all frames until now stand in sealed ones; nobody may be
    /// syncing, and no batch may be open.
    ///
    /// - Throws: `.poisoned`, `.disk` when no new segment can be had.
    package func roll() throws(LogError) {
        if isPoisoned { throw .poisoned }
        if durable + 1 < tail.sequence { try commit() }
        guard tail.offset > SegmentHeader.size else { return }
        try move(to: takeSegment(atLeast: nextSegmentSize()))
    }

    /// Adds a frame to the open batch and says where it will stand.
    ///
    /// - Precondition: `begin` made room; the content names `keyID` unless it is the log's own.
    package func append(_ content: FrameContent, time: Microseconds) -> LogPlace {
        let place = end
        let head = FrameHead(
            content,
            sequence: tail.sequence,
            time: time,
            epoch: epoch,
            incarnation: incarnation
        )
        let checksum = head.append(
            content,
            segment: tail.segment.number,
            sealing: tail.sealer,
            to: &tail.group
        )
        tail.batch.put(checksum)
        tail.batchCount += 1
        tail.sequence += 1
        tail.offset = tail.groupOffset + tail.group.bytes.count
        return place
    }

    /// Ends the open batch and returns the commit's sequence.
    package func endBatch(time: Microseconds) -> UInt64 {
        let columns = CommitColumns(
            count: tail.batchCount,
            hash: Checksum.xxh3(tail.batch.bytes),
            durable: durable
        )
        let sequence = tail.sequence
        _ = append(
            FrameContent(type: LogFrameType.commit, columns: columns.bytes),
            time: time
        )
        tail.batch.bytes.removeAll(keepingCapacity: true)
        tail.batchCount = 0
        return sequence
    }

    /// Writes the group.
    ///
    /// Whoever syncs what it returns makes it durable, and everything before it.
    ///
    /// - Throws: `.poisoned`: whether the group is there is unknown until the next opening.
    /// - Precondition: no batch is open.
    package func write() throws(LogError) -> WrittenLog {
        precondition(tail.batchCount == 0, "a batch is open")
        if isPoisoned { throw .poisoned }
        if !tail.group.bytes.isEmpty {
            do throws(DiskError) {
                if limits.faults.publishesBeforeDurable { try tail.segment.file.sync() }
                tail.addZeros()
                try tail.segment.file.write(tail.group.bytes, at: UInt64(tail.groupOffset))
            } catch {
                poison.store(true, ordering: .releasing)
                throw .poisoned
            }
        }
        tail.group.bytes.removeAll(keepingCapacity: true)
        tail.groupOffset = tail.offset
        tail.committedSequence = tail.sequence
        written.store(tail.sequence - 1, ordering: .releasing)
        writtenBits.store(end.bits, ordering: .releasing)
        return WrittenLog(segment: tail.segment, sequence: tail.sequence - 1)
    }

    /// Makes durable what was written.
    ///
    /// For any thread, one at a time: of two syncs that fail together only one is told so.
    ///
    /// - Throws: `.poisoned`: whether it is there is unknown until the next opening.
    package func sync(_ written: WrittenLog) throws(LogError) {
        if isPoisoned { throw .poisoned }
        do throws(DiskError) {
            if !limits.faults.publishesBeforeDurable { try written.segment.file.sync() }
        } catch {
            poison.store(true, ordering: .releasing)
            throw .poisoned
        }
        synced.store(written.sequence, ordering: .releasing)
        durability.withLock { $0.tell }?(written.sequence)
    }

    /// Writes the group and makes everything durable; nobody may be syncing.
    ///
    /// - Throws: as `write` and `sync`.
    package func commit() throws(LogError) { try sync(try write()) }

    /// Accepts nothing any more, as after a write that failed.
    package func refuseEverything() { poison.store(true, ordering: .releasing) }

    /// Forgets the group that was not written.
    package func discard() {
        tail.offset = tail.groupOffset
        tail.sequence = tail.committedSequence
        tail.group.bytes.removeAll(keepingCapacity: true)
        tail.batch.bytes.removeAll(keepingCapacity: true)
        tail.batchCount = 0
        tail.sealer?.forget()
    }

    /// Writes what is pending, records the end, syncs, and gives back the zeros that were ready for
    /// more: the next opening knows that nothing is missing.
    ///
    /// Only a log whose store is going may be closed.
    ///
    /// - Precondition: no batch is open.
    /// - Throws: `.poisoned`; `.disk` when the files could not be cut, the end is recorded then.
    package func close() throws(LogError) {
        // The close frame calls all before it durable, so it may not share a sync with any of it.
        if durable + 1 < tail.sequence { try commit() }
        _ = try begin(batchBytes: 0)
        let columns = CommitColumns(count: 0, hash: 0, durable: tail.sequence - 1)
        _ = append(FrameContent(type: LogFrameType.close, columns: columns.bytes), time: 0)
        tail.batch.bytes.removeAll(keepingCapacity: true)
        tail.batchCount = 0
        try commit()
        do throws(DiskError) {
            let used = (tail.offset + FrameHead.size + 4095) & ~4095
            if used < tail.segment.byteCount {
                try tail.segment.file.truncate(to: UInt64(used))
                try tail.segment.file.sync()
            }
            let (ready, kept) = making.withLock { _ in
                (spare.withLock { $0.take() }, zeroed.withLock { $0.take() })
            }
            let sparePath = ready.map { Segment.path(directory, $0.number) }
            let paths = [sparePath, kept?.path].compactMap(\.self)
            for path in paths { try disk.remove(path) }
            if !paths.isEmpty { try disk.syncDirectory(directory) }
        } catch {
            throw .disk(error)
        }
    }

    /// Goes on in a fresh segment.
    ///
    /// Its header is durable before anything stands behind it, so that every place that was handed
    /// out, also the end of a log that wrote nothing since, is one that the next opening can start
    /// from.
    private func move(to segment: Segment) throws(LogError) {
        // What is written but not synced stands in the old segment, and a later sync is of the new.
        if durable + 1 < tail.sequence { try commit() }
        let secret = newSealer(segment.number)
        let header = SegmentHeader(
            identity: identity,
            number: segment.number,
            firstSequence: tail.sequence,
            byteCount: UInt64(segment.byteCount),
            salt: secret?.salt
        )
        if let secret { segment.encrypt(with: secret.sealer.cipher) }
        do throws(DiskError) {
            try segment.file.write(header.bytes, at: 0)
            try segment.file.sync()
        } catch {
            poison.store(true, ordering: .releasing)
            throw .poisoned
        }
        tail.sealer = secret?.sealer
        tail.segment = segment
        tail.offset = SegmentHeader.size
        tail.groupOffset = SegmentHeader.size
        tail.writtenOffset = segment.writtenOffset(from: SegmentHeader.size)
        writtenBits.store(end.bits, ordering: .releasing)
    }
}

/// Who is told what is durable.
///
/// The closure stands in a structure: one that is a mutex's whole value is wrapped once more by
/// every look at it, and never unwrapped.
struct DurabilityListener: Sendable {
    var tell: (@Sendable (UInt64) -> Void)?
}
