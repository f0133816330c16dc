// Conditions of strangers: filters, questions, patterns, expressions, queries and recurrences. What
// is read spells the same again, and says the same of samples in every way that it is asked. The
// first byte chooses what the rest is.

internal import MnemeModel

/// Conditions in all their spellings.
enum FilterTarget {
    /// What an input may be.
    private enum Kind: UInt8, CaseIterable {
        case filter
        case find
        case pattern
        case expression
        case query
        case recurrence
        case encodedFilter
    }

    static func run(_ input: [UInt8]) -> String? {
        guard let first = input.first else { return nil }
        let kinds = Kind.allCases
        let bytes = Array(input.dropFirst())
        switch kinds[Int(first) % kinds.count] {
        case .filter: return (try? Value(json: bytes)).flatMap(filter)
        case .encodedFilter: return (try? Value(cbor: bytes)).flatMap(filter)
        case .find: return find(bytes)
        case .pattern: return pattern(bytes)
        case .expression: return expression(bytes)
        case .query: return query(bytes)
        case .recurrence: return recurrence(bytes)
        }
    }

    private static func filter(_ value: Value) -> String? {
        guard let filter = try? Filter(spelling: value) else { return nil }
        return check(filter)
    }

    private static func check(_ filter: Filter) -> String? {
        // A field may have the name of a word; nobody who stores such a filter takes it.
        guard (try? filter.checkWords()) != nil else { return nil }
        guard let again = try? Filter(spelling: filter.spelling), isSame(again, filter) else {
            return "a filter does not come back"
        }
        return SampleRecord.disagreement(about: filter)
    }

    private static func find(_ bytes: [UInt8]) -> String? {
        guard let value = try? Value(json: bytes), let find = try? Find(spelling: value) else {
            return nil
        }
        guard let again = try? Find(spelling: find.spelling), isSame(again, find) else {
            return "a question does not come back"
        }
        return find.filter.flatMap(check)
    }

    private static func pattern(_ bytes: [UInt8]) -> String? {
        guard let value = try? Value(json: bytes), let pattern = try? Pattern(spelling: value)
        else { return nil }
        guard let again = try? Pattern(spelling: pattern.spelling), isSame(again, pattern) else {
            return "a pattern does not come back"
        }
        return nil
    }

    private static func expression(_ bytes: [UInt8]) -> String? {
        guard let text = String(validating: bytes, as: UTF8.self),
            let expression = try? Expression(text)
        else { return nil }
        let spelled = expression.description
        guard let again = try? Expression(spelled), again == expression,
            again.description == spelled
        else { return "an expression does not come back from \(spelled)" }
        for fields in SampleRecord.all {
            let value = expression.evaluate { fields[$0] ?? .null }
            guard (try? value.cbor()) == (try? again.evaluate { fields[$0] ?? .null }.cbor()) else {
                return "an expression has two values"
            }
            let truth: Bool? = if case .bool(let flag) = value { flag } else { nil }
            if expression.holds({ fields[$0] ?? .null }) != truth {
                return "an expression holds otherwise than its value says"
            }
        }
        return nil
    }

    private static func query(_ bytes: [UInt8]) -> String? {
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        guard let parts = try? QueryParser.parts(of: text) else { return nil }
        return parts.count <= text.count ? nil : "a query has more parts than characters"
    }

    private static func recurrence(_ bytes: [UInt8]) -> String? {
        guard let value = try? Value(json: bytes), let rule = try? Recurrence(spelling: value)
        else { return nil }
        guard let again = try? Recurrence(spelling: rule.spelling), isSame(again, rule) else {
            return "a recurrence does not come back"
        }
        for start: Int64 in [0, 1_700_000_000_000_000, .min, .max] {
            let from = Instant(microseconds: start)
            guard let occurrences = try? Occurrences(rule, from: from) else { continue }
            var last = occurrences.first
            for _ in 0..<20 {
                guard let before = last else { break }
                last = occurrences.next(after: before)
                if let last, last <= before { return "an occurrence is not behind the one before" }
            }
        }
        return nil
    }

    /// Whether two are spelled in the same bytes, of which not-a-numbers are equal.
    private static func isSame(_ left: some Spelled, _ right: some Spelled) -> Bool {
        (try? left.spelling.cbor()) == (try? right.spelling.cbor())
    }
}
