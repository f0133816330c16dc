// What stands before a request's body: formats/wire.md#request.

internal import MnemeBase

/// How a request is to be done.
package struct RequestHead: Equatable, Sendable {
    /// Bytes before the key.
    static let fixedCount = 8

    /// Milliseconds from when the server has read it; 0: the server's own limit.
    package var deadlineMilliseconds: UInt32
    /// The idempotency key, at most 64 bytes; empty: none.
    package var key: [UInt8]

    /// A head of its parts.
    package init(deadlineMilliseconds: UInt32 = 0, key: [UInt8] = []) {
        self.deadlineMilliseconds = deadlineMilliseconds
        self.key = key
    }

    /// Reads the head of a payload and says where the body is.
    ///
    /// - Throws: `.malformed`.
    init(_ payload: Payload, _ body: inout Payload) throws(WireError) {
        var reader = ByteReader(payload.bytes, payload.range)
        guard let deadline: UInt32 = try? reader.get(), let rest: UInt32 = try? reader.get(),
            rest <= WireLimits.key, let key = try? reader.skip(Int(rest))
        else { throw .malformed(.request) }
        deadlineMilliseconds = deadline
        self.key = key.isEmpty ? [] : Array(payload.bytes[key])
        body = Payload(payload.bytes, key.upperBound..<payload.range.upperBound)
    }

    /// The bytes before the body.
    ///
    /// - Precondition: a key of at most 64 bytes.
    var bytes: [UInt8] {
        precondition(key.count <= WireLimits.key)
        var writer = ByteWriter(capacity: RequestHead.fixedCount + key.count)
        writer.put(UInt64(deadlineMilliseconds) | UInt64(key.count) << 32)
        writer.put(key)
        return writer.bytes
    }
}
