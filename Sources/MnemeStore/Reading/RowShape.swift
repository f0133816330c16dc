// What a question's rows have: the fields that were selected, pseudo-fields, and what expressions
// make of fields. Worked out once a question.

internal import MnemeModel
internal import MnemePages

/// What is read of each record for its row, and what the row has of it.
struct RowShape: Sendable {
    /// The fields that are read.
    let choice: FieldChoice
    /// Nil where the row is what was read.
    private let parts: [Projection]?

    /// The shape of rows of a collection; all fields where nothing is selected.
    ///
    /// - Precondition: what is selected was checked.
    init(_ collection: CollectionEntry, _ select: [Projection]?) {
        guard let select else {
            choice = collection.everyField
            parts = nil
            return
        }
        let isPlain = select.allSatisfy { part in
            if case .field(let name) = part { !PseudoField.isOne(name) } else { false }
        }
        parts = isPlain ? nil : select
        var names: [String] = []
        for part in select { names += part.fields }
        choice = FieldChoice(collection, names)
    }

    /// The same for rows of what was known earlier, which have no vectors.
    init(_ collection: CollectionEntry, known select: [Projection]?) {
        guard let select else {
            choice = collection.everyPlainField
            parts = nil
            return
        }
        let vectors = Set(collection.vectors.map(\.name))
        parts = select
        var names: Set<String> = []
        for part in select { names.formUnion(part.fields) }
        choice = FieldChoice(collection, Array(names.subtracting(vectors)))
    }

    /// The row of a record that is known in full but for its version.
    func record(of known: Record) -> Record {
        guard parts != nil else { return known }
        var record = known
        record.fields = fields(of: known.fields) { name in
            name == PseudoField.key ? known.reference.key.value : .null
        }
        return record
    }

    /// Whether a row is its key alone.
    var isKey: Bool { parts == nil && choice.count == 0 }

    /// The row of the version that is open.
    func record(
        _ reader: inout RecordReader,
        _ entry: OrdinalEntry,
        _ collection: CollectionEntry
    ) throws(StoreError) -> Record {
        var record = try reader.record(collection, choice)
        if parts != nil {
            record.fields = fields(of: record.fields) { name in
                name == PseudoField.key
                    ? record.reference.key.value : .int(Int64(clamping: entry.birth))
            }
        }
        return record
    }

    /// What a row has, of fields that were read; `pseudo` gives the value of a pseudo-field.
    private func fields(
        of read: [String: Value],
        _ pseudo: (String) -> Value
    ) -> [String: Value] {
        (parts ?? []).fields(of: read, pseudo)
    }
}

extension [Projection] {
    /// What a row of these has, without nulls; `pseudo` gives the value of a pseudo-field.
    func fields(of read: [String: Value], _ pseudo: (String) -> Value) -> [String: Value] {
        var fields = [String: Value](minimumCapacity: count)
        for part in self {
            let value: Value =
                switch part {
                case .field(let name):
                    PseudoField.isOne(name) ? pseudo(name) : read[name] ?? .null
                case .computed(_, let expression): expression.evaluate { read[$0] ?? .null }
                }
            if case .null = value { continue }
            fields[part.name] = value
        }
        return fields
    }

    /// Refuses what cannot be computed of some fields, and names given twice.
    ///
    /// - Parameters:
    ///   - what: the member of the request, for messages.
    ///   - fields: those that expressions may name.
    ///   - check: refuses fields and pseudo-fields that are not there.
    /// - Throws: what `check` throws; `.badRequest`, `.badExpression`.
    func check(
        _ what: String,
        _ fields: [Field],
        _ check: (String) throws(MnemeError) -> Void
    ) throws(MnemeError) {
        var seen: Set<String> = []
        for part in self {
            switch part {
            case .field(let name): try check(name)
            case .computed(let name, let expression):
                guard !name.isEmpty, !PseudoField.isOne(name), !Filter.words.contains(name),
                    !name.utf8.contains(UInt8(ascii: "."))
                else {
                    throw MnemeError(
                        .badRequest,
                        "\(quoted(name)) is no name for what is computed in \"\(what)\"; give it "
                            + "one without dots that does not start with $ and is none of "
                            + listed(Filter.words.sorted())
                    )
                }
                try expression.check(in: fields, place: "\(what) \(quoted(name))", wanting: nil)
                try expression.checkZones()
            }
            let isTwice = !seen.insert(part.name).inserted
            if isTwice, case .computed = part { throw Self.twice(part.name, what) }
            if isTwice, contains(where: { $0.name == part.name && $0 != part }) {
                throw Self.twice(part.name, what)
            }
        }
    }

    private static func twice(_ name: String, _ what: String) -> MnemeError {
        MnemeError(
            .badRequest,
            "\"\(what)\" has \(quoted(name)) twice; give one of them another name with \"as\""
        )
    }
}
