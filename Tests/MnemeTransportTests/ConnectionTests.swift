import Glibc
import MnemeBase
import Synchronization
import Testing

@testable import MnemeTransport

/// Peers that do not behave, and limits that hold all the same.
@Suite struct ConnectionTests {
    /// The connections of a listener, in the order of arrival.
    private final class Accepted: Sendable {
        private let list = Mutex<[Connection]>([])

        func add(_ connection: Connection) { list.withLock { $0.append(connection) } }

        func first() -> Connection? {
            eventually { !self.list.withLock { $0.isEmpty } }
            return list.withLock { $0.first }
        }
    }

    @Test(arguments: [":0", "unix:"])
    func aReaderThatReadsNothingHarmsNobody(place: String) throws {
        let running = try RunningLoop()
        var options = ConnectionOptions()
        options.outputHighMark = 100_000
        options.outputLowMark = 20_000
        options.turnLimit = 50_000
        let accepted = Accepted()
        let listener = try running.listen(
            place == ":0" ? place : place + freshSocketPath(),
            options: options
        ) { connection in
            accepted.add(connection)
            return EchoHandler()
        }
        let deaf = try connect(listener.address)
        let connection = try #require(accepted.first())
        // More than all buffers between the two hold; the sender is still at it when it ends.
        let sent = pattern(24 << 20)
        let sender = TestThread {
            do throws(TransportError) {
                try deaf.send(sent)
                deaf.finishSending()
            } catch {
                Issue.record("\(error)")
            }
        }
        eventually { running.call { connection.isOutputFull } }
        let other = try connect(listener.address)
        for round in 0..<200 {
            try other.expectEcho(of: pattern(500, seed: UInt64(round)))
            let waiting = running.call { connection.outputByteCount }
            #expect(waiting <= options.outputHighMark + options.turnLimit)
        }
        expectSame(try deaf.receiveAll(), sent)
        sender.join()
    }

    @Test func whoeverProducesWithoutLookingIsStopped() throws {
        let running = try RunningLoop()
        var options = ConnectionOptions()
        options.outputLimit = 3 << 20
        let handler = RecordingHandler(opened: { connection in
            for _ in 0..<100 { connection.send([UInt8](repeating: 1, count: 100_000)) }
        })
        let listener = try running.listen(":0", options: options) { _ in handler }
        let client = try connect(listener.address)
        #expect(handler.reason() == .slowReader)
        // The socket took some of it, or nothing.
        let received = try? client.receiveAll().count
        #expect(received ?? 0 <= 3 << 20)
        #expect(handler.now.reasons.count == 1)
        #expect(handler.now.afterClose == 0)
    }

    @Test func whoeverFinishesIsNotHeldByAPeerThatDoesNotRead() throws {
        let running = try RunningLoop()
        var options = ConnectionOptions()
        options.stallMicroseconds = 20_000
        let handler = RecordingHandler(opened: { connection in
            connection.send([UInt8](repeating: 1, count: 32 << 20))
            connection.finish()
        })
        let listener = try running.listen(":0", options: options) { _ in handler }
        let client = try connect(listener.address)
        #expect(handler.reason() == .slowReader)
        // What was on its way is not lost.
        #expect(try client.receive(exactly: 1000).count == 1000)
    }

    @Test func aResetIsAnOrdinaryEnd() throws {
        let running = try RunningLoop()
        let handler = RecordingHandler()
        let listener = try running.listen(":0") { _ in handler }
        do {
            let client = try connect(listener.address)
            try client.send([1, 2, 3])
            eventually { handler.now.bytes == [1, 2, 3] }
            client.makeEndAReset()
        }
        #expect(handler.reason() == .reset)
        #expect(handler.now.inputEnded == 0)
    }

    @Test(arguments: [":0", "unix:"])
    func aPeerThatVanishesDuringMegabytesIsAnOrdinaryEnd(place: String) throws {
        let running = try RunningLoop()
        let handler = RecordingHandler(opened: { connection in
            for _ in 0..<32 { connection.send([UInt8](repeating: 1, count: 1 << 20)) }
        })
        let listener = try running.listen(
            place == ":0" ? place : place + freshSocketPath()
        ) { _ in handler }
        do {
            let client = try connect(listener.address)
            #expect(try client.receive(exactly: 1 << 20).count == 1 << 20)
        }
        #expect(handler.reason() == .reset)
        #expect(handler.now.reasons.count == 1)
        #expect(handler.now.afterClose == 0)
        let next = try connect(listener.address)
        #expect(try next.receive(exactly: 10).count == 10)
    }

