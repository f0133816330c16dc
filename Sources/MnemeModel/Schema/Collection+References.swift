// What can be said of references by the collection that has them: their names, their fields, what
// may become of those. What they name is the store's to judge, which knows the other collections.

extension Collection {
    /// Checks the rules of references by themselves, of collections that are there or defined with
    /// it.
    ///
    /// - Throws: `badSchema`.
    func validateReferences(_ known: Set<String>) throws(MnemeError) {
        try checkNames(references.map(\.name), of: "reference", in: "collection \"\(name)\"")
        for rule in references {
            let place = "collection \"\(name)\", reference \"\(rule.name)\""
            guard known.contains(rule.to) else {
                throw MnemeError(
                    .badSchema,
                    "\(place): there is no collection \"\(rule.to)\". Define it in the same schema "
                        + "or name one of \(listed(known.sorted()))."
                )
            }
            try validate(rule, in: place)
        }
    }

    private func validate(_ rule: ReferenceRule, in place: String) throws(MnemeError) {
        guard !rule.fields.isEmpty else {
            throw MnemeError(.badSchema, "\(place) has no fields. Name at least one.")
        }
        let wanted = rule.on.isEmpty ? 1 : rule.on.count
        guard rule.fields.count == wanted else {
            throw MnemeError(
                .badSchema,
                "\(place) has \(rule.fields.count) fields and names "
                    + (rule.on.isEmpty ? "a key, which is one value" : "\(wanted) fields")
                    + ". Give as many fields as what they name has, and \"on\" for fields of a "
                    + "unique index."
            )
        }
        var arrays: [String] = []
        for (index, name) in rule.fields.enumerated() {
            guard !rule.fields[..<index].contains(name) else {
                throw MnemeError(
                    .badSchema,
                    "\(place) names the field \"\(name)\" twice. Keep one."
                )
            }
            if name == PseudoField.key {
                guard rule.onDelete != .setNull else {
                    throw MnemeError(
                        .badSchema,
                        "\(place): the key of a record cannot be set to null. Choose restrict or "
                            + "cascade."
                    )
                }
                continue
            }
            guard let field = field(name) else {
                throw MnemeError(
                    .badSchema,
                    "\(place) names the field \"\(name)\", which the collection does not have. "
                        + "Its fields: \(listed(fields.map(\.name))); \(PseudoField.key) is the "
                        + "record's key."
                )
            }
            let (isArray, element) = field.type.naming
            if isArray { arrays.append(name) }
            guard element.isKeyLike else {
                throw MnemeError(
                    .badSchema,
                    "\(place): \(field.type.named) field \"\(name)\" cannot name a record. Use a "
                        + "field of the type that the key, or the field in \"on\", has, or an "
                        + "array of such."
                )
            }
            if rule.onDelete == .setNull { try validateNulling(field, isArray, rule, place) }
        }
        guard arrays.count <= 1 else {
            throw MnemeError(
                .badSchema,
                "\(place) has \(arrays.count) array fields (\(listed(arrays))); it may have one. "
                    + "Make a reference for each, or a collection that joins the two."
            )
        }
    }

    /// Whether the store may take a name out of a field.
    private func validateNulling(
        _ field: Field,
        _ isArray: Bool,
        _ rule: ReferenceRule,
        _ place: String
    ) throws(MnemeError) {
        guard field.generated == nil else {
            throw MnemeError(
                .badSchema,
                "\(place): the field \"\(field.name)\" is worked out from others and cannot be "
                    + "set to null. Choose restrict or cascade."
            )
        }
        guard isArray || !field.isRequired || rule.hasArray(in: self) else {
            throw MnemeError(
                .badSchema,
                "\(place): the field \"\(field.name)\" is required and cannot be set to null. "
                    + "Choose restrict or cascade, or drop the mark."
            )
        }
    }
}

extension ReferenceRule {
    /// Whether one of the fields is an array, which names several records.
    package func hasArray(in collection: Collection) -> Bool {
        fields.contains { collection.field($0)?.type.naming.isArray ?? false }
    }
}

extension FieldType {
    /// Whether it names several records, and the type of one name.
    package var naming: (isArray: Bool, element: FieldType) {
        if case .array(let element) = self { (true, element) } else { (false, self) }
    }

    /// Whether its values are compared as keys and unique values are: exactly.
    fileprivate var isKeyLike: Bool {
        switch self {
        case .bool, .int, .text, .bytes, .uuid, .instant, .date, .oneOf: true
        case .float, .json, .array, .vector: false
        }
    }

    /// Whether a field of this type names a value of another: the same, where words of a list are
    /// texts.
    package func names(_ other: FieldType) -> Bool { asText == other.asText }

    private var asText: FieldType {
        if case .oneOf = self { .text } else { self }
    }
}
