// A get and its records straight between their types and CBOR. What does not look as the writers
// here write it is left to the general way (nil), which reads it or says what is wrong.

internal import MnemeBase
internal import MnemeModel

/// More elements than this are read the general way, which counts them.
let mostElements = 65_536

extension Payload {
    /// The references of a get; nil where it is not written as here.
    func references() -> [Reference]? {
        var reader = CBORReader(bytes, range)
        guard (try? reader.startMap()) == 1, reader.step(over: BodyName.get),
            let count = try? reader.startArray(), count <= mostElements
        else { return nil }
        var references: [Reference] = []
        references.reserveCapacity(count)
        for _ in 0..<count {
            guard let reference = reader.reference() else { return nil }
            references.append(reference)
        }
        return reader.isAtEnd ? references : nil
    }

    /// The records of a response; nil where it is not written as here.
    func records() -> [Record?]? {
        var reader = CBORReader(bytes, range)
        guard (try? reader.startMap()) == 1, reader.step(over: BodyName.records),
            let count = try? reader.startArray(), count <= mostElements
        else { return nil }
        var records: [Record?] = []
        records.reserveCapacity(count)
        var itemsLeft = Value.maximumItemCount - 3 - count
        for _ in 0..<count {
            if reader.readIfNull() {
                records.append(nil)
            } else {
                guard let record = reader.record(&itemsLeft) else { return nil }
                records.append(record)
            }
        }
        return reader.isAtEnd && itemsLeft >= 0 ? records : nil
    }
}

extension CBORReader {
    /// Steps over these bytes where they come next.
    mutating func step(over name: [UInt8]) -> Bool {
        guard remaining >= name.count else { return false }
        for index in name.indices where bytes[offset + index] != name[index] { return false }
        return (try? readTextRange()) != nil
    }

    /// A reference in its short form or its long one.
    mutating func reference() -> Reference? {
        guard remaining > 0 else { return nil }
        if bytes[offset] >> 5 == 3 {
            guard let range = try? readTextRange(),
                let slash = bytes[range].firstIndex(of: BodyName.slash), slash > range.lowerBound,
                let collection = text(range.lowerBound..<slash),
                let key = text((slash + 1)..<range.upperBound)
            else { return nil }
            return Reference(collection, .text(key))
        }
        guard (try? startMap()) == 2, step(over: BodyName.key), let key = key(),
            step(over: BodyName.collection), let collection = try? readText()
        else { return nil }
        return Reference(collection, key)
    }

    /// A key of a kind that CBOR has.
    mutating func key() -> Key? {
        guard remaining > 0 else { return nil }
        if bytes[offset] >> 5 == 3 { return (try? readText()).map(Key.text) }
        var itemsLeft = 1
        switch try? readFieldValue(depth: 1, &itemsLeft) {
        case .int(let number)?: return .int(number)
        case .uuid(let id)?: return .uuid(id)
        default: return nil
        }
    }

    fileprivate mutating func record(_ itemsLeft: inout Int) -> Record? {
        guard let count = try? startMap(), count == 3 || count == 4 else { return nil }
        itemsLeft -= count == 3 ? 5 : 7
        guard step(over: BodyName.key), let key = key(),
            step(over: BodyName.fields),
            case .map(let fields)? = try? readFieldValue(
                depth: Value.maximumDepth - 3,
                &itemsLeft
            )
        else { return nil }
        var version: UInt64?
        if count == 4 {
            guard step(over: BodyName.version), let number = try? readInteger(), number >= 0 else {
                return nil
            }
            version = UInt64(number)
        }
        guard step(over: BodyName.collection), let collection = try? readText() else { return nil }
        return Record(Reference(collection, key), fields: fields, version: version)
    }

    private func text(_ range: Range<Int>) -> String? {
        guard let valid = try? UTF8Span(validating: bytes.span.extracting(range)) else {
            return nil
        }
        return String(copying: valid)
    }
}

extension CBORWriter {
    /// Appends the body of a get.
    mutating func put(get references: [Reference]) {
        startMap(count: 1)
        bytes.append(contentsOf: BodyName.get)
        startArray(count: references.count)
        for reference in references { put(reference) }
    }

    mutating func put(_ reference: Reference) {
        let collection = reference.collection
        if case .text(let key) = reference.key, !collection.isEmpty,
            !collection.utf8.contains(BodyName.slash)
        {
            putHead(major: 3, argument: UInt64(collection.utf8.count + 1 + key.utf8.count))
            bytes.append(contentsOf: collection.utf8)
            bytes.append(BodyName.slash)
            bytes.append(contentsOf: key.utf8)
            return
        }
        startMap(count: 2)
        put(key: reference.key)
        bytes.append(contentsOf: BodyName.collection)
        put(collection)
    }

    /// Appends the member `key`.
    mutating func put(key: Key) {
        bytes.append(contentsOf: BodyName.key)
        switch key {
        case .text(let text): put(text)
        case .int(let number): put(number)
        case .uuid(let id):
            putTag(37)
            putHead(major: 2, argument: 16)
            for half in [id.high, id.low] {
                for shift in stride(from: UInt64(56), through: 0, by: -8) {
                    bytes.append(UInt8(truncatingIfNeeded: half >> shift))
                }
            }
        }
    }

    /// Appends the body of a response of records.
    ///
    /// - Throws: `.tooDeep`, `.tooManyItems`.
    mutating func put(_ records: [Record?]) throws(CBORError) {
        startMap(count: 1)
        bytes.append(contentsOf: BodyName.records)
        startArray(count: records.count)
        var itemsLeft = Value.maximumItemCount - 3 - records.count
        for record in records {
            guard let record else {
                putNull()
                continue
            }
            // The record's own value is counted with the elements.
            itemsLeft -= record.version == nil ? 5 : 7
            startMap(count: record.version == nil ? 3 : 4)
            put(key: record.reference.key)
            bytes.append(contentsOf: BodyName.fields)
            try put(.map(record.fields), depth: Value.maximumDepth - 3, &itemsLeft)
            if let version = record.version {
                bytes.append(contentsOf: BodyName.version)
                put(Int64(clamping: version))
            }
            bytes.append(contentsOf: BodyName.collection)
            put(record.reference.collection)
        }
        guard itemsLeft >= 0 else { throw .tooManyItems(offset: bytes.count) }
    }
}
