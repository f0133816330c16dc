// The next state while it is being made: every index at once, one change after another, in the
// order ordinals, tree, vectors, text, graph. The writer and recovery both come through here and
// nobody else does. Nothing is visible before the state that `finish` returns is published.

internal import MnemeBase
internal import MnemeGraph
internal import MnemeLog
internal import MnemeModel
internal import MnemePages
internal import MnemeText
internal import MnemeTree
internal import MnemeVectors

/// Applies decided changes on top of a state.
final class StoreEditor {
    let pages: PageFile
    let editor: PageEditor
    private let analyzer: TextAnalyzer
    private let mergeLimit: Int
    private(set) var catalog: Catalog
    /// Set by its extensions too, and by nobody else.
    var roots: StoreRoots
    private var runs: [StoredRun]
    private var lease: SegmentLease
    private(set) var sequence: UInt64
    /// When what is applied was committed.
    var time: Microseconds = 0
    private var documents: TextRunBuilder
    private var births: ClosedRange<UInt64>?
    private var hasNewRuns = false
    /// Where frames of edges are read again that go; nil for an editor that ends nothing.
    var frames: (any FrameSource)?
    /// What owners have, as far as it was changed.
    let usage = UsageTally()
    /// Told of the edges that come and go; nil where nobody walks what is made.
    var edgeChanges: EdgeChanges?
    /// As of `StoreFaults`.
    var countsNothing = false
    /// Takes the documents in the editor's place.
    private let text: ReplayText?

    /// `text` takes the documents that are put, and whoever gave it adds its runs; without it they
    /// become a run of the finished state.
    ///
    /// `branch` is edited in the place of the writer's pages.
    init(
        _ state: StoreState,
        pages: PageFile,
        analyzer: TextAnalyzer,
        mergeLimit: Int,
        text: ReplayText? = nil,
        on branch: PageEditor? = nil
    ) {
        self.text = text
        self.mergeLimit = mergeLimit
        self.pages = pages
        editor = branch ?? pages.edit()
        self.analyzer = analyzer
        catalog = state.catalog
        roots = state.roots
        runs = state.runs
        lease = state.lease
        sequence = state.sequence
        documents = TextRunBuilder(analyzer: analyzer)
    }

    var view: PageView { editor.view }
    private var tree: Tree { Tree(root: roots.tree) }
    var adjacency: Adjacency { Adjacency(root: roots.adjacency) }

    /// Applies one change, whose frame stands at `place` under `birth`.
    func apply(
        _ change: PlannedChange,
        place: LogPlace,
        vectorOffset: Int,
        birth: UInt64
    )
        throws(StoreError)
    {
        switch change {
        case .schema(let planned): try define(planned, birth)
        case .owner(let number, let path): try enter(owner: number, path: path)
        case .put(let put): try apply(put, place, vectorOffset: vectorOffset, birth)
        case .delete(let delete): try apply(delete, birth)
        case .link(let edge): try link(edge, place, vectorOffset: vectorOffset, birth)
        case .unlink(let edge): try unlink(edge, birth)
        case .fork(let fork): roots.forks.append(fork)
        case .withdraw(let withdrawal): try withdraw(withdrawal)
        }
    }

    /// Adds runs of documents that were put.
    func add(_ made: [StoredRun]) {
        runs += made
        hasNewRuns = !made.isEmpty
    }

    /// Notes that everything up to a commit has been applied.
    func reached(_ commit: UInt64) { sequence = commit }

    /// The finished state; `editor` is published with it.
    func finish() throws(StoreError) -> StoreState {
        if let births {
            do throws(TextError) {
                add([StoredRun(try documents.finish(), births: births)])
            } catch {
                throw .inconsistent("the text index refused what was written: \(error)")
            }
        }
        try settleUsage()
        if hasNewRuns { runs = try RunMerging.mergeSmall(runs, limit: mergeLimit) }
        roots.put.pages += editor.changedFromDisk
        let root = editor.isEmpty ? pages.root : pages.publish(editor)
        return StoreState(
            catalog: catalog,
            root: root,
            sequence: sequence,
            roots: roots,
            runs: runs,
            lease: lease
        )
    }

