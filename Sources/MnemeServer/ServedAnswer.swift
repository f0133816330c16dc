// What becomes of a request on its thread, and which requests stay on the loop's.

internal import MnemeModel
internal import MnemeWire

/// What is answered, made ready as far as its thread could.
enum ServedAnswer: Sendable {
    case response(Response)
    /// With what is told of it, where it may be slow.
    case encoded(ResponseKind, [UInt8], AnswerFigures?)
    /// Of a watch that may wait: it has nothing to tell yet.
    case nothingYet(ServerRequest, Watch, Watched)
}

extension RequestKind {
    /// Whether a request of so many bytes is decoded and begun in little time: it need not leave
    /// the loop.
    func isQuick(_ byteCount: Int) -> Bool {
        switch self {
        case .get, .commit, .relate: byteCount <= 16 << 10
        case .remember: byteCount <= 4 << 10
        case .describe: true
        default: false
        }
    }
}
