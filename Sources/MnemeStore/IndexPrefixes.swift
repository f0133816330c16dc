// The keys of a version in its collection's indexes, but for the ordinal: one in each plain index;
// none in one whose condition does not hold; one for each distinct value where a part is an array
// or json. Format: formats/store.md#keys.

internal import MnemeModel
internal import MnemeTree

/// A key of a version in an index of its collection, without the ordinal.
struct IndexPrefix: Hashable, Sendable {
    /// The most of a version in one index.
    static let limit = 1000

    /// The place of the index among the collection's.
    let place: Int
    let bytes: [UInt8]
    /// Whether a part of it is null.
    let hasNull: Bool
}

extension StoreKeys {
    /// The keys of a version, by the places of the indexes, ascending in each.
    ///
    /// `fields`: what indexes see of it (`CollectionEntry.indexed`).
    ///
    /// - Complexity: O(bytes of the indexed fields), log of their elements.
    static func prefixes(
        _ collection: CollectionEntry,
        _ fields: [(number: UInt16, value: Value)]
    ) -> [IndexPrefix] {
        var prefixes: [IndexPrefix] = []
        prefixes.reserveCapacity(collection.indexes.count)
        for place in collection.indexes.indices {
            append(collection, place, fields, to: &prefixes)
        }
        return prefixes
    }

    /// The keys of a version that no other record may have.
    static func uniquePrefixes(
        _ collection: CollectionEntry,
        _ fields: [(number: UInt16, value: Value)]
    ) -> [IndexPrefix] {
        var prefixes: [IndexPrefix] = []
        for place in collection.indexes.indices where collection.indexes[place].index.isUnique {
            append(collection, place, fields, to: &prefixes)
        }
        return prefixes.filter(collection.isExclusive)
    }

    /// The keys of a version in one index.
    static func append(
        _ collection: CollectionEntry,
        _ place: Int,
        _ fields: [(number: UInt16, value: Value)],
        to prefixes: inout [IndexPrefix]
    ) {
        let index = collection.indexes[place]
        if !index.isPlain, let condition = index.index.condition {
            let holds = condition.holds { name in
                collection.fieldNumbers[name].map { value(of: $0, fields) } ?? .null
            }
            guard holds == true else { return }
        }
        var writer = self.index(collection, index)
        var hasNull = false
        for (number, part) in index.parts.enumerated() {
            let value = value(of: part.field, fields)
            if number == index.spread {
                return spread(
                    value,
                    over: writer,
                    hasNull,
                    number,
                    (index, place),
                    fields,
                    &prefixes
                )
            }
            writer.put(value, part)
            if case .null = value { hasNull = true }
        }
        prefixes.append(IndexPrefix(place: place, bytes: writer.bytes, hasNull: hasNull))
    }

    /// A key for each value of the part at `number`, whose head is written already.
    private static func spread(
        _ value: Value,
        over head: KeyWriter,
        _ headHasNull: Bool,
        _ number: Int,
        _ index: (entry: IndexEntry, place: Int),
        _ fields: [(number: UInt16, value: Value)],
        _ prefixes: inout [IndexPrefix]
    ) {
        let part = index.entry.parts[number]
        var tail = KeyWriter()
        var hasNull = headHasNull
        for later in index.entry.parts[(number + 1)...] {
            let value = self.value(of: later.field, fields)
            tail.put(value, later)
            if case .null = value { hasNull = true }
        }
        var found: [IndexPrefix] = []
        for value in part.values(of: value) {
            var writer = head
            let isNull = writer.put(value, part)
            writer.put(raw: tail.bytes)
            found.append(
                IndexPrefix(place: index.place, bytes: writer.bytes, hasNull: hasNull || isNull)
            )
        }
        if found.count > 1 {
            found.sort { $0.bytes.lexicographicallyPrecedes($1.bytes) }
            for (place, prefix) in found.enumerated()
            where place == 0 || prefix.bytes != found[place - 1].bytes {
                prefixes.append(prefix)
            }
        } else {
            prefixes += found
        }
    }

