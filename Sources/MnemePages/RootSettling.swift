// The root blocks as an opening read them, written once more before anything else is: what was read
// is from then on what stands there. Format: formats/pages.md#checkpoint-and-recovery.

internal import MnemeBase
internal import Synchronization

/// The root blocks of a file that was opened to be written, as far as they are to be written again.
///
/// The one that was taken may stand in the memory of the system alone: a process was killed, or its
/// sync failed. The other one may be read otherwise another time, as from the other one of two
/// mirrors; a block of a higher number that came back so would lead to places that are used again
/// by then. So it becomes what it was read as, and zeros where it was not whole.
final class RootSettling: Sendable {
    /// Bytes for a slot.
    private struct Block {
        let slot: UInt64
        let bytes: [UInt8]
    }

    private struct Pending {
        var taken: Block?
        var others: [Block]
    }

    private let pending: Mutex<Pending>
    private let isSettled: Atomic<Bool>

    /// Nothing is to be written: of a file that was made just now, or that is only read.
    init() {
        pending = Mutex(Pending(others: []))
        isSettled = Atomic(true)
    }

    /// The blocks of a file from which `taken` was taken, nil where none was whole.
    init(_ found: RootBlocks, taken: RootBlock?) {
        let zeros = [UInt8](repeating: 0, count: PageLayout.size)
        var pending = Pending(others: [])
        for slot in UInt64(0)..<2 {
            if let taken, taken.slot == slot {
                pending.taken = Block(slot: slot, bytes: taken.bytes(slot: slot))
            } else {
                let whole = found.blocks.contains { $0.slot == slot }
                let bytes = whole ? found.bytes[Int(slot)] : zeros
                pending.others.append(Block(slot: slot, bytes: bytes))
            }
        }
        // A file in which nothing was ever written stays so.
        if taken == nil, found.written == 0, !found.isFollowed { pending.others = [] }
        isSettled = Atomic(pending.taken == nil && pending.others.isEmpty)
        self.pending = Mutex(pending)
    }

    /// Writes the block that was taken, and syncs; nothing the second time.
    func settleTaken(in file: any DiskFile) throws(DiskError) {
        if isSettled.load(ordering: .acquiring) { return }
        try pending.withLock { (pending) throws(DiskError) in try Self.settleTaken(&pending, file) }
    }

    /// Writes all, and syncs; nothing the second time.
    ///
    /// They are written one after the other: a power cut tears one of them at most.
    func settle(in file: any DiskFile) throws(DiskError) {
        if isSettled.load(ordering: .acquiring) { return }
        try pending.withLock { (pending) throws(DiskError) in
            try Self.settleTaken(&pending, file)
            if pending.others.isEmpty { return }
            for block in pending.others { try Self.write(block, file) }
            try file.sync()
            pending.others = []
            isSettled.store(true, ordering: .releasing)
        }
    }

    private static func settleTaken(
        _ pending: inout Pending,
        _ file: any DiskFile
    ) throws(DiskError) {
        guard let taken = pending.taken else { return }
        try write(taken, file)
        try file.sync()
        pending.taken = nil
    }

    private static func write(_ block: Block, _ file: any DiskFile) throws(DiskError) {
        try file.write(block.bytes, at: block.slot * UInt64(PageLayout.size))
    }
}

/// What stands where root blocks stand.
struct RootBlocks {
    /// The whole ones.
    var blocks: [RootBlock] = []
    /// What was read at each slot; nothing of one that lies beyond the end of the file.
    var bytes: [[UInt8]] = []
    /// How many are not all zero.
    var written = 0
    /// Whether there is anything behind them.
    var isFollowed = false

    /// Reads both.
    init(of file: any DiskFile) throws(DiskError) {
        let length = try file.byteCount()
        isFollowed = length > UInt64(2 * PageLayout.size)
        for slot in 0..<2 {
            guard length >= UInt64((slot + 1) * PageLayout.size) else {
                bytes.append([])
                continue
            }
            let block = try file.read(
                at: UInt64(slot * PageLayout.size),
                count: PageLayout.size
            )
            if let whole = try? RootBlock(block, slot: UInt64(slot)) { blocks.append(whole) }
            if block.contains(where: { $0 != 0 }) { written += 1 }
            bytes.append(block)
        }
    }
}
