// What questions over edges may speak of: properties, `$id`, and the records that an edge joins,
// as references. References are equal or not and have no order.

internal import MnemeModel

/// The edges of a type as filters, orders and expressions see them.
struct EdgeScope: FilterScope {
    let entry: EdgeTypeEntry
    let catalog: Catalog

    var filterPlace: String { entry.type.name }

    /// Whether a pseudo-field is the one end of an edge or the other.
    static func isEnd(_ name: String) -> Bool {
        name == PseudoField.from || name == PseudoField.to
    }

    /// Refuses a name of nothing that an edge has.
    ///
    /// - Throws: `.unknownField`.
    func check(_ name: String) throws(MnemeError) {
        if !Self.isEnd(name) { _ = try filterType(of: name) }
    }

    func filterType(of name: String) throws(MnemeError) -> FieldType {
        if name == PseudoField.id { return .int }
        if let field = entry.type.fields.first(where: { $0.name == name }) { return field.type }
        if Self.isEnd(name) { throw unsuited(name) }
        throw MnemeError(
            .unknownField,
            "edges \"\(entry.type.name)\" have no property \(quoted(name)); they have "
                + listed(entry.type.fields.map(\.name) + PseudoField.ofEdges)
        )
    }

    func checkedApart(_ name: String, _ comparison: Comparison) throws(MnemeError) -> Filter? {
        guard Self.isEnd(name) else { return nil }
        switch comparison {
        case .eq(let value): return .compare(field: name, .eq(try reference(value, name)))
        case .ne(let value): return .compare(field: name, .ne(try reference(value, name)))
        case .isIn(let values):
            return .compare(field: name, .isIn(try references(values, name)))
        case .notIn(let values):
            return .compare(field: name, .notIn(try references(values, name)))
        default: throw unsuited(name)
        }
    }

    /// Refuses what edges cannot be ordered by.
    ///
    /// - Throws: `.unknownField`, `.badRequest`.
    func check(order name: String) throws(MnemeError) {
        try check(name)
        if !Self.isEnd(name) {
            switch try filterType(of: name) {
            case .vector, .json: break
            default: return
            }
        }
        throw MnemeError(
            .badRequest,
            "\(quoted(name)) of edges \"\(entry.type.name)\" has no order; order by another "
                + "property, or by $id"
        )
    }

    /// Refuses words and nearness where none are searched, and what goes with these alone.
    ///
    /// - Throws: `.badRequest`, `.badOwner`, `.unknownField`, `.badVector`, `.wrongModel`.
    func check(_ find: Find) throws(MnemeError) {
        guard find.match != nil || find.near != nil else {
            guard find.owner == nil, find.highlight == nil else {
                throw MnemeError(
                    .badRequest,
                    "a question over edges has \"owner\" beside \"match\" or \"near\" alone, and "
                        + "\"highlight\" beside \"match\"; filter by properties, $id, $from and $to"
                )
            }
            return
        }
        guard find.match == nil || find.near == nil else {
            throw MnemeError(
                .badRequest,
                "a question has either \"near\" or \"match\"; ask twice"
            )
        }
        if let near = find.near {
            let vectors = entry.searched?.vectors ?? []
            guard let vector = vectors.first(where: { $0.name == near.field }) else {
                throw unknown(near.field, "vector property", vectors.map(\.name))
            }
            try vector.check(near, of: entry.type.name)
            guard !(near.minimum?.isNaN ?? false) else {
                throw MnemeError(.badRequest, "the least score is no number; leave it out")
            }
        }
        let texts = entry.searched?.texts.map(\.name) ?? []
        let named = (find.match?.fields.keys).map { Array($0) } ?? []
        for name in (named + (find.highlight?.fields ?? [])).sorted() where !texts.contains(name) {
            throw unknown(name, "searchable property", texts)
        }
        guard let searched = entry.searched else {
            throw MnemeError(
                .badRequest,
                "edges \"\(entry.type.name)\" have no searchable property, and \"match\" is given; "
                    + "define a type of edges with one, or filter by properties"
            )
        }
        if let match = find.match { try searched.check(match) }
        try searched.check(find.highlight, of: find)
        if let owner = find.owner, let fault = Owner.fault(in: owner) {
            throw MnemeError(.badOwner, "the owner \(quoted(owner)) \(fault)")
        }
        guard find.after == nil else {
            throw MnemeError(
                .badRequest,
                "an answer by score has no cursors, and \"after\" is given; ask with a greater "
                    + "\"limit\", or for the rows behind the first ones with \"offset\""
            )
        }
    }

    private func unknown(_ name: String, _ what: String, _ known: [String]) -> MnemeError {
        MnemeError(
            .unknownField,
            "edges \"\(entry.type.name)\" have no \(what) \(quoted(name)); there are: "
                + listed(known)
        )
    }

    /// The references of a comparison of an end.
    private func references(
        _ values: [Value],
        _ name: String
    ) throws(MnemeError) -> [Value] {
        var references: [Value] = []
        references.reserveCapacity(values.count)
        for value in values { references.append(try reference(value, name)) }
        return references
    }

    /// A reference in its one spelling, with its key as the collection has it.
    private func reference(_ value: Value, _ name: String) throws(MnemeError) -> Value {
        do throws(MnemeError) {
            let reference = try Reference(spelling: value)
            let collection = try catalog.collection(reference.collection)
            return Reference(reference.collection, try collection.coerced(reference.key)).spelling
        } catch {
            throw MnemeError(
                .badFilter,
                "\(entry.type.name).\(name) is compared with a reference, and \(value.shown) is "
                    + "none: \(error.message)"
            )
        }
    }

    private func unsuited(_ name: String) -> MnemeError {
        MnemeError(
            .badFilter,
            "\(entry.type.name).\(name) is a reference, which is equal to another or not; compare "
                + "it with eq, ne, in or nin"
        )
    }
}
