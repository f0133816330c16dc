// The head that every frame begins with: formats/wire.md#frame. What a head may say by itself is
// checked here, once, before anything behind it is waited for.

internal import MnemeBase

/// What a frame is.
package enum FrameKind: UInt8, Sendable, CaseIterable {
    case hello = 1
    case welcome = 2
    case request = 3
    case response = 4
    case error = 5
    case cancel = 6
    case credit = 7
    case goodbye = 8
    case ping = 9
    case pong = 10
}

/// Bits of a frame.
package struct FrameFlags: OptionSet, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Ends a response.
    package static let last = FrameFlags(rawValue: 1)
    /// The payload is compressed; a feature that version 1 does not offer.
    package static let lz4 = FrameFlags(rawValue: 2)
}

/// The first 12 bytes of a frame.
package struct FrameHead: Equatable, Sendable {
    /// Bytes of a head.
    package static let byteCount = 12

    package var kind: FrameKind
    package var flags: FrameFlags
    /// Of a request or a response, else 0.
    package var opcode: UInt16
    /// The request that the frame belongs to, 0 for the connection.
    package var id: UInt32
    /// Bytes after the head.
    package var payloadCount: Int

    /// A head of its parts.
    package init(
        _ kind: FrameKind,
        flags: FrameFlags = [],
        opcode: UInt16 = 0,
        id: UInt32 = 0,
        payloadCount: Int
    ) {
        self.kind = kind
        self.flags = flags
        self.opcode = opcode
        self.id = id
        self.payloadCount = payloadCount
    }

    /// Reads the head at `offset`.
    ///
    /// - Precondition: 12 bytes stand there.
    /// - Throws: a `WireError` for a frame of more than `limit` bytes, and for every head that no
    ///   frame has.
    init(_ bytes: [UInt8], at offset: Int, limit: Int) throws(WireError) {
        let length =
            Int(bytes[offset]) | Int(bytes[offset + 1]) << 8 | Int(bytes[offset + 2]) << 16
            | Int(bytes[offset + 3]) << 24
        guard length >= FrameHead.byteCount - 4 else { throw .frameTooShort(length) }
        guard length + 4 <= limit else { throw .frameTooLong(length + 4, limit: limit) }
        guard let kind = FrameKind(rawValue: bytes[offset + 4]) else {
            throw .unknownKind(bytes[offset + 4])
        }
        self.kind = kind
        flags = FrameFlags(rawValue: bytes[offset + 5])
        opcode = UInt16(bytes[offset + 6]) | UInt16(bytes[offset + 7]) << 8
        id =
            UInt32(bytes[offset + 8]) | UInt32(bytes[offset + 9]) << 8
            | UInt32(bytes[offset + 10]) << 16 | UInt32(bytes[offset + 11]) << 24
        payloadCount = length + 4 - FrameHead.byteCount
        try check()
    }

    /// Holds flags, opcode, id and length against what the kind may have.
    private func check() throws(WireError) {
        // lz4 is refused with the unknown ones: version 1 never agrees on it.
        guard flags.isEmpty || (flags == .last && kind == .response) else {
            throw .badFlags(flags.rawValue, kind)
        }
        switch kind {
        case .request:
            guard id != 0 else { throw .badID(id, kind) }
            guard payloadCount >= RequestHead.fixedCount else { throw .malformed(kind) }
            return
        case .response:
            guard id != 0 else { throw .badID(id, kind) }
            guard payloadCount > 0 else { throw .malformed(kind) }
            return
        default: break
        }
        guard opcode == 0 else { throw .badOpcode(opcode, kind) }
        let total = payloadCount + FrameHead.byteCount
        guard total <= WireLimits.smallFrame else {
            throw .frameTooLong(total, limit: WireLimits.smallFrame)
        }
        switch kind {
        case .error: break
        case .cancel:
            guard id != 0 else { throw .badID(id, kind) }
            guard payloadCount == 0 else { throw .malformed(kind) }
        default:
            guard id == 0 else { throw .badID(id, kind) }
            let isWhole =
                switch kind {
                case .credit: payloadCount == 4
                case .ping, .pong: payloadCount == 8
                default: true
                }
            guard isWhole else { throw .malformed(kind) }
        }
    }
}

/// A whole frame.
struct Frame {
    let head: FrameHead
    let payload: Payload
}

/// Bytes of a received frame where they came to lie.
///
/// It shares the receive buffer: whoever keeps it for long makes the buffer be copied once.
package struct Payload: Sendable {
    /// What the payload is a part of.
    package let bytes: [UInt8]
    /// Where it stands in it.
    package let range: Range<Int>

    /// A part of an array.
    ///
    /// - Precondition: the range lies inside the array.
    package init(_ bytes: [UInt8], _ range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
        self.bytes = bytes
        self.range = range
    }

    /// A whole array.
    package init(_ bytes: [UInt8]) { self.init(bytes, 0..<bytes.count) }

    /// How many bytes it has.
    package var count: Int { range.count }

    /// The same bytes in an array of their own.
    package var detached: Payload { Payload(Array(bytes[range])) }
}
