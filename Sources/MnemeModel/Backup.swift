// Backups: what is wished for, and what came of it.

/// A backup that a store is to make of itself, under a name in the directory that the store's owner
/// gave it for backups.
public struct Backup: Hashable, Sendable {
    /// The new backup: 1 to 64 letters, digits, dots, hyphens and underscores, the first no dot.
    public var name: String
    /// The backup that it goes on from; nil for a full one.
    public var base: String?
    /// Whether segments are copied also where they could be linked.
    public var copies: Bool
    /// How many bytes a second may be read; nil for no limit.
    public var bytesPerSecond: Int?

    /// A wish of its parts.
    public init(
        _ name: String,
        base: String? = nil,
        copies: Bool = false,
        bytesPerSecond: Int? = nil
    ) {
        self.name = name
        self.base = base
        self.copies = copies
        self.bytesPerSecond = bytesPerSecond
    }
}

/// What a backup holds.
public struct BackupSummary: Hashable, Sendable {
    /// The backup's own number.
    public var id: UniqueID
    /// The number of the store that it is of.
    public var store: UniqueID
    /// The number of the backup that it goes on from; nil for a full one.
    public var base: UniqueID?
    /// The last frame that it holds; up to here a store can be restored.
    public var sequence: UInt64
    /// The newest commit that it holds, 0 for none.
    public var commit: UInt64
    /// The first sequence from which every one can be restored from it; 0 where that is so of all.
    ///
    /// Segments were written again without what was not needed then.
    public var exactFrom: UInt64
    /// When that was committed; nil for none.
    public var time: Instant?
    /// When the backup was made.
    public var made: Instant
    /// Segments of the log in it.
    public var segments: Int
    /// Bytes of its files.
    public var bytes: Int
    /// Those among them that belong to files which the store had too when the backup was made.
    public var linkedBytes: Int

    /// A summary of its parts.
    public init(
        id: UniqueID,
        store: UniqueID,
        base: UniqueID? = nil,
        sequence: UInt64,
        commit: UInt64,
        exactFrom: UInt64 = 0,
        time: Instant? = nil,
        made: Instant,
        segments: Int,
        bytes: Int,
        linkedBytes: Int
    ) {
        self.id = id
        self.store = store
        self.base = base
        self.sequence = sequence
        self.commit = commit
        self.exactFrom = exactFrom
        self.time = time
        self.made = made
        self.segments = segments
        self.bytes = bytes
        self.linkedBytes = linkedBytes
    }
}

/// A backup that was found in a directory.
public struct ListedBackup: Hashable, Sendable {
    /// The name of its own directory.
    public var name: String
    /// What it holds, or why its manifest is refused.
    public var contents: Result<BackupSummary, MnemeError>

    /// A backup of a name.
    public init(name: String, contents: Result<BackupSummary, MnemeError>) {
        self.name = name
        self.contents = contents
    }
}

/// Up to where a store is restored.
public enum RestorePoint: Hashable, Sendable {
    /// All that the backup has.
    case end
    /// The last commit whose sequence is not above this one.
    case sequence(UInt64)
    /// The last commit that was not made after this instant.
    case time(Instant)
}

/// Where a restore looks for what was erased.
public enum ErasureLedger: Hashable, Sendable {
    /// In the backups that are given, in those of the same store beside them, and in these
    /// directories, each a backup or a store.
    case all(beside: [String] = [])
    /// Nowhere: what was erased since the point comes back.
    case none
}

/// What a restored store has.
public struct RestoreSummary: Hashable, Sendable {
    /// Its newest commit, 0 for none.
    public var sequence: UInt64
    /// When that was committed; nil for none.
    public var time: Instant?
    /// Every index held against the log.
    public var verification: Verification
    /// Records and edges that were there at that point and were erased since: they are not there.
    public var erased: Int
    /// Backups beside those that were given which could not be asked what was erased, each with the
    /// reason.
    public var unread: [String]

