// Whether fields are what their schema says. Everything that is stored has been through here.

extension Collection {
    /// The fields as the store keeps them: coerced to their types, without nulls.
    ///
    /// - Throws: `unknownField`, `missingField`, `wrongType`, `badVector`, `badOwner`, `tooLarge`
    ///   (json nested deeper than 64); each names collection, field, what came and the rule.
    /// - Complexity: O(*n* · *m*) for *n* given of *m* defined fields, and the size of the values.
    public func check(fields given: [String: Value]) throws(MnemeError) -> [String: Value] {
        var checked = [String: Value](minimumCapacity: given.count)
        for (place, value) in try checkInOrder(fields: given) {
            checked[fields[place].name] = value
        }
        return checked
    }

    /// As above, each with the place of its field in `fields`, in their order.
    ///
    /// Where it leaves open, fields that are generated, and those that are filled with the next
    /// number and were not given, may be missing: `FieldRules.finish` follows.
    package func checkInOrder(
        fields given: [String: Value],
        leavesOpen: Bool = false
    ) throws(MnemeError) -> [(place: Int, value: Value)] {
        let check = FieldCheck(place: name, fields: fields, leavesOpen: leavesOpen)
        let checked = try check.check(given)
        guard let role = roles.owner else { return checked }
        for (place, value) in checked where fields[place].name == role {
            if case .text(let path) = value { try checkOwner(path, field: role) }
        }
        return checked
    }

    private func checkOwner(_ path: String, field: String) throws(MnemeError) {
        if let fault = Owner.fault(in: path) {
            throw MnemeError(.badOwner, "\(name).\(field): the owner \(quoted(path)) \(fault)")
        }
    }
}

extension EdgeType {
    /// The properties as the store keeps them, as `Collection.check` does.
    ///
    /// - Throws: as `Collection.check`.
    public func check(fields given: [String: Value]) throws(MnemeError) -> [String: Value] {
        var checked: [String: Value] = [:]
        for (place, value) in try checkInOrder(fields: given) {
            checked[fields[place].name] = value
        }
        return checked
    }

    /// As above, each with the place of its property in `fields`, in their order; what is left open
    /// is as in `Collection.checkInOrder`.
    package func checkInOrder(
        fields given: [String: Value],
        leavesOpen: Bool = false
    ) throws(MnemeError) -> [(place: Int, value: Value)] {
        try FieldCheck(place: name, fields: fields, leavesOpen: leavesOpen).check(given)
    }
}

/// Owners' paths.
package enum Owner {
    /// The most bytes that a path has.
    package static let maximumByteCount = 512

    /// What is wrong with a path and what to do, as the end of a sentence; nil when nothing is.
    package static func fault(in path: String) -> String? {
        if path.isEmpty { return "is empty. Give a path such as user/project." }
        if path.utf8.count > maximumByteCount {
            return "has \(path.utf8.count) bytes; at most \(maximumByteCount) are allowed."
        }
        let slash = UInt8(ascii: "/")
        var previous = slash
        for byte in path.utf8 {
            if byte == slash, previous == slash { return emptySegment }
            previous = byte
        }
        return previous == slash ? emptySegment : nil
    }

    private static let emptySegment =
        "has an empty segment. Put exactly one / between segments and none at the ends."
}

/// Checks fields against their definitions.
struct FieldCheck {
    /// The collection or edge type, for messages.
    let place: String
    let fields: [Field]
    /// Whether what is worked out later may be missing.
    var leavesOpen = false

