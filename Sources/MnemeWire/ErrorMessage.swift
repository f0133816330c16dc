// Errors as they are sent: formats/wire.md#error. The layout is that of every version.

internal import MnemeBase
package import MnemeModel

/// An error with what only the wire knows about it.
package struct ErrorMessage: Equatable, Sendable {
    package var error: MnemeError
    /// What the sender says to do; that of the code, where both know it.
    package var action: MnemeError.Action
    /// By code: the versions a server speaks, or milliseconds to wait; else 0.
    package var detail: UInt32

    /// An error of its parts.
    package init(_ error: MnemeError, detail: UInt32 = 0) {
        self.error = error
        action = error.action
        self.detail = detail
    }

    /// The error that ends a connection.
    package init(_ error: WireError) {
        guard case .unsupportedVersion(let lowest, let highest) = error else {
            self.init(error.error)
            return
        }
        self.init(error.error, detail: UInt32(lowest) | UInt32(highest) << 16)
    }

    /// Reads a payload.
    ///
    /// - Throws: `.malformed`.
    package init(_ payload: Payload, of kind: FrameKind = .error) throws(WireError) {
        var reader = ByteReader(payload.bytes, payload.range)
        guard let code: UInt16 = try? reader.get(), let word: UInt8 = try? reader.get(),
            let zero: UInt8 = try? reader.get(), let detail: UInt32 = try? reader.get(),
            zero == 0, word > 0, Int(word) <= ErrorMessage.actions.count
        else { throw .malformed(kind) }
        action = ErrorMessage.actions[Int(word) - 1]
        self.detail = detail
        let body = Payload(payload.bytes, reader.offset..<payload.range.upperBound)
        guard let value = try? body.value() else { throw .malformed(kind) }
        guard let error = ErrorMessage.error(code, value, action) else { throw .malformed(kind) }
        self.error = error
    }

    /// The error of a spelling, which must have this code.
    private static func error(
        _ code: UInt16,
        _ value: Value,
        _ action: MnemeError.Action
    ) -> MnemeError? {
        guard case .map(let members) = value, members["code"] == .int(Int64(code)) else {
            return nil
        }
        if MnemeError.Code(rawValue: code) != nil { return try? MnemeError(spelling: value) }
        guard let message = members["message"]?.text else { return nil }
        let standing: MnemeError.Code =
            switch action {
            case .retry: .busy
            case .fixInput: .badRequest
            case .reopen: .closed
            case .report: .badFrame
            }
        return MnemeError(standing, message, cause: "code \(code) of a newer version")
    }

    /// The payload; message and cause are cut so that it fits a frame.
    package var bytes: [UInt8] {
        let cut = MnemeError(
            error.code,
            error.message.cut(toUTF8: 2048),
            cause: error.cause?.cut(toUTF8: 1024)
        )
        var writer = ByteWriter(capacity: 256)
        writer.put(error.code.rawValue)
        writer.put(UInt8(1 + (ErrorMessage.actions.firstIndex(of: action) ?? 3)))
        writer.put(UInt8(0))
        writer.put(detail)
        // Two numbers and four texts: nothing that could be too deep or too many.
        writer.put((try? cut.spelling.cbor()) ?? [0xa0])
        return writer.bytes
    }

    private static let actions: [MnemeError.Action] = [.retry, .fixInput, .reopen, .report]
}
