// What can be wrong with a connection, and what it is called outside.

package import MnemeModel

/// Why a connection cannot go on.
package enum WireError: Error, Equatable, Sendable {
    /// A length that cannot be that of a frame.
    case frameTooShort(Int)
    /// A frame of more bytes than are taken.
    case frameTooLong(Int, limit: Int)
    /// A kind that nobody knows.
    case unknownKind(UInt8)
    /// Flags that the kind does not have, or that were not agreed on.
    case badFlags(UInt8, FrameKind)
    /// An opcode where none belongs.
    case badOpcode(UInt16, FrameKind)
    /// An id where none belongs, or none where one does.
    case badID(UInt32, FrameKind)
    /// A payload that is not what the page says.
    case malformed(FrameKind)
    /// A kind that cannot come now, or not from this side.
    case unexpected(FrameKind)
    /// A request with the id of one that is in flight.
    case duplicateID(UInt32)
    /// An answer to a request that is not in flight.
    case unknownID(UInt32)
    /// More credit than may be outstanding, or more sent than credit was given.
    case badCredit
    /// A second response in part while another one is.
    case mixedStreams(UInt32)
    /// A response that goes on beyond the limit that both agreed on.
    case responseTooLong(UInt32)
    /// A response whose frames have two opcodes.
    case changedOpcode(UInt32)
    /// No version in common; which ones the server speaks.
    case unsupportedVersion(lowest: UInt16, highest: UInt16)

    /// The error that leaves a door.
    package var error: MnemeError {
        if case .unsupportedVersion(let lowest, let highest) = self {
            return MnemeError(
                .unsupportedVersion,
                "The server speaks the versions \(lowest) to \(highest) of the protocol, the client"
                    + " none of them. Use programs of about the same age."
            )
        }
        return MnemeError(
            .badFrame,
            "\(what), so the connection is closed. Connect again; if it happens again, one of the"
                + " two programs does not speak Mneme's protocol, or has a bug."
        )
    }

    private var what: String {
        switch self {
        case .frameTooShort(let count): "A frame came with the length \(count)"
        case .frameTooLong(let count, let limit):
            "A frame of \(count) bytes came where \(limit) are taken"
        case .unknownKind(let kind): "A frame of the unknown kind \(kind) came"
        case .badFlags(let flags, let kind): "A frame (\(kind)) came with the flags \(flags)"
        case .badOpcode(let code, let kind): "A frame (\(kind)) came with the opcode \(code)"
        case .badID(let id, let kind): "A frame (\(kind)) came with the id \(id)"
        case .malformed(let kind): "A frame (\(kind)) came whose payload is malformed"
        case .unexpected(let kind): "A frame (\(kind)) came where none was expected"
        case .duplicateID(let id): "A request came with the id \(id), which is in flight already"
        case .unknownID(let id): "An answer came for the request \(id), which is not in flight"
        case .badCredit: "More credit was given or used than there may be"
        case .mixedStreams(let id): "The response \(id) began inside of another one"
        case .responseTooLong(let id): "The response \(id) is longer than was agreed"
        case .changedOpcode(let id): "The response \(id) changed its opcode"
        case .unsupportedVersion: "There is no common version"
        }
    }
}
