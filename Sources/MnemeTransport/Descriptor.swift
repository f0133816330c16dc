// The owner of a file descriptor, and the calls on sockets that repeat themselves when a signal
// interrupts them. A descriptor is closed exactly once: by `close`, or when its owner goes.

internal import Glibc

/// A file descriptor that is closed with its owner.
struct Descriptor: ~Copyable, Sendable {
    /// The system's number; −1 once it is closed.
    private(set) var number: Int32

    init(_ number: Int32) { self.number = number }

    deinit { if number >= 0 { _ = Glibc.close(number) } }

    /// Passes it on to another owner.
    mutating func take() -> Descriptor {
        defer { number = -1 }
        return Descriptor(number)
    }

    /// Leaves it to somebody else to close.
    mutating func forget() { number = -1 }

    /// Closes it now.
    ///
    /// An interrupted close has closed on Linux, so it is not repeated.
    mutating func close() {
        guard number >= 0 else { return }
        _ = Glibc.close(number)
        number = -1
    }
}

/// What a read or a write came to.
enum TransferOutcome {
    /// So many bytes; a read of 0 is the end of the input.
    case moved(Int)
    /// The socket has nothing, or takes nothing, now.
    case blocked
    /// The call failed with a code of `errno`.
    case failed(Int32)
}

/// Calls on sockets.
enum SocketCall {
    /// Opens a stream socket that does not survive `exec`.
    static func open(family: Int32, nonBlocking: Bool) throws(TransportError) -> Descriptor {
        let type =
            Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
            | (nonBlocking ? Int32(SOCK_NONBLOCK.rawValue) : 0)
        let number = socket(family, type, 0)
        guard number >= 0 else { throw .last("socket") }
        return Descriptor(number)
    }

    /// Reads what is there, at most `target.count` bytes.
    static func read(
        _ number: Int32,
        into target: UnsafeMutableRawBufferPointer
    ) -> TransferOutcome {
        while true {
            let count = unsafe recv(number, target.baseAddress, target.count, 0)
            if count >= 0 { return .moved(count) }
            if let outcome = outcome(of: errno) { return outcome }
        }
    }

    /// Writes as much as the socket takes; a peer that is gone raises no signal.
    static func write(_ number: Int32, _ source: UnsafeRawBufferPointer) -> TransferOutcome {
        while true {
            let count = unsafe send(
                number,
                source.baseAddress,
                source.count,
                Int32(MSG_NOSIGNAL)
            )
            if count >= 0 { return .moved(count) }
            if let outcome = outcome(of: errno) { return outcome }
        }
    }

    /// What a failed transfer came to; nil where it should be repeated.
    private static func outcome(of code: Int32) -> TransferOutcome? {
        if code == EINTR { return nil }
        return code == EAGAIN || code == EWOULDBLOCK ? .blocked : .failed(code)
    }

    /// Sets an option that is a number.
    static func set(_ number: Int32, _ level: Int32, _ option: Int32, to value: Int32) -> Bool {
        var value = value
        return unsafe setsockopt(number, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
            == 0
    }

    /// Takes the error that waits on a socket; 0 where there is none.
    static func takeError(_ number: Int32) -> Int32 {
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard unsafe getsockopt(number, SOL_SOCKET, SO_ERROR, &code, &length) == 0 else {
            return errno
        }
        return code
    }

    /// Sends small writes at once and notices peers that died without a word.
    ///
    /// Unix sockets need neither and refuse the first; a refusal harms nobody.
    static func tune(_ number: Int32, keepAliveSeconds: Int32) {
        _ = set(number, Int32(IPPROTO_TCP), TCP_NODELAY, to: 1)
        guard keepAliveSeconds > 0 else { return }
        _ = set(number, SOL_SOCKET, SO_KEEPALIVE, to: 1)
        _ = set(number, Int32(IPPROTO_TCP), TCP_KEEPIDLE, to: keepAliveSeconds)
        _ = set(number, Int32(IPPROTO_TCP), TCP_KEEPINTVL, to: max(1, keepAliveSeconds / 4))
        _ = set(number, Int32(IPPROTO_TCP), TCP_KEEPCNT, to: 4)
    }

    /// Makes calls wait, or return at once.
    static func setBlocking(_ number: Int32, _ blocks: Bool) -> Bool {
        let flags = fcntl(number, F_GETFL)
        guard flags >= 0 else { return false }
        return fcntl(number, F_SETFL, blocks ? flags & ~O_NONBLOCK : flags | O_NONBLOCK) == 0
    }

    /// Says that this side sends no more; a peer that is gone already is no error.
    static func finishSending(_ number: Int32) { _ = shutdown(number, Int32(SHUT_WR)) }
}
