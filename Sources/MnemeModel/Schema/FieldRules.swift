// What fields demand and give besides their types: defaults, fills, expressions, lengths, checks.
// Worked out once for each collection and edge type. What comes after what is on the page
// formats/operations.md#rules-of-fields. Most collections have none, and pay a look at `isPlain`.

package import MnemeBase

/// The rules of a collection's or an edge type's fields.
package struct FieldRules: Sendable {
    /// The collection or edge type, for messages.
    private let place: String
    private let fields: [Field]
    private let checks: [Check]
    private let places: [String: Int]
    /// The defaults as the fields keep them, by the fields' places.
    private let standards: [Value?]
    /// Whether nothing is given or demanded besides types and required fields.
    package let isPlain: Bool
    /// The places of the fields that are filled with the next number.
    package let counted: [Int]
    private let generated: [Int]
    private let limited: [Int]
    /// The time zones by which fields are generated or checked.
    private let zones: [String]

    /// The rules of a collection.
    package init(_ collection: Collection) {
        self.init(collection.name, collection.fields, collection.checks)
    }

    /// The rules of an edge type.
    package init(_ type: EdgeType) { self.init(type.name, type.fields, type.checks) }

    private init(_ place: String, _ fields: [Field], _ checks: [Check]) {
        self.place = place
        self.fields = fields
        self.checks = checks
        isPlain =
            checks.isEmpty
            && fields.allSatisfy {
                $0.standard == nil && $0.fill == nil && $0.generated == nil
                    && $0.maximumLength == nil
            }
        places =
            isPlain
            ? [:]
            : Dictionary(fields.enumerated().map { ($1.name, $0) }) { first, _ in first }
        standards =
            isPlain
            ? []
            : fields.map { field in field.standard.flatMap { $0.coerced(to: field.type) } }
        counted = fields.indices.filter { fields[$0].fill == .next }
        generated = fields.indices.filter { fields[$0].generated != nil }
        limited = fields.indices.filter { fields[$0].maximumLength != nil }
        zones =
            isPlain
            ? []
            : Set(
                fields.compactMap(\.generated).flatMap(\.zones)
                    + checks.flatMap(\.condition.zones)
            )
            .sorted()
    }
}

// Records on their way in.
extension FieldRules {
    /// The fields that were given, with defaults and fills for those that were not.
    ///
    /// Fields that are filled with the next number are left to the writer. A null that was given
    /// stays. `keepsChanged`: so does the instant of the last change, where it is given. `drawn`:
    /// what was drawn before for fields that would be filled, by name.
    ///
    /// - Throws: `wrongType` where a generated field is given.
    /// - Complexity: O(fields).
    package func completed(
        _ given: [String: Value],
        at now: Microseconds,
        _ randomness: any Randomness,
        keepsChanged: Bool = false,
        drawn: [String: Value]? = nil
    ) throws(MnemeError) -> [String: Value] {
        for index in generated {
            guard let value = given[fields[index].name], !value.isNull else { continue }
            if let refusal = refusal(of: fields[index].name) { throw refusal }
        }
        var completed = given
        for (index, field) in fields.enumerated() {
            if field.fill == .changed {
                if keepsChanged, given[field.name] != nil { continue }
                completed.updateValue(FieldRules.time(now, field.type), forKey: field.name)
            } else if given[field.name] != nil {
                continue
            } else if let standard = standards[index] {
                completed.updateValue(standard, forKey: field.name)
            } else if let value = drawn?[field.name] ?? fill(field, now, randomness) {
                completed.updateValue(value, forKey: field.name)
            }
        }
        return completed
    }

    /// What the fields are filled with that the store makes a value for, whether one is given or
    /// not, by name.
    ///
    /// - Complexity: O(fields).
    package func drawn(at now: Microseconds, _ randomness: any Randomness) -> [String: Value] {
        var drawn: [String: Value] = [:]
        for field in fields {
            if let value = fill(field, now, randomness) {
                drawn.updateValue(value, forKey: field.name)
            }
        }
        return drawn
    }

    /// The fields of a record that stands and of which some were changed.
    ///
    /// What it lacks stays null and is not filled in, `now` stays as it was, `changed` is now. What
    /// is generated is left to be worked out again.
    ///
    /// - Complexity: O(fields).
    package func revised(_ fields: [String: Value], at now: Microseconds) -> [String: Value] {
        var revised = fields
        for field in self.fields {
            if field.generated != nil {
                revised.removeValue(forKey: field.name)
            } else if field.fill == .changed {
                revised.updateValue(FieldRules.time(now, field.type), forKey: field.name)
            } else if fields[field.name] == nil, field.standard != nil || field.fill != nil {
                revised.updateValue(.null, forKey: field.name)
            }
        }
        return revised
    }

    /// Why a field cannot be given or changed; nil where it can.
    package func refusal(of name: String) -> MnemeError? {
        guard let place = places[name], let expression = fields[place].generated else { return nil }
        return MnemeError(
            .wrongType,
            "\(self.place).\(name) is worked out by the store as \(expression) and takes no value. "
                + "Leave it out, and change what it is made of."
        )
    }

    /// The places of the fields that wait for the writer's next number.
    package func waiting(_ given: [String: Value]) -> [Int] {
        counted.filter { given[fields[$0].name] == nil }
    }

