// Indexes over many records are built behind the commits, part by part, by whoever waits for one or
// by a thread of their own; those that were dropped are taken out in the same way, and so it is
// with the words of fields that come to be searched later (TextBuilding.swift). None of it is in
// the log: the checkpoints say how far it has come, and what no checkpoint says is done again.
//
// An index that records refuse is given up: it is dropped, by a commit like any other, and why is
// told to who waits and in the statistics.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel
internal import MnemePages
internal import MnemeTree
internal import Synchronization

/// What the work on indexes remembers.
struct IndexWork {
    /// Those that were given up since the store was opened, by their numbers.
    var givenUp: [UInt16: (build: IndexBuild, error: MnemeError)] = [:]
    /// Up to where edges of dropped types were looked for, by the types' numbers.
    var scanned: [UInt16: UInt64] = [:]
    /// What is under way of the rows of past edges.
    var past: PastPass?
    /// What is under way for a field that came to be searched.
    var text: TextPass?
}

extension Store {
    /// Above that of the work that nobody waits for, below that of commits.
    private static let indexNiceness: Int32 = 5
    /// So many entries of a dropped index go in one turn of the writer.
    private static let entriesPerTurn = 512
    /// So long what failed is left alone.
    private static let indexPause: Microseconds = 1_000_000

    private var hasIndexWork: Bool {
        let state = newest.state
        return !state.roots.building.isEmpty || !state.roots.leaving.isEmpty
            || mayNameDropped(state.catalog) || dropped(state) != nil
    }

    /// The upkeep's part: a step of the work itself, or a look after the thread that does it.
    func workOnIndexes() throws(StoreError) {
        guard options.worksInBackground else {
            if hasIndexWork { _ = try goOnWithIndexes() }
            return
        }
        noteIndexWork()
        if hasIndexWork, let failure = upkeepState.withLock({ $0.indexFailure }) {
            throw .refused(failure.error)
        }
    }

    /// Has the thread of the indexes go on where there is work for it.
    func noteIndexWork() {
        guard options.worksInBackground, !isReadOnly, hasIndexWork else { return }
        let now = clock.elapsed()
        let starts = upkeepState.withLock { state in
            if state.isIndexing || state.isStopping { return false }
            if let failure = state.indexFailure, now < failure.elapsed + Self.indexPause {
                return false
            }
            state.isIndexing = true
            return true
        }
        guard starts else { return }
        BackgroundThread.start(niceness: Self.indexNiceness) { [weak self] in
            while let self, self.isIndexing(going: self.goOnBehind()) {}
        }
    }

    /// Takes a step; whether there is another one.
    private func goOnBehind() -> Bool {
        do throws(StoreError) {
            let isLeft = try goOnWithIndexes()
            upkeepState.withLock { $0.indexFailure = nil }
            return isLeft
        } catch {
            let failure = MnemeError(error)
            upkeepState.withLock { $0.indexFailure = (failure, clock.elapsed()) }
            return false
        }
    }

    /// Whether the thread goes on; where it does not, others may know.
    private func isIndexing(going isLeft: Bool) -> Bool {
        let goesOn = upkeepState.withLock { state in
            state.isIndexing = isLeft && !state.isStopping
            return state.isIndexing
        }
        guard !goesOn else { return true }
        indexGate.open()
        // What came while it ended.
        noteIndexWork()
        return false
    }

    /// Waits until the thread of the indexes has ended, which begins nothing any more.
    func waitForIndexes() {
        while upkeepState.withLock({ $0.isIndexing }) { _ = indexGate.wait(atMost: 100_000) }
    }

