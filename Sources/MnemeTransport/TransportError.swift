// What can go wrong with sockets and addresses. Ends of single connections are no errors: they are
// `CloseReason`s.

internal import Glibc

/// Why a call of this room failed.
package enum TransportError: Error, Equatable, Sendable {
    /// The text is no address.
    case badAddress(text: String, problem: AddressProblem)
    /// No address is known for a host; `reason` is the system's.
    case unknownHost(name: String, reason: String)
    /// Somebody listens there already.
    case addressInUse(String)
    /// A file that is no socket stands where the socket should be.
    case notASocket(path: String)
    /// Nobody listens there.
    case refused(String)
    /// The other side did not answer within the time given.
    case timedOut(String)
    /// The connection was ended, by either side.
    case closed
    /// The loop stops and takes nothing new.
    case stopped
    /// TLS cannot be spoken with the other side, or what it shows is not believed.
    case insecure(String)
    /// A call of the system failed with a code of `errno`.
    case system(call: String, code: Int32)

    /// The error of the call that failed last on this thread.
    static func last(_ call: String) -> TransportError { .system(call: call, code: errno) }
}

extension TransportError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .badAddress(let text, let problem):
            "\"\(text)\" is no address: \(problem)"
        case .unknownHost(let name, let reason):
            "the host \(name) is not known (\(reason)); check the spelling or write its number"
        case .addressInUse(let address):
            "\(address) is in use; stop the server that listens there or choose another address"
        case .notASocket(let path):
            "\(path) is there and is no socket; choose another path or remove the file"
        case .refused(let address):
            "\(address) refused the connection; start the server there or check the address"
        case .timedOut(let what):
            "\(what) took longer than allowed; try again or allow more time"
        case .closed:
            "the connection was closed; connect again"
        case .stopped:
            "the event loop is stopping and takes nothing new"
        case .insecure(let reason):
            "TLS cannot be spoken with the other side: \(reason)"
        case .system(let call, let code):
            "\(call) failed: \(Self.text(of: code))"
        }
    }

    /// What the system says of a code.
    static func text(of code: Int32) -> String {
        var bytes = [CChar](repeating: 0, count: 128)
        return unsafe bytes.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress,
                unsafe strerror_r(code, base, buffer.count) == 0
            else { return "error \(code)" }
            return unsafe String(cString: base) + " (\(code))"
        }
    }
}

/// Why a connection ended.
package enum CloseReason: Equatable, Sendable {
    /// Both sides said all that they had to say.
    case finished
    /// This side closed it.
    case closedHere
    /// The other side vanished or refused to read on (ECONNRESET, EPIPE).
    case reset
    /// The network gave up on the other side (ETIMEDOUT and its kin).
    case lost(code: Int32)
    /// The other side left more unread than `ConnectionOptions.outputLimit`, or read nothing of
    /// the rest for `stallMicroseconds`.
    case slowReader
    /// The loop stopped before the connection was through.
    case loopStopped
    /// TLS could not be spoken, or what the other side shows is not believed.
    case insecure(String)

    /// The reason for a code of `errno`.
    init(code: Int32) {
        self = code == ECONNRESET || code == EPIPE ? .reset : .lost(code: code)
    }
}
