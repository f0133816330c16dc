// Values and their parts as members of a program's own types. Coders of values take them as they
// are; for others they are what JSON has for them.

extension Value: Codable {
    /// A value as another coder has it.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .int(value)
        } else if let value = try? container.decode(Double.self) {
            self = .float(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([Value].self) {
            self = .array(value)
        } else {
            self = .map(try container.decode([String: Value].self))
        }
    }

    /// Bytes are an array of numbers there; uuids, instants and dates are their texts.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .int(let value): try container.encode(value)
        case .float(let value): try container.encode(value)
        case .text(let value): try container.encode(value)
        case .bytes(let value): try container.encode(value)
        case .uuid(let value): try container.encode(value)
        case .instant(let value): try container.encode(value)
        case .date(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .map(let value): try container.encode(value)
        case .vector(let value): try container.encode(value)
        }
    }
}

extension Instant: Codable {
    /// From its text.
    public init(from decoder: any Decoder) throws {
        self = try decoder.text("an instant such as 2023-05-08T13:56:00Z") { Instant($0) }
    }

    /// As its text.
    public func encode(to encoder: any Encoder) throws { try encoder.put("\(self)") }
}

extension Day: Codable {
    /// From its text.
    public init(from decoder: any Decoder) throws {
        self = try decoder.text("a date such as 2023-05-08") { Day($0) }
    }

    /// As its text.
    public func encode(to encoder: any Encoder) throws { try encoder.put("\(self)") }
}

extension UniqueID: Codable {
    /// From its text.
    public init(from decoder: any Decoder) throws {
        self = try decoder.text("a uuid") { UniqueID($0) }
    }

    /// As its text.
    public func encode(to encoder: any Encoder) throws { try encoder.put("\(self)") }
}

extension Decoder {
    /// What a text reads as.
    fileprivate func text<Content>(
        _ wanted: String,
        _ read: (String) -> Content?
    ) throws -> Content {
        let container = try singleValueContainer()
        let text = try container.decode(String.self)
        if let content = read(text) { return content }
        throw DecodingError.dataCorruptedError(
            in: container,
            debugDescription: "\"\(text)\" is not \(wanted)"
        )
    }
}

extension Encoder {
    fileprivate func put(_ text: String) throws {
        var container = singleValueContainer()
        try container.encode(text)
    }
}
