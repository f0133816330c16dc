// Other names of what a question names. Edges of the type that the collection's `recall` calls
// `aliases` lead to a record that is somebody or something, and their `name` is a name of it: a
// question that says one of its names looks for the others too, and the record is where the graph
// is asked from. An index of the type over `name` finds the edges, so that no question reads all of
// them. formats/operations.md#recall

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

    /// What is said of names that could not be looked for.
    private(set) var notes: [String] = []

    /// The words of a question that are looked at, and those of a name.
    private static let wordLimit = 64
    private static let nameLimit = 3
    /// So many records that are named count.
    private static let entityLimit = 3
    /// So many other names of a record are looked for.
    private static let otherLimit = 64
    /// Edges of each look; of so many there are more where others' say the same names.
    private static let edgeLimits = [64, 4096]
    /// Where a record has its own name, and an edge another one.
    private static let field = "name"

    /// What a question names; nothing where no edges tell names.
    ///
    /// - Complexity: O(words + edges of all owners that say one of its names), and a look at the
    ///   edges of each record that is named.
    init(
        _ recall: Recall,
        _ type: String?,
        _ snapshot: Snapshot
    ) throws(MnemeError) {
        guard let type, !recall.question.isEmpty,
            let entry = snapshot.catalog.edgeTypes.first(where: { $0.type.name == type })
        else { return }
        if let hindrance = try Self.hindrance(entry, snapshot) {
            notes.append("other names were not looked for: the edge type \"\(type)\" \(hindrance)")
            return
        }
        let seeing = Seeing(recall, snapshot)
        var named: [(entity: UInt64, reference: Reference)] = []
        let asked = Filter.compare(field: Self.field, .isIn(Self.runs(of: recall.question)))
        try look(at: type, asked, snapshot) { edge, aliases throws(MnemeError) in
            guard try seeing.sees(edge.from), let entity = try seeing.ordinal(edge.to) else {
                return true
            }
            if let name = edge.fields[Self.field]?.text { Self.note(&aliases.said, name) }
            if !aliases.entities.contains(entity) {
                aliases.entities.append(entity)
                named.append((entity, edge.to))
            }
            return aliases.entities.count < Self.entityLimit
        }
        for (entity, reference) in named {
            let to = Filter.compare(field: PseudoField.to, .eq(reference.spelling))
            try look(at: type, to, snapshot) { edge, aliases throws(MnemeError) in
                if let name = edge.fields[Self.field]?.text, try seeing.sees(edge.from) {
                    Self.note(&aliases.names, name)
                }
                return aliases.names.count < Self.otherLimit
            }
            if let own = try snapshot.record(ordinal: entity)?[Self.field].text {
                Self.note(&names, own)
            }
        }
        let known = said
        names.removeAll { known.contains($0) }
    }

    /// Takes in edges for which a filter holds, as long as more are wanted; some may come twice.
    private mutating func look(
        at type: String,
        _ filter: Filter,
        _ snapshot: Snapshot,
        _ take: (Edge, inout RecallAliases) throws(MnemeError) -> Bool
    ) throws(MnemeError) {
        for limit in Self.edgeLimits {
            let found = try snapshot.find(Find(edges: type, where: filter, limit: limit))
            for edge in found.edges {
                guard try take(edge, &self) else { return }
            }
            if found.next == nil { return }
        }
        let most = Self.edgeLimits.last ?? 0
        notes.append(
            "other names may be missing: more than \(most) edges of the type \"\(type)\" say what "
                + "the question names, and no more are looked at; give names that fewer have"
        )
    }

    /// Why the edges of a type tell no names; nil where they do.
    private static func hindrance(
        _ entry: EdgeTypeEntry,
        _ snapshot: Snapshot
    ) throws(MnemeError) -> String? {
        guard entry.type.fields.contains(where: { $0.name == field && $0.type == .text }) else {
            return "has no text property \"\(field)\"; name one that has it in the recall of the "
                + "collection"
        }
        let readiness = try snapshot.readiness(of: entry, by: field)
        return switch readiness {
        case .ready: nil
        case .building: "has its index over \"\(field)\" built just now; ask again later"
        case .missing:
            "has no index that begins with \"\(field)\"; define {\"edges\": [{\"name\": "
                + "\"\(entry.type.name)\", \"indexes\": [{\"name\": \"names\", \"fields\": "
                + "[\"\(field)\"]}]}]}"
        }
    }

    /// The question with the names behind it.
    func asked(_ question: String) -> String {
        names.isEmpty ? question : ([question] + names).joined(separator: " ")
    }

    private static func note(_ names: inout [String], _ name: String) {
        if !name.isEmpty, name.utf8.count <= 256, !names.contains(name) { names.append(name) }
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

    /// The ordinal of a record that is the owner's, or of a collection whose records have no
    /// owners; nil for others.
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