    /// The fields with a value, by their places among the definitions.
    func check(_ given: [String: Value]) throws(MnemeError) -> [(place: Int, value: Value)] {
        var checked: [(place: Int, value: Value)] = []
        checked.reserveCapacity(given.count)
        var known = 0
        for (place, field) in fields.enumerated() {
            let value = given[field.name]
            if value != nil { known += 1 }
            guard let value, !value.isNull else {
                if leavesOpen, field.generated != nil { continue }
                if leavesOpen, field.fill == .next, value == nil { continue }
                guard !field.isRequired else {
                    let lack =
                        "\(self.place).\(field.name) is required and was "
                        + "\(value == nil ? "not given" : "null")."
                    // Who misspells a field is told of that first: it may be this one.
                    let names = Set(fields.map(\.name))
                    guard given.keys.allSatisfy({ names.contains($0) }) else {
                        throw unknownField(in: given, besides: " " + lack)
                    }
                    throw MnemeError(.missingField, "\(lack) \(advice(for: field.type))")
                }
                continue
            }
            checked.append((place, try check(value, for: field)))
        }
        guard known == given.count else { throw unknownField(in: given) }
        return checked
    }

    private func unknownField(
        in given: [String: Value],
        besides rest: String = ""
    ) -> MnemeError {
        let names = Set(fields.map(\.name))
        let unknown = given.keys.filter { !names.contains($0) }.sorted()
        return MnemeError(
            .unknownField,
            "\(place) has no field \(unknown.map(quoted).joined(separator: ", ")). Its fields: "
                + "\(listed(fields.map(\.name))). Correct the name or define the field." + rest
        )
    }

    /// The value as its field keeps it.
    func check(_ value: Value, for field: Field) throws(MnemeError) -> Value {
        guard value.isNested(atMost: Value.maximumDepth) else {
            throw MnemeError(
                .tooLarge,
                "\(place).\(field.name): parts of the value lie more than "
                    + "\(Value.maximumDepth) deep inside each other. Flatten it."
            )
        }
        switch field.type {
        case .vector(let type):
            guard let vector = value.vector else { throw wrongType(value, field) }
            try type.check(vector, VectorSubject(of: field.name, in: place))
            return .vector(vector)
        case .json:
            guard value.isNested(atMost: 64) else {
                throw MnemeError(
                    .tooLarge,
                    "\(place).\(field.name): arrays and objects may lie 64 deep inside each other, "
                        + "and these lie deeper. Flatten the value."
                )
            }
        case .array(let element):
            if case .array(let values) = value { try check(values, element, field) }
        default: break
        }
        guard let coerced = value.coerced(to: field.type) else { throw wrongType(value, field) }
        return coerced
    }

    private func check(
        _ values: [Value],
        _ element: FieldType,
        _ field: Field
    ) throws(MnemeError) {
        for (index, value) in values.enumerated() {
            guard let coerced = value.coerced(to: element), !coerced.isNull else {
                throw MnemeError(
                    .wrongType,
                    "\(place).\(field.name)[\(index)] takes \(element.named) and got "
                        + "\(value.shown). \(advice(for: element))"
                )
            }
        }
    }

    private func wrongType(_ value: Value, _ field: Field) -> MnemeError {
        var wanted = field.type.named
        if case .oneOf = field.type { wanted = "a word of its list" }
        return MnemeError(
            .wrongType,
            "\(place).\(field.name) takes \(wanted) and got \(value.shown). "
                + advice(for: field.type)
        )
    }

    private func advice(for type: FieldType) -> String {
        switch type {
        case .bool: "Give true or false."
        case .int: "Give a whole number without a decimal point."
        case .float: "Give a number."
        case .text: "Give a text."
        case .bytes: "Give bytes; in JSON {\"$bytes\": \"base64\"}."
        case .uuid: "Give a UUID such as 0190a6e2-7b1c-7c3d-8e4f-5a6b7c8d9e0f."
        case .instant: "Give an instant such as 2023-05-08T13:56:00Z."
        case .date: "Give a day such as 2024-02-29."
        case .json: "Give what JSON can say: no bytes, vectors, NaN or infinities."
        case .oneOf(let texts): "Give one of \(listed(texts.map(quoted)))."
        case .array(let element): "Give an array of values, each \(element.named)."
        case .vector(let vector): "Give \(vector.dimension) numbers."
        }
    }
}
