// Values as JSON (RFC 8259): formats/values.md#json. What JSON has no word for is an object of one
// member whose name is `$` and a word: `{"$uuid": "…"}`. A user's object that looks like one is
// told apart by one more `$`.

extension Value {
    /// How many arrays and objects may lie inside each other.
    package static let maximumJSONDepth = 128

    /// Reads JSON text in UTF-8.
    ///
    /// Numbers without a point or exponent are ints where they fit 64 signed bits, all others
    /// floats; `-0` is the float −0.0.
    ///
    /// - Throws: `badRequest` with line and column: for what is no JSON, text that is not UTF-8, a
    ///   member given twice, a number beyond all floats, more than 128 levels.
    /// - Complexity: O(*n*) in the bytes.
    public init(json bytes: [UInt8]) throws(MnemeError) {
        var reader = JSONReader(bytes)
        self = try reader.readDocument()
    }

    /// Reads JSON text.
    ///
    /// - Throws: as `init(json:)` of bytes.
    public init(json text: String) throws(MnemeError) {
        try self.init(json: Array(text.utf8))
    }

    /// The value as JSON text: members sorted by their bytes, numbers as short as they can be read
    /// back exactly, on one line or, where pretty, with two blanks a level.
    ///
    /// - Complexity: O(*n*) in the size, O(*m* log *m*) for *m* members of an object.
    public func json(pretty isPretty: Bool = false) -> String {
        var writer = JSONWriter(isPretty: isPretty)
        writer.put(self)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}

extension Spelled {
    /// The noun of its spelling in JSON.
    ///
    /// - Throws: as `Value.init(json:)` and `init(spelling:)`.
    public init(json text: String) throws(MnemeError) {
        try self.init(spelling: try Value(json: text))
    }

    /// Its spelling as JSON text.
    public func json(pretty isPretty: Bool = false) -> String { spelling.json(pretty: isPretty) }
}

/// Values that JSON has no word for.
enum JSONExtension {
    static let uuid = "$uuid"
    static let instant = "$instant"
    static let date = "$date"
    static let bytes = "$bytes"
    static let vector = "$vector"
    static let float = "$float"

    private static let kinds: Set<String> = [uuid, instant, date, bytes, vector, float]

    /// Whether an object of one member of this name would be read as something else than itself.
    static func isLikeKind(_ name: String) -> Bool {
        name.utf8.first == UInt8(ascii: "$")
            && (kinds.contains(name) || name.utf8.starts(with: "$$".utf8))
    }

    /// The value that an object of one member stands for; nil where it is just an object.
    ///
    /// - Throws: the form that the content should have.
    static func value(_ name: String, _ content: Value) throws(JSONFault) -> Value? {
        guard name.utf8.first == UInt8(ascii: "$") else { return nil }
        switch name {
        case uuid:
            guard let text = content.text, let id = UniqueID(text) else {
                throw JSONFault("{\"$uuid\": \"0190a6e2-7b1c-7c3d-8e4f-5a6b7c8d9e0f\"}")
            }
            return .uuid(id)
        case instant:
            if let microseconds = content.int {
                return .instant(Instant(microseconds: microseconds))
            }
            guard let text = content.text, let instant = Instant(text) else {
                throw JSONFault("{\"$instant\": \"2023-05-08T13:56:00Z\"}")
            }
            return .instant(instant)
        case date:
            if let number = content.int.flatMap({ Int32(exactly: $0) }) {
                return .date(Day(number: number))
            }
            guard let text = content.text, let day = Day(text) else {
                throw JSONFault("{\"$date\": \"2024-02-29\"}")
            }
            return .date(day)
        case bytes:
            guard let text = content.text, let bytes = Base64.decode(text) else {
                throw JSONFault("{\"$bytes\": \"base64 with padding\"}")
            }
            return .bytes(bytes)
        case vector:
            guard case .array(let values) = content, let vector = components(values) else {
                throw JSONFault("{\"$vector\": [0.5, 1]}")
            }
            return .vector(vector)
        case float:
            guard let text = content.text, let float = special(text) else {
                throw JSONFault("{\"$float\": \"nan\"}, \"inf\" or \"-inf\"")
            }
            return .float(float)
        default:
            guard name.utf8.starts(with: "$$".utf8) else { return nil }
            return .map([String(decoding: name.utf8.dropFirst(), as: UTF8.self): content])
        }
    }

    /// The text of an instant; its microseconds where the year has no four digits.
    static func content(of instant: Instant) -> Value {
        (0...9999).contains(instant.day.civil.year)
            ? .text(instant.description) : .int(instant.microseconds)
    }

    /// The text of a day; its number where the year has no four digits.
    static func content(of day: Day) -> Value {
        (0...9999).contains(day.civil.year) ? .text(day.description) : .int(Int64(day.number))
    }

    /// The text of a float that JSON has no number for.
    static func special(_ number: Double) -> String {
        number.isNaN ? "nan" : number > 0 ? "inf" : "-inf"
    }

    private static func components(_ values: [Value]) -> [Float]? {
        var vector: [Float] = []
        vector.reserveCapacity(values.count)
        for value in values {
            if let number = value.number {
                vector.append(Float(number))
            } else if let text = value.text, let number = special(text) {
                vector.append(Float(number))
            } else {
                return nil
            }
        }
        return vector
    }

    private static func special(_ text: String) -> Double? {
        switch text {
        case "nan": .nan
        case "inf": .infinity
        case "-inf": -.infinity
        default: nil
        }
    }
}

/// The form that something should have had.
struct JSONFault: Error {
    let wanted: String

    init(_ wanted: String) { self.wanted = wanted }
}
