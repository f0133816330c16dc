// Writes values as JSON, the same text for equal values.

/// Appends JSON to an array.
struct JSONWriter {
    /// What was written so far, UTF-8.
    private(set) var bytes: [UInt8] = []
    private let isPretty: Bool
    private var level = 0

    init(isPretty: Bool) { self.isPretty = isPretty }

    /// Appends a value.
    mutating func put(_ value: Value) {
        switch value {
        case .null: put("null")
        case .bool(let flag): put(flag ? "true" : "false")
        case .int(let number): put(String(number))
        case .float(let number):
            if number.isFinite {
                put(number.description)
            } else {
                put(JSONExtension.float) { $0.put(text: JSONExtension.special(Double(number))) }
            }
        case .text(let text): put(text: text)
        case .bytes(let bytes): put(JSONExtension.bytes) { $0.put(text: Base64.encode(bytes)) }
        case .uuid(let id): put(JSONExtension.uuid) { $0.put(text: id.description) }
        case .instant(let instant):
            put(JSONExtension.instant) { $0.put(JSONExtension.content(of: instant)) }
        case .date(let day): put(JSONExtension.date) { $0.put(JSONExtension.content(of: day)) }
        case .array(let values): put(values)
        case .map(let members): put(members)
        case .vector(let vector): put(JSONExtension.vector) { $0.put(vector) }
        }
    }

    private mutating func put(_ ascii: String) { bytes.append(contentsOf: ascii.utf8) }

    /// Appends an object of one member on one line.
    private mutating func put(_ name: String, _ content: (inout JSONWriter) -> Void) {
        put(isPretty ? "{\"\(name)\": " : "{\"\(name)\":")
        content(&self)
        put("}")
    }

    private mutating func put(_ vector: [Float]) {
        put("[")
        for (index, number) in vector.enumerated() {
            if index > 0 { put(isPretty ? ", " : ",") }
            if number.isFinite {
                put(number.description)
            } else {
                put(text: JSONExtension.special(Double(number)))
            }
        }
        put("]")
    }

    private mutating func put(_ values: [Value]) {
        guard !values.isEmpty else { return put("[]") }
        put("[")
        level += 1
        for (index, value) in values.enumerated() {
            if index > 0 { put(",") }
            startLine()
            put(value)
        }
        level -= 1
        startLine()
        put("]")
    }

    private mutating func put(_ members: [String: Value]) {
        guard !members.isEmpty else { return put("{}") }
        put("{")
        level += 1
        var isFirst = true
        for (name, value) in members.sorted(by: { isBefore($0.key, $1.key) }) {
            if !isFirst { put(",") }
            isFirst = false
            startLine()
            let isLikeKind = members.count == 1 && JSONExtension.isLikeKind(name)
            put(text: isLikeKind ? "$" + name : name)
            put(isPretty ? ": " : ":")
            put(value)
        }
        level -= 1
        startLine()
        put("}")
    }

    private func isBefore(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }

    private mutating func startLine() {
        guard isPretty else { return }
        bytes.append(0x0a)
        for _ in 0..<level { put("  ") }
    }

    private mutating func put(text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): put("\\\"")
            case UInt8(ascii: "\\"): put("\\\\")
            case 0x0a: put("\\n")
            case 0x0d: put("\\r")
            case 0x09: put("\\t")
            case 0x00..<0x20:
                let digits = String(byte, radix: 16)
                put(byte < 16 ? "\\u000" : "\\u00")
                put(digits)
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
