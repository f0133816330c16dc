// The embedded door: a store in this process. Everything that it can be asked is a `Request`; the
// methods are the same requests with their types.

internal import MnemeBase
internal import MnemeEmbed
public import MnemeModel
internal import MnemeStore
internal import Synchronization

/// How a memory is opened.
public struct MemoryOptions: Sendable {
    /// Whether a store is made where none is.
    public var createsIfMissing = true
    /// How long commits are waited for when a call does not say.
    public var durability: Durability = .synced
    /// The caller's own vector fields of the collection `memories`, by name.
    public var vectors: [String: VectorType] = [:]
    /// The directory in which the request `backup` makes its backups; nil refuses it.
    public var backupDirectory: String?
    /// The master key of an encrypted store; a store that is made with one is encrypted.
    public var masterKey: MasterKey?
    /// Whether the built-in embedder fills the field `meaning`.
    public var embedsText = true
    /// The most bytes of index pages that are kept in memory, beside those that open snapshots
    /// hold; nil for a quarter of the machine's memory, at most 1 GiB.
    ///
    /// Commits wait where pages that are not on disk yet would take more. Beside them and the
    /// unpacked records there are the batches under way, text runs that are not on disk yet or
    /// small, or being merged, and 9 bytes or so for each KiB of the page file.
    public var pageCacheBytes: Int?
    /// The most bytes of unpacked records that are kept in memory for those who read them again;
    /// nil for a sixteenth of the machine's memory, at most 256 MiB.
    ///
    /// What is read from there is right also where the disk was damaged behind it, which `verify`
    /// and the scrub find: they read the files.
    public var recordCacheBytes: Int?
    /// How long a read may look at a state that newer commits have replaced, in milliseconds; nil
    /// for as long as it takes.
    ///
    /// A read that asks several times, as `recall` does, then fails with `snapshotTooOld`, so that
    /// the files do not grow without end for its sake.
    public var snapshotMilliseconds: Int? = 60_000
    /// After how many milliseconds without a request a transaction is ended.
    public var transactionMilliseconds = 60_000
    /// Whether nothing is written to any file, and every change refused.
    ///
    /// A store whose directory cannot be written is opened so in any case.
    public var opensReadOnly = false
    /// Whether a page file that is damaged is derived again from the log; without it such a store
    /// is refused, and `rebuild` does that.
    public var derivesDamagedPages = true
    /// How many bytes a second of the files are read again behind everything else, to find damage
    /// early; 0 for none.
    ///
    /// At the default 100 GB take a day.
    public var scrubBytesPerSecond = 1 << 20
    /// For how many seconds what was done under an idempotency key is known, so that the same
    /// request is not done again.
    public var idempotencySeconds = 24 * 3600
    /// Within how many seconds what was deleted or replaced is gone from the files of the store.
    public var erasureDeadline = 7 * 24 * 3600
    /// How many bytes a second are written again for that, or to gain room, at most; where that is
    /// too few for what is replaced and deleted, commits come to be slower.
    public var compactionBytesPerSecond = 64 << 20
    /// How many vectors a field has at least for a graph over them to be made, behind the commits;
    /// below, a scan of all is as fast.
    public var graphVectors = 30_000
    /// How many threads, of the lowest priority, make the graph of a field that has many vectors.
    public var graphThreads = 2
    /// What the program calls itself where the store keeps who asked it for what
    /// ([audit](formats/operations.md#audit)); nobody is asked to prove it.
    public var caller = ""
    /// Told, in a line for people, of damage when it is found, when a full disk has commits refused
    /// and when that is over, and when nothing is written any more; on any thread, and must not
    /// wait.
    public var report: (@Sendable (String) -> Void)?
    /// Told the same with what it is of; on any thread, and must not wait.
    package var notice: (@Sendable (StoreNotice) -> Void)?

    /// The defaults.
    public init() {}
}

/// An open store of memories, records, text, vectors and edges.
///
/// All methods may be called from any thread. They block; none takes longer than its own work and,
/// for changes, one data sync.
public final class Memory: Sendable {
    let store: Store
    let options: MemoryOptions
    let embedder: StaticEmbedder?
    /// Threads for what is asked by tasks and would hold up theirs.
    let pool = WorkerPool(threadCount: 2)
    /// Held while a session is looked up and changed.
    let sessionLock = Mutex(())
    /// Those that were begun here.
    let transactions = TransactionScope()
    /// Who asks where nobody else is said to.
    let asker: Asker

    init(store: Store, options: MemoryOptions) throws(MnemeError) {
        self.store = store
        self.options = options
        embedder = options.embedsText ? StaticEmbedder() : nil
        asker = Asker(AuditOrigin(embedded: options.caller))
        if store.isReadOnly { return }
        try store.define(MemoryLayout.schema(vectors: options.vectors), unless: store.snapshot())
    }