    /// Takes a step: a part of an index that is built, or some entries of one that was dropped.
    ///
    /// - Returns: whether anything is left.
    /// - Throws: what reading the records and changing the pages throws.
    func goOnWithIndexes() throws(StoreError) -> Bool {
        try indexing.withLock { work throws(StoreError) in
            // Closing waits for the lock before it gives the files to somebody else.
            if opening.isOver { return false }
            let (roots, catalog) = (newest.state.roots, newest.state.catalog)
            if let pass = work.text, roots.building[pass.number] == nil { work.text = nil }
            if let next = roots.building.min(by: { $0.key < $1.key }) {
                if UsageKey.isBuild(next.key) { return try countBehind(next.key) }
                if catalog.text(next.key, of: next.value.collection) != nil {
                    try buildText(next.key, next.value, &work)
                } else {
                    try build(next.key, next.value, &work)
                }
            } else if let next = roots.leaving.min(by: { $0.key < $1.key }) {
                if catalog.droppedTexts.contains(next.key) {
                    try takeOutText(next.key)
                } else {
                    try takeOut(next.key, next.value)
                }
            } else if mayNameDropped(catalog) {
                try drainPast(&work)
            } else if let number = dropped(newest.state) {
                try drain(number, &work)
            }
            return hasIndexWork
        }
    }

    /// Waits until those of a schema's indexes that are built behind are ready, and builds them
    /// meanwhile.
    ///
    /// `first`: indexes of this number or a higher one are new.
    /// - Throws: why one was given up; what building throws.
    func finishIndexes(of schema: Schema, newFrom first: UInt16) throws(MnemeError) {
        var names: [String: Set<String>] = [:]
        for collection in schema.collections + schema.edgeTypes.map(\.asCollection)
        where !collection.indexes.isEmpty {
            names[collection.name, default: []].formUnion(collection.indexes.map(\.name))
        }
        let counting = usageBuilds(of: schema) + textBuilds(of: schema)
        if names.isEmpty, counting.isEmpty { return }
        // The thread of the indexes may have given up those that are not found here.
        let known = Set(indexes(names, in: newest.state.catalog) + counting)
        while true {
            // In this order: who gives one up holds the lock from before its commit on.
            let isBuilding = newest.state.roots.building.keys.contains(where: known.contains)
            let failure = indexing.withLock { work in
                work.givenUp.first { number, given in
                    known.contains(number)
                        || number >= first
                            && names[given.build.collection]?.contains(given.build.name) == true
                }?.value.error
            }
            if let failure { throw failure }
            guard isBuilding else { return }
            try opening.check()
            do throws(StoreError) { _ = try goOnWithIndexes() } catch { throw MnemeError(error) }
        }
    }

    /// The numbers of a catalog's indexes of these names by collection.
    private func indexes(_ names: [String: Set<String>], in catalog: Catalog) -> [UInt16] {
        catalog.indexed.flatMap { collection -> [UInt16] in
            guard let wanted = names[collection.schema.name] else { return [] }
            return collection.indexes.filter { wanted.contains($0.index.name) }.map(\.number)
        }
    }

    /// How far indexes are, for the statistics.
    func indexBuilds(_ state: StoreState) -> [IndexBuild] {
        var builds: [IndexBuild] = []
        for (number, progress) in state.roots.building.sorted(by: { $0.key < $1.key }) {
            if let counting = IndexBuild(counting: number, progress, state.catalog) {
                builds.append(counting)
                continue
            }
            if let searching = textBuild(number, progress, state.catalog) {
                builds.append(searching)
                continue
            }
            guard let collection = state.catalog.indexed(number: progress.collection),
                let place = collection.place(ofIndex: number)
            else { continue }
            builds.append(
                IndexBuild(
                    collection: collection.schema.name,
                    name: collection.indexes[place].index.name,
                    done: Int(clamping: progress.next - 1),
                    of: Int(clamping: progress.end - 1)
                )
            )
        }
        // Who builds holds the lock for a while; what was given up does not change often.
        let givenUp = upkeepState.withLock { $0.indexesGivenUp }
        return builds + givenUp
    }

    // MARK: Building

