// What a program declares as Decodable, out of values. A kind that says the same by other means is
// taken: the text of a uuid, an instant or a date, an int where a float is wanted, an array of
// numbers for a vector.

/// Decodes one value.
struct ValueDecoder: Decoder {
    let value: Value
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    /// What a value is as a type.
    ///
    /// - Throws: `DecodingError` where it is none.
    static func decode<T: Decodable>(
        _ value: Value,
        as type: T.Type,
        _ path: [any CodingKey] = []
    ) throws -> T {
        if let plain = try plain(value, type, path) {
            guard let result = plain as? T else { throw mismatch(value, type, path) }
            return result
        }
        var value = value
        switch (ForeignType(type), value) {
        case (.date?, .instant(let instant)): value = .float(instant.referenceSeconds)
        case (.date?, .date(let day)):
            guard case .instant(let start)? = Value.date(day).coerced(to: .instant) else {
                throw mismatch(value, type, path)
            }
            value = .float(start.referenceSeconds)
        case (.date?, .text(let text)):
            guard let instant = Instant(text) else { throw mismatch(value, type, path) }
            value = .float(instant.referenceSeconds)
        case (.date?, _): throw mismatch(value, type, path)
        case (.data?, .bytes(let bytes)): value = .array(bytes.map { .int(Int64($0)) })
        default: break
        }
        return try T(from: ValueDecoder(value: value, codingPath: path))
    }

    /// A value of a type that is no object or array of others; nil of every other type.
    private static func plain<T>(
        _ value: Value,
        _ type: T.Type,
        _ path: [any CodingKey]
    ) throws -> (any Sendable)? {
        func expect(_ found: (any Sendable)?) throws -> any Sendable {
            guard let found else { throw mismatch(value, type, path) }
            return found
        }
        switch type {
        case is Value.Type: return value
        case is Key.Type: return try expect(try? Key(spelling: value))
        case is Bool.Type:
            return try expect(value == .bool(true) ? true : value == .bool(false) ? false : nil)
        case is String.Type: return try expect(value.spelledText)
        case is Double.Type: return try expect(value.number)
        case is Float.Type: return try expect(value.number.map { Float($0) })
        case is Instant.Type:
            if case .instant(let instant)? = value.coerced(to: .instant) { return instant }
            throw mismatch(value, type, path)
        case is Day.Type:
            if case .date(let day)? = value.coerced(to: .date) { return day }
            throw mismatch(value, type, path)
        case is UniqueID.Type:
            if case .uuid(let id)? = value.coerced(to: .uuid) { return id }
            throw mismatch(value, type, path)
        case is [Float].Type: return try expect(value.vector)
        case let kind as any (FixedWidthInteger & Sendable).Type:
            return try expect(integer(value, kind))
        default: return nil
        }
    }

    private static func integer<Number: FixedWidthInteger & Sendable>(
        _ value: Value,
        _ kind: Number.Type
    ) -> (any Sendable)? {
        switch value {
        case .int(let number): Number(exactly: number)
        case .float(let number): Number(exactly: number)
        default: nil
        }
    }

    private static func mismatch(
        _ value: Value,
        _ type: any Any.Type,
        _ path: [any CodingKey]
    ) -> DecodingError {
        let context = DecodingError.Context(
            codingPath: path,
            debugDescription: "the value is of kind \(value.kind), which is no \(type)"
        )
        return value.isNull
            ? DecodingError.valueNotFound(type, context) : .typeMismatch(type, context)
    }

    func container<Name: CodingKey>(
        keyedBy type: Name.Type
    ) throws -> KeyedDecodingContainer<Name> {
        guard case .map(let members) = value else {
            throw Self.mismatch(value, [String: Value].self, codingPath)
        }
        return KeyedDecodingContainer(Members(members: members, codingPath: codingPath))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        switch value {
        case .array(let elements): return Elements(elements: elements, codingPath: codingPath)
        case .vector(let vector):
            let elements = vector.map { Value.float(Double($0)) }
            return Elements(elements: elements, codingPath: codingPath)
        default: throw Self.mismatch(value, [Value].self, codingPath)
        }
    }

