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
