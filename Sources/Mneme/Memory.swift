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
    /// Whether the built-in embedder fills the field `meaning`.
    public var embedsText = true

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

    init(store: Store, options: MemoryOptions) throws(MnemeError) {
        self.store = store
        self.options = options
        embedder = options.embedsText ? StaticEmbedder() : nil
        try store.define(MemoryLayout.schema(vectors: options.vectors), unless: store.snapshot())
    }

    /// Opens the store in a directory.
    ///
    /// - Throws: `.busy` when it is open elsewhere, `.notAStore`, `.newerFormat`, `.corrupt`,
    ///   `.denied`, `.diskFull`, `.disk`.
    public static func open(
        _ directory: String,
        options: MemoryOptions = MemoryOptions()
    )
        throws(MnemeError) -> Memory
    {
        let store = try Store.open(
            directory,
            options.createsIfMissing ? .openOrCreate : .open
        )
        return try Memory(store: store, options: options)
    }

    /// Makes a store that lives in this process's memory and ends with it.
    public static func inMemory(
        options: MemoryOptions = MemoryOptions()
    )
        throws(MnemeError) -> Memory
    {
        var files = StoreOptions()
        files.disk = MemoryDisk()
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
        progress: BackupWatch? = nil
    ) throws(MnemeError) -> [String] {
        var files = StoreOptions()
        files.watch = progress
        let store = try Store.open(directory, .rebuild, options: files)
        try store.close()
        return store.notes
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
                    && wanted.fields.allSatisfy { collection.field($0.name) == $0 }
            }
        }
        if !isThere { try define(schema) }
    }
}
