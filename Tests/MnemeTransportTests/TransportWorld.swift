import Glibc
import MnemeBase
import Synchronization
import Testing

@testable import MnemeTransport

/// A loop on a thread of its own, stopped with this value.
final class RunningLoop: Sendable {
    let loop: EventLoop
    private let thread: LoopThread

    init() throws {
        loop = try EventLoop()
        thread = try LoopThread(running: loop)
    }

    deinit { stop(within: 10_000_000) }

    func stop(within microseconds: Microseconds) {
        loop.stop(within: microseconds)
        thread.wait()
    }

    /// Runs something on the loop's thread and waits for it.
    func call<Answer: Sendable>(_ body: @escaping @Sendable () -> Answer) -> Answer {
        let answer = Slot<Answer>()
        guard loop.submit({ answer.put(body()) }) else { preconditionFailure("the loop ended") }
        return answer.take()
    }

    /// Listens on the loop's thread.
    func listen(
        _ text: String,
        options: ConnectionOptions = ConnectionOptions(),
        _ handler: @escaping @Sendable (Connection) -> (any ConnectionHandler)?
    ) throws -> Listener {
        let address = try Address(parsing: text)
        let loop = loop
        let made = call { () -> Result<Listener, TransportError> in
            do throws(TransportError) {
                let listener = try Listener(address, on: loop, options: options, accept: handler)
                return .success(listener)
            } catch {
                return .failure(error)
            }
        }
        return try made.get()
    }

    var statistics: LoopStatistics { call { [loop] in loop.statistics } }
}

/// A value that one thread puts and another waits for.
final class Slot<Value: Sendable>: Sendable {
    private let gate = Gate()
    private let value = Mutex<Value?>(nil)

    func put(_ new: Value) {
        value.withLock { $0 = new }
        gate.open()
    }

    func take() -> Value {
        while true {
            gate.wait()
            if let value = value.withLock({ $0 }) { return value }
        }
    }
}

/// Starts a thread, and waits for its end with `join`.
final class TestThread: Sendable {
    private let done = Gate()

    init(_ body: @escaping @Sendable () -> Void) {
        BackgroundThread.start { [done] in
            body()
            done.open()
        }
    }

    func join() { done.wait() }
}

/// Gives back what comes.
final class EchoHandler: ConnectionHandler {
    func received(_ bytes: RawSpan, on connection: Connection) { connection.send(bytes) }
}

/// Notes what happens; may be looked at from any thread.
final class RecordingHandler: ConnectionHandler, Sendable {
    struct Record: Equatable {
        var opened = 0
        var bytes: [UInt8] = []
        var inputEnded = 0
        var drained = 0
        var stopping = 0
        var reasons: [CloseReason] = []
        var afterClose = 0
    }

    let record = Mutex(Record())
    private let onOpened: @Sendable (Connection) -> Void
    private let onInputEnded: @Sendable (Connection) -> Void
    private let onStopping: @Sendable (Connection) -> Void

    init(
        opened: @escaping @Sendable (Connection) -> Void = { _ in },
        inputEnded: @escaping @Sendable (Connection) -> Void = { $0.finish() },
        stopping: @escaping @Sendable (Connection) -> Void = { $0.finish() }
    ) {
        onOpened = opened
        onInputEnded = inputEnded
        onStopping = stopping
    }

    private func note(_ change: (inout Record) -> Void) {
        record.withLock { record in
            if !record.reasons.isEmpty { record.afterClose += 1 }
            change(&record)
        }
    }

    func opened(_ connection: Connection) {
        note { $0.opened += 1 }
        onOpened(connection)
    }

    func received(_ bytes: RawSpan, on connection: Connection) {
        let copy = unsafe bytes.withUnsafeBytes { unsafe Array($0) }
        note { $0.bytes += copy }
    }

    func inputEnded(_ connection: Connection) {
        note { $0.inputEnded += 1 }
        onInputEnded(connection)
    }

    func drained(_ connection: Connection) { note { $0.drained += 1 } }

    func stopping(_ connection: Connection) {
        note { $0.stopping += 1 }
        onStopping(connection)
    }

    func closed(_ connection: Connection, reason: CloseReason) {
        note { $0.reasons.append(reason) }
    }

    var now: Record { record.withLock { $0 } }

    /// Waits for the end and says why it came.
    func reason() -> CloseReason? {
        eventually { !self.now.reasons.isEmpty }
        return now.reasons.first
    }
}

/// Waits until something holds; half a minute without is a failure.
@discardableResult func eventually(_ holds: () -> Bool) -> Bool {
    for _ in 0..<30_000 {
        if holds() { return true }
        usleep(1000)
    }
    Issue.record("waited half a minute for what did not come")
    return false
}

/// Connects, with a timeout on everything, so that no test waits for ever.
func connect(_ address: Address) throws -> BlockingConnection {
    let connection = try BlockingConnection(to: address, timeoutMicroseconds: 30_000_000)
    try connection.setReceiveTimeout(60_000_000)
    try connection.setSendTimeout(60_000_000)
    return connection
}

extension BlockingConnection {
    /// Receives exactly so many bytes, fewer only at the end.
    func receive(exactly count: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let piece = try receive(atMost: min(count - bytes.count, 1 << 20))
            if piece.isEmpty { break }
            bytes += piece
        }
        return bytes
    }

    /// Receives up to the end.
    func receiveAll() throws -> [UInt8] { try receive(exactly: .max) }

    /// Sends, and expects the same back.
    func expectEcho(of bytes: [UInt8]) throws {
        try send(bytes)
        expectSame(try receive(exactly: bytes.count), bytes)
    }

    /// Lets the descriptor's end be a reset.
    func makeEndAReset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        let size = socklen_t(MemoryLayout<linger>.size)
        #expect(
            unsafe setsockopt(descriptor.number, SOL_SOCKET, SO_LINGER, &option, size) == 0
        )
    }
}

/// Compares byte strings that may be too long for an expectation to print how they differ.
func expectSame(
    _ bytes: [UInt8],
    _ wanted: [UInt8],
    _ place: SourceLocation = #_sourceLocation
) {
    if bytes == wanted { return }
    let same = zip(bytes, wanted).prefix { $0 == $1 }.count
    Issue.record(
        "\(bytes.count) bytes instead of \(wanted.count), different from byte \(same) on",
        sourceLocation: place
    )
}

/// Bytes that tell their places.
func pattern(_ count: Int, seed: UInt64 = 7) -> [UInt8] {
    var state = seed
    // The length is a prime, so that no piece of a round size is equal to its neighbour.
    let block = (0..<min(count, 65_521)).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(truncatingIfNeeded: state >> 33)
    }
    var bytes = block
    bytes.reserveCapacity(count)
    while bytes.count < count { bytes += block.prefix(count - bytes.count) }
    return bytes
}

/// A path for a socket that nobody else has.
func freshSocketPath() -> String { "/tmp/mneme-\(RealRandomness().next()).sock" }

/// A seed for this run, printed so that a failure can be had again.
func newSeed(_ name: String) -> UInt64 {
    let seed = RealRandomness().next()
    print("\(name): seed \(seed)")
    return seed
}
