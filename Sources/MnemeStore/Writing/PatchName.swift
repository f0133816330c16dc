// What names the record of a patch in the place of its key: values in the fields of a unique index,
// which at most one record has.

internal import MnemeModel
internal import MnemeTree

/// Values by which a patch names its record.
struct PatchName: Sendable {
    /// The index.
    let index: UInt16
    let indexName: String
    /// Where the record's entry stands in it.
    let prefix: [UInt8]
    /// What is put where there is no such record, the values among it; nil where nothing is.
    let orPut: [String: Value]?
    /// The values as messages show them.
    let shown: String

    /// The name that a patch gives, held against the collection's indexes.
    ///
    /// - Throws: `.unknownField`, `.wrongType`; `.badRequest` where no unique index is over these
    ///   fields alone, and where `orPut` says something else of one of them.
    init(_ patch: Patch, _ collection: CollectionEntry) throws(MnemeError) {
        let name = collection.schema.name
        var values: [String: Value] = [:]
        for (field, given) in patch.by.sorted(by: { $0.key < $1.key }) {
            _ = try collection.fieldNumber(field)
            guard let type = collection.schema.field(field)?.type,
                let value = given.coerced(to: type), !value.isNull
            else {
                throw MnemeError(
                    .wrongType,
                    "\(name).\(field): a patch names its record by \(given.shown), which no record "
                        + "has there; give a value of the field's type"
                )
            }
            values[field] = value
        }
        let found = collection.indexes.first { entry in
            entry.index.isUnique && entry.isPlain
                && Set(entry.index.fields.map(\.name)) == Set(values.keys)
        }
        guard let found else {
            let known = collection.indexes.filter { $0.index.isUnique && $0.isPlain }
            throw MnemeError(
                .badRequest,
                "no unique index of collection \"\(name)\" is over \(listed(values.keys.sorted())) "
                    + "alone, without a condition and folding, so that they name no record; such "
                    + "indexes are over: "
                    + listed(known.map { $0.index.fields.map(\.name).joined(separator: " + ") })
            )
        }
        var writer = KeyWriter(collection: collection.number, index: found.number)
        for part in found.index.fields {
            writer.put(values[part.name] ?? .null, descending: part.isDescending)
        }
        if var fields = patch.orPut {
            for (field, value) in values {
                if let other = fields[field], !other.isNull,
                    !Comparison.eq(value).holds(for: other)
                {
                    throw MnemeError(
                        .badRequest,
                        "a patch names its record by \(name).\(field) \(value.shown) and would put "
                            + "one with \(other.shown); leave the field out of orPut"
                    )
                }
                fields[field] = value
            }
            orPut = fields
        } else {
            orPut = nil
        }
        index = found.number
        indexName = found.index.name
        prefix = writer.bytes
        shown = values.sorted { $0.key < $1.key }
            .map { "\($0.key) \($0.value.shown)" }.joined(separator: ", ")
    }
}

extension BatchPlanner {
    /// The key of the record that a patch names; nil where there is none.
    mutating func key(
        named name: PatchName,
        in collection: CollectionEntry
    ) throws(StoreError) -> Key? {
        guard roots.building[name.index] == nil else {
            throw refused(
                .badRequest,
                "unique index \"\(name.indexName)\" of collection \"\(collection.schema.name)\" is "
                    + "being built and does not have every record yet, so that it names none; ask "
                    + "again when it is ready, which the statistics tell"
            )
        }
        guard let ordinal = try holder(of: name.prefix) else { return nil }
        return try version(ordinal).record.key
    }
}
