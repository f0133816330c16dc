// Whether the rules of fields make sense: defaults, fills, expressions, lengths, checks.

extension Collection {
    /// Checks defaults, fills, expressions, lengths and checks.
    ///
    /// - Throws: `badSchema`, `badExpression`.
    func validateRules() throws(MnemeError) {
        let place = "collection \"\(name)\""
        try RuleValidation(place: place, name: name, fields: fields).validate(checks)
        for field in fields where field.name == roles.owner {
            guard field.generated == nil else {
                throw MnemeError(
                    .badSchema,
                    "\(place), field \"\(field.name)\": the owner is given and not generated. "
                        + "Drop the expression."
                )
            }
        }
    }
}

extension EdgeType {
    /// Checks defaults, fills, expressions, lengths and checks.
    ///
    /// - Throws: `badSchema`, `badExpression`.
    func validateRules() throws(MnemeError) {
        let place = "edge type \"\(name)\""
        try RuleValidation(place: place, name: name, fields: fields).validate(checks)
        for field in fields where field.fill == .next {
            throw MnemeError(
                .badSchema,
                "\(place), field \"\(field.name)\": properties of edges are not numbered. Edges "
                    + "have ids of their own; use another fill."
            )
        }
    }
}

/// Checks the rules of some fields.
private struct RuleValidation {
    let place: String
    let name: String
    let fields: [Field]

    func validate(_ checks: [Check]) throws(MnemeError) {
        for (index, field) in fields.enumerated() {
            let place = "\(self.place), field \"\(field.name)\""
            try validateSource(field, place)
            try validateLength(field, place)
            try validateStandard(field, place)
            try validateFill(field, place)
            try validateGenerated(field, index, place)
        }
        try checkNames(checks.map(\.name), of: "check", in: place)
        for check in checks {
            try check.condition.check(
                in: fields,
                place: "\(place), check \"\(check.name)\"",
                wanting: .bool
            )
        }
    }

    /// A field has its value from one source; a vector has it from the record.
    private func validateSource(_ field: Field, _ place: String) throws(MnemeError) {
        var sources: [String] = []
        if field.standard != nil { sources.append("default") }
        if field.fill != nil { sources.append("fill") }
        if field.generated != nil { sources.append("generated") }
        guard sources.count <= 1 else {
            throw MnemeError(
                .badSchema,
                "\(place) has \(sources.joined(separator: " and ")), and one of default, fill and "
                    + "generated may say where its value is from. Keep one."
            )
        }
        guard case .vector = field.type, !(sources.isEmpty && field.maximumLength == nil) else {
            return
        }
        throw MnemeError(
            .badSchema,
            "\(place): a vector is given, and has its type's dimension. Drop "
                + "\((sources.first ?? "maximumLength"))."
        )
    }

    private func validateLength(_ field: Field, _ place: String) throws(MnemeError) {
        guard let limit = field.maximumLength else { return }
        guard limit > 0 else {
            throw MnemeError(
                .badSchema,
                "\(place): maximumLength is \(limit), and must be 1 or more."
            )
        }
        switch field.type {
        case .text, .bytes, .array: return
        default:
            throw MnemeError(
                .badSchema,
                "\(place): texts, bytes and arrays have a length, and this is "
                    + "\(field.type.named) field. Drop maximumLength, or write a check."
            )
        }
    }

    private func validateStandard(_ field: Field, _ place: String) throws(MnemeError) {
        guard let standard = field.standard else { return }
        guard !standard.isNull else {
            throw MnemeError(
                .badSchema,
                "\(place): null is no default; what is not given is null. Drop it."
            )
        }
        var alone = field
        alone.standard = nil
        alone.isRequired = false
        do {
            let check = FieldCheck(place: name, fields: [alone])
            var checked = try check.check([field.name: standard])
            try FieldRules(EdgeType(name, fields: [alone])).finish(&checked)
        } catch {
            throw MnemeError(
                .badSchema,
                "\(place): the default \(standard.shown) does not fit the field. Give one that "
                    + "does.",
                cause: error.message
            )
        }
    }

    private func validateFill(_ field: Field, _ place: String) throws(MnemeError) {
        guard let fill = field.fill else { return }
        let wanted: [FieldType] =
            switch fill {
            case .now, .changed: [.instant, .date]
            case .uuid: [.uuid, .text]
            case .hex: [.text]
            case .next: [.int]
            }
        guard wanted.contains(field.type) else {
            throw MnemeError(
                .badSchema,
                "\(place): the fill \(fill.rawValue) makes "
                    + "\(wanted.map(\.named).joined(separator: " or ")), and this is "
                    + "\(field.type.named) field. Change one of them."
            )
        }
        let length = fill == .hex ? 32 : fill == .uuid ? 36 : 0
        guard field.type != .text || field.maximumLength ?? length >= length else {
            throw MnemeError(
                .badSchema,
                "\(place): the fill \(fill.rawValue) makes \(length) characters, more than "
                    + "maximumLength. Raise it."
            )
        }
    }

    private func validateGenerated(
        _ field: Field,
        _ index: Int,
        _ place: String
    ) throws(MnemeError) {
        guard let expression = field.generated else { return }
        let named = expression.fields
        for other in fields[index...] where other.generated != nil && named.contains(other.name) {
            throw MnemeError(
                .badExpression,
                "\(place): \(expression) names \"\(other.name)\", which is generated and not "
                    + "defined before it. Name fields that are given, or put that one first."
            )
        }
        try expression.check(in: fields, place: "\(place), generated", wanting: field.type)
    }
}
