// Who is let in, as the token file says now: a running server looks at the file again now and then,
// so that tokens come and go without a restart. Once there was a file, nobody is let in without a
// token any more, whatever becomes of it.

internal import MnemeBase
internal import MnemeModel
internal import Synchronization

/// By what somebody asks to be let in.
enum Shown: Equatable {
    case nothing
    /// A token with this hash.
    case token([UInt8])
    /// A certificate with this common name, which TLS has verified.
    case certificate(String)
}

/// The tokens of a running server.
package final class TokenBook: Sendable {
    private struct State {
        var bytes: [UInt8]?
        /// Nil where nobody is asked for a token.
        var list: TokenList?
        var failure: MnemeError?
    }

    private let file: TokenFile
    private let clock: any Clock
    private let report: (@Sendable (LogEvent) -> Void)?
    private let state: Mutex<State>
    private let number = Atomic<UInt64>(0)

    /// The tokens under a root.
    ///
    /// - Throws: what reading the file does: a server that does not know whom to let in does not
    ///   start.
    init(
        root: String,
        clock: any Clock = RealClock(),
        report: (@Sendable (LogEvent) -> Void)? = nil
    ) throws(MnemeError) {
        file = TokenFile(root: root)
        self.clock = clock
        self.report = report
        let bytes = try file.bytes()
        var list: TokenList?
        if let bytes { list = try file.list(bytes) }
        state = Mutex(State(bytes: bytes, list: list))
    }

    /// Whether nobody is let in without a token.
    package var isRequired: Bool { state.withLock { $0.list != nil } }

    /// Another one after every change.
    var version: UInt64 { number.load(ordering: .acquiring) }

    /// Looks at the file again.
    ///
    /// What cannot be read is told, and what was read before holds on.
    package func refresh() {
        let result = Result { () throws(MnemeError) in try file.bytes() }
        let told = state.withLock { state -> LogEvent? in
            do throws(MnemeError) {
                let bytes = try result.get()
                if bytes == state.bytes, state.failure == nil { return nil }
                if let bytes {
                    state.list = try file.list(bytes)
                } else if state.list != nil {
                    state.list = TokenList()
                }
                let isGone = bytes == nil && state.bytes != nil
                (state.bytes, state.failure) = (bytes, nil)
                number.add(1, ordering: .acquiringAndReleasing)
                return isGone
                    ? LogEvent(
                        .tokensGone,
                        message: "The token file is gone. Nobody is let in until there is one "
                            + "again."
                    ) : LogEvent(.tokensRead)
            } catch {
                defer { state.failure = error }
                return state.failure == error
                    ? nil
                    : LogEvent(
                        .tokensUnreadable,
                        message: "\(error.message). The tokens stay as they were."
                    )
            }
        }
        if let told { report?(told) }
    }

    /// Who shows something; nil where nobody is asked to.
    ///
    /// - Throws: `.unauthenticated`, `.tokenExpired`.
    func admit(_ shown: Shown) throws(MnemeError) -> Admission? {
        let list = state.withLock { $0.list }
        guard let list else {
            guard shown == .nothing else { throw Self.unasked }
            return nil
        }
        let now = Instant(microseconds: clock.now())
        switch shown {
        case .nothing: throw Self.unshown
        case .token(let hash): return try list.admit(hash, at: now)
        case .certificate(let name): return try list.admit(certified: name, at: now)
        }
    }

    static let unasked = MnemeError(
        .unauthenticated,
        "the server knows no way of authentication; leave method and token empty"
    )
    private static let unshown = MnemeError(
        .unauthenticated,
        "the server lets nobody in without a token; show the one that you were given, as the "
            + "method \"token\""
    )
    static let unknownMethod = MnemeError(
        .unauthenticated,
        "the server knows the methods \"token\" and \"certificate\"; use one of them"
    )
    static let uncertified = MnemeError(
        .unauthenticated,
        "no certificate was shown that the server believes; show one in TLS, or a token"
    )
}