    /// The state of a branch as it stands, and the run of what was put since this was asked last.
    ///
    /// `made`: the runs of the branch's own, which follow those that it began with.
    func branched(
        _ made: ([StoredRun]) throws(StoreError) -> [StoredRun]
    ) throws(StoreError) -> StoreState {
        try settleUsage()
        var fresh: [StoredRun] = []
        if let births {
            do throws(TextError) {
                fresh.append(StoredRun(try documents.finish(), births: births))
            } catch {
                throw .inconsistent("the text index refused what was changed: \(error)")
            }
            documents = TextRunBuilder(analyzer: analyzer)
            self.births = nil
        }
        return StoreState(
            catalog: catalog,
            root: editor.base,
            sequence: sequence,
            roots: roots,
            runs: runs + (try made(fresh)),
            lease: lease,
            view: editor.view
        )
    }

    /// From the finished state on another lease holds.
    func endLease() { lease = lease.end() }

    /// Notes that numbers below these are used up.
    func raise(nextOrdinal: UInt64, nextKeys: [UInt16: Int64]) throws(StoreError) {
        try raise(nextOrdinal: nextOrdinal)
        for (collection, key) in nextKeys {
            roots.nextKeys[collection] = max(roots.nextKeys[collection] ?? 1, key)
        }
    }

    /// Notes that ordinals below this one are used up.
    func raise(nextOrdinal next: UInt64) throws(StoreError) {
        guard next > roots.nextOrdinal else { return }
        let last = roots.nextOrdinal &- 1
        roots.nextOrdinal = next
        // Its page was kept for its sake, whatever lives there.
        guard OrdinalTable.pageID(last) != OrdinalTable.pageID(next - 1) else { return }
        try onPages { () throws(PageError) in
            try OrdinalTable.dropDead(pageOf: last, in: editor)
        }
    }

    /// Forgets everything that was applied.
    func discard() { pages.discard(editor) }

    private func define(_ planned: PlannedDefinition, _ birth: UInt64) throws(StoreError) {
        for key in planned.keys { try insert(key.bytes, value: key.value) }
        noteIndexes(planned, before: catalog)
        noteTexts(planned, before: catalog, birth)
        if case .drop(.field(let name, let field)) = planned.definition {
            try drop(field, of: name)
        }
        let before = catalog
        catalog = planned.catalog
        noteUsage(before: before)
        for collection in catalog.collections + catalog.edgeTypes.compactMap(\.searched) {
            for vector in collection.vectors where roots.vectors[vector.number] == nil {
                let index = try onPages { () throws(PageError) in
                    try VectorIndex.create(coder: vector.coder, in: editor)
                }
                roots.vectors[vector.number] = index.head
            }
        }
    }

    /// Takes out what is kept of a field: its counter, and its index where it is one of vectors.
    ///
    /// - Complexity: O(pages of the index).
    private func drop(_ field: String, of collection: String) throws(StoreError) {
        guard let entry = catalog.collections.first(where: { $0.schema.name == collection }) else {
            return
        }
        for counter in entry.counters where counter.field == entry.fieldNumbers[field] {
            roots.nextKeys.removeValue(forKey: counter.number)
        }
        guard let vector = entry.vectors.first(where: { $0.name == field }),
            let index = try vectorIndex(vector)
        else { return }
        roots.vectors.removeValue(forKey: vector.number)
        try onPages { () throws(PageError) in try index.destroy(in: editor) }
    }

