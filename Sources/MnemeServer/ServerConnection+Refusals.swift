// What a connection, and those who ask over it, are refused with by the server itself.

internal import MnemeBase
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

    /// `wait`: how long the next hello is not looked at.
    static func tooManyLogins(_ wait: Microseconds) -> MnemeError {
        let seconds = (wait + 999_999) / 1_000_000
        return MnemeError(
            .tooManyLogins,
            "too many logins from this address failed lately; try again in \(seconds) "
                + "second\(seconds == 1 ? "" : "s"), and check the token"
        )
    }
    static let unfinished = MnemeError(
        .deadlineExceeded,
        "a frame was begun and its rest does not come; send frames whole, or smaller ones"
    )

    /// `limit`: how many bytes of requests and answers are kept for all.
    static func burdensome(_ limit: Int) -> MnemeError {
        MnemeError(
            .tooManyRequests,
            "the server keeps \(limit >> 20) MiB of requests and answers at one time, and most of "
                + "them were this connection's; take answers as they come, and ask for less at once"
        )
    }
    static let silent = MnemeError(
        .tooManyRequests,
        "more connections came than the server takes, and this one has not said who it is; send a "
            + "hello at once"
    )
}
