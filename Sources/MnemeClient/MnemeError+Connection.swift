// Errors of connections as they leave the door: each once, with what to do.

internal import MnemeBase
internal import MnemeModel
internal import MnemeTransport
internal import MnemeWire

extension MnemeError {
    /// No connection came about; nothing was sent.
    static func notConnected(_ error: TransportError, to address: String) -> MnemeError {
        switch error {
        case .badAddress: MnemeError(.badRequest, "\(error)")
        case .timedOut: .connectTimedOut(address)
        case .refused:
            MnemeError(
                .disconnected,
                "Nobody listens at \(address). Start a server there, or check the address."
            )
        case .unknownHost:
            MnemeError(.disconnected, "No connection to \(address): \(error)")
        case .insecure(let reason):
            MnemeError(
                .disconnected,
                "No connection to \(address) could be made by TLS: \(reason). Check the address, "
                    + "the authorities and the name that the server is to have."
            )
        case .addressInUse, .notASocket, .closed, .stopped, .system:
            MnemeError(
                .disconnected,
                "No connection to \(address) could be made. Check the address and the network, and"
                    + " connect again.",
                cause: "\(error)"
            )
        }
    }

    /// The server did not say its welcome in time; nothing was sent but a hello.
    static func connectTimedOut(_ address: String) -> MnemeError {
        MnemeError(
            .deadlineExceeded,
            "The server at \(address) did not answer in time. Check that it is well and that this"
                + " is its address, or allow more time to connect."
        )
    }

    /// The connection ended before the welcome, for a reason that the session says.
    static func notWelcome(_ message: ErrorMessage, at address: String) -> MnemeError {
        let error = message.error
        switch error.code {
        case .badFrame:
            return MnemeError(
                .badFrame,
                "What answers at \(address) does not speak Mneme's protocol. Check the host and the"
                    + " port, and that both sides agree about TLS.",
                cause: error.description
            )
        case .disconnected:
            return MnemeError(
                .disconnected,
                "What listens at \(address) closed the connection without a welcome. Check that it"
                    + " is a Mneme server, and connect again.",
                cause: error.cause
            )
        default: return error
        }
    }

    /// A write was sent and its end did not come.
    static func outcomeUnknown(_ cause: String?) -> MnemeError {
        MnemeError(
            .outcomeUnknown,
            "The request was sent and its answer did not come: it was done, wholly or not at all,"
                + " or is still being done. Read what it changes before sending it again; a put"
                + " that names its key may be sent again as it is.",
            cause: cause
        )
    }

    /// A read was sent, as often as it may be, and its answer did not come.
    static func lostRead(_ cause: String?) -> MnemeError {
        MnemeError(
            .disconnected,
            "The connection to the server ended before the answer came. Ask again.",
            cause: cause
        )
    }

    /// The connection that had a transaction is over, and the transaction with it.
    static var lostTransaction: MnemeError {
        MnemeError(
            .noTransaction,
            "The connection that the transaction was begun on has ended, and the transaction with"
                + " it; nothing was changed. Begin another one."
        )
    }

    /// No connection is there, and attempts to make one fail.
    static func unreachable(_ cause: MnemeError?) -> MnemeError {
        let what = "There is no connection to the server, so the request was not sent."
        guard let cause else { return MnemeError(.disconnected, what + " Try again later.") }
        return MnemeError(.disconnected, what + " " + cause.message, cause: cause.description)
    }

    /// Time ran out.
    static func timedOut(wasSent: Bool) -> MnemeError {
        MnemeError(
            .deadlineExceeded,
            wasSent
                ? "The answer did not come in time. Ask again, or allow more time."
                : "The request's time was over before it could be sent. Send it again, or allow"
                    + " more time."
        )
    }

    /// Time ran out, and the server says that nothing was done.
    static var timedOutUndone: MnemeError {
        MnemeError(
            .deadlineExceeded,
            "The server did not do the request in time, and nothing was written. Send it again, or"
                + " allow more time."
        )
    }

    /// The task was cancelled.
    static func cancelled(wasSent: Bool) -> MnemeError {
        MnemeError(
            .cancelled,
            wasSent
                ? "The request was cancelled; it only reads and changed nothing."
                : "The request was cancelled before it was sent."
        )
    }

    /// The client was closed.
    static var clientClosed: MnemeError {
        MnemeError(.closed, "The client is closed, so the request was not done. Connect again.")
    }

    /// Too many requests wait.
    static func queueFull(_ limit: Int) -> MnemeError {
        MnemeError(
            .tooManyRequests,
            "\(limit) requests of this client wait for their answers, and more are not taken; this"
                + " one was not sent. Wait for answers before asking for more."
        )
    }

    /// Whether another attempt to connect would end the same way.
    var endsConnecting: Bool {
        switch code {
        case .unknownStore, .unauthenticated, .unsupportedVersion, .badFrame, .badRequest,
            .forbidden, .tokenExpired, .tooManyLogins, .tlsRequired:
            true
        default: false
        }
    }
}

extension Payload {
    /// Decodes the response to a request.
    ///
    /// - Throws: `outcomeUnknown` for the answer to a write that cannot be read: it was done.
    func response(_ answer: ResponseKind, isWrite: Bool) throws(MnemeError) -> Response {
        do {
            return try response(answer)
        } catch {
            throw isWrite ? .outcomeUnknown(error.description) : error
        }
    }
}

extension Address {
    /// Reads the address of a server, of which the port may be missing.
    ///
    /// - Throws: `badRequest` for what is no address.
    static func server(_ text: String) throws(MnemeError) -> Address {
        do throws(TransportError) {
            return try Address(parsing: text, standardPort: Client.defaultPort)
        } catch {
            throw .notConnected(error, to: text)
        }
    }
}
