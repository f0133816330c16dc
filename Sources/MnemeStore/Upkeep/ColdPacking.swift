// How bodies stand in a cold segment: packed as tightly as LZ4 can, against bodies of the same
// segment, as texts of one store have much in common that a short one has not by itself. Who reads
// them is no slower for it. What is written in haste, as space is short, is not packed.
// Format: formats/log.md#dictionary, formats/store.md#compaction.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel

/// Packs the bodies of one cold segment, frame after frame.
///
/// The first frames wait until there are enough of them to take the dictionary from: all of them
/// are needed, so that the dictionary holds nothing that the segment does not.
final class ColdPacking {
    private let catalog: Catalog
    private var waiting: [Frame] = []
    private var taken = 0
    /// Bytes of bodies that wait, before they were compressed.
    private var waitingBytes = 0
    private var isReady: Bool
    private var dictionary: [UInt8] = []
    /// nil in haste.
    private var packer: LZ4Packer?
    private let packs: Bool

    /// Bodies that the dictionary is taken from come to so many bytes.
    private static let sampleBytes = 4 << 20
    /// Of so many bytes of bodies one goes into the dictionary, as long as there is room.
    private static let share = 32
    /// A dictionary of fewer bytes is not worth it.
    private static let fewest = 1024
    /// The most bytes of one body.
    private static let piece = 2048
    /// Bodies shorter than this are left alone.
    private static let shortest = 32
    /// A segment of fewer bytes need not say that it is packed, as it takes little room anyhow.
    static let smallSegment = 128 << 10

    init(_ catalog: Catalog, packs: Bool) {
        self.catalog = catalog
        self.packs = packs
        isReady = !packs
    }

    /// What the segment is to have behind its frames, which take so many bytes; nil for nothing.
    func dictionary(for byteCount: Int) -> [UInt8]? {
        guard packs, !dictionary.isEmpty || byteCount > Self.smallSegment / 2 else { return nil }
        return dictionary
    }

    /// Takes a frame, which has its turn behind those before it.
    func add(_ frame: Frame) throws(StoreError) {
        waiting.append(frame)
        guard !isReady, frame.content.type == StoreFrameType.put else { return }
        waitingBytes += max(frame.content.body.count, Int(frame.content.plainCount))
        if waitingBytes >= Self.sampleBytes { begin() }
    }

    /// Has those come that wait for more; whether there are any.
    func close() -> Bool {
        if isReady || waiting.isEmpty { return false }
        begin()
        return true
    }

    /// The next frame, and what it is to carry; nil where more must come first.
    func next() throws(StoreError) -> (frame: Frame, content: FrameContent)? {
        guard isReady, taken < waiting.count else { return nil }
        let frame = waiting[taken]
        taken += 1
        if taken == waiting.count {
            waiting.removeAll(keepingCapacity: true)
            taken = 0
        }
        return (frame, try content(of: frame))
    }

    private func begin() {
        let size = min(waitingBytes / Self.share, LZ4Packer.dictionaryLimit)
        if size >= Self.fewest { dictionary = sample(size) }
        packer = LZ4Packer(dictionary)
        isReady = true
    }

    /// Bodies from all over what waits, so many bytes of them: of each collection its share, or
    /// short ones would leave no room for long ones.
    private func sample(_ size: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(size)
        let share = Double(size) / Double(max(waitingBytes, 1))
        var due: [UInt16: Double] = [:]
        for frame in waiting where frame.content.type == StoreFrameType.put {
            let count = max(frame.content.body.count, Int(frame.content.plainCount))
            guard let columns = try? PutColumns(frame.content.columns) else { continue }
            let saved = due[columns.collection, default: 0] + Double(count) * share
            due[columns.collection] = saved
            let piece = min(count, Self.piece, size - bytes.count)
            guard piece > 0, saved >= Double(piece),
                let plain = FrameBody.plain(frame.content, limit: FrameDecoder.bodyLimit)
            else { continue }
            bytes += plain.prefix(piece)
            due[columns.collection] = saved - Double(piece)
        }
        return bytes
    }

    /// What a frame carries in the segment.
    private func content(of frame: Frame) throws(StoreError) -> FrameContent {
        var content = frame.content
        guard content.type == StoreFrameType.put, packer != nil || content.isPacked else {
            return content
        }
        guard let plain = FrameBody.plain(content, limit: FrameDecoder.bodyLimit),
            let columns = try? PutColumns(content.columns)
        else { throw .malformed(frame.place) }
        var packed: [UInt8]?
        if let packer, plain.count >= Self.shortest {
            packed = packer.pack(plain, isArchived(plain, columns) ? .most : .middle)
        }
        if let packed, content.isPacked || packed.count < content.body.count {
            (content.body, content.plainCount) = (packed, UInt32(plain.count))
            content.setPacked(!dictionary.isEmpty)
        } else if content.isPacked {
            // Against another dictionary, which goes.
            (content.body, content.plainCount) = FrameBody.compress(plain)
            content.setPacked(false)
        } else {
            return content
        }
        content.columns = columns.bytes(bodyCount: content.body.count)
        return content
    }

    private func isArchived(_ plain: [UInt8], _ columns: PutColumns) -> Bool {
        guard let collection = catalog.collection(number: columns.collection),
            collection.marks?.archived != nil, let fields = try? Value.decodeFields(plain)
        else { return false }
        let record = StoredRecord(
            key: columns.key,
            owner: 0,
            expiresAt: columns.expiresAt,
            fields: fields.map { ($0.0, $0.1) },
            vectors: []
        )
        return collection.isArchived(record)
    }
}

extension Store {
    /// Bytes of a segment that is packed as soon as somebody asks, or when it is old.
    private static let worthPacking = 1 << 20
    /// What was written so long ago is packed: seven days.
    private static let settledAfter: Microseconds = 7 * 86_400 * 1_000_000

    /// Whether a copy is packed: not in haste, unless somebody waits for just that.
    func packs(_ due: ErasureDue) -> Bool {
        if case .asked = due { return true }
        return !space.isPressing
    }

    /// Whether a segment is to be written again so that it takes less room: as enough of it is
    /// archived, as it is old, or as somebody asked for it at a commit that came later.
    func isToPack(
        _ number: UInt64,
        _ run: ColdRun?,
        _ state: StoreState,
        _ due: ErasureDue
    ) -> Bool {
        let byteCount = log.byteCount(of: number)
        if run == nil {
            if log.isEmpty(number) { return false }
        } else if byteCount <= ColdPacking.smallSegment || log.isPacked(number) {
            return false
        }
        if let archived = state.roots.archived[number], archived.bytes > 0,
            Double(archived.bytes) >= options.compactionShare / 2 * Double(byteCount)
        {
            return packs(due)
        }
        guard byteCount >= Self.worthPacking else { return false }
        guard case .asked(let sequence) = due else {
            let next = (run?.segments.upperBound ?? number) + 1
            guard packs(due), let time = log.firstTime(of: next) else { return false }
            return time < options.clock.now() - Self.settledAfter
        }
        // One that was copied in haste may have been judged as of the newest commit.
        if let run { return run.sequences.lowerBound <= sequence }
        guard let first = try? log.firstSequence(of: number) else { return false }
        return first <= sequence
    }
}
