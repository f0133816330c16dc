// The one vocabulary: whatever a door is asked is a request, whatever it answers is a response.

/// Everything that a store can be asked.
public enum Request: Hashable, Sendable {
    /// Adds collections, edge types, fields or indexes; `waits` until new indexes over records that
    /// are there are ready, however many these are.
    case define(Schema, waits: Bool = true)
    /// Takes out what is defined.
    case drop(Drop)
    /// Gives a vector field's name to another vector field.
    case switchVector(VectorSwitch)
    /// What is defined.
    case describe
    /// Applies changes, all or none.
    case commit([Change], Durability)
    /// Applies changes, all or none, and keeps with their history who made them and why.
    case signed(Signature, [Change], Durability)
    /// Reads records by key; a missing one is nil in its place.
    case get([Reference])
    /// Reads records by key, with their versions or as of another time; a missing one is nil in its
    /// place.
    case getBy(Get)
    /// What a record was.
    case history(VersionQuestion)
    /// Searches one collection.
    case find(Find)
    /// Follows edges.
    case walk(Walk)
    /// Finds a shortest path.
    case path(Path)
    /// Finds all shortest paths, or the cheapest.
    case paths(Paths)
    /// Gets the owner's session that is going on, or starts one when the last entry is older than
    /// `idleMinutes`, on terms of its own.
    case openSession(owner: String, idleMinutes: Int, SessionTerms = SessionTerms())
    /// Adds entries to a session in order.
    case appendToSession(id: String, entries: [Remember])
    /// Ends a session, and says what becomes of what was in it.
    case endSession(id: String, summary: String?, SessionClosing = SessionClosing())
    /// Remembers, all or none.
    case remember([Remember])
    /// Recalls.
    case recall(Recall)
    /// Links memories, all or none.
    case relate([Link])
    /// Forgets.
    case forget(Forget)
    /// Counts and sizes.
    case statistics
    /// Holds every index against the log.
    case verify
    /// Writes a checkpoint.
    case checkpoint
    /// Makes a backup.
    case backup(Backup)
    /// Begins a transaction.
    case begin
    /// Asks for a get, find, count, walk, path, paths, pattern or describe inside a transaction, or
    /// makes the changes of a commit part of it; how long that is waited for is said when the
    /// transaction is committed.
    indirect case inside(transaction: UInt64, Request)
    /// Commits a transaction, which ends whatever comes of it.
    case commitTransaction(UInt64, Durability)
    /// Ends a transaction and forgets its changes.
    case rollback(UInt64)
    /// Counts records or edges, by groups.
    case count(Count)
    /// Looks for records that stand to each other as a pattern says.
    case pattern(Pattern)
    /// Takes the first records of a question and patches them, each for one claimer alone.
    case claim(Claim)
    /// Deletes all records for which a condition holds, in one commit.
    case deleteWhere(DeleteWhere)
    /// Does a request that changes something once, however often it is asked under a key: the
    /// answer is the first one's. Which take a key: formats/operations.md#done-once.
    indirect case once(key: String, Request)
    /// Sets what is kept of who asked for what; tells it where there is nothing to set.
    case audit(AuditSetting?)
    /// What was committed behind a sequence.
    case watch(Watch)
    /// What owners have.
    case usage(UsageQuestion)
    /// Erases everything of an owner.
    case purge(Purge)
    /// How much of what is truly nearest the searches of vector fields find.
    case checkVectors(VectorQuestion)
    /// The newest entries of a session that fit a budget, and memories beside them.
    case sessionContext(ContextQuestion)
    /// A session as it was.
    case rehydrate(Rehydration)
    /// What sessions left.
    case episodes(EpisodeQuestion)
    /// How things are done, by name.
    case procedure(NamedCall)
    /// What is known of objects, by their id.
    case document(NamedCall)
    /// Says that records were used.
    case touch(Touch)
    /// Ends an old memory's validity and remembers what is true from then on.
    case supersede(Revision)
    /// Keeps memories from fading.
    case pin(Pin)
    /// Asks where a memory comes from.
    case why(Why)
    /// Asks for candidates that somebody should judge.
    case upkeep(Upkeep)
    /// Takes memories away until no more are left than there may be.
    case prune(Prune)
    /// Puts events that come due, all or none.
    case schedule([Schedule])
    /// Which events are due.
    case dueEvents(DueQuestion)
    /// Takes events that are due, each for one claimer alone.
    case claimEvents(EventClaim)
    /// Says what became of an event.
    case settleEvent(Settlement)
    /// Sets or moves a scalar.
    case setScalar(ScalarChange)
    /// What scalars are, or were.
    case scalars(ScalarQuestion)
    /// Has something be found out about a whole graph, behind the requests.
    case runGraph(GraphRun)
    /// Asks such jobs how far they are, or what they found out; or ends them.
    case graphJob(GraphJobCall)
}

