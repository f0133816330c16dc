// What a connection, and those who ask over it, are refused with by the server itself.

internal import MnemeModel
internal import MnemeWire

extension ServerConnection {
    static let cancelled = MnemeError(
        .cancelled,
        "the request was cancelled; nothing was changed"
    )
    static let expired = MnemeError(
        .deadlineExceeded,
        "the request's time was over before it was answered; nothing was changed, allow more time"
    )
    static let shuttingDown = MnemeError(
        .shuttingDown,
        "the server is ending; connect again when it is back"
    )
    static let lateHello = MnemeError(
        .deadlineExceeded,
        "the connection did not say who it is in time; send a hello first"
    )
    static let full = MnemeError(
        .tooManyRequests,
        "the server has as many connections as it may; try again later, or share connections"
    )
    static let tlsRequired = MnemeError(
        .tlsRequired,
        "the server speaks TLS at this address; connect with it"
    )

    /// What is told, plainly, to those who do not speak TLS where it is spoken.
    static let plainAnswer: [UInt8] = {
        let session = ServerSession(limits: ServerLimits())
        session.refuse(tlsRequired)
        return session.takeOutput()
    }()

    static let tooManyLogins = MnemeError(
        .tooManyLogins,
        "too many logins from this address failed lately; wait, and check the token"
    )
}
