// What a transaction has read, as far as it matters when it commits: records by their keys, whether
// there was one or not; questions by collection, owner and filter; walks by the nodes that they
// looked at. A change that others committed conflicts with it where it might have changed an
// answer. It is told of more often than that is so, and never less.

internal import MnemeBase
internal import MnemeModel
internal import MnemePages
internal import MnemeTree

/// Of which edges something was asked.
private enum TypeChoice {
    case all
    case some(Set<UInt16>)

    func contains(_ type: UInt16) -> Bool {
        switch self {
        case .all: true
        case .some(let types): types.contains(type)
        }
    }

    func union(_ other: TypeChoice) -> TypeChoice {
        guard case .some(let left) = self, case .some(let right) = other else { return .all }
        return .some(left.union(right))
    }
}

/// A question that was asked of a collection.
struct ReadQuestion: Hashable {
    /// The owner's path as it stands in keys; nil for everybody's.
    let owner: [UInt8]?
    /// What stands in the keys of owners below.
    let below: [UInt8]
    /// Nil where every record may matter.
    let filter: Filter?
    /// Whether what is kept of records that were committed is enough to answer it.
    let isWhole: Bool

    /// The question about all of a collection.
    init() {
        owner = nil
        below = []
        filter = nil
        isWhole = true
    }

    /// Which records a question is about, apart from nearness and words.
    init(_ find: Find, _ collection: CollectionEntry) {
        owner = find.owner.map { StoreKeys.owner($0) }
        below = find.owner.map { StoreKeys.owner($0 + "/") } ?? []
        // Vectors are not kept of what was committed, nor are the numbers of versions.
        let fields = find.filter?.fields ?? []
        isWhole =
            !fields.contains(PseudoField.version)
            && !collection.vectors.contains { fields.contains($0.name) }
        filter = isWhole && find.near == nil && find.match == nil ? find.filter : nil
    }

    func concerns(_ record: StoredRecord?, _ collection: CollectionEntry) -> Bool {
        guard let record else { return false }
        if let owner {
            guard let number = collection.ownerNumber, case .text(let path) = record[number]
            else { return false }
            let key = StoreKeys.owner(path)
            guard key == owner || key.starts(with: below) else { return false }
        }
        guard let filter else { return true }
        return filter.holds { name in
            if name == PseudoField.key { return record.key.value }
            return collection.fieldNumbers[name].map { record[$0] } ?? .null
        }
    }
}

/// What was read.
struct ReadSet: Sendable {
    /// More keys than these in one collection, or more questions, are taken for all of it.
    private static let mostKeys = 65_536
    private static let mostQuestions = 256
    /// More nodes than these are taken for all.
    private static let mostNodes = 65_536

    /// Names of records of which the fields were read, and of those that were only looked for.
    private var records: Set<[UInt8]> = []
    private var existences: Set<[UInt8]> = []
    private var questions: [UInt16: Set<ReadQuestion>] = [:]
    private var nodes: [UInt64: TypeChoice] = [:]
    private var readsAllEdges = false

    /// Whether nothing was read.
    var isEmpty: Bool {
        records.isEmpty && existences.isEmpty && questions.isEmpty && nodes.isEmpty
            && !readsAllEdges
    }

    /// A record was read, or found not to be there.
    mutating func note(record name: [UInt8], of collection: CollectionEntry) {
        guard records.count < Self.mostKeys else { return note(allOf: collection) }
        records.insert(name)
    }

    /// It was seen whether a record is there.
    mutating func note(existence name: [UInt8], of collection: CollectionEntry) {
        guard existences.count < Self.mostKeys else { return note(allOf: collection) }
        existences.insert(name)
    }

    /// Anything of a collection may have mattered.
    mutating func note(allOf collection: CollectionEntry) {
        questions[collection.number] = [ReadQuestion()]
    }

    /// A question was asked.
    ///
    /// What is near or matches best depends on all that is in the question's scope.
    mutating func note(_ find: Find, _ collection: CollectionEntry) {
        let question = ReadQuestion(find, collection)
        var known = questions[collection.number] ?? []
        guard known.count < Self.mostQuestions else { return note(allOf: collection) }
        questions[collection.number] = nil
        known.insert(question)
        questions[collection.number] = known
    }

    /// Any edge may have mattered.
    mutating func noteAllEdges() {
        nodes = [:]
        readsAllEdges = true
    }

    /// A walk looked at nodes, by edges of some types, or of all.
    mutating func note(nodes visited: Set<UInt64>, _ types: [UInt16]?) {
        if readsAllEdges { return }
        let choice = types.map { TypeChoice.some(Set($0)) } ?? .all
        for node in visited { nodes[node] = nodes[node]?.union(choice) ?? choice }
        if nodes.count > Self.mostNodes {
            nodes = [:]
            readsAllEdges = true
        }
    }

    /// What was read, but for what a bug on purpose forgets.
    func without(_ faults: TransactionFaults) -> ReadSet {
        if faults == TransactionFaults() { return self }
        var left = self
        if faults.forgetsRecords { (left.records, left.existences) = ([], []) }
        for (collection, asked) in questions {
            left.questions[collection] = asked.filter { question in
                question.filter == nil ? !faults.forgetsScopes : !faults.forgetsRanges
            }
        }
        if faults.forgetsEdges { (left.nodes, left.readsAllEdges) = ([:], false) }
        return left
    }

    /// Why a change that was committed might have changed an answer, for people; nil where it does
    /// not.
    func conflict(with change: CommittedChange) -> String? {
        switch change {
        case .record(let change): conflict(with: change)
        case .edge(let type, let from, let to):
            isWalked(from, type) || isWalked(to, type)
                ? "an edge came or went at a record that a walk of the transaction looked at" : nil
        case .withdrawn(let collection, let ordinals):
            concerns(collection, ordinals)
                ? "records of collection \"\(collection.schema.name)\", in which the transaction "
                    + "has read, were deleted together" : nil
        }
    }

    /// Whether the end of records might have changed an answer.
    private func concerns(_ collection: CollectionEntry, _ ordinals: IDBitmap) -> Bool {
        if readsAllEdges || questions[collection.number] != nil { return true }
        let prefix = KeyWriter(collection: collection.number, index: 0).bytes
        return records.contains { $0.starts(with: prefix) }
            || existences.contains { $0.starts(with: prefix) }
            || nodes.keys.contains { ordinals.contains($0) }
    }

    private func isWalked(_ node: UInt64, _ type: UInt16) -> Bool {
        readsAllEdges || nodes[node]?.contains(type) ?? false
    }

    private func conflict(with change: RecordChange) -> String? {
        let name = change.name
        let verb = change.old == nil ? "put" : change.new == nil ? "deleted" : "changed"
        let hasRead =
            records.contains(name) || change.changesExistence && existences.contains(name)
        if hasRead { return "\(change.reference), which the transaction has read, was \(verb)" }
        if change.changesSight, readsAllEdges || nodes[change.ordinal] != nil {
            return "\(change.reference), which a walk of the transaction looked at, was "
                + (change.new == nil ? "deleted" : "put aside or brought back")
        }
        let isFound =
            questions[change.collection.number]?.contains { question in
                question.concerns(change.old, change.collection)
                    || question.concerns(change.new, change.collection)
            } ?? false
        return isFound
            ? "\(change.reference), which a question of the transaction over collection "
                + "\"\(change.collection.schema.name)\" is about, was \(verb)" : nil
    }
}
