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

    /// Refuses words where none are searched, and what goes with words alone.
    ///
    /// - Throws: `.badRequest`, `.badOwner`, `.unknownField`.
    func check(_ find: Find) throws(MnemeError) {
        guard let match = find.match else {
            guard find.owner == nil, find.highlight == nil else {
                throw MnemeError(
                    .badRequest,
                    "a question over edges has \"owner\" and \"highlight\" beside \"match\" alone; "
                        + "filter by properties, $id, $from and $to"
                )
            }
            return
        }
        let fields = match.fields.keys + (find.highlight?.fields ?? [])
        for name in fields.sorted() {
            guard !(entry.type.fields.first { $0.name == name }?.isSearchable ?? false) else {
                continue
            }
            throw MnemeError(
                .unknownField,
                "edges \"\(entry.type.name)\" have no searchable property \(quoted(name)); "
                    + "searchable are: \(listed(entry.type.searchedFields.map(\.name)))"
            )
        }
        guard let searched = entry.searched else {
            throw MnemeError(
                .badRequest,
                "edges \"\(entry.type.name)\" have no searchable property, and \"match\" is given; "
                    + "define a type of edges with one, or filter by properties"
            )
        }
        try searched.check(match)
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
