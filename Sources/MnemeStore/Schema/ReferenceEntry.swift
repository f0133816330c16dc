// A rule of references with the numbers of what it joins, and the keys that it makes. The records
// that name another one are found through entries of the rule's own in the tree: one for each
// record that a record names. Format: formats/store.md#references.

internal import MnemeBase
package import MnemeModel
internal import MnemePages
internal import MnemeTree

/// A rule of references and its numbers; its collection's fields name records of the target.
package struct ReferenceEntry: Sendable {
    /// The number under which its entries stand in the tree, beside its collection's.
    package let number: UInt16
    package let rule: ReferenceRule
    /// The fields that name a record, by number; `key` is the record's own.
    let fields: [UInt16]
    /// Which of them is an array: each of its elements names a record.
    let arrayPlace: Int?
    /// Whether the store may take a name out: no field of one value that would be null is required.
    let mayBeNull: Bool
    /// The collection of what is named.
    let target: UInt16
    /// The fields there that are equal, by number; none where the key is named.
    let named: [UInt16]
    /// The unique index there, and of each of its fields in order which of `fields` it equals; nil
    /// where the key is named.
    let index: (number: UInt16, parts: [(place: Int, isDescending: Bool)])?
}

/// What names a record: a value for each field of a rule, none of them null.
struct RecordNames: Hashable {
    var values: [Value]

    /// As messages show them.
    var shown: String { values.map(\.shown).joined(separator: ", ") }

    /// As a key, where there is one value that could be one.
    var key: Key? {
        switch values.first {
        case .text(let text): .text(text)
        case .int(let number): .int(number)
        case .uuid(let id): .uuid(id)
        default: nil
        }
    }
}

extension ReferenceEntry {
    /// Stands for a record's key; no field has this number.
    static let key: UInt16 = 0

    /// The records that a version names, each once.
    ///
    /// - Complexity: O(fields of the record + elements of the array).
    func names(in record: StoredRecord) -> [RecordNames] {
        var values: [Value] = []
        values.reserveCapacity(fields.count)
        for field in fields {
            let value = field == Self.key ? record.key.value : record[field]
            if value.isNull { return [] }
            values.append(value)
        }
        return names(of: values)
    }

    /// The records that values of `fields` name, each once.
    func names(of given: [Value]) -> [RecordNames] {
        if given.contains(where: \.isNull) { return [] }
        var values = given
        guard let arrayPlace else { return [RecordNames(values: values)] }
        guard case .array(let elements) = values[arrayPlace] else { return [] }
        var seen: Set<[UInt8]> = []
        var names: [RecordNames] = []
        for element in elements where !element.isNull {
            values[arrayPlace] = element
            let name = RecordNames(values: values)
            if seen.insert(prefix(name, collection: 0)).inserted { names.append(name) }
        }
        return names
    }

    /// What names a version of the target; nil where nothing can.
    func name(of record: StoredRecord) -> RecordNames? {
        if named.isEmpty { return RecordNames(values: [record.key.value]) }
        var values: [Value] = []
        for field in named {
            let value = record[field]
            if value.isNull { return nil }
            values.append(value)
        }
        return RecordNames(values: values)
    }

    /// Where the entries of those stand that name one record.
    func prefix(_ name: RecordNames, collection: UInt16) -> [UInt8] {
        var writer = KeyWriter(collection: collection, index: number)
        for value in name.values { writer.put(value, descending: false) }
        return writer.bytes
    }

    /// Where what is named stands in the unique index of the target; nil where a key is named.
    func place(of name: RecordNames) -> [UInt8]? {
        guard let index else { return nil }
        var writer = KeyWriter(collection: target, index: index.number)
        for part in index.parts {
            writer.put(name.values[part.place], descending: part.isDescending)
        }
        return writer.bytes
    }

    /// A version's fields when it does not name a record any more; nil where they have to.
    func fields(
        of record: StoredRecord,
        without name: RecordNames
    ) -> [(number: UInt16, value: Value)]? {
        guard mayBeNull else { return nil }
        guard let arrayPlace else { return record.fields.filter { !fields.contains($0.number) } }
        let gone = prefix(name, collection: 0)
        var changed = record.fields
        let number = fields[arrayPlace]
        guard let place = changed.firstIndex(where: { $0.number == number }),
            case .array(let elements) = changed[place].value
        else { return changed }
        changed[place].value = .array(
            elements.filter { element in
                var values = name.values
                values[arrayPlace] = element
                return prefix(RecordNames(values: values), collection: 0) != gone
            }
        )
        return changed
    }

    /// The fields as messages name them: `orders.user`.
    func shown(in collection: CollectionEntry) -> String {
        rule.fields.map { "\(collection.schema.name).\($0)" }.joined(separator: ", ")
    }
}

extension CollectionEntry {
    /// The keys of a version among those of its collection's references, without the ordinal.
    func referencePrefixes(_ record: StoredRecord) -> [[UInt8]] {
        var prefixes: [[UInt8]] = []
        for reference in references {
            for name in reference.names(in: record) {
                prefixes.append(reference.prefix(name, collection: number))
            }
        }
        return prefixes
    }
}

/// A rule of references and the collection that has it.
struct Referrer: Sendable {
    let collection: CollectionEntry
    let reference: ReferenceEntry
}

extension Catalog {
    /// The rules that name records of each collection, by its number.
    static func referrers(_ collections: [CollectionEntry]) -> [UInt16: [Referrer]] {
        var referrers: [UInt16: [Referrer]] = [:]
        for collection in collections {
            for reference in collection.references {
                referrers[reference.target, default: []].append(
                    Referrer(collection: collection, reference: reference)
                )
            }
        }
        return referrers
    }

    /// Whether records of a collection name others, or are named.
    func takesPart(_ collection: CollectionEntry) -> Bool {
        hasReferences && (!collection.references.isEmpty || referrers[collection.number] != nil)
    }

    /// References that are new in this catalog, of collections that an older one has.
    func newReferences(
        since older: Catalog
    ) -> [(collection: CollectionEntry, references: [ReferenceEntry])] {
        older.collections.compactMap { before in
            guard let now = collection(number: before.number) else { return nil }
            let known = Set(before.references.map(\.number))
            let added = now.references.filter { !known.contains($0.number) }
            return added.isEmpty ? nil : (now, added)
        }
    }
}