    @Test(arguments: [":0", "unix:"])
    func afterAHalfCloseAnswersStillCome(place: String) throws {
        let running = try RunningLoop()
        let handler = RecordingHandler(inputEnded: { connection in
            // The answer takes its time, as a commit does.
            connection.loop.schedule(after: 5000) {
                connection.send(pattern(300_000))
                connection.finish()
            }
        })
        let listener = try running.listen(
            place == ":0" ? place : place + freshSocketPath()
        ) { _ in handler }
        let client = try connect(listener.address)
        try client.send([9, 9])
        client.finishSending()
        expectSame(try client.receiveAll(), pattern(300_000))
        #expect(handler.reason() == .finished)
        #expect(handler.now.bytes == [9, 9])
        #expect(handler.now.inputEnded == 1)
    }

    @Test func theLastWordsReachAPeerWhoseBytesAreUnread() throws {
        let running = try RunningLoop()
        let handler = RecordingHandler(opened: { connection in
            connection.pauseReading()
            connection.send(Array("you are not welcome".utf8))
            connection.finish()
            #expect(!connection.isOpen)
            connection.send([0])
        })
        let listener = try running.listen(":0") { _ in handler }
        let client = try connect(listener.address)
        try client.send(pattern(200_000))
        #expect(try client.receiveAll() == Array("you are not welcome".utf8))
        client.finishSending()
        #expect(handler.reason() == .finished)
        #expect(handler.now.bytes.isEmpty)
    }

    @Test func nothingIsReadWhileReadingIsPaused() throws {
        let running = try RunningLoop()
        let accepted = Accepted()
        let handler = RecordingHandler(opened: { connection in
            connection.pauseReading()
            accepted.add(connection)
        })
        let listener = try running.listen(":0") { connection in
            connection.id == 1 ? handler as any ConnectionHandler : EchoHandler()
        }
        let paused = try connect(listener.address)
        let connection = try #require(accepted.first())
        try paused.send(pattern(5000))
        let other = try connect(listener.address)
        for _ in 0..<50 { try other.expectEcho(of: [1]) }
        #expect(handler.now.bytes.isEmpty)
        running.call { connection.resumeReading() }
        eventually { handler.now.bytes.count == 5000 }
        expectSame(handler.now.bytes, pattern(5000))
    }

    @Test func aPeerThatHangsUpOnAPausedReaderIsNotHeardOfForEver() throws {
        let running = try RunningLoop()
        let accepted = Accepted()
        let handler = RecordingHandler(opened: { connection in
            connection.pauseReading()
            accepted.add(connection)
        })
        let listener = try running.listen("unix:" + freshSocketPath()) { connection in
            connection.id == 1 ? handler as any ConnectionHandler : EchoHandler()
        }
        do { try connect(listener.address).send([1, 2, 3]) }
        let connection = try #require(accepted.first())
        let other = try connect(listener.address)
        let before = running.statistics.wakeUps
        for _ in 0..<100 { try other.expectEcho(of: [1]) }
        // A turn an echo, and a few more; a loop that spins makes thousands.
        #expect(running.statistics.wakeUps - before < 150)
        #expect(handler.now.reasons.isEmpty)
        running.call { connection.resumeReading() }
        #expect(handler.reason() == .finished)
        #expect(handler.now.bytes == [1, 2, 3])
        #expect(handler.now.inputEnded == 1)
    }

    @Test func closingFromAnywhereEndsOnce() throws {
        let running = try RunningLoop()
        let accepted = Accepted()
        let handler = RecordingHandler(opened: { accepted.add($0) })
        let listener = try running.listen(":0") { _ in handler }
        let client = try connect(listener.address)
        let connection = try #require(accepted.first())
        running.call {
            connection.send([1])
            connection.close()
            connection.close()
            connection.finish()
            connection.send([2])
            connection.pauseReading()
            connection.resumeReading()
            #expect(!connection.isOpen)
        }
        #expect(handler.reason() == .closedHere)
        #expect(try client.receiveAll().isEmpty)
        #expect(handler.now.reasons == [.closedHere])
        #expect(handler.now.afterClose == 0)
    }

    @Test func aConnectionThatNobodyServesIsTurnedAway() throws {
        let running = try RunningLoop()
        let listener = try running.listen(":0") { connection in
            if connection.id == 2 { connection.close() }
            return connection.id == 1 ? nil : EchoHandler()
        }
        for _ in 0..<2 {
            let client = try connect(listener.address)
            #expect(try client.receiveAll().isEmpty)
        }
        try connect(listener.address).expectEcho(of: [4])
        #expect(running.statistics.connectionsOpened == 1)
    }
}