    /// Builds the next part of an index.
    private func build(
        _ number: UInt16,
        _ progress: IndexProgress,
        _ work: inout IndexWork
    ) throws(StoreError) {
        let reader = reader()
        guard let collection = reader.state.catalog.indexed(number: progress.collection),
            let place = collection.place(ofIndex: number)
        else { return }
        let chunk = try IndexChunk(
            reader,
            collection,
            place: place,
            progress,
            ordinals: options.ordinalsPerPart
        )
        let courtesy = Courtesy(clock, log, isWanted: { true })
        var start = 0
        var hasSwept = false
        repeat {
            switch try put(chunk, from: start) {
            case .gone: return
            case .went(let next): start = next
            case .stopped(_, .refused(let error)):
                return try giveUp(collection, place, progress, error, &work)
            case .stopped(let at, .taken(let ordinal, let holder)):
                start = at
                // What has expired holds nothing.
                if !hasSwept, try hasExpired([ordinal, holder]) {
                    try sweep()
                    hasSwept = true
                } else if let error = try duplicate(collection, place, ordinal, holder) {
                    return try giveUp(collection, place, progress, error, &work)
                }
            }
            try makeRoom()
            courtesy.pause(0)
        } while start < chunk.count
    }

    /// One turn of the writer.
    private func put(_ chunk: IndexChunk, from start: Int) throws(StoreError) -> IndexChunk.Turn {
        let outcome = Mutex(IndexChunk.Turn.gone)
        try rearrange { [log, clock] editor throws(StoreError) in
            let turn = try chunk.put(from: start, into: editor, log, clock)
            outcome.withLock { $0 = turn }
        }
        return outcome.withLock { $0 }
    }

    /// Whether one of them has expired.
    private func hasExpired(_ ordinals: [UInt64]) throws(StoreError) -> Bool {
        let (reader, now) = (reader(), clock.now())
        for ordinal in ordinals {
            if let entry = try reader.entry(ordinal), entry.expiresAt <= now { return true }
        }
        return false
    }

    /// What is said of two records that have the same values; nil where one of them is gone.
    private func duplicate(
        _ collection: CollectionEntry,
        _ place: Int,
        _ ordinal: UInt64,
        _ holder: UInt64
    ) throws(StoreError) -> MnemeError? {
        let reader = reader()
        for one in [ordinal, holder] {
            guard let entry = try reader.entry(one), entry.isLiving(of: collection.number) else {
                return nil
            }
        }
        let keys = [try reader.stored(holder).key, try reader.stored(ordinal).key]
        let index = collection.indexes[place].index
        let fields = index.fields.map(\.path.description).joined(separator: ", ")
        return MnemeError(
            .duplicate,
            "index \"\(index.name)\" of collection \"\(collection.schema.name)\" is to be unique, "
                + "and records \(quoted(keys[0].description)) and \(quoted(keys[1].description)) "
                + "have the same \(fields); the index is not defined. Change one of them, and "
                + "define it again."
        )
    }

    /// Drops an index that cannot be built.
    private func giveUp(
        _ collection: CollectionEntry,
        _ place: Int,
        _ progress: IndexProgress,
        _ error: MnemeError,
        _ work: inout IndexWork
    ) throws(StoreError) {
        let (name, entry) = (collection.schema.name, collection.indexes[place])
        let isEdges = newest.state.catalog.edgeType(number: collection.number) != nil
        let change = PreparedChange.drop(
            isEdges
                ? .edgeIndex(type: name, name: entry.index.name)
                : .index(collection: name, name: entry.index.name)
        )
        let prepare = { @Sendable (catalog: Catalog) throws(MnemeError) in
            // Somebody may have dropped it, and defined another one of its name.
            guard catalog.indexed(number: collection.number)?.place(ofIndex: entry.number) != nil
            else { throw MnemeError(.notFound, "the index was dropped meanwhile") }
            return [change]
        }
        let state = newest.state
        do throws(MnemeError) {
            let outcome = queue.submit(
                .batch(
                    WriterWork(
                        changes: try prepare(state.catalog),
                        catalogVersion: state.catalog.version,
                        durability: .synced,
                        prepareAgain: prepare
                    )
                )
            )
            _ = try outcome.get()
        } catch {
            if [.notFound, .unknownCollection].contains(error.code) { return }
            throw .refused(error)
        }
        let build = IndexBuild(
            collection: name,
            name: entry.index.name,
            done: Int(clamping: progress.next - 1),
            of: Int(clamping: progress.end - 1),
            failure: error.message
        )
        work.givenUp[entry.number] = (build, error)
        upkeepState.withLock { $0.indexesGivenUp.append(build) }
    }

