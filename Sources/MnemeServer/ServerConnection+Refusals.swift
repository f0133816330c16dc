// What a connection, and those who ask over it, are refused with by the server itself.

internal import MnemeModel

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
    static let unknownMethod = MnemeError(
        .unauthenticated,
        "the server knows no way of authentication; leave method and token empty"
    )
}