    private func enter(owner number: UInt32, path: String) throws(StoreError) {
        guard number < .max,
            try insert(StoreKeys.owner(path), value: StoreKeys.value(UInt64(number)))
        else { throw .inconsistent("owner \(path) was there before") }
        try insert(StoreKeys.ownerName(number), value: Array(path.utf8))
        roots.nextOwner = max(roots.nextOwner, number + 1)
    }

    /// Puts a key in; false when it was there.
    @discardableResult
    func insert(_ key: [UInt8], value: [UInt8]) throws(StoreError) -> Bool {
        let tree = tree
        return try onTree { () throws(TreeError) in
            try tree.insert(key, value, in: editor) == nil
        }
    }

    func remove(_ key: [UInt8]) throws(StoreError) {
        let tree = tree
        _ = try onTree { () throws(TreeError) in try tree.remove(key, in: editor) }
    }

    func set(_ entry: OrdinalEntry, of ordinal: UInt64) throws(StoreError) {
        try onPages { () throws(PageError) in
            try OrdinalTable.set(entry, of: ordinal, in: editor)
        }
    }

    private func apply(
        _ put: PlannedPut,
        _ place: LogPlace,
        vectorOffset: Int,
        _ birth: UInt64
    ) throws(StoreError) {
        let record = put.record
        let number = put.collection.number
        if let old = put.old { try noteDead(put.ordinal, old.frameBytes, old.usageBytes) }
        let isArchived = put.collection.isArchived(put.record)
        if isArchived { noteArchived(put, place) }
        try count(put)
        try set(
            OrdinalEntry(
                place: place.bits,
                birth: birth,
                expiresAt: record.expiresAt,
                owner: record.owner,
                collection: number,
                flags: isArchived ? OrdinalFlags.archived : 0
            ),
            of: put.ordinal
        )
        try raise(nextOrdinal: put.ordinal + 1)
        if put.old == nil {
            guard
                try insert(
                    StoreKeys.record(number, record.key),
                    value: StoreKeys.value(put.ordinal)
                )
            else { throw .malformed(place) }
            roots.counts[number, default: 0] += 1
        }
        if record.expiresAt != OrdinalEntry.never { roots.hasExpiring = true }
        if case .int(let key) = record.key {
            // The greatest key of all is given and never generated.
            let next = key == .max ? 1 : key + 1
            roots.nextKeys[number] = max(roots.nextKeys[number] ?? 1, next)
        }
        for counter in put.collection.counters {
            guard case .int(let number) = record[counter.field], number < .max else { continue }
            roots.nextKeys[counter.number] = max(roots.nextKeys[counter.number] ?? 1, number + 1)
        }
        try replaceIndexes(put)
        try replaceReferences(put)
        try replaceVectors(put, place, vectorOffset)
        try enterPast(put, birth)
        if put.old.map({ put.collection.hasText($0.record) }) ?? false { roots.deadDocuments += 1 }
        try addDocument(put, birth)
    }

    private func replaceVectors(
        _ put: PlannedPut,
        _ place: LogPlace,
        _ start: Int
    )
        throws(StoreError)
    {
        if let old = put.old?.record {
            var gone = old
            gone.vectors.removeAll { put.record.keeps($0, of: old) }
            try removeVectors(put.collection, put.ordinal, gone)
        }
        roots.put.vectors += put.record.vectors.count
        var offset = start
        for vector in put.record.vectors {
            if let entry = put.collection.vector(numbered: vector.field),
                let index = try vectorIndex(entry)
            {
                let address = VectorAddress.bits(segment: place.segment, offset: offset)
                // What stays keeps its place in the graph.
                if let old = put.old?.record, put.record.keeps(vector, of: old),
                    try move(put, index, to: address)
                {
                    offset += vector.bytes.count
                    continue
                }
                do throws(VectorIndexError) {
                    try index.insert(
                        owner: put.record.owner,
                        ordinal: put.ordinal,
                        row: vector.bytes,
                        address: address,
                        in: editor
                    )
                } catch {
                    throw StoreError(error)
                }
            }
            offset += vector.bytes.count
        }
    }