    /// Adds what is generated, and holds the whole against lengths and checks.
    ///
    /// - Parameter checked: the fields with a value, by their places, ascending.
    /// - Throws: `missingField`, `wrongType`, `tooLarge`, `checkFailed`; `unknownZone` on a machine
    ///   that lacks a zone.
    /// - Complexity: O(fields) and what the expressions take.
    package func finish(
        _ checked: inout [(place: Int, value: Value)]
    ) throws(MnemeError) {
        // What cannot be worked out here would be null, and stay so.
        for zone in zones { try Zones.shared.check(zone) }
        var values = [Value](repeating: .null, count: fields.count)
        for (place, value) in checked { values[place] = value }
        if !generated.isEmpty {
            for index in generated { try generate(index, &values) }
            checked = []
            for (place, value) in values.enumerated() where !value.isNothing {
                checked.append((place, value))
            }
        }
        for index in limited { try checkLength(values[index], index) }
        for check in checks { try hold(check, values) }
    }

    private func fill(
        _ field: Field,
        _ now: Microseconds,
        _ randomness: any Randomness
    ) -> Value? {
        switch field.fill {
        case .now: return FieldRules.time(now, field.type)
        case .uuid:
            let id = UniqueID(
                milliseconds: now / 1000,
                random: (randomness.next(), randomness.next())
            )
            return field.type == .uuid ? .uuid(id) : .text(id.description)
        case .hex:
            let digits = [randomness.next(), randomness.next()].map { half in
                let text = String(half, radix: 16)
                return String(repeating: "0", count: 16 - text.utf8.count) + text
            }
            return .text(digits.joined())
        case .changed, .next, nil: return nil
        }
    }

    private static func time(_ now: Microseconds, _ type: FieldType) -> Value {
        let instant = Instant(microseconds: now)
        return type == .date ? .date(instant.day) : .instant(instant)
    }

    private func value(_ name: String, _ values: [Value]) -> Value {
        guard let place = places[name] else { return .null }
        return values[place]
    }

    private func generate(_ index: Int, _ values: inout [Value]) throws(MnemeError) {
        let field = fields[index]
        guard let expression = field.generated else { return }
        let known = values
        let value = expression.evaluate { self.value($0, known) }
        if value.isNothing {
            guard field.isRequired else { return }
            throw MnemeError(
                .missingField,
                "\(place).\(field.name) is required, and \(expression) gives null for "
                    + "\(shown(expression, known)). Give values of which it gives one."
            )
        }
        do {
            values[index] = try FieldCheck(place: place, fields: fields).check(value, for: field)
        } catch {
            throw MnemeError(
                error.code,
                "\(error.message) The value is what \(expression) gives for "
                    + "\(shown(expression, known))."
            )
        }
    }

    private func checkLength(_ value: Value, _ index: Int) throws(MnemeError) {
        let field = fields[index]
        guard let limit = field.maximumLength, let length = value.length(upTo: limit) else {
            return
        }
        throw MnemeError(
            .tooLarge,
            "\(place).\(field.name) has \(length.count) \(length.unit); at most \(limit) are "
                + "allowed. Shorten the value."
        )
    }

    private func hold(_ check: Check, _ values: [Value]) throws(MnemeError) {
        guard check.condition.holds({ value($0, values) }) == false else { return }
        throw MnemeError(
            .checkFailed,
            "\(place): the check \"\(check.name)\" refuses these values: \(check.condition) does "
                + "not hold for \(shown(check.condition, values)). Change them."
        )
    }

    /// The fields that an expression names, with their values.
    private func shown(_ expression: Expression, _ values: [Value]) -> String {
        listed(expression.fields.sorted().map { "\($0) = \(value($0, values).shown)" })
    }
}

// Records that are there already.
extension FieldRules {
    /// What a field is in a record that was put before the field was defined; null for none.
    ///
    /// `value` gives the record's other fields by name.
    package func late(_ index: Int, _ value: (String) -> Value) -> Value {
        if let standard = standards[index] { return standard }
        guard let expression = fields[index].generated else { return .null }
        return expression.evaluate(value).coerced(to: fields[index].type) ?? Value.null
    }

    /// Holds a record that is there against rules that are new.
    ///
    /// - Throws: `checkFailed`, `missingField`, naming the record.
    package func checkStanding(
        _ key: Key,
        newChecks: Set<String>,
        newFields: [Int],
        _ value: (String) -> Value
    ) throws(MnemeError) {
        for index in newFields where fields[index].isRequired && value(fields[index].name).isNull {
            throw MnemeError(
                .missingField,
                "\(place).\(fields[index].name) is required, and record "
                    + "\(quoted(key.description)), which is there already, would be without it. "
                    + "Give the field a default, or change the record first."
            )
        }
        for check in checks where newChecks.contains(check.name) {
            guard check.condition.holds(value) == false else { continue }
            let names = check.condition.fields.sorted()
            throw MnemeError(
                .checkFailed,
                "\(place): the check \"\(check.name)\" does not hold for record "
                    + "\(quoted(key.description)), which is there already: \(check.condition), "
                    + "with \(listed(names.map { "\($0) = \(value($0).shown)" })). Change the "
                    + "record first."
            )
        }
    }
}

extension Value {
    /// How long it is and in what, where that is more than a limit; nil for what fits or has no
    /// length.
    fileprivate func length(upTo limit: Int) -> (count: Int, unit: String)? {
        let (count, unit): (Int, String)
        switch self {
        case .text(let text):
            // No text has more characters than bytes.
            guard text.utf8.count > limit else { return nil }
            (count, unit) = (text.count, "characters")
        case .bytes(let bytes): (count, unit) = (bytes.count, "bytes")
        case .array(let elements): (count, unit) = (elements.count, "elements")
        default: return nil
        }
        return count > limit ? (count, unit) : nil
    }
}
