// What a value becomes in a field. Texts and formats poorer than this vocabulary (JSON above all)
// say instants, days, UUIDs and vectors by other means; where a type is known, those are accepted.

extension Value {
    /// The value as a field of the type keeps it; nil when it is none.
    ///
    /// Null stays null. Beyond the type's own kind: text becomes a uuid, instant or date where it
    /// reads as one, a date becomes the instant of its midnight in UTC, an int becomes a float, an
    /// array of numbers becomes a vector (of the type's dimension; numbers beyond float32 become
    /// infinite), a vector becomes an array of floats. In `json`, uuids, instants and dates become
    /// their texts, and what JSON cannot say (bytes, vectors, NaN, infinities) is refused.
    ///
    /// - Complexity: O(*n*) in the elements.
    public func coerced(to type: FieldType) -> Value? {
        switch (type, self) {
        case (_, .null), (.bool, .bool), (.int, .int), (.float, .float), (.text, .text),
            (.bytes, .bytes), (.uuid, .uuid), (.instant, .instant), (.date, .date):
            return self
        case (.float, .int(let value)): return .float(Double(value))
        case (.uuid, .text(let text)): return UniqueID(text).map(Value.uuid)
        case (.instant, .text(let text)): return Instant(text).map(Value.instant)
        case (.instant, .date(let day)):
            // There are days beyond the last instant.
            let (start, isOut) = Int64(day.number).multipliedReportingOverflow(
                by: 86_400_000_000
            )
            guard !isOut else { return nil }
            return .instant(Instant(microseconds: start))
        case (.date, .text(let text)): return Day(text).map(Value.date)
        case (.oneOf(let texts), .text(let text)):
            // Not `? self : nil`, where nil would be the value null.
            guard texts.contains(text) else { return nil }
            return self
        case (.json, _): return plain
        case (.array(let element), .array(let values)):
            return coerce(values, to: element)
        case (.array(.float), .vector(let vector)):
            return .array(vector.map { .float(Double($0)) })
        case (.vector(let type), .vector(let vector)):
            guard vector.count == type.dimension else { return nil }
            return self
        case (.vector(let type), .array(let values)):
            guard values.count == type.dimension else { return nil }
            return vector.map(Value.vector)
        default: return nil
        }
    }

    /// The components: of a vector, or of an array of nothing but numbers; else nil.
    package var vector: [Float]? {
        switch self {
        case .vector(let vector): return vector
        case .array(let values):
            var vector: [Float] = []
            vector.reserveCapacity(values.count)
            for value in values {
                guard let number = value.number else { return nil }
                vector.append(Float(number))
            }
            return vector
        default: return nil
        }
    }

    private func coerce(_ values: [Value], to element: FieldType) -> Value? {
        var coerced: [Value] = []
        coerced.reserveCapacity(values.count)
        for value in values {
            guard let value = value.coerced(to: element), !value.isNull else { return nil }
            coerced.append(value)
        }
        return .array(coerced)
    }

    /// The same as JSON can say it.
    private var plain: Value? {
        switch self {
        case .null, .bool, .int, .text: return self
        case .float(let value):
            guard value.isFinite else { return nil }
            return self
        case .uuid(let id): return .text(id.description)
        case .instant(let instant): return .text(instant.description)
        case .date(let day): return .text(day.description)
        case .bytes, .vector: return nil
        case .array(let values):
            var plain: [Value] = []
            plain.reserveCapacity(values.count)
            for value in values {
                guard let value = value.plain else { return nil }
                plain.append(value)
            }
            return .array(plain)
        case .map(let members):
            var plain: [String: Value] = [:]
            plain.reserveCapacity(members.count)
            for (name, value) in members {
                guard let value = value.plain else { return nil }
                plain[name] = value
            }
            return .map(plain)
        }
    }

    /// Whether arrays and maps lie at most so deep inside each other; a scalar has depth 0.
    package func isNested(atMost depth: Int) -> Bool {
        switch self {
        case .array(let values):
            depth > 0 && values.allSatisfy { $0.isNested(atMost: depth - 1) }
        case .map(let members):
            depth > 0 && members.values.allSatisfy { $0.isNested(atMost: depth - 1) }
        default: true
        }
    }
}

extension Key {
    /// The key as a collection with such keys has it; nil when it is none.
    ///
    /// Text becomes an int or a uuid where it reads as one; nothing becomes text.
    public func coerced(to type: KeyType) -> Key? {
        switch (type, self) {
        case (.text, .text), (.int, .int), (.uuid, .uuid): self
        case (.int, .text(let text)): Int64(text).map(Key.int)
        case (.uuid, .text(let text)): UniqueID(text).map(Key.uuid)
        default: nil
        }
    }
}