    private static func value(
        of field: UInt16,
        _ fields: [(number: UInt16, value: Value)]
    ) -> Value {
        let place = fields.firstIndex { $0.number == field }
        return place.map { fields[$0].value } ?? .null
    }

    /// What is said of a record that would have too many keys in an index.
    static func tooMany(
        _ count: Int,
        _ collection: CollectionEntry,
        _ index: IndexEntry
    ) -> MnemeError {
        MnemeError(
            .tooLarge,
            "index \"\(index.index.name)\" of collection \"\(collection.schema.name)\" takes a "
                + "record under at most \(IndexPrefix.limit) different values, and this one has "
                + "\(count); shorten the array, or put its elements into records of their own"
        )
    }
}

extension CollectionEntry {
    /// What indexes see of a version: its fields, and of the vectors of which their conditions
    /// speak that they are there.
    ///
    /// - Complexity: O(1) where no condition speaks of a vector.
    func indexed(_ record: StoredRecord) -> [(number: UInt16, value: Value)] {
        testedVectors.isEmpty ? record.fields : indexed(record.fields, record.vectors)
    }

    /// As the other, of a version by its parts.
    func indexed(
        _ fields: [(number: UInt16, value: Value)],
        _ vectors: [StoredVector]
    ) -> [(number: UInt16, value: Value)] {
        if testedVectors.isEmpty { return fields }
        var seen = fields
        for vector in vectors where testedVectors.contains(vector.field) {
            seen.append((vector.field, .vector([])))
        }
        return seen
    }

    /// Whether no other record may have a key.
    func isExclusive(_ prefix: IndexPrefix) -> Bool {
        let index = indexes[prefix.place].index
        return index.isUnique && !(prefix.hasNull && index.hasDistinctNulls)
    }

    /// Refuses keys that are too long or too many.
    ///
    /// - Throws: `.tooLarge`.
    func check(_ prefixes: [IndexPrefix]) throws(MnemeError) {
        for prefix in prefixes where prefix.bytes.count > StoreKeys.indexLimit {
            throw StoreKeys.tooLong(prefix.bytes.count, self, indexes[prefix.place])
        }
        guard prefixes.count > IndexPrefix.limit else { return }
        var counts: [Int: Int] = [:]
        for prefix in prefixes { counts[prefix.place, default: 0] += 1 }
        for (place, count) in counts.sorted(by: { $0.key < $1.key }) where count > IndexPrefix.limit
        {
            throw StoreKeys.tooMany(count, self, indexes[place])
        }
    }
}

extension [IndexPrefix] {
    /// The keys that `others` do not have.
    ///
    /// - Complexity: O(*n*) where one of both has more than a few.
    func subtracting(_ others: [IndexPrefix]) -> [IndexPrefix] {
        if others.isEmpty { return self }
        guard count > 16 || others.count > 16 else { return filter { !others.contains($0) } }
        let set = Set(others)
        return filter { !set.contains($0) }
    }
}

extension KeyWriter {
    /// Appends a value as an index has it.
    ///
    /// - Returns: whether it counts as null: it is, or it has no key.
    @discardableResult
    mutating func put(_ value: Value, _ part: IndexPart) -> Bool {
        let isDescending = part.isDescending
        switch value {
        case .text(let text) where part.isFolded: put(folded: text, descending: isDescending)
        case .int(let number) where part.isJSON: put(number: number, descending: isDescending)
        case .float(let number) where part.isJSON: put(number: number, descending: isDescending)
        case .null, .array, .map, .vector:
            putNull(descending: isDescending)
            return true
        default: put(value, descending: isDescending)
        }
        return false
    }
}

extension CollectionEntry {
    /// The fields of an index for messages, and behind each one that is no way and no array the
    /// value that it was given: `user (text "ann"), data.theme`.
    func shown(_ index: Index, with given: [(number: UInt16, value: Value)]?) -> String {
        index.fields.map { field in
            let path = field.path
            guard let given, !path.goesInside, let number = fieldNumbers[path.field] else {
                return path.description
            }
            let value = given.first { $0.number == number }?.value ?? .null
            if case .array = value { return path.description }
            return "\(path) (\(value.shown))"
        }.joined(separator: ", ")
    }
}
