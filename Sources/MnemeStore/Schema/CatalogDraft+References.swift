// References on their way into a catalog, when every collection that they may name is there: what
// they name is looked up, held against their fields, and they get their numbers.

internal import MnemeModel

extension CatalogDraft {
    /// Gives numbers to the references of a collection that have none yet.
    ///
    /// - Throws: `.badSchema` of one that names no key and no unique index, or that has other
    ///   types; `.tooLarge` when numbers run out.
    mutating func addReferences(of name: String) throws(MnemeError) {
        guard let place = collections.firstIndex(where: { $0.schema.name == name }),
            collections[place].references.count < collections[place].schema.references.count
        else { return }
        var draft = CollectionDraft(collections[place])
        for rule in draft.schema.references
        where !draft.references.contains(where: { $0.rule.name == rule.name }) {
            let target = try target(of: rule, draft.schema)
            draft.add(try entry(number: try take(), rule, draft, target))
        }
        replace(at: place, CollectionEntry(draft))
    }

    private func target(
        of rule: ReferenceRule,
        _ schema: Collection
    ) throws(MnemeError) -> CollectionEntry {
        guard let target = collections.first(where: { $0.schema.name == rule.to }) else {
            throw Self.bad(rule, schema, "there is no collection \"\(rule.to)\". Define it first.")
        }
        return target
    }

    private func entry(
        number: UInt16,
        _ rule: ReferenceRule,
        _ draft: CollectionDraft,
        _ target: CollectionEntry
    ) throws(MnemeError) -> ReferenceEntry {
        let schema = draft.schema
        var types: [(name: String, type: FieldType)] = []
        if rule.on.isEmpty {
            types.append(("the key of \"\(rule.to)\"", target.schema.key.fieldType))
        } else {
            for name in rule.on {
                guard let field = target.schema.field(name) else {
                    throw Self.bad(
                        rule,
                        schema,
                        "collection \"\(rule.to)\" has no field \"\(name)\". Its fields: "
                            + "\(listed(target.schema.fields.map(\.name)))."
                    )
                }
                types.append(("\(rule.to).\(name)", field.type))
            }
        }
        var arrayPlace: Int?
        for (place, (name, wanted)) in zip(rule.fields, types).enumerated() {
            let isKey = name == PseudoField.key
            let type = isKey ? schema.key.fieldType : schema.field(name)?.type
            guard let given = type?.naming else { continue }
            if given.isArray { arrayPlace = place }
            guard given.element.names(wanted.type) else {
                throw Self.bad(
                    rule,
                    schema,
                    "\"\(name)\" holds \(given.element.named), and \(wanted.name) is "
                        + "\(wanted.type.named). Give both the same type."
                )
            }
        }
        let scalars = rule.fields.compactMap { schema.field($0) }.filter { !$0.type.naming.isArray }
        let isFree = !rule.fields.contains {
            $0 == PseudoField.key || schema.field($0)?.generated != nil
        }
        return ReferenceEntry(
            number: number,
            rule: rule,
            fields: rule.fields.map { draft.fieldNumbers[$0] ?? ReferenceEntry.key },
            arrayPlace: arrayPlace,
            mayBeNull: isFree && (arrayPlace != nil || !scalars.contains(where: \.isRequired)),
            target: target.number,
            named: rule.on.map { target.fieldNumbers[$0] ?? 0 },
            index: try index(of: rule, schema, target)
        )
    }

    /// The unique index over the named fields.
    private func index(
        of rule: ReferenceRule,
        _ schema: Collection,
        _ target: CollectionEntry
    ) throws(MnemeError) -> (number: UInt16, parts: [(place: Int, isDescending: Bool)])? {
        if rule.on.isEmpty { return nil }
        for entry in target.indexes where entry.index.isNameable(by: rule.on, target.schema) {
            let parts = entry.index.fields.map { part in
                (place: rule.on.firstIndex(of: part.name) ?? 0, isDescending: part.isDescending)
            }
            return (entry.number, parts)
        }
        throw Self.bad(
            rule,
            schema,
            "collection \"\(rule.to)\" has no unique index over \(listed(rule.on)) alone. Define "
                + "one, without a condition, folding and paths, so that the fields name one record."
        )
    }

    private static func bad(
        _ rule: ReferenceRule,
        _ schema: Collection,
        _ what: String
    ) -> MnemeError {
        MnemeError(
            .badSchema,
            "collection \"\(schema.name)\", reference \"\(rule.name)\": \(what)"
        )
    }
}

extension Index {
    /// Whether each set of values of these fields is at most one record's.
    fileprivate func isNameable(by names: [String], _ collection: Collection) -> Bool {
        guard isUnique, condition == nil, fields.count == names.count,
            Set(fields.map(\.name)) == Set(names)
        else { return false }
        return fields.allSatisfy { part in
            !part.isFolded && !part.path.goesInside
                && collection.field(part.name)?.type.naming.isArray == false
        }
    }
}

extension KeyType {
    /// The type of fields that name such keys.
    fileprivate var fieldType: FieldType {
        switch self {
        case .text: .text
        case .int: .int
        case .uuid: .uuid
        }
    }
}