    /// A summary of its parts.
    public init(
        sequence: UInt64,
        time: Instant?,
        verification: Verification,
        erased: Int = 0,
        unread: [String] = []
    ) {
        self.erased = erased
        self.unread = unread
        self.sequence = sequence
        self.time = time
        self.verification = verification
    }
}

/// What a pruning of backups did, or would do.
public struct PrunedBackups: Hashable, Sendable {
    /// A backup that is gone.
    public struct Removed: Hashable, Sendable {
        /// Its directory.
        public var directory: String
        /// Bytes of its files, of which links to others take no room.
        public var bytes: Int

        /// A backup of a directory.
        public init(directory: String, bytes: Int) {
            self.directory = directory
            self.bytes = bytes
        }
    }
    /// A chain that was made anew, as it had what was erased since.
    public struct Rewritten: Hashable, Sendable {
        /// The directory of the full backup that stands for the chain now: that of its last backup.
        public var directory: String
        /// The backups of the chain, the full one first.
        public var chain: [String]
        /// When the newest commit of the chain and of the backup was made; nil where there is none.
        ///
        /// An instant from then on can be restored from it.
        public var time: Instant?
        /// The first sequence from which every one can be restored from it, 0 where that is so of
        /// all; nil where nothing was done.
        public var exactFrom: UInt64?
        /// The last sequence that it can be restored at; nil where nothing was done.
        public var sequence: UInt64?
        /// Records and edges that are not in it any more; nil where nothing was done.
        public var erased: Int?

        /// A chain of its parts.
        public init(
            directory: String,
            chain: [String],
            time: Instant? = nil,
            exactFrom: UInt64? = nil,
            sequence: UInt64? = nil,
            erased: Int? = nil
        ) {
            self.directory = directory
            self.chain = chain
            self.time = time
            self.exactFrom = exactFrom
            self.sequence = sequence
            self.erased = erased
        }
    }
    /// What an interrupted backup or pruning left.
    public struct Leftover: Hashable, Sendable {
        /// What it is, and what becomes of it.
        public enum Kind: String, Sendable, CaseIterable {
            /// A backup that was never finished; it is removed.
            case unfinished
            /// What a pruning made on its way, or was removing; it is removed.
            case rest
            /// A backup that a pruning made anew, of a chain that it began to remove; it takes the
            /// place of that.
            case successor
        }
        /// Its directory.
        public var directory: String
        /// What it is.
        public var kind: Kind

        /// A leftover of a directory.
        public init(directory: String, kind: Kind) {
            self.directory = directory
            self.kind = kind
        }
    }
    /// What was ended first, as earlier work had been interrupted.
    public var leftovers: [Leftover] = []
    /// In the order in which they went.
    public var removed: [Removed] = []
    /// Backups that stayed as they were.
    public var kept: [String] = []
    /// Chains that were made anew; no increment of the store goes on from one of these.
    public var rewritten: [Rewritten] = []
    /// Directories that are left alone, each with the reason; of their stores nothing is removed.
    public var unread: [String] = []

    /// Nothing yet.
    public init() {}
}

/// A part of the work of backups, restores and rebuilds.
public enum BackupStep: String, Sendable, CaseIterable {
    /// Files are copied; counted in bytes.
    case copy
    /// Files are read and held against their checksums; counted in bytes.
    case check
    /// Pages are derived from the log; counted in bytes of it.
    case derive
    /// Every index is held against the log; counted in frames.
    case verify
}

/// Told how far a step has come: what is done, and of how much; of 0 where that is not known.
///
/// Called on any thread.
public typealias BackupWatch = @Sendable (_ step: BackupStep, _ done: Int, _ total: Int) -> Void

/// Names that are a directory's own, whatever the file system.
package enum PlainName {
    /// The most bytes of one.
    package static let limit = 64

    /// Whether a text is 1 to 64 letters, digits, dots, hyphens and underscores, the first no dot.
    package static func isOne(_ name: String) -> Bool {
        let allowed = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
                UInt8(ascii: "_"):
                true
            default: false
            }
        }
        return allowed && !name.isEmpty && name.utf8.count <= limit && name.first != "."
    }
}