    func singleValueContainer() -> any SingleValueDecodingContainer {
        Single(value: value, codingPath: codingPath)
    }

    private struct Members<Key: CodingKey>: KeyedDecodingContainerProtocol {
        let members: [String: Value]
        let codingPath: [any CodingKey]

        var allKeys: [Key] { members.keys.sorted().compactMap { Key(stringValue: $0) } }

        func contains(_ key: Key) -> Bool { members[key.stringValue] != nil }

        func decodeNil(forKey key: Key) -> Bool { members[key.stringValue]?.isNull ?? true }

        func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
            try ValueDecoder.decode(member(key), as: type, codingPath + [key])
        }

        private func member(_ key: any CodingKey) throws -> Value {
            if let member = members[key.stringValue] { return member }
            throw DecodingError.keyNotFound(
                key,
                DecodingError.Context(codingPath: codingPath, debugDescription: "it is not there")
            )
        }

        private func part(_ key: any CodingKey) throws -> ValueDecoder {
            ValueDecoder(value: try member(key), codingPath: codingPath + [key])
        }

        func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type,
            forKey key: Key
        ) throws -> KeyedDecodingContainer<Nested> {
            try part(key).container(keyedBy: type)
        }

        func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
            try part(key).unkeyedContainer()
        }

        func superDecoder() throws -> any Decoder { try part(PlaceKey(name: "super")) }

        func superDecoder(forKey key: Key) throws -> any Decoder { try part(key) }
    }

    private struct Elements: UnkeyedDecodingContainer {
        let elements: [Value]
        let codingPath: [any CodingKey]
        private(set) var currentIndex = 0

        init(elements: [Value], codingPath: [any CodingKey]) {
            (self.elements, self.codingPath) = (elements, codingPath)
        }

        var count: Int? { elements.count }
        var isAtEnd: Bool { currentIndex == elements.count }

        private var place: [any CodingKey] { codingPath + [PlaceKey(place: currentIndex)] }

        /// The next element, and that it is gone by.
        private mutating func next<T>(
            _ body: (Value, [any CodingKey]) throws -> T
        ) throws -> T {
            guard !isAtEnd else {
                throw DecodingError.valueNotFound(
                    T.self,
                    DecodingError.Context(codingPath: place, debugDescription: "the array is over")
                )
            }
            let result = try body(elements[currentIndex], place)
            currentIndex += 1
            return result
        }

        mutating func decodeNil() throws -> Bool {
            guard !isAtEnd, elements[currentIndex].isNull else { return false }
            currentIndex += 1
            return true
        }

        mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
            try next { value, path in try ValueDecoder.decode(value, as: type, path) }
        }

        mutating func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type
        ) throws -> KeyedDecodingContainer<Nested> {
            try next { value, path in
                try ValueDecoder(value: value, codingPath: path).container(keyedBy: type)
            }
        }

        mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
            try next { value, path in
                try ValueDecoder(value: value, codingPath: path).unkeyedContainer()
            }
        }

        mutating func superDecoder() throws -> any Decoder {
            try next { value, path in ValueDecoder(value: value, codingPath: path) }
        }
    }

    private struct Single: SingleValueDecodingContainer {
        let value: Value
        let codingPath: [any CodingKey]

        func decodeNil() -> Bool { value.isNull }

        func decode<T: Decodable>(_ type: T.Type) throws -> T {
            try ValueDecoder.decode(value, as: type, codingPath)
        }
    }
}

extension Value {
    /// The text that it is, or that says what it is.
    fileprivate var spelledText: String? {
        switch self {
        case .text(let text): text
        case .uuid(let id): "\(id)"
        case .instant(let instant): "\(instant)"
        case .date(let day): "\(day)"
        default: nil
        }
    }
}
