// One state of a store: a root of pages and what goes with it. A snapshot is one of these and an
// instant. States are values; the writer makes the next one from the newest.

internal import MnemeBase
internal import MnemeGraph
internal import MnemeLog
package import MnemePages
package import MnemeText
internal import MnemeTree
internal import Synchronization

/// A run of the text index and where it stands on disk, if it does.
///
/// One that was found on disk is read and held against its checksum when it is first wanted: an
/// opening waits for none.
package final class StoredRun: Sendable {
    /// The sequences of its documents.
    let births: ClosedRange<UInt64>
    /// It has no document that died up to this sequence.
    let cleanThrough: UInt64
    /// How many documents it has, dead ones included; of one that was not read yet, as its head
    /// says.
    package let documentCount: Int
    /// Set by the checkpoint that writes it.
    let extent: Mutex<PageExtent?>
    /// Whether its bytes are those of the file.
    let isMapped: Bool
    private let opened: Mutex<Result<TextRun, StoreError>?>

    /// A run that was made.
    init(_ run: TextRun, births: ClosedRange<UInt64>, cleanThrough: UInt64 = 0) {
        isMapped = false
        self.births = births
        // Nothing dies before it is born.
        self.cleanThrough = max(cleanThrough, max(births.lowerBound, 1) - 1)
        documentCount = run.documentCount
        extent = Mutex(nil)
        opened = Mutex(.success(run))
    }

    /// A run that stands on disk.
    ///
    /// - Throws: `.inconsistent` when its head is no run's, `.pages` when it cannot be read.
    /// - Complexity: O(1).
    init(
        standing extent: PageExtent,
        births: ClosedRange<UInt64>,
        cleanThrough: UInt64 = 0
    ) throws(StoreError) {
        self.births = births
        self.cleanThrough = max(cleanThrough, max(births.lowerBound, 1) - 1)
        let head = try onPages { () throws(PageError) in
            try extent.head(byteCount: TextRun.headByteCount)
        }
        guard let count = TextRun.documentCount(ofHead: head) else {
            throw .inconsistent("a text run cannot be read: its head is no run's")
        }
        documentCount = count
        isMapped = true
        self.extent = Mutex(extent)
        opened = Mutex(nil)
    }

    /// What it holds, verified.
    ///
    /// - Throws: `.pages` with the place when it is damaged or cannot be read, `.inconsistent` when
    ///   what was written is no run.
    /// - Complexity: O(bytes) the first time, then O(1).
    package var run: TextRun {
        get throws(StoreError) {
            try opened.withLock { opened throws(StoreError) in
                if let known = opened { return try known.get() }
                do throws(StoreError) {
                    let run = try read()
                    opened = .success(run)
                    return run
                } catch {
                    // What the disk refuses now it may give later; what is damaged stays so.
                    switch error {
                    case .pages(.corrupt), .inconsistent: opened = .failure(error)
                    default: break
                    }
                    throw error
                }
            }
        }
    }

    private func read() throws(StoreError) -> TextRun {
        guard let extent = extent.withLock({ $0 }) else {
            throw .inconsistent("a text run stands nowhere")
        }
        let mapping = try onPages { () throws(PageError) in try extent.map() }
        let bytes = unsafe TextBytes(
            base: mapping.base,
            count: mapping.count,
            keeper: mapping
        )
        do throws(TextError) {
            let run = try TextRun(bytes, verifyingChecksum: false)
            guard run.documentCount == documentCount else { throw .malformed(offset: 32) }
            return run
        } catch {
            throw .inconsistent("a text run cannot be read: \(error)")
        }
    }
}

extension [StoredRun] {
    /// What they hold, in order.
    ///
    /// - Throws: as `StoredRun.run`.
    func opened() throws(StoreError) -> [TextRun] {
        var runs: [TextRun] = []
        runs.reserveCapacity(count)
        for stored in self { runs.append(try stored.run) }
        return runs
    }
}