    // MARK: Taking out

    /// Takes entries of a dropped index out.
    private func takeOut(_ number: UInt16, _ collection: UInt16) throws(StoreError) {
        let courtesy = Courtesy(clock, log, isWanted: { true })
        let range = StoreKeys.entries(ofIndex: number, collection)
        for _ in 0..<32 {
            let isLeft = Mutex(false)
            try rearrange { editor throws(StoreError) in
                let tree = Tree(root: editor.roots.tree)
                let view = editor.view
                var keys: [[UInt8]] = []
                try onTree { () throws(TreeError) in
                    var cursor = try tree.cursor(range, in: view)
                    while keys.count < Self.entriesPerTurn, try cursor.next() {
                        keys.append(try cursor.key)
                    }
                }
                for key in keys { try editor.remove(key) }
                let isMore = keys.count == Self.entriesPerTurn
                if !isMore { editor.roots.leaving.removeValue(forKey: number) }
                isLeft.withLock { $0 = isMore }
            }
            guard isLeft.withLock({ $0 }) else { return }
            try makeRoom()
            courtesy.pause(0)
        }
    }
}

extension StoreKeys {
    /// All entries of an index.
    static func entries(ofIndex number: UInt16, _ collection: UInt16) -> TreeRange {
        .prefix(KeyWriter(collection: collection, index: number).bytes)
    }
}

extension StoreRoots {
    /// Whether a record may lack a key of the tree, as its index is being built.
    func mayLack(_ key: [UInt8], _ ordinal: UInt64) -> Bool {
        guard !building.isEmpty, key.count >= 4 else { return false }
        let collection = UInt16(key[0]) << 8 | UInt16(key[1])
        guard let progress = building[UInt16(key[2]) << 8 | UInt16(key[3])] else { return false }
        return progress.collection == collection && progress.mayLack(ordinal)
    }
}

extension StateReader {
    /// What a living record or edge has in indexes, and what it is called.
    func indexedFields(
        _ ordinal: UInt64,
        _ entry: OrdinalEntry
    ) throws(StoreError) -> (name: String, fields: [(number: UInt16, value: Value)]) {
        if let type = state.catalog.edgeType(number: entry.collection) {
            let fields = try FrameDecoder().indexedFields(try frame(entry), type)
            return ("edge \(ordinal)", fields)
        }
        let record = try stored(ordinal)
        let fields =
            state.catalog.collection(number: entry.collection)?.indexed(record) ?? record.fields
        return ("record \(quoted(record.key.description))", fields)
    }

    /// What stands under a key of an index.
    func indexValue(
        of ordinal: UInt64,
        _ entry: OrdinalEntry,
        _ collection: CollectionEntry,
        _ index: UInt16
    ) throws(StoreError) -> [UInt8] {
        guard index == collection.ownerList || index == collection.recallList?.number else {
            return StoreKeys.value(ordinal)
        }
        return StoreKeys.value(collection, index, ordinal, try stored(ordinal))
    }

    /// How many entries an index has.
    ///
    /// - Complexity: O(entries).
    func entryCount(ofIndex number: UInt16, _ collection: UInt16) throws(StoreError) -> Int {
        try onTree { () throws(TreeError) in
            var count = 0
            let range = StoreKeys.entries(ofIndex: number, collection)
            var cursor = try state.tree.cursor(range, in: view)
            while try cursor.next() { count += 1 }
            return count
        }
    }
}
