// What becomes of a value on its way into a field. Sources know fewer kinds than stores do: text
// stands for instants, numbers for truth values, bytes for vectors. Page: formats/import.md#casts.

internal import Mneme
internal import MnemeCommandLine

/// A kind that a value is read as.
enum Cast: String, CaseIterable, Sendable {
    case text, int, float, bool, instant, seconds, milliseconds, microseconds, date, uuid, json
    case bytes, array, vector, float32

    /// The value read as this kind; each element of an array by itself.
    ///
    /// - Throws: `Failure` that says what came and what is wanted.
    func value(_ value: Value) throws(Failure) -> Value {
        if case .array(let values) = value, ![.json, .array, .vector].contains(self) {
            var read: [Value] = []
            for value in values { read.append(value.isNull ? .null : try one(value)) }
            return .array(read)
        }
        return try one(value)
    }

    private func one(_ value: Value) throws(Failure) -> Value {
        switch self {
        case .text:
            guard let word = Self.word(value) else { break }
            return .text(word)
        case .int:
            if let number = Self.whole(value) { return .int(number) }
        case .float:
            if let number = Self.number(value) { return .float(number) }
        case .bool:
            if let flag = Self.flag(value) { return .bool(flag) }
        case .instant:
            if let instant = Self.instant(value) { return .instant(instant) }
        case .seconds, .milliseconds, .microseconds:
            let scale: Int64 = self == .seconds ? 1_000_000 : self == .milliseconds ? 1000 : 1
            if let instant = Self.instant(value, in: scale) { return .instant(instant) }
        case .date:
            if case .date = value { return value }
            if case .instant(let instant) = value { return .date(instant.day) }
            if let text = value.text, let day = Day(text) { return .date(day) }
        case .uuid:
            if case .uuid = value { return value }
            if let text = value.text, let id = UniqueID(text) { return .uuid(id) }
        case .json:
            guard let text = value.text else { return value }
            do {
                return try Value(json: text)
            } catch {
                throw Failure("\(quoted(text)) is no JSON: \(error.message)")
            }
        case .bytes:
            if let bytes = Self.bytes(value) { return .bytes(bytes) }
        case .array:
            if case .array = value { return value }
            guard let text = value.text else { break }
            if let values = ArrayText.values(text) { return .array(values) }
            if case .array(let values)? = try? Value(json: text) { return .array(values) }
        case .vector: return .vector(try Self.vector(value))
        case .float32:
            guard let bytes = Self.bytes(value), bytes.count % 4 == 0 else { break }
            return .vector(try Self.checked(Self.floats(bytes)))
        }
        throw Failure("\(wanted) should be here, and not \(value.shown)", code: .wrongType)
    }

    private var wanted: String {
        switch self {
        case .text: "a text, or a number or truth value"
        case .int: "a whole number"
        case .float: "a number"
        case .bool: "true or false (t, f, yes, no, 1, 0)"
        case .instant: "an instant such as 2023-05-08T13:56:00Z"
        case .seconds, .milliseconds, .microseconds: "a number of \(rawValue) since 1970"
        case .date: "a day such as 2024-02-29"
        case .uuid: "a UUID"
        case .json: "JSON"
        case .bytes: "bytes: \\x and hexadecimal digits, or base64"
        case .array: "an array as text, {a,b} or [\"a\", \"b\"],"
        case .vector: "numbers: [1, 2, 3]"
        case .float32: "bytes of float32 numbers, little-endian"
        }
    }

    /// The value as a field of a type takes it, where its own kind says so without doubt.
    ///
    /// A text is read as what the field holds, a number becomes the digits of a text. What is left
    /// is the store's to refuse.
    ///
    /// - Throws: `Failure` that says what came and what is wanted.
    static func fit(_ value: Value, to type: FieldType) throws(Failure) -> Value {
        switch (type, value) {
        case (_, .null), (.json, _): return value
        case (.text, .int), (.text, .float), (.text, .bool), (.text, .uuid), (.oneOf, .int):
            return word(value).map(Value.text) ?? value
        case (.int, .text), (.int, .float): return try Cast.int.one(value)
        case (.float, .text): return try Cast.float.one(value)
        case (.bool, .text), (.bool, .int): return try Cast.bool.one(value)
        case (.instant, .text): return try Cast.instant.one(value)
        case (.instant, .int), (.instant, .float):
            throw Failure(
                "a number may be an instant in many ways; say which with \"as\": seconds, "
                    + "milliseconds or microseconds",
                code: .wrongType
            )
        case (.date, .text): return try Cast.date.one(value)
        case (.uuid, .text): return try Cast.uuid.one(value)
        case (.bytes, .text): return try Cast.bytes.one(value)
        case (.vector, .bytes): return try Cast.float32.one(value)
        case (.vector, _): return try Cast.vector.one(value)
        case (.array(let element), .array(let values)):
            var fitted: [Value] = []
            for value in values { fitted.append(try fit(value, to: element)) }
            return .array(fitted)
        default: return value
        }
    }