/// The roots of the trees, and what is counted.
struct StoreRoots: Sendable {
    /// Keys, indexes, owners.
    var tree: PageID
    /// Edges.
    var adjacency: PageID
    /// The head pages of the vector indexes, by the numbers of their fields.
    var vectors: [UInt16: PageID] = [:]
    /// The next record's or edge's ordinal.
    var nextOrdinal: UInt64 = 1
    /// The next owner's number; 0 is nobody.
    var nextOwner: UInt32 = 1
    /// The next generated integer key by collection.
    var nextKeys: [UInt16: Int64] = [:]
    /// Records by collection and edges by type that were put and not deleted.
    var counts: [UInt16: Int] = [:]
    /// Documents of the text index whose record was replaced or deleted since; only about so many
    /// where `Catalog.hasLooseTexts`.
    var deadDocuments = 0
    /// The indexes that do not have all records yet, by their numbers, and searched fields that
    /// do not have all words.
    var building: [UInt16: IndexProgress] = [:]
    /// The collections of indexes that were dropped and still have entries, by the indexes'
    /// numbers, and of fields that were searched and still have words.
    var leaving: [UInt16: UInt16] = [:]
    /// What was put since the store was opened, its replay among it; this is in no checkpoint.
    var put = PutWork()
    /// When what recall lists say was changed last; this is in no checkpoint.
    var listed = ChangeMarks()
    /// Whether a record ever had an instant to expire at.
    var hasExpiring = false
    /// Records that are gone for every reader, and of which the indexes still know.
    var withdrawn = IDBitmap()
    /// The forks of the log, in its order.
    var forks: [Fork] = []
    /// The cold segments that count.
    var cold: [ColdMention] = []
    /// What is not needed any more of the segments, by their numbers.
    var dead: [UInt64: DeadBytes] = [:]
    /// Bytes of the segments' deletes, unlinks and commits, by their numbers.
    ///
    /// They say when to write segments again; what may go then does not depend on them.
    var passing: [UInt64: UInt64] = [:]
    /// What is archived of the segments, by their numbers; they say when to pack them.
    var archived: [UInt64: ArchivedAmount] = [:]

    /// Whether indexes may know of records that are not there.
    var mayHide: Bool { hasExpiring || !withdrawn.isEmpty }
}

/// What takes longer to apply than its bytes in the log say.
struct PutWork {
    /// Vectors.
    var vectors = 0
    /// Bytes of searchable text.
    var textBytes = 0
    /// Changed pages that stood on disk before: a replay has to read them.
    var pages = 0
}

/// How much of a segment is not needed any more.
struct DeadBytes: Equatable, Sendable {
    /// At least so many bytes.
    var byteCount: UInt64
    /// When the first of them came to be so.
    var since: Microseconds

    /// Bytes and times that can be reckoned with are below this, whichever way they lie.
    static let limit: Int64 = 1 << 60

    /// Whether it can be reckoned with.
    var isPossible: Bool {
        byteCount < UInt64(Self.limit) && -Self.limit..<Self.limit ~= since
    }
}

/// What the states since the last compaction ended hold in common: as long as one is looked at, so
/// may be the segments that the compaction wrote again.
///
/// It holds on to the one that follows it: who looks at an older state may need also what later
/// compactions wrote again.
final class SegmentLease: Sendable {
    private let next = Mutex<SegmentLease?>(nil)

    /// The lease of the states from now on.
    func end() -> SegmentLease {
        let lease = SegmentLease()
        next.withLock { $0 = lease }
        return lease
    }
}

/// Everything that a reader of one commit needs.
package final class StoreState: Sendable {
    /// States that were made in this process.
    private static let made = Atomic<UInt64>(0)

    /// A number that no other state of this process has; never 0.
    let number: UInt64
    package let catalog: Catalog
    package let root: PageRoot
    /// The newest commit that it shows.
    package let sequence: UInt64
    let roots: StoreRoots
    package let runs: [StoredRun]
    /// The root for reading; of a branch, its editor's pages.
    let view: PageView
    let lease: SegmentLease

    init(
        catalog: Catalog,
        root: PageRoot,
        sequence: UInt64,
        roots: StoreRoots,
        runs: [StoredRun],
        lease: SegmentLease,
        view: PageView? = nil
    ) {
        number = Self.made.add(1, ordering: .relaxed).newValue
        self.catalog = catalog
        self.root = root
        self.sequence = sequence
        self.roots = roots
        self.runs = runs
        self.view = view ?? root.view
        self.lease = lease
    }

    var tree: Tree { Tree(root: roots.tree) }
    var adjacency: Adjacency { Adjacency(root: roots.adjacency) }
}
