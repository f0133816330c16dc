// How long answers come to be, without spelling them: bounds from above, so that what is held
// against a limit by them never passes it when it is written out.

extension Value {
    /// The most bytes that it takes in CBOR.
    ///
    /// - Complexity: O(parts); a text, bytes and a vector are one.
    package var mostBytes: Int {
        switch self {
        case .null, .bool: 1
        case .int, .float: 9
        case .text(let text): 9 + text.utf8.count
        case .bytes(let bytes): 9 + bytes.count
        case .uuid: 19
        case .instant: 24
        case .date: 11
        case .array(let parts): parts.reduce(9) { $0 + $1.mostBytes }
        case .map(let members): Value.mostBytes(of: members)
        case .vector(let components): 16 + 4 * components.count
        }
    }

    /// The most bytes that fields take in CBOR.
    package static func mostBytes(of fields: [String: Value]) -> Int {
        fields.reduce(9) { $0 + 9 + $1.key.utf8.count + $1.value.mostBytes }
    }
}

extension Reference {
    /// The most bytes that it takes in CBOR.
    package var mostBytes: Int { 40 + collection.utf8.count + key.value.mostBytes }
}

extension Record {
    /// The most bytes that it takes in CBOR.
    package var mostBytes: Int { 48 + reference.mostBytes + Value.mostBytes(of: fields) }
}

extension Edge {
    /// The most bytes that it takes in CBOR.
    package var mostBytes: Int {
        80 + type.utf8.count + from.mostBytes + to.mostBytes + Value.mostBytes(of: fields)
    }
}

extension Committed.Outcome {
    /// The most bytes that it takes in CBOR with its version, but for the record or the edge that
    /// it tells.
    package var mostBytes: Int {
        switch self {
        case .put(let reference): 48 + reference.mostBytes
        case .putReturning(let patched), .patched(let patched): 64 + patched.reference.mostBytes
        case .superseded(let superseded): 96 + 2 * superseded.reference.mostBytes
        case .deleted, .deletedReturning, .linked, .linkedReturning, .unlinked: 48
        }
    }
}
