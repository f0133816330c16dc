// Values out of what a program declares as Encodable. What is nil is left out of an object, and is
// null in an array.

/// What an encoder was given so far.
private final class Encoded {
    enum Content {
        case nothing
        case value(Value)
        case members([String: Encoded])
        case elements([Encoded])
    }
    var content: Content

    init(_ content: Content = .nothing) { self.content = content }

    var value: Value {
        switch content {
        case .nothing: .null
        case .value(let value): value
        case .members(let members): .map(members.mapValues(\.value))
        case .elements(let elements): .array(elements.map(\.value))
        }
    }

    func put(_ value: Encoded, under name: String) {
        guard case .members(var members) = content else {
            content = .members([name: value])
            return
        }
        content = .nothing
        members[name] = value
        content = .members(members)
    }

    func append(_ value: Encoded) {
        guard case .elements(var elements) = content else {
            content = .elements([value])
            return
        }
        content = .nothing
        elements.append(value)
        content = .elements(elements)
    }
}

/// Encodes one value.
struct ValueEncoder: Encoder {
    private let encoded: Encoded
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    private init(_ encoded: Encoded, _ path: [any CodingKey]) {
        (self.encoded, codingPath) = (encoded, path)
    }

    /// The value that something is.
    ///
    /// - Throws: `EncodingError` for an integer beyond 64 bits with a sign, and what the type's own
    ///   encoding throws.
    static func value(_ source: some Encodable) throws -> Value { try value(source, []).value }

    fileprivate static func value(
        _ source: some Encodable,
        _ path: [any CodingKey]
    ) throws -> Encoded {
        if let plain = try plain(source, path) { return Encoded(.value(plain)) }
        let encoder = ValueEncoder(Encoded(), path)
        switch ForeignType(type(of: source)) {
        // Seconds since the beginning of 2001, as it encodes itself.
        case .date?:
            try source.encode(to: encoder)
            if case .float(let seconds) = encoder.encoded.value, let instant = Instant(seconds) {
                return Encoded(.value(.instant(instant)))
            }
            throw beyond(source, "an instant", path)
        case .data?:
            try source.encode(to: encoder)
            guard case .array(let elements) = encoder.encoded.value else { return Encoded() }
            let bytes = elements.compactMap { $0.int.flatMap { UInt8(exactly: $0) } }
            return Encoded(.value(.bytes(bytes)))
        case nil:
            try source.encode(to: encoder)
            return encoder.encoded
        }
    }

    private static func plain(_ source: some Encodable, _ path: [any CodingKey]) throws -> Value? {
        switch source {
        case let value as Value: return value
        case let value as Key: return value.value
        case let value as Bool: return .bool(value)
        case let value as String: return .text(value)
        case let value as Double: return .float(value)
        case let value as Float: return .float(Double(value))
        case let value as Instant: return .instant(value)
        case let value as Day: return .date(value)
        case let value as UniqueID: return .uuid(value)
        case let value as [Float]: return .array(value.map { .float(Double($0)) })
        case let value as any BinaryInteger:
            guard let number = Int64(exactly: value) else { throw beyond(source, "an int", path) }
            return .int(number)
        default: return nil
        }
    }

    private static func beyond(
        _ source: some Encodable,
        _ what: String,
        _ path: [any CodingKey]
    ) -> EncodingError {
        .invalidValue(
            source,
            EncodingError.Context(codingPath: path, debugDescription: "it is too large for \(what)")
        )
    }

    func container<Name: CodingKey>(keyedBy type: Name.Type) -> KeyedEncodingContainer<Name> {
        if case .nothing = encoded.content { encoded.content = .members([:]) }
        return KeyedEncodingContainer(Members(encoded: encoded, codingPath: codingPath))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        if case .nothing = encoded.content { encoded.content = .elements([]) }
        return Elements(encoded: encoded, codingPath: codingPath)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer {
        Single(encoded: encoded, codingPath: codingPath)
    }

    private struct Members<Key: CodingKey>: KeyedEncodingContainerProtocol {
        let encoded: Encoded
        let codingPath: [any CodingKey]

        func encodeNil(forKey key: Key) { encoded.put(Encoded(), under: key.stringValue) }

        func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
            let part = try ValueEncoder.value(value, codingPath + [key])
            encoded.put(part, under: key.stringValue)
        }

        private func part(_ key: any CodingKey, _ content: Encoded.Content) -> ValueEncoder {
            let part = Encoded(content)
            encoded.put(part, under: key.stringValue)
            return ValueEncoder(part, codingPath + [key])
        }

        func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type,
            forKey key: Key
        ) -> KeyedEncodingContainer<Nested> {
            part(key, .members([:])).container(keyedBy: type)
        }

        func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
            part(key, .elements([])).unkeyedContainer()
        }

        func superEncoder() -> any Encoder { part(PlaceKey(name: "super"), .nothing) }

        func superEncoder(forKey key: Key) -> any Encoder { part(key, .nothing) }
    }

    private struct Elements: UnkeyedEncodingContainer {
        let encoded: Encoded
        let codingPath: [any CodingKey]

        var count: Int {
            if case .elements(let elements) = encoded.content { elements.count } else { 0 }
        }

        func encodeNil() { encoded.append(Encoded()) }

        func encode<T: Encodable>(_ value: T) throws {
            encoded.append(try ValueEncoder.value(value, codingPath + [PlaceKey(place: count)]))
        }

        private func part(_ content: Encoded.Content) -> ValueEncoder {
            let part = Encoded(content)
            let path = codingPath + [PlaceKey(place: count)]
            encoded.append(part)
            return ValueEncoder(part, path)
        }

        func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type
        ) -> KeyedEncodingContainer<Nested> {
            part(.members([:])).container(keyedBy: type)
        }

        func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
            part(.elements([])).unkeyedContainer()
        }

        func superEncoder() -> any Encoder { part(.nothing) }
    }

    private struct Single: SingleValueEncodingContainer {
        let encoded: Encoded
        let codingPath: [any CodingKey]

        func encodeNil() { encoded.content = .value(.null) }

        func encode<T: Encodable>(_ value: T) throws {
            encoded.content = try ValueEncoder.value(value, codingPath).content
        }
    }
}

/// A place in an array, or a name that nobody declared.
struct PlaceKey: CodingKey {
    let stringValue: String
    let intValue: Int?

    init(place: Int) { (stringValue, intValue) = ("\(place)", place) }
    init(name: String) { (stringValue, intValue) = (name, nil) }
    init(stringValue: String) { self.init(name: stringValue) }
    init(intValue: Int) { self.init(place: intValue) }
}
