import Glibc
import MnemeBase
import Testing

@testable import MnemeTransport

@Suite struct ConnectTests {
    /// What a loop's connect ends in.
    private func attempt(
        _ running: RunningLoop,
        _ addresses: [SocketAddress],
        _ timeout: Microseconds
    ) -> Result<UInt64, TransportError> {
        let result = Slot<Result<UInt64, TransportError>>()
        running.call { [loop = running.loop] in
            loop.connect(
                to: addresses,
                timeoutMicroseconds: timeout,
                connected: { connection in
                    result.put(.success(connection.id))
                    return RecordingHandler()
                },
                failed: { result.put(.failure($0)) }
            )
        }
        return result.take()
    }

    /// An address where nobody listens any more.
    private func deadAddress() throws -> Address {
        let running = try RunningLoop()
        let listener = try running.listen(":0") { _ in nil }
        running.stop(within: 0)
        return listener.address
    }

    @Test func whereNobodyListensIsRefused() throws {
        let running = try RunningLoop()
        let dead = try deadAddress()
        let wanted = TransportError.refused(dead.description)
        #expect(throws: wanted) {
            try BlockingConnection(to: dead, timeoutMicroseconds: 30_000_000)
        }
        #expect(attempt(running, try dead.resolve(), 30_000_000) == .failure(wanted))
        let path = Address.unix(path: freshSocketPath())
        #expect(throws: TransportError.refused(path.description)) {
            try BlockingConnection(to: path, timeoutMicroseconds: 30_000_000)
        }
        #expect(
            attempt(running, try path.resolve(), 30_000_000)
                == .failure(.refused(path.description))
        )
        #expect(throws: TransportError.self) {
            try BlockingConnection(to: [], timeoutMicroseconds: 1)
        }
    }

    @Test func theNextAddressIsTried() throws {
        let running = try RunningLoop()
        let listener = try running.listen(":0") { _ in EchoHandler() }
        let both = try deadAddress().resolve() + listener.address.resolve()
        let client = try BlockingConnection(to: both, timeoutMicroseconds: 30_000_000)
        #expect(client.peer.address == listener.address)
        try client.expectEcho(of: [1])
        let clients = try RunningLoop()
        #expect(try attempt(clients, both, 30_000_000).get() > 0)
    }

    @Test func aServerThatAnswersNobodyTakesTooLong() throws {
        // A socket whose backlog is full lets further peers wait.
        let full = try SocketCall.open(family: AF_INET, nonBlocking: true)
        let number = full.number
        let any = try Address(parsing: ":0").listening()
        #expect(unsafe any.with { unsafe bind(number, $0, $1) } == 0)
        #expect(listen(number, 0) == 0)
        let bound = try #require(unsafe SocketAddress.taking { unsafe getsockname(number, $0, $1) })
        let running = try RunningLoop()
        let timedOut = TransportError.timedOut("connecting to \(bound.address)")
        var waiting: [BlockingConnection] = []
        let failed = #expect(throws: TransportError.self) {
            while waiting.count < 64 {
                waiting.append(try BlockingConnection(to: [bound], timeoutMicroseconds: 50_000))
            }
        }
        #expect(failed == timedOut)
        #expect(attempt(running, [bound], 50_000) == .failure(timedOut))
        // The loop stops while another one waits.
        let result = Slot<TransportError>()
        running.call { [loop = running.loop] in
            loop.connect(
                to: [bound],
                timeoutMicroseconds: 600_000_000,
                connected: { _ in nil },
                failed: { result.put($0) }
            )
        }
        running.stop(within: 30_000_000)
        #expect(result.take() == .stopped)
        withExtendedLifetime(full.number) {}
    }

    @Test func whoWaitsTooLongIsTold() throws {
        let running = try RunningLoop()
        let listener = try running.listen(":0") { _ in EchoHandler() }
        let client = try connect(listener.address)
        try client.setReceiveTimeout(1000)
        #expect(throws: TransportError.timedOut("waiting for \(listener.address)")) {
            try client.receive(atMost: 1)
        }
        try client.setReceiveTimeout(60_000_000)
        try client.expectEcho(of: [1, 2])
        let silent = try running.listen(":0") { _ in
            RecordingHandler(opened: { $0.pauseReading() })
        }
        let sender = try connect(silent.address)
        try sender.setSendTimeout(1000)
        #expect(throws: TransportError.timedOut("sending to \(silent.address)")) {
            try sender.send([UInt8](repeating: 0, count: 64 << 20))
        }
    }

    @Test func aThreadThatWaitsIsEndedByAnother() throws {
        let running = try RunningLoop()
        let listener = try running.listen(":0") { _ in EchoHandler() }
        let client = try connect(listener.address)
        try client.expectEcho(of: [1])
        let ender = TestThread { client.shutDown() }
        #expect(throws: TransportError.closed) { try client.receive(atMost: 1) }
        ender.join()
        #expect(throws: TransportError.closed) { try client.send([1]) }
    }
}
