// What stands before a request's body: formats/wire.md#request.

internal import MnemeBase
package import MnemeModel

/// How a request is to be done.
package struct RequestHead: Equatable, Sendable {
    /// Bytes before the key.
    static let fixedCount = 8

    /// Milliseconds from when the server has read it; 0: the server's own limit.
    package var deadlineMilliseconds: UInt32
    /// How long its commits are waited for; nil: the server's own choice.
    package var durability: Durability?
    /// The idempotency key, at most 64 bytes; empty: none.
    package var key: [UInt8]

    /// A head of its parts.
    package init(
        deadlineMilliseconds: UInt32 = 0,
        durability: Durability? = nil,
        key: [UInt8] = []
    ) {
        self.deadlineMilliseconds = deadlineMilliseconds
        self.durability = durability
        self.key = key
    }

    /// Reads the head of a payload and says where the body is.
    ///
    /// - Throws: `.malformed`.
    init(_ payload: Payload, _ body: inout Payload) throws(WireError) {
        var reader = ByteReader(payload.bytes, payload.range)
        guard let deadline: UInt32 = try? reader.get(), let keyCount: UInt8 = try? reader.get(),
            let number: UInt8 = try? reader.get(), let zero: UInt16 = try? reader.get(),
            keyCount <= WireLimits.key, zero == 0, let key = try? reader.skip(Int(keyCount)),
            number == 0 || Durability(wireNumber: number) != nil
        else { throw .malformed(.request) }
        deadlineMilliseconds = deadline
        durability = Durability(wireNumber: number)
        self.key = key.isEmpty ? [] : Array(payload.bytes[key])
        body = Payload(payload.bytes, key.upperBound..<payload.range.upperBound)
    }

    /// The bytes before the body.
    ///
    /// - Precondition: a key of at most 64 bytes.
    var bytes: [UInt8] {
        precondition(key.count <= WireLimits.key)
        var writer = ByteWriter(capacity: RequestHead.fixedCount + key.count)
        writer.put(deadlineMilliseconds)
        writer.put(UInt8(key.count))
        writer.put(durability?.wireNumber ?? 0)
        writer.put(UInt16(0))
        writer.put(key)
        return writer.bytes
    }
}

extension Durability {
    /// The durability of a number that is not 0; nil for one that says nothing.
    init?(wireNumber: UInt8) {
        switch wireNumber {
        case 1: self = .synced
        case 2: self = .buffered
        case 3: self = .none
        default: return nil
        }
    }

    /// The number that says it.
    var wireNumber: UInt8 {
        switch self {
        case .synced: 1
        case .buffered: 2
        case .none: 3
        }
    }
}