    /// Opens the store in a directory.
    ///
    /// `progress` is called now and then while the log is replayed, with the bytes done and the
    /// bytes in all.
    ///
    /// - Throws: `.busy` when it is open elsewhere, `.notAStore`, `.newerFormat`, `.corrupt`,
    ///   `.badKey`, `.denied`, `.diskFull`, `.disk`.
    public static func open(
        _ directory: String,
        options: MemoryOptions = MemoryOptions(),
        progress: @escaping (Int, Int) -> Void = { _, _ in }
    )
        throws(MnemeError) -> Memory
    {
        var files = StoreOptions()
        if let bytes = options.pageCacheBytes { files.pageCacheBytes = bytes }
        if let bytes = options.recordCacheBytes { files.recordCacheBytes = bytes }
        files.snapshotAge = options.snapshotMilliseconds.map { Int64(min($0, 1 << 50)) * 1000 }
        files.transactionIdle =
            Int64(clamping: min(options.transactionMilliseconds, 1 << 50)) * 1000
        files.derivesDamagedPages = options.derivesDamagedPages
        files.scrubBytesPerSecond = options.scrubBytesPerSecond
        if options.report != nil || options.notice != nil {
            files.report = { [report = options.report, notice = options.notice] said in
                report?(said.text)
                notice?(said)
            }
        }
        files.masterKey = options.masterKey
        files.idempotencyAge =
            Int64(clamping: min(max(0, options.idempotencySeconds), 1 << 40)) * 1_000_000
        files.erasureDeadline = Int64(clamping: options.erasureDeadline) * 1_000_000
        files.compactionBytesPerSecond = max(1, options.compactionBytesPerSecond)
        files.graphLeast = max(2, options.graphVectors)
        files.graphThreads = max(1, options.graphThreads)
        let mode: StoreMode =
            options.opensReadOnly ? .read : options.createsIfMissing ? .openOrCreate : .open
        let store = try Store.open(directory, mode, options: files, progress: progress)
        return try Memory(store: store, options: options)
    }

    /// What opening had to say of the files, for people; nothing as a rule.
    public var notes: [String] { store.notes }

    /// What was damaged of the index pages when the store was opened, for people; nil as a rule.
    ///
    /// They were derived again from the log: in the file, or where nothing is written, in memory.
    public var damageAtOpening: String? { store.damageAtOpening }

    /// Whether nothing is written, and every change refused.
    public var isReadOnly: Bool { store.isReadOnly }

    /// Makes a store that lives in this process's memory and ends with it.
    public static func inMemory(
        options: MemoryOptions = MemoryOptions()
    )
        throws(MnemeError) -> Memory
    {
        var files = StoreOptions()
        files.disk = MemoryDisk()
        files.transactionIdle =
            Int64(clamping: min(options.transactionMilliseconds, 1 << 50)) * 1000
        let store = try Store.open("memory", .create, options: files)
        return try Memory(store: store, options: options)
    }

    /// Derives every page of a store again from its log, and closes it.
    ///
    /// A rebuild that is refused, or that fails, leaves the store as it was.
    ///
    /// - Returns: what could not be made sure of, for people; nothing as a rule.
    /// - Throws: as `open`; `.damagedLog` when the log ends before what the pages know of it.
    @discardableResult
    public static func rebuild(
        _ directory: String,
        key: MasterKey? = nil,
        progress: @escaping (Int, Int) -> Void = { _, _ in }
    )
        throws(MnemeError) -> [String]
    {
        var files = StoreOptions()
        files.masterKey = key
        let store = try Store.open(directory, .rebuild, options: files, progress: progress)
        try store.close()
        return store.notes
    }

    /// Brings everything that is whole in a damaged store out into a new one.
    ///
    /// The damaged store is not changed. Its log is read whatever is damaged in it; its page file
    /// and its identity file may be lost, but of an encrypted store, whose key stands there. The
    /// new store of an encrypted one is encrypted under the same `key`.
    ///
    /// The new store is made in `target`; nil finds out what would be in it. `progress` is called
    /// now and then: what is done, how much of it, and how much there is.
    ///
    /// - Returns: what was brought out, what was not, and what is lost.
    /// - Throws: `.busy` when the store is open, `.notAStore` when it has no log, `.exists` when
    ///   the target is not empty, `.newerFormat`, `.badRequest`, `.diskFull`, `.denied`, `.disk`.
    public static func salvage(
        _ directory: String,
        to target: String?,
        key: MasterKey? = nil,
        progress: @escaping (String, Int, Int) -> Void = { _, _, _ in }
    )
        throws(MnemeError) -> SalvageReport
    {
        var files = StoreOptions()
        files.masterKey = key
        var salvage = Salvage(of: directory, to: target, options: files)
        salvage.progress = progress
        return try salvage.run()
    }

    /// Writes a checkpoint and gives the files back.
    ///
    /// The memory refuses everything afterwards.
    public func close() throws(MnemeError) { try store.close() }

    /// The built-in embedder's vector of a text, `[256]`, of length 1; nil when it knows no word.
    public static func embed(_ text: String) -> [Float]? { StaticEmbedder().embed(text) }
}

extension Store {
    /// Defines a schema when something of it is missing.
    fileprivate func define(_ schema: Schema, unless snapshot: Snapshot) throws(MnemeError) {
        let known = snapshot.schema
        let isThere = schema.collections.allSatisfy { wanted in
            known.collections.contains { collection in
                collection.name == wanted.name
                    && wanted.fields.allSatisfy { collection.isThere($0) }
            }
        }
        if !isThere { try define(schema) }
    }
}

extension Collection {
    /// Whether it has a field as it is wanted, which may ask for any recall where it says nothing.
    func isThere(_ wanted: Field) -> Bool {
        guard let known = field(wanted.name) else { return false }
        return wanted.recall == nil
            ? wanted.agrees(butForRecallWith: known) : wanted.settled == known
    }
}
