// How long values are as JSON, without writing it: a budget counts what is sent, of many records
// that are not.

extension Value {
    /// How many bytes its JSON has.
    ///
    /// - Complexity: O(*n*) in the size; nothing is sorted.
    package var jsonLength: Int {
        switch self {
        case .null: 4
        case .bool(let flag): flag ? 4 : 5
        case .int(let number): JSONLength.of(number)
        case .float(let number) where number.isFinite: number.description.utf8.count
        case .float(let number):
            JSONLength.of(JSONExtension.float, JSONLength.of(JSONExtension.special(number)))
        case .text(let text): JSONLength.of(text)
        case .bytes(let bytes): JSONLength.of(JSONExtension.bytes, 2 + (bytes.count + 2) / 3 * 4)
        case .uuid: JSONLength.of(JSONExtension.uuid, 2 + 36)
        case .instant(let instant): JSONLength.of(JSONExtension.instant, JSONLength.of(instant))
        case .date(let day):
            JSONLength.of(JSONExtension.date, JSONExtension.content(of: day).jsonLength)
        case .array(let values):
            values.reduce(1 + max(values.count, 1)) { $0 + $1.jsonLength }
        case .map(let members): JSONLength.of(members)
        case .vector(let vector): JSONLength.of(JSONExtension.vector, JSONLength.of(vector))
        }
    }
}

extension Record {
    /// How many bytes its JSON has.
    ///
    /// - Complexity: O(*n*) in the size.
    package var jsonLength: Int {
        let version = version.map { #","version":"#.utf8.count + Value($0).jsonLength } ?? 0
        return #"{"collection":,"fields":,"key":}"#.utf8.count
            + JSONLength.of(reference.collection) + JSONLength.of(fields)
            + reference.key.spelling.jsonLength + version
    }
}

/// The lengths of what JSON is made of, as `JSONWriter` writes it on one line.
private enum JSONLength {
    /// An object of one member that says what kind of value it holds.
    static func of(_ kind: String, _ content: Int) -> Int { kind.utf8.count + 5 + content }

    /// Text in quotes, with what has to be escaped.
    static func of(_ text: String) -> Int {
        var length = 2
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), 0x0a, 0x0d, 0x09: length += 2
            case 0x00..<0x20: length += 6
            default: length += 1
            }
        }
        return length
    }

    /// A number's digits and sign.
    static func of(_ number: Int64) -> Int {
        var (digits, rest) = (number < 0 ? 2 : 1, number.magnitude)
        while rest >= 10 { (digits, rest) = (digits + 1, rest / 10) }
        return digits
    }

    /// An instant's text, or its number.
    static func of(_ instant: Instant) -> Int {
        guard (0...9999).contains(instant.day.civil.year) else { return of(instant.microseconds) }
        let whole = #""2024-02-29T13:56:00Z""#.utf8.count
        var fraction = (instant.microseconds % 1_000_000).magnitude
        if fraction == 0 { return whole }
        // Before 1970 what is there is what is missing from the next second: as many zeros end it.
        var digits = 6
        while fraction % 10 == 0 { (digits, fraction) = (digits - 1, fraction / 10) }
        return whole + 1 + digits
    }

    /// An object with its members' names.
    static func of(_ members: [String: Value]) -> Int {
        var length = 1 + max(members.count, 1)
        for (name, value) in members {
            let isLikeKind = members.count == 1 && JSONExtension.isLikeKind(name)
            length += of(name) + (isLikeKind ? 1 : 0) + 1 + value.jsonLength
        }
        return length
    }

    /// The list of a vector's components.
    static func of(_ vector: [Float]) -> Int {
        vector.reduce(1 + max(vector.count, 1)) { length, number in
            length
                + (number.isFinite
                    ? number.description.utf8.count : of(JSONExtension.special(Double(number))))
        }
    }
}
