// A connection whose calls wait: for clients in which the thread that asks also waits for the
// answer, so that no answer is handed from thread to thread.

internal import Glibc
package import MnemeBase
internal import Synchronization

/// A connection that waits.
///
/// One thread may send while another receives, and any thread may call `shutDown`, which ends both.
/// The descriptor is given back with the last reference, so no call ever meets another's
/// descriptor under its number.
package final class BlockingConnection: Sendable {
    /// The other side.
    package let peer: SocketAddress

    let descriptor: Descriptor
    private let isShutDown = Atomic<Bool>(false)

    /// Connects to the first of the addresses that answers, all of them within the time.
    ///
    /// - Throws: `.refused` and `.timedOut` of the last address tried, `.system`.
    package init(
        to addresses: [SocketAddress],
        timeoutMicroseconds: Microseconds
    ) throws(TransportError) {
        let deadline = RealClock().elapsed() + timeoutMicroseconds
        var failure = TransportError.unknownHost(name: "", reason: "no address was given")
        for address in addresses {
            do throws(TransportError) {
                descriptor = try Self.connect(address, deadline)
                peer = address
                return
            } catch {
                failure = error
            }
        }
        throw failure
    }

    /// Connects to an address, resolving its name first.
    ///
    /// - Throws: as the other one, and as `Address.resolve`.
    package convenience init(
        to address: Address,
        timeoutMicroseconds: Microseconds
    ) throws(TransportError) {
        try self.init(
            to: try address.resolve(),
            timeoutMicroseconds: timeoutMicroseconds
        )
    }

    /// Lets a call of `receive` wait so long for the first byte; nil, as at first: for ever.
    package func setReceiveTimeout(_ microseconds: Microseconds?) throws(TransportError) {
        try set(SO_RCVTIMEO, microseconds)
    }

    /// Lets a call of `send` wait so long for the other side to take anything; nil: for ever.
    package func setSendTimeout(_ microseconds: Microseconds?) throws(TransportError) {
        try set(SO_SNDTIMEO, microseconds)
    }

    /// Sends all bytes.
    ///
    /// - Throws: `.timedOut`, `.closed`; it is not known then how much the other side got.
    package func send(_ bytes: RawSpan) throws(TransportError) {
        var done = 0
        while done < bytes.byteCount {
            let rest = bytes.extracting(done...)
            let outcome = unsafe rest.withUnsafeBytes {
                unsafe SocketCall.write(descriptor.number, $0)
            }
            switch outcome {
            case .moved(let count): done += count
            case .blocked: throw .timedOut("sending to \(peer.address)")
            case .failed(let code): throw Self.ended("send", code)
            }
        }
    }

    /// Sends all bytes of an array, as `send` of a span does.
    package func send(_ bytes: [UInt8]) throws(TransportError) {
        try unsafe send(bytes.span.bytes)
    }

    /// Waits for bytes and writes them from the beginning of `span` on.
    ///
    /// - Precondition: the span is not empty.
    /// - Returns: how many came; 0 when the other side sends no more.
    /// - Throws: `.timedOut` where nothing came in time, `.closed` after a reset or `shutDown`.
    package func receive(into span: inout MutableRawSpan) throws(TransportError) -> Int {
        precondition(span.byteCount > 0, "no room to receive into")
        let outcome = unsafe span.withUnsafeMutableBytes {
            unsafe SocketCall.read(descriptor.number, into: $0)
        }
        switch outcome {
        case .moved(let count):
            if count == 0, isShutDown.load(ordering: .relaxed) { throw .closed }
            return count
        case .blocked: throw .timedOut("waiting for \(peer.address)")
        case .failed(let code): throw Self.ended("recv", code)
        }
    }

    /// Waits for bytes, at most `count`; an empty array when the other side sends no more.
    ///
    /// - Throws: as `receive(into:)`.
    package func receive(atMost count: Int) throws(TransportError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var elements = bytes.mutableSpan
        var raw = unsafe elements.mutableBytes
        let received = try receive(into: &raw)
        bytes.removeSubrange(received...)
        return bytes
    }

    /// Says that nothing more will be sent; answers still arrive.
    package func finishSending() { SocketCall.finishSending(descriptor.number) }

    /// Ends both directions at once, and calls of other threads that wait with `.closed`.
    package func shutDown() {
        isShutDown.store(true, ordering: .relaxed)
        _ = shutdown(descriptor.number, Int32(SHUT_RDWR))
    }

    private static func ended(_ call: String, _ code: Int32) -> TransportError {
        code == ECONNRESET || code == EPIPE ? .closed : .system(call: call, code: code)
    }

    private func set(_ option: Int32, _ microseconds: Microseconds?) throws(TransportError) {
        var time = timeval()
        if let microseconds {
            // A time of zero would be none.
            let length = max(1, microseconds)
            time.tv_sec = Int(length / 1_000_000)
            time.tv_usec = Int(length % 1_000_000)
        }
        let size = socklen_t(MemoryLayout<timeval>.size)
        guard unsafe setsockopt(descriptor.number, SOL_SOCKET, option, &time, size) == 0 else {
            throw .last("setsockopt")
        }
    }

    private static func connect(
        _ address: SocketAddress,
        _ deadline: Microseconds
    ) throws(TransportError) -> Descriptor {
        let descriptor = try SocketCall.open(family: address.family, nonBlocking: true)
        let number = descriptor.number
        if unsafe address.with({ unsafe Glibc.connect(number, $0, $1) }) != 0 {
            guard errno == EINPROGRESS || errno == EINTR else {
                throw .connecting(to: address, code: errno)
            }
            try waitUntilConnected(number, address, deadline)
            let code = SocketCall.takeError(number)
            guard code == 0 else { throw .connecting(to: address, code: code) }
        }
        guard SocketCall.setBlocking(number, true) else { throw .last("fcntl") }
        SocketCall.tune(number, keepAliveSeconds: ConnectionOptions().keepAliveSeconds)
        return descriptor
    }

    private static func waitUntilConnected(
        _ number: Int32,
        _ address: SocketAddress,
        _ deadline: Microseconds
    ) throws(TransportError) {
        while true {
            let rest = max(0, deadline - RealClock().elapsed())
            var entry = pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
            let count = unsafe poll(&entry, 1, Int32(clamping: (rest + 999) / 1000))
            if count > 0 { return }
            if count == 0 { throw .timedOut("connecting to \(address.address)") }
            guard errno == EINTR else { throw .last("poll") }
        }
    }
}
