import MnemeBase
import Testing

@testable import MnemeTransport

/// What a stream does, whatever the sizes of the pieces: the same bytes come back in order.
@Suite struct EchoTests {
    /// Echoes in random pieces, by both ways to send, and pauses reading now and then.
    private final class RestlessEcho: ConnectionHandler {
        private let random: SeededRandomness

        init(seed: UInt64) { random = SeededRandomness(seed: seed) }

        func received(_ bytes: RawSpan, on connection: Connection) {
            var done = 0
            while done < bytes.byteCount {
                let count = min(
                    bytes.byteCount - done,
                    1 + random.below(1 << (1 + random.below(16)))
                )
                let piece = bytes.extracting(done..<(done + count))
                if random.below(2) == 0 {
                    connection.send(piece)
                } else {
                    connection.send(unsafe piece.withUnsafeBytes { unsafe Array($0) })
                }
                done += count
            }
            guard random.below(8) == 0 else { return }
            connection.pauseReading()
            connection.loop.schedule(after: Int64(random.below(2000))) {
                connection.resumeReading()
            }
        }
    }

    /// The addresses to listen on; IPv6 where this machine has it.
    private static var places: [String] {
        let hasIPv6 = (try? RealDisk().list("/proc/sys/net/ipv6/conf").contains("lo")) == true
        return [":0", "unix:" + freshSocketPath()] + (hasIPv6 ? ["[::1]:0"] : [])
    }

    @Test func bytesComeBackInOrder() throws {
        let seed = newSeed("echo")
        let random = SeededRandomness(seed: seed)
        for place in Self.places {
            let running = try RunningLoop()
            var options = ConnectionOptions()
            options.outputHighMark = 1 << (10 + random.below(8))
            options.outputLowMark = options.outputHighMark / 4
            options.turnLimit = 1 << (9 + random.below(10))
            let server = random.next()
            let listener = try running.listen(place, options: options) { connection in
                RestlessEcho(seed: server &+ connection.id)
            }
            for round in 0..<6 {
                try exchange(listener.address, SeededRandomness(seed: seed &+ UInt64(round)))
            }
            running.stop(within: 30_000_000)
        }
    }

    /// One connection: one thread sends, another receives, each in pieces of its own.
    private func exchange(_ address: Address, _ random: SeededRandomness) throws {
        let client = try connect(address)
        let sent = pattern(random.below(2 << 20), seed: random.next())
        let seed = random.next()
        let sender = TestThread {
            let random = SeededRandomness(seed: seed)
            var done = 0
            while done < sent.count {
                let count = min(sent.count - done, 1 + random.below(1 << (1 + random.below(18))))
                do throws(TransportError) {
                    try client.send(Array(sent[done..<(done + count)]))
                } catch {
                    Issue.record("\(error)")
                    return
                }
                done += count
            }
            client.finishSending()
        }
        var received: [UInt8] = []
        while true {
            let piece = try client.receive(atMost: 1 + random.below(1 << (1 + random.below(18))))
            if piece.isEmpty { break }
            received += piece
        }
        sender.join()
        expectSame(received, sent)
    }

    @Test func sixteenConnectionsAtOnce() throws {
        let running = try RunningLoop()
        let listener = try running.listen(":0") { _ in EchoHandler() }
        let address = listener.address
        let threads = (0..<16).map { index in
            TestThread {
                do {
                    let client = try connect(address)
                    for round in 0..<100 {
                        try client.expectEcho(of: pattern(1 + round * 7, seed: UInt64(index)))
                    }
                } catch {
                    Issue.record("\(error)")
                }
            }
        }
        for thread in threads { thread.join() }
        eventually { running.statistics.connectionsClosed == 16 }
        let statistics = running.statistics
        #expect(statistics.connectionsOpened == 16)
        let total = UInt64(16 * (0..<100).reduce(0) { $0 + 1 + $1 * 7 })
        #expect(statistics.bytesReceived == total)
        #expect(statistics.bytesSent == total)
    }

    @Test func twoLoopsTalk() throws {
        let server = try RunningLoop()
        let client = try RunningLoop()
        let listener = try server.listen("unix:" + freshSocketPath()) { _ in EchoHandler() }
        let sent = pattern(3 << 20)
        let handler = RecordingHandler(opened: { $0.send(sent) })
        let addresses = try listener.address.resolve()
        client.call { [loop = client.loop] in
            loop.connect(
                to: addresses,
                timeoutMicroseconds: 30_000_000,
                connected: { _ in handler },
                failed: { Issue.record("\($0)") }
            )
        }
        eventually { handler.now.bytes.count >= sent.count }
        expectSame(handler.now.bytes, sent)
        #expect(handler.now.opened == 1)
        // The queue went over its high mark at once and came down again.
        #expect(handler.now.drained >= 1)
        client.stop(within: 30_000_000)
        #expect(handler.now.reasons == [.finished])
        #expect(handler.now.stopping == 1)
        #expect(handler.now.afterClose == 0)
    }
}