/// What comes back.
public enum Response: Hashable, Sendable {
    case done
    case schema(Schema)
    case committed(Committed)
    case records([Record?])
    case found(Found)
    case walked(Walked)
    /// The edges of a path in order, nil when there is none.
    case path([Edge]?)
    case paths(FoundPaths)
    case session(Session)
    case remembered(Remembered)
    case recalled(Recalled)
    case forgotten(Forgotten)
    case statistics(Statistics)
    case verified(Verification)
    case backedUp(BackupSummary)
    /// A transaction, and the commit that it sees.
    case began(transaction: UInt64, sequence: UInt64)
    case counted(Counted)
    case matched(Matched)
    case claimed(Claimed)
    /// What a record was.
    case history(History)
    /// What is kept of who asked for what.
    case audited(AuditStatus)
    case watched(Watched)
    /// What owners have.
    case usage(Usage)
    /// What went of an owner.
    case purged(Purged)
    case deletedWhere(DeletedWhere)
    /// How much of what is truly nearest the searches of vector fields find.
    case vectorsChecked(VectorsChecked)
    /// What a prompt needs of a session.
    case context(SessionContext)
    /// A session as it was.
    case rehydrated(Rehydrated)
    /// How records were used.
    case touched(Touched)
    /// Where a memory comes from.
    case provenance(Provenance)
    /// What somebody should judge.
    case candidates(Candidates)
    /// Events, as they are once the request is done.
    case events(Events)
    /// Scalars at an instant.
    case scalars(Scalars)
    /// Jobs over a whole graph.
    case graphJob(GraphJobs)
}

/// Counts and sizes of a store.
public struct Statistics: Hashable, Sendable {
    /// The newest commit.
    public var sequence: UInt64
    /// Living records by collection.
    public var records: [String: Int]
    /// Living edges by type.
    public var edges: [String: Int]
    /// Owners that ever had something, also those with nothing left.
    public var owners: Int
    /// Bytes of the log's files.
    public var logBytes: Int
    /// Bytes of the page file, and how many of them nothing uses.
    public var pageBytes: Int
    /// Bytes of the page file that nothing uses.
    public var freePageBytes: Int
    /// Bytes of pages in memory.
    public var residentPageBytes: Int
    /// Runs of the text index.
    public var textRuns: Int
    /// How long ago newer commits replaced the oldest state that an open snapshot or a read still
    /// holds; nil where none does.
    public var oldestSnapshotMicroseconds: Int?
    /// What the work behind failed with when it was tried last, nil when it went well.
    public var upkeepFailure: String?
    /// What of the files did not read back since the store was opened, by place and sequence; empty
    /// as a rule.
    public var damage: [String]
    /// Indexes that do not have all records yet, searchable fields that do not have all words, and
    /// indexes that were given up since the store was opened; empty as a rule.
    public var indexes: [IndexBuild]
    /// How much is archived; nil where nothing is.
    public var archived: ArchivedFigures?
    /// How many records have a vector, by `collection.field`, of vector fields that not all of
    /// their collection's have.
    ///
    /// What has expired counts until it is swept.
    public var vectors: [String: Int]

    /// Figures of their parts.
    public init(
        sequence: UInt64,
        records: [String: Int],
        edges: [String: Int],
        owners: Int,
        logBytes: Int,
        pageBytes: Int,
        freePageBytes: Int,
        residentPageBytes: Int,
        textRuns: Int,
        oldestSnapshotMicroseconds: Int? = nil,
        upkeepFailure: String? = nil,
        damage: [String] = [],
        indexes: [IndexBuild] = [],
        archived: ArchivedFigures? = nil,
        vectors: [String: Int] = [:]
    ) {
        self.sequence = sequence
        self.records = records
        self.edges = edges
        self.owners = owners
        self.logBytes = logBytes
        self.pageBytes = pageBytes
        self.freePageBytes = freePageBytes
        self.residentPageBytes = residentPageBytes
        self.textRuns = textRuns
        self.oldestSnapshotMicroseconds = oldestSnapshotMicroseconds
        self.upkeepFailure = upkeepFailure
        self.damage = damage
        self.indexes = indexes
        self.archived = archived
        self.vectors = vectors
    }
}

/// The result of holding the indexes against the log.
public struct Verification: Hashable, Sendable {
    /// Frames read from the log.
    public var frames: Int
    /// Living records and edges that were compared.
    public var records: Int
    /// Living edges that were compared.
    public var edges: Int
    /// What does not agree; empty when all is well.
    public var findings: [String]

    /// A result of its parts.
    public init(frames: Int, records: Int, edges: Int, findings: [String]) {
        self.frames = frames
        self.records = records
        self.edges = edges
        self.findings = findings
    }
}
