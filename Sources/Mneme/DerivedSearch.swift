// What was made of records alone, and of what was made of these: what goes where the last of its
// sources go. By an index over the sources only what hangs on what goes is looked at; without one
// all records that name sources are. Sources that went before are looked up: who forgets first one
// and then the other of two has forgotten what was made of both.

internal import MnemeModel
internal import MnemeStore

/// Finds what was made of records.
struct DerivedSearch {
    private let snapshot: Snapshot
    private let collection: Collection
    private let field: String
    private let sources: LivingSources

    /// So many names are looked up at a time.
    private static let namesAtOnce = 256

    /// A search among the records of a collection, for what goes as `mode` says.
    ///
    /// - Throws: `.unknownCollection`; as `missing` where the role sources is missing.
    init(
        _ name: String,
        _ snapshot: Snapshot,
        _ everything: Snapshot,
        _ mode: Forget.Mode
    ) throws(MnemeError) {
        collection = try snapshot.catalog.collection(name).schema
        guard let field = collection.roles.sources else {
            throw MemoryLayout.missing("sources", collection)
        }
        self.field = field
        self.snapshot = snapshot
        sources = LivingSources(collection, snapshot, everything, mode)
    }

    /// The name of an index by which records are found by each of their sources.
    static func index(_ collection: Collection) -> String? {
        guard let field = collection.roles.sources else { return nil }
        return collection.indexes.first { index in
            index.condition == nil && index.fields.first == IndexField(field)
        }?.name
    }

    /// The records that have sources among these, or among what was made of these alone, and no
    /// others that are still there.
    ///
    /// - Complexity: O(records that name one of them) with an index, else O(records of the
    ///   collection), where there are any.
    func derived(from references: [Reference]) throws(MnemeError) -> [Reference] {
        if references.isEmpty { return [] }
        var going = Going(references, sources)
        guard Self.index(collection) != nil else {
            let all = try find(.compare(field: field, .exists(true)))
            while try going.take(all) {}
            return going.derived
        }
        var front = going.front
        // Whoever lost one source waits for the others, which may go later.
        var waiting: [Reference: Set<String>] = [:]
        while !front.isEmpty {
            for start in stride(from: 0, to: front.count, by: Self.namesAtOnce) {
                let names = front[start..<min(start + Self.namesAtOnce, front.count)]
                let found = try find(.compare(field: field, .any(names.map(Value.text))))
                waiting.merge(found) { _, new in new }
            }
            while try going.take(waiting) {}
            front = going.front
        }
        return going.derived
    }

    /// The sources of the records for which a filter holds, also of what is put aside.
    private func find(_ filter: Filter) throws(MnemeError) -> [Reference: Set<String>] {
        var find = Find(
            collection.name,
            where: filter,
            limit: Int.max / 2,
            select: [Projection(stringLiteral: field)]
        )
        find.sight = try snapshot.everything(of: collection.name)
        var found: [Reference: Set<String>] = [:]
        for row in try snapshot.find(find).rows {
            guard case .array(let names) = row.record[field], !names.isEmpty else { continue }
            found[row.record.reference] = Set(names.compactMap { $0.text })
        }
        return found
    }
}

/// What goes, and how others name it.
private struct Going {
    private var references: Set<Reference>
    private var names: Set<String> = []
    private var untold: [String] = []
    private var sources: LivingSources
    private(set) var derived: [Reference] = []

    init(_ references: [Reference], _ sources: LivingSources) {
        self.references = Set(references)
        self.sources = sources
        for reference in references { note(reference) }
    }

    /// The names of what goes since this was asked last.
    var front: [String] {
        mutating get {
            defer { untold = [] }
            return untold
        }
    }

    /// A source is named by its key, or with its collection.
    private mutating func note(_ reference: Reference) {
        for name in [reference.key.description, reference.description]
        where names.insert(name).inserted {
            untold.append(name)
        }
    }

    /// Has those go that lose a source and have no other left; returns whether there were any.
    mutating func take(_ waiting: [Reference: Set<String>]) throws(MnemeError) -> Bool {
        var fit: [Reference] = []
        for (reference, own) in waiting where !references.contains(reference) {
            if own.isDisjoint(with: names) { continue }
            var isHeld = false
            for name in own.subtracting(names) where !isHeld { isHeld = try sources.has(name) }
            if !isHeld { fit.append(reference) }
        }
        for reference in fit.sorted(by: { $0.description < $1.description }) {
            references.insert(reference)
            derived.append(reference)
            note(reference)
        }
        return !fit.isEmpty
    }
}

/// Which sources are still there.
///
/// Where what goes is put aside, a source that was is there no more than one that was deleted;
/// where it is deleted, one that was put aside may come back, and holds what was made of it.
private struct LivingSources {
    private let collection: Collection
    /// The collections that whoever forgets reaches; to him a name of another one is none.
    private let reached: Set<String>
    /// Everybody's records: what others have is there, though who forgets does not see it.
    private let everything: Snapshot
    private let isPutAside: Bool
    private var known: [String: Bool] = [:]

    init(
        _ collection: Collection,
        _ snapshot: Snapshot,
        _ everything: Snapshot,
        _ mode: Forget.Mode
    ) {
        self.collection = collection
        reached = Set(snapshot.describedSchema.collections.map(\.name))
        self.everything = everything
        isPutAside = mode != .hard
    }

    /// Whether a record is there that a source may name.
    mutating func has(_ name: String) throws(MnemeError) -> Bool {
        if let known = known[name] { return known }
        let has = try isThere(name)
        known[name] = has
        return has
    }

    private func isThere(_ name: String) throws(MnemeError) -> Bool {
        if try isThere(collection.name, name) { return true }
        guard let slash = name.firstIndex(of: "/") else { return false }
        let other = String(name[..<slash])
        guard reached.contains(other) else { return false }
        return try isThere(other, String(name[name.index(after: slash)...]))
    }

    private func isThere(_ collection: String, _ key: String) throws(MnemeError) -> Bool {
        let entry = try everything.catalog.collection(collection)
        guard let key = Key.text(key).coerced(to: entry.schema.key) else { return false }
        let reference = Reference(collection, key)
        guard isPutAside else { return try everything.ordinal(reference) != nil }
        return try everything.ordinal(reference, Sight()) != nil
    }
}
