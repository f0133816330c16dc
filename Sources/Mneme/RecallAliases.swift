// Other names of what a question names. Edges of the type that the collection's `recall` calls
// `aliases` lead to a record that is somebody or something, and their `name` is a name of it: a
// question that says one of its names looks for the others too, and the record is where the graph
// is asked from. formats/operations.md#recall

internal import MnemeModel
internal import MnemeStore

/// What a question names by a name that an edge tells.
struct RecallAliases {
    /// Names that are looked for besides.
    private(set) var names: [String] = []
    /// Names that the question says, of which no record may have a word.
    private(set) var said: [String] = []
    /// The records that are named.
    private(set) var entities: [UInt64] = []

    /// The words of a question that are looked at, those of a name, and edges of each look.
    private static let wordLimit = 64
    private static let nameLimit = 3
    private static let edgeLimit = 64
    /// Where a record has its own name.
    private static let field = "name"

    /// Nothing that is named.
    init() {}

    /// What a question names; nothing where no edges tell names.
    ///
    /// - Complexity: O(words), and two looks at edges where one says a name.
    init(
        _ recall: Recall,
        _ type: String?,
        _ snapshot: Snapshot
    ) throws(MnemeError) {
        guard let type, snapshot.catalog.edgeTypes.contains(where: { $0.type.name == type }),
            !recall.question.isEmpty
        else { return }
        let asked = Self.runs(of: recall.question)
        let seeing = Seeing(recall, snapshot)
        let edges = try Self.edges(type, .compare(field: Self.field, .isIn(asked)), snapshot)
        for edge in edges where entities.count < Self.nameLimit {
            guard try seeing.sees(edge.from), let entity = try seeing.ordinal(edge.to) else {
                continue
            }
            if let name = edge.fields[Self.field]?.text { Self.note(&said, name) }
            guard !entities.contains(entity) else { continue }
            entities.append(entity)
            let to = Filter.compare(field: PseudoField.to, .eq(edge.to.spelling))
            for other in try Self.edges(type, to, snapshot) {
                guard let name = other.fields[Self.field]?.text, try seeing.sees(other.from) else {
                    continue
                }
                Self.note(&names, name)
            }
            if let own = try snapshot.record(ordinal: entity)?[Self.field].text {
                Self.note(&names, own)
            }
        }
        let known = said
        names.removeAll { known.contains($0) }
    }

    /// The question with the names behind it.
    func asked(_ question: String) -> String {
        names.isEmpty ? question : ([question] + names).joined(separator: " ")
    }

    private static func note(_ names: inout [String], _ name: String) {
        if !name.isEmpty, name.utf8.count <= 256, !names.contains(name) { names.append(name) }
    }

    private static func edges(
        _ type: String,
        _ filter: Filter,
        _ snapshot: Snapshot
    ) throws(MnemeError) -> [Edge] {
        try snapshot.find(Find(edges: type, where: filter, limit: edgeLimit)).edges
    }

    /// What in a question may be a name: up to three words, as they are, and with small and with
    /// great letters at the beginning.
    static func runs(of question: String) -> [Value] {
        let words = question.split { !$0.isLetter && !$0.isNumber && $0 != "'" && $0 != "’" }
            .prefix(wordLimit)
            .map { word in
                word.hasSuffix("'s") || word.hasSuffix("’s") ? word.dropLast(2) : word
            }
            .filter { !$0.isEmpty }
        var runs: Set<String> = []
        for first in words.indices {
            for end in (first + 1)...min(first + nameLimit, words.count) {
                let run = words[first..<end].map(String.init)
                runs.insert(run.joined(separator: " "))
                runs.insert(run.map { $0.lowercased() }.joined(separator: " "))
                runs.insert(
                    run.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined(separator: " ")
                )
            }
        }
        return runs.sorted().map { .text($0) }
    }
}

/// What a question may see of records in any collection.
private struct Seeing {
    let recall: Recall
    let snapshot: Snapshot

    init(_ recall: Recall, _ snapshot: Snapshot) {
        self.recall = recall
        self.snapshot = snapshot
    }

    func sees(_ reference: Reference) throws(MnemeError) -> Bool {
        try ordinal(reference) != nil
    }

    /// The ordinal of a record that is the owner's, or that nobody owns; nil for others.
    func ordinal(_ reference: Reference) throws(MnemeError) -> UInt64? {
        guard let ordinal = try snapshot.ordinal(reference, recall.sight.onTheWay) else {
            return nil
        }
        let collection = try snapshot.catalog.collection(reference.collection)
        guard recall.owner != nil, collection.schema.roles.owner != nil else { return ordinal }
        let scope = try snapshot.scope(of: recall.owner, collection)
        return try snapshot.isIn(ordinal, collection, scope, nil) ? ordinal : nil
    }
}