    /// A scalar as it stands inside a text; nil for anything else.
    static func word(_ value: Value) -> String? {
        switch value {
        case .text(let text): text
        case .int(let number): String(number)
        case .float(let number): number.description
        case .bool(let flag): flag ? "true" : "false"
        case .uuid(let id): id.description
        case .instant(let instant): instant.description
        case .date(let day): day.description
        default: nil
        }
    }

    private static func whole(_ value: Value) -> Int64? {
        switch value {
        case .int(let number): number
        case .float(let number): Int64(exactly: number)
        case .bool(let flag): flag ? 1 : 0
        case .text(let text): Int64(text)
        default: nil
        }
    }

    private static func number(_ value: Value) -> Double? {
        if let number = value.number { return number }
        return value.text.flatMap { Double($0) }
    }

    private static func flag(_ value: Value) -> Bool? {
        switch value {
        case .bool(let flag): flag
        case .int(0): false
        case .int(1): true
        case .text(let text):
            switch text.lowercased() {
            case "t", "true", "yes", "y", "on", "1": true
            case "f", "false", "no", "n", "off", "0": false
            default: nil
            }
        default: nil
        }
    }

    /// An instant as text; PostgreSQL writes the hours alone of most offsets: `+02`.
    private static func instant(_ value: Value) -> Instant? {
        switch value {
        case .instant(let instant): return instant
        case .date:
            guard case .instant(let instant)? = value.coerced(to: .instant) else { return nil }
            return instant
        case .text(let text):
            if let instant = Instant(text) { return instant }
            let end = text.utf8.suffix(3)
            guard text.utf8.count > 13, let sign = end.first,
                sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-")
            else { return nil }
            return Instant(text + ":00")
        default: return nil
        }
    }

    /// An instant as a number of units of so many microseconds.
    private static func instant(_ value: Value, in scale: Int64) -> Instant? {
        if let number = whole(value) {
            let (product, isOut) = number.multipliedReportingOverflow(by: scale)
            return isOut ? nil : Instant(microseconds: product)
        }
        guard let number = number(value),
            let microseconds = Int64(exactly: (number * Double(scale)).rounded())
        else { return nil }
        return Instant(microseconds: microseconds)
    }

    private static func bytes(_ value: Value) -> [UInt8]? {
        if case .bytes(let bytes) = value { return bytes }
        guard let text = value.text else { return nil }
        guard text.hasPrefix("\\x") else {
            // Base64 as JSON spells bytes.
            guard case .bytes(let bytes)? = try? Value(json: "{\"$bytes\":\(value.json())}") else {
                return nil
            }
            return bytes
        }
        let digits = text.dropFirst(2).map(\.hexDigitValue)
        guard digits.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        for place in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digits[place], let low = digits[place + 1] else { return nil }
            bytes.append(UInt8(high << 4 | low))
        }
        return bytes
    }

    /// The numbers of an array, of an array as text (as pgvector writes it), or a vector.
    private static func vector(_ value: Value) throws(Failure) -> [Float] {
        var numbers: Value = value
        if let text = value.text {
            do {
                numbers = try Value(json: text)
            } catch {
                throw Failure(
                    "\(quoted(text)) is no vector such as [1,2,3]: \(error.message)",
                    code: .badVector
                )
            }
        }
        guard let vector = numbers.vector else {
            throw Failure(
                "\(Cast.vector.wanted) should be here, and not \(value.shown)",
                code: .badVector
            )
        }
        return try checked(vector)
    }

    private static func checked(_ vector: [Float]) throws(Failure) -> [Float] {
        guard let place = vector.firstIndex(where: { !$0.isFinite }) else { return vector }
        throw Failure(
            "component \(place) of the vector is \(vector[place]), which no distance is measured "
                + "with; mend the vector or leave it out",
            code: .badVector
        )
    }

    private static func floats(_ bytes: [UInt8]) -> [Float] {
        stride(from: 0, to: bytes.count, by: 4).map { place in
            var bits: UInt32 = 0
            for index in 0..<4 { bits |= UInt32(bytes[place + index]) << UInt32(8 * index) }
            return Float(bitPattern: bits)
        }
    }
}