    /// Says where the row of a vector stands that stays; false where the index does not have it.
    private func move(
        _ put: PlannedPut,
        _ index: VectorIndex,
        to address: UInt64
    ) throws(StoreError) -> Bool {
        try onPages { () throws(PageError) in
            try index.move(
                owner: put.record.owner,
                ordinal: put.ordinal,
                to: address,
                in: editor
            )
        }
    }

    private func removeVectors(
        _ collection: CollectionEntry,
        _ ordinal: UInt64,
        _ record: StoredRecord
    ) throws(StoreError) {
        for vector in record.vectors {
            if let entry = collection.vector(numbered: vector.field),
                let index = try vectorIndex(entry)
            {
                _ = try onPages { () throws(PageError) in
                    try index.remove(owner: record.owner, ordinal: ordinal, in: editor)
                }
            }
        }
    }

    /// The index of a vector field, as edited so far.
    func vectorIndex(_ entry: VectorEntry) throws(StoreError) -> VectorIndex? {
        guard let head = roots.vectors[entry.number] else { return nil }
        return try onPages { () throws(PageError) in
            try VectorIndex.open(entry.coder, head, in: editor)
        }
    }

    private func addDocument(_ put: PlannedPut, _ birth: UInt64) throws(StoreError) {
        let fields = put.collection.words { put.record[$0] }
        guard !fields.isEmpty else { return }
        add(
            TextDocument(
                owner: put.record.owner,
                ordinal: put.ordinal,
                birth: birth,
                fields: fields
            )
        )
    }

    /// Puts a version's words into the text index.
    func add(_ document: TextDocument) {
        roots.put.textBytes += document.fields.reduce(0) { $0 + $1.text.utf8.count }
        if let text { return text.add(document) }
        let birth = document.birth
        // Only a missing stemmer is refused, and English is always there.
        try? documents.add(document)
        births = (births?.lowerBound ?? birth)...birth
    }

    /// Ends a record and every edge that touches it: its one frame stands for them too.
    ///
    /// - Complexity: O(edges · log edges) besides the record itself.
    private func apply(_ delete: PlannedDelete, _ birth: UInt64) throws(StoreError) {
        let record = delete.old.record
        try endEdges(of: delete.ordinal, birth)
        try noteDead(delete.ordinal, delete.old.frameBytes, delete.old.usageBytes)
        try count(delete)
        try end(delete.ordinal, birth)
        try remove(StoreKeys.record(delete.collection.number, record.key))
        for key in StoreKeys.indexes(delete.collection, record, delete.ordinal) {
            try remove(key)
        }
        if delete.collection.recallList != nil { roots.listed.note(record.owner) }
        try removePast(delete, birth)
        try removeReferences(delete)
        try removeVectors(delete.collection, delete.ordinal, record)
        if delete.collection.hasText(record) { roots.deadDocuments += 1 }
        roots.counts[delete.collection.number, default: 0] -= 1
        if !roots.withdrawn.isEmpty { roots.withdrawn.remove(delete.ordinal) }
    }

    /// Notes the death of an ordinal.
    ///
    /// What the table says of it stays as long as anything lives on its page: the version that dies
    /// may have been born in the same batch.
    func end(_ ordinal: UInt64, _ death: UInt64) throws(StoreError) {
        let last = roots.nextOrdinal - 1
        let isThere = try onPages { () throws(PageError) in
            try OrdinalTable.end(ordinal, at: death, last: last, in: editor)
        }
        guard isThere else {
            throw .inconsistent("ordinal \(ordinal) ends and was never born")
        }
    }
}

extension CollectionEntry {
    /// The vector field of a field number.
    func vector(numbered number: UInt16) -> VectorEntry? {
        guard let name = fieldNames[number] else { return nil }
        return vectors.first { $0.name == name }
    }
}
