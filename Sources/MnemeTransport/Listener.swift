// Where connections come in. A bounded number is accepted a turn. When the system has no
// descriptor or memory left, accepting pauses for a moment and the peers wait in the backlog: no
// busy loop, and nobody is turned away.

internal import CEpoll
internal import Glibc
internal import MnemeBase

/// A listening socket of a loop.
///
/// SAFETY: used on the loop's thread alone, to which `assertOnThread` holds `close`; other threads
/// may only pass it along, and read `address` and `loop`, which never change.
@safe package final class Listener: LoopSource, @unchecked Sendable {
    /// Chooses who serves a new connection; nil turns it away.
    package typealias Accept = (Connection) -> (any ConnectionHandler)?

    /// How many connections one turn takes.
    static let turnLimit = 64
    /// How many connections the system keeps until they are accepted.
    static let backlog: Int32 = 1024
    /// How long accepting pauses when nothing can be accepted.
    static let pauseMicroseconds: Microseconds = 20_000

    /// Where it listens, with the port that the system chose.
    package let address: Address
    /// The loop that serves it.
    package let loop: EventLoop

    private let options: ConnectionOptions
    /// The socket's file; nil once it was removed, as another server's may stand there then.
    private var file: SocketFile?
    private var descriptor: Descriptor
    private var token: UInt64 = 0
    private var accept: Accept?
    private var pause: TimerID?

    /// Listens at an address and has `accept` choose a handler for each connection.
    ///
    /// A socket file whose server is dead is replaced; the new one belongs to this user alone (mode
    /// 0600) and is removed by `close`.
    ///
    /// - Throws: `.addressInUse` where a server lives, `.notASocket` where another file stands in
    ///   the way, `.badAddress` for a name, `.stopped`, `.system`.
    package convenience init(
        _ address: Address,
        on loop: EventLoop,
        options: ConnectionOptions = ConnectionOptions(),
        accept: @escaping Accept
    ) throws(TransportError) {
        guard !loop.isStopping else { throw .stopped }
        let wanted = try address.listening()
        let socket = try Self.bind(address, wanted)
        let number = socket.descriptor.number
        let bound = unsafe SocketAddress.taking { unsafe getsockname(number, $0, $1) }
        let listening = socket.file == nil ? (bound ?? wanted).address : address
        try self.init(socket, listening, loop, options, accept)
    }

    /// Listens on a socket that was passed to this process, which keeps its file.
    ///
    /// - Throws: `.stopped`, `.system`.
    package convenience init(
        _ passed: PassedSocket,
        on loop: EventLoop,
        options: ConnectionOptions = ConnectionOptions(),
        accept: @escaping Accept
    ) throws(TransportError) {
        let socket = BoundSocket(descriptor: Descriptor(passed.number), file: nil)
        guard !loop.isStopping else { throw .stopped }
        try self.init(socket, passed.address, loop, options, accept)
    }

    private init(
        _ socket: consuming BoundSocket,
        _ address: Address,
        _ loop: EventLoop,
        _ options: ConnectionOptions,
        _ accept: @escaping Accept
    ) throws(TransportError) {
        loop.assertOnThread()
        file = socket.file
        descriptor = socket.descriptor.take()
        self.address = address
        self.loop = loop
        self.options = options
        self.accept = accept
        token = try loop.register(self, descriptor.number, .input)
    }

    deinit { file?.remove() }

    /// Listens no more; connections that were accepted live on.
    package func close() {
        loop.assertOnThread()
        guard accept != nil else { return }
        accept = nil
        if let pause { loop.cancel(pause) }
        loop.unregister(token, descriptor.number)
        file?.remove()
        file = nil
        descriptor.close()
    }

    func ready(_ readiness: Readiness) {
        for _ in 0..<Self.turnLimit {
            guard let accept else { return }
            var number: Int32 = -1
            let listening = descriptor.number
            let peer = unsafe SocketAddress.taking { address, length in
                number = unsafe mneme_accept4(
                    listening,
                    address,
                    length,
                    Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
                )
                return number < 0 ? -1 : 0
            }
            guard number >= 0 else {
                switch errno {
                case EAGAIN: return
                case EMFILE, ENFILE, ENOBUFS, ENOMEM: return pauseAccepting()
                // A peer that left while it waited, or a fault of its network: the next one.
                default: continue
                }
            }
            let connection = Connection(
                loop,
                Descriptor(number),
                peer: peer ?? SocketAddress(bytes: []),
                options: options
            )
            guard let handler = accept(connection) else {
                connection.close()
                continue
            }
            // Without memory for one more the loop cannot watch it; its descriptor goes with it.
            try? connection.start(handler)
        }
    }

    func stop() { close() }

    func abandon() { close() }

    func flush() {}

    func release() {}

    private func pauseAccepting() {
        loop.statistics.acceptPauses += 1
        watch([])
        pause = loop.schedule(after: Self.pauseMicroseconds) { [weak self] in
            self?.pause = nil
            self?.watch(.input)
        }
    }

    private func watch(_ interest: Readiness) {
        guard accept != nil else { return }
        try? loop.change(token, descriptor.number, interest)
    }

    static func bind(
        _ address: Address,
        _ wanted: SocketAddress
    ) throws(TransportError) -> BoundSocket {
        if case .unix(let path) = address { return try SocketFile.bind(path, wanted) }
        let descriptor = try SocketCall.open(family: wanted.family, nonBlocking: true)
        let number = descriptor.number
        guard SocketCall.set(number, SOL_SOCKET, SO_REUSEADDR, to: 1) else {
            throw .last("setsockopt")
        }
        // An IPv6 socket is for IPv6 alone, whatever the system's setting is.
        if wanted.family == AF_INET6 {
            _ = SocketCall.set(number, Int32(IPPROTO_IPV6), IPV6_V6ONLY, to: 1)
        }
        guard unsafe wanted.with({ unsafe Glibc.bind(number, $0, $1) }) == 0 else {
            if errno == EADDRINUSE { throw .addressInUse(address.description) }
            throw .last("bind to \(address)")
        }
        guard listen(number, backlog) == 0 else {
            if errno == EADDRINUSE { throw .addressInUse(address.description) }
            throw .last("listen")
        }
        return BoundSocket(descriptor: descriptor, file: nil)
    }
}

/// A socket that listens, and its file where it has one.
struct BoundSocket: ~Copyable {
    var descriptor: Descriptor
    let file: SocketFile?
}
