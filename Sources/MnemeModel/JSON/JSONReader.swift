// Reads JSON (RFC 8259) strictly: no comments, no trailing commas, no lone surrogates, no member
// twice, no byte order mark. Text was found to be UTF-8 before the first character is looked at.

/// A cursor over JSON text.
struct JSONReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Reads the one value that the text holds.
    mutating func readDocument() throws(MnemeError) -> Value {
        do {
            _ = try UTF8Span(validating: bytes.span)
        } catch {
            throw fault("the text is not UTF-8", at: error.byteOffsets.lowerBound)
        }
        skipBlanks()
        let value = try readValue(depth: Value.maximumJSONDepth)
        skipBlanks()
        guard position == bytes.count else { throw fault("there is text after the value") }
        return value
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipBlanks() {
        while let byte = next, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 {
            position += 1
        }
    }

    /// Steps over a byte where it comes next, and says whether it did.
    private mutating func take(_ byte: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: byte) else { return false }
        position += 1
        return true
    }

    private mutating func readValue(depth: Int) throws(MnemeError) -> Value {
        guard let byte = next else { throw fault("the text ends where a value should be") }
        switch byte {
        case UInt8(ascii: "\""): return .text(try readText())
        case UInt8(ascii: "{"): return try readObject(depth: depth)
        case UInt8(ascii: "["): return .array(try readArray(depth: depth))
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try readNumber()
        case UInt8(ascii: "t"): return try readWord("true", .bool(true))
        case UInt8(ascii: "f"): return try readWord("false", .bool(false))
        case UInt8(ascii: "n"): return try readWord("null", .null)
        case UInt8(ascii: "'"): throw fault(Self.singleQuote)
        default: throw fault("there is no value here")
        }
    }

    private static let singleQuote =
        "a single quote is here; JSON has texts and names in double quotes"

    private mutating func readWord(
        _ word: StaticString,
        _ value: Value
    ) throws(MnemeError) -> Value {
        for scalar in word.description.unicodeScalars {
            guard take(scalar) else { throw fault("this is neither true, false nor null") }
        }
        return value
    }

    private mutating func readArray(depth: Int) throws(MnemeError) -> [Value] {
        guard depth > 0 else { throw tooDeep() }
        position += 1
        var values: [Value] = []
        skipBlanks()
        if take("]") { return values }
        while true {
            skipBlanks()
            values.append(try readValue(depth: depth - 1))
            skipBlanks()
            if take("]") { return values }
            guard take(",") else { throw fault("a comma or ] should be here") }
        }
    }

    private mutating func readObject(depth: Int) throws(MnemeError) -> Value {
        guard depth > 0 else { throw tooDeep() }
        let start = position
        position += 1
        var members: [String: Value] = [:]
        skipBlanks()
        if take("}") { return .map(members) }
        while true {
            skipBlanks()
            let place = position
            guard next == UInt8(ascii: "\"") else {
                if next == UInt8(ascii: "'") { throw fault(Self.singleQuote) }
                throw fault("a member's name in quotes should be here")
            }
            let name = try readText()
            skipBlanks()
            guard take(":") else { throw fault("a colon should be here") }
            skipBlanks()
            let value = try readValue(depth: depth - 1)
            guard members.updateValue(value, forKey: name) == nil else {
                throw fault("the object has the member \(quoted(name)) twice", at: place)
            }
            skipBlanks()
            if take("}") { return try extended(members, at: start) }
            guard take(",") else { throw fault("a comma or } should be here") }
        }
    }

    /// The object, or what an object of one member stands for.
    private func extended(
        _ members: [String: Value],
        at start: Int
    ) throws(MnemeError) -> Value {
        guard members.count == 1, let (name, content) = members.first else { return .map(members) }
        do {
            return try JSONExtension.value(name, content) ?? Value.map(members)
        } catch {
            throw fault("\(name) is written \(error.wanted)", at: start)
        }
    }

    private mutating func readNumber() throws(MnemeError) -> Value {
        let start = position
        let isNegative = take("-")
        guard let first = next, isDigit(first) else { throw fault("a digit should be here") }
        var magnitude: UInt64? = 0
        if first == UInt8(ascii: "0") {
            position += 1
            if let byte = next, isDigit(byte) { throw fault("a number starts with a zero") }
        } else {
            while let byte = next, isDigit(byte) {
                magnitude = magnitude.flatMap { JSONReader.append(byte, to: $0) }
                position += 1
            }
        }
        var isWhole = true
        if take(".") {
            isWhole = false
            try skipDigits()
        }
        if take("e") || take("E") {
            isWhole = false
            if !take("+") { _ = take("-") }
            try skipDigits()
        }
        if isWhole, let magnitude, !(isNegative && magnitude == 0) {
            if !isNegative, let value = Int64(exactly: magnitude) { return .int(value) }
            if isNegative, magnitude <= UInt64(Int64.max) + 1 {
                return .int(Int64(truncatingIfNeeded: 0 &- magnitude))
            }
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        guard let value = Double(text), value.isFinite else {
            throw fault("the number is beyond what a float holds", at: start)
        }
        return .float(value)
    }

    private static func append(_ digit: UInt8, to number: UInt64) -> UInt64? {
        let (shifted, isTooLarge) = number.multipliedReportingOverflow(by: 10)
        let (sum, isOut) = shifted.addingReportingOverflow(UInt64(digit & 15))
        return isTooLarge || isOut ? nil : sum
    }

    private func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    private mutating func skipDigits() throws(MnemeError) {
        let start = position
        while let byte = next, isDigit(byte) { position += 1 }
        guard position > start else { throw fault("a digit should be here") }
    }

    private mutating func readText() throws(MnemeError) -> String {
        let start = position
        position += 1
        let first = position
        while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20
        {
            position += 1
        }
        if next == UInt8(ascii: "\"") {
            position += 1
            return String(decoding: bytes[first..<(position - 1)], as: UTF8.self)
        }
        var text = Array(bytes[first..<position])
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): try readEscape(into: &text)
            case 0x00..<0x20:
                throw fault("a control character in a text is written as an escape")
            default:
                text.append(byte)
                position += 1
            }
        }
        throw fault("the text that starts here does not end", at: start)
    }

    private mutating func readEscape(into text: inout [UInt8]) throws(MnemeError) {
        let start = position
        position += 1
        guard let byte = next else { throw fault("the text ends in an escape") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0c)
        case UInt8(ascii: "n"): text.append(0x0a)
        case UInt8(ascii: "r"): text.append(0x0d)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            var code = try readHexadecimal()
            if 0xd800..<0xdc00 ~= code {
                guard take("\\"), take("u") else { throw lone(at: start) }
                let low = try readHexadecimal()
                guard 0xdc00..<0xe000 ~= low else { throw lone(at: start) }
                code = 0x1_0000 + (code - 0xd800) << 10 + (low - 0xdc00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw lone(at: start) }
            text.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        default: throw fault("there is no such escape", at: start)
        }
    }

    private mutating func readHexadecimal() throws(MnemeError) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw fault("\\u takes four hexadecimal digits")
            }
            code = code << 4 | UInt32(digit)
            position += 1
        }
        return code
    }

    private func lone(at place: Int) -> MnemeError {
        fault("half of a surrogate pair stands alone", at: place)
    }

    private func tooDeep() -> MnemeError {
        fault("arrays and objects lie more than \(Value.maximumJSONDepth) deep inside each other")
    }

    /// An error at the next byte or another one; columns count bytes from 1.
    private func fault(_ what: String, at place: Int? = nil) -> MnemeError {
        let place = min(place ?? position, bytes.count)
        var line = 1
        var column = 1
        for byte in bytes[..<place] {
            column += 1
            if byte == 0x0a {
                line += 1
                column = 1
            }
        }
        return MnemeError(.badRequest, "JSON, line \(line), column \(column): \(what).")
    }
}
