// What goes wrong in a world, said beforehand. Calls are counted from 1 since the world began (or
// since the crash that made it), over all files; paths are those that a file was opened by.

/// The faults of a simulated disk.
package struct FaultPlan: Sendable {
    /// Faults of single data syncs, by their number.
    package var syncs: [Int: SyncFault] = [:]
    /// The fault of every data sync that `syncs` does not name.
    package var everySync: SyncFault?
    /// Faults of single directory syncs, by their number.
    package var directorySyncs: [Int: SyncFault] = [:]
    /// The fault of every directory sync that `directorySyncs` does not name.
    package var everyDirectorySync: SyncFault?
    /// Faults of single writes, by their number.
    package var writes: [Int: WriteFault] = [:]
    /// Single reads that fail with an input/output error, by their number.
    package var failedReads: Set<Int> = []
    /// Single reads that find the file ended before, by their number.
    package var shortReads: Set<Int> = []
    /// Damaged places that every read and every new mapping meets, applied in order.
    package var reads: [ReadFault] = []
    /// Whether files may have several names.
    package var allowsLinks = true
    /// The room for the bytes of all named files together; what would pass it throws `.full`.
    package var capacity: UInt64?
    /// When there is no room at all; what needs some throws `.full`.
    package var full: FullDisk?

    /// A plan without faults.
    package init() {}
}

/// A time without room, by the numbers of steps.
package struct FullDisk: Sendable, Hashable {
    /// The first step that finds no room; the plan is to be changed for room to come back.
    package var from: Int
    /// Whether bytes in place need room too, as on file systems that copy on write; otherwise new
    /// names and growing files alone do.
    package var everyWrite: Bool

    /// A time from a step on.
    package init(from: Int, everyWrite: Bool = false) {
        self.from = from
        self.everyWrite = everyWrite
    }
}

/// What becomes of a sync.
package enum SyncFault: Sendable, Hashable {
    /// An input/output error.
    ///
    /// What a file was given since its last sync is lost to the disk though
    /// readers see it until the crash, and later syncs succeed without it; with `keepingSome` some
    /// sectors got through. Names of a directory stay as undecided as they were.
    case failed(keepingSome: Bool)
    /// A planted bug: success is reported and nothing done.
    case skipped
}

/// What becomes of a write.
package enum WriteFault: Sendable, Hashable {
    /// `.full` is thrown after `kept` bytes were written.
    case full(kept: Int)
    /// An input/output error is thrown after `kept` bytes were written.
    case failed(kept: Int)
    /// Success is reported and readers see the bytes, but they never reach the disk.
    case lost
}

/// Damage that readers meet.
///
/// Sectors are 512 bytes long and numbered from 0 in their file.
package enum ReadFault: Sendable, Hashable {
    /// The bits of `mask` are flipped in the byte at `offset`.
    case flipped(path: String, offset: UInt64, mask: UInt8)
    /// The sector reads as zeros.
    case zeroed(path: String, sector: UInt64)
    /// The sector reads as another one, of the same file or of `of`.
    case misdirected(path: String, sector: UInt64, to: UInt64, of: String? = nil)
    /// The sector reads as it was when the disk last remembered its contents, and as zeros where
    /// the file was not there then.
    case stale(path: String, sector: UInt64)
    /// A read that touches the range throws an input/output error; so does a mapping of it.
    case failed(path: String, range: Range<UInt64>)

    /// The file that is damaged.
    package var path: String {
        switch self {
        case .flipped(let path, _, _), .zeroed(let path, _), .misdirected(let path, _, _, _),
            .stale(let path, _), .failed(let path, _):
            path
        }
    }
}
