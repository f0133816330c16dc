// Clients that ask for much, take little, or come at a bad time: others are served, what is held
// for them is bounded, and the server goes on.

import Foundation
import Glibc
import MnemeBase
import MnemeModel
import MnemeTransport
import Testing

@testable import MnemeServer
@testable import MnemeWire

@Suite struct GreedTests {
    /// A store whose find answers some two mebibytes.
    private func fill(_ world: ServerWorld) throws -> Guest {
        let guest = try world.guest(store: "s")
        _ = try guest.perform(.define(ServerWorld.schema))
        let text = String(repeating: "many words ", count: 90)
        for first in [0, 1000] {
            let puts = (first..<(first + 1000)).map { ServerWorld.put("k\($0)", text) }
            _ = try guest.perform(.commit(puts, .none))
        }
        return guest
    }

    /// Who gives no credit gets few of his questions begun, and the rest can still be cancelled.
    @Test func questionsWaitWhileAnswersDo() throws {
        let world = try ServerWorld()
        defer { world.remove() }
        let other = try fill(world)
        let greedy = try Guest(world.connect(), store: "s", credit: 0)
        let find = Request.find(Find("notes", limit: 2000))
        for _ in 0..<60 { try greedy.send(find) }
        // The server has read them all when it has answered this.
        let last = try greedy.send(.describe)
        while case .response(let id, _, _)? = try greedy.next(), id != last {}
        for _ in 0..<50 { _ = try other.perform(.get([ServerWorld.reference("k7")])) }
        try greedy.cancel(60)
        var isCancelled = false
        if case .failed(60, let message)? = try greedy.next() {
            isCancelled = message.error.code == .cancelled
        }
        #expect(isCancelled)
        // With credit all others are answered.
        var answered = 0
        try greedy.giveCredit(1 << 29)
        while answered < 59, let event = try greedy.next() {
            if case .response(_, .found, let payload) = event {
                #expect(payload.count > 1 << 20)
                answered += 1
            }
        }
        #expect(answered == 59)
        world.stop()
    }

    /// Answers that can never be sent end with their connection.
    @Test func whoLeavesWithoutCreditIsLetGo() throws {
        let world = try ServerWorld { $0.connectionLimit = 2 }
        defer { world.remove() }
        let other = try fill(world)
        let greedy = try Guest(world.connect(), store: "s", credit: 0)
        try greedy.send(.find(Find("notes", limit: 2000)))
        let last = try greedy.send(.describe)
        while case .response(let id, _, _)? = try greedy.next(), id != last {}
        #expect(world.refusal(store: "s") == .tooManyRequests)
        greedy.leave()
        var isFree = false
        for _ in 0..<500 where !isFree {
            isFree = world.refusal(store: "s") == nil
            if !isFree { usleep(10_000) }
        }
        #expect(isFree)
        _ = try other.perform(.describe)
        world.stop()
    }

    /// Long questions of one connection leave workers to the others.
    @Test func oneConnectionDoesNotHaveAllWorkers() throws {
        let world = try ServerWorld {
            $0.workerCount = 2
            $0.workersPerConnection = 1
        }
        defer { world.remove() }
        let other = try fill(world)
        let greedy = try world.guest(store: "s")
        let scan = Find(
            "notes",
            where: .or(
                (0..<40).map { Filter.compare(field: "text", .contains(.text("none \($0)"))) }
            ),
            limit: 1
        )
        for _ in 0..<200 { try greedy.send(.find(scan)) }
        _ = try other.perform(.find(Find("notes", limit: 1)))
        // Most of them are still waiting.
        try greedy.cancel(200)
        var cancelled = 0
        while cancelled == 0, let event = try greedy.next() {
            if case .failed(200, let message) = event, message.error.code == .cancelled {
                cancelled += 1
            }
            if case .response(200, _, _) = event { break }
        }
        #expect(cancelled == 1)
        greedy.leave()
        world.stop()
    }

    /// Requests that come all at once are answered in slices, each once, while others are served,
    /// also when their sender says that they were all.
    @Test func manyQuestionsAtOnceAreAllAnswered() throws {
        let world = try ServerWorld()
        defer { world.remove() }
        let other = try fill(world)
        let connection = try world.connect()
        var writer = FrameWriter()
        let hello = Hello(store: "s", client: "test", clientVersion: "1").bytes
        writer.put(FrameHead(.hello, id: 0, payloadCount: hello.count), hello[...])
        let body = try RequestHead().bytes + Request.get([ServerWorld.reference("k7")]).body()
        let count: UInt32 = 20_000
        for id in 1...count {
            let opcode = RequestKind.get.rawValue
            let head = FrameHead(.request, opcode: opcode, id: id, payloadCount: body.count)
            writer.put(head, body[...])
        }
        // Who asks so much has to take the answers meanwhile.
        let bytes = writer.take()
        Thread.detachNewThread {
            try? connection.send(bytes)
            connection.finishSending()
        }
        var splitter = FrameSplitter(limit: 1 << 20)
        var answered: [UInt32] = []
        var turn = 0
        while true {
            let bytes = try connection.receive(atMost: 65_536)
            if bytes.isEmpty { break }
            splitter.append(bytes, 0..<bytes.count)
            while let frame = try splitter.next() {
                if frame.head.kind == .response { answered.append(frame.head.id) }
                #expect(frame.head.kind != .error)
            }
            turn += 1
            if turn % 16 == 0 { #expect(try world.text(other, "k8") != nil) }
        }
        #expect(answered == Array(1...count))
        world.stop()
    }

    /// A number that is used again means the new request, not the one that was ended under it.
    @Test func aCancelledRequestIsForgottenWithItsNumber() throws {
        let world = try ServerWorld {
            $0.workerCount = 1
            $0.workersPerConnection = 1
        }
        defer { world.remove() }
        let other = try fill(world)
        let connection = try world.connect()
        var writer = FrameWriter()
        let hello = Hello(store: "s", client: "test", clientVersion: "1").bytes
        writer.put(FrameHead(.hello, id: 0, payloadCount: hello.count), hello[...])
        try connection.send(writer.take())
        var splitter = FrameSplitter(limit: 1 << 20)
        func next() throws -> Frame {
            while true {
                if let frame = try splitter.next() { return frame }
                let bytes = try connection.receive(atMost: 65_536)
                try #require(!bytes.isEmpty)
                splitter.append(bytes, 0..<bytes.count)
            }
        }
        #expect(try next().head.kind == .welcome)
        func put(_ request: Request, _ id: UInt32) throws {
            let body = try RequestHead().bytes + request.body()
            let opcode = RequestKind(request).rawValue
            let head = FrameHead(.request, opcode: opcode, id: id, payloadCount: body.count)
            writer.put(head, body[...])
        }
        let scan = Find(
            "notes",
            where: .or((0..<40).map { .compare(field: "text", .contains(.text("none \($0)"))) }),
            limit: 1
        )
        for id in 1...4 as ClosedRange<UInt32> { try put(.find(scan), id) }
        let text = String(repeating: "boo ", count: 8000)
        try put(.commit([ServerWorld.put("ghost", text)], .synced), 9)
        writer.put(FrameHead(.cancel, id: 9, payloadCount: 0))
        try put(.find(Find("notes", limit: 1)), 9)
        try connection.send(writer.take())
        var ends: [FrameKind] = []
        while ends.count < 2 {
            let frame = try next()
            guard frame.head.id == 9 else { continue }
            ends.append(frame.head.kind)
            if frame.head.kind == .response {
                #expect(frame.head.opcode == ResponseKind.found.rawValue)
            }
        }
        #expect(ends == [.error, .response])
        #expect(try other.perform(.get([ServerWorld.reference("ghost")])) == .records([nil]))
        connection.shutDown()
        world.stop()
    }

    /// The server ends while stores are being opened for those who just came.
    @Test func endingWhileSomebodyIsGreeted() throws {
        for turn in 0..<4 {
            let world = try ServerWorld()
            defer { world.remove() }
            let connections = try (0..<4).map { _ in try world.connect() }
            for (place, connection) in connections.enumerated() {
                let session = ClientSession()
                session.connect(Hello(store: "s\(place)", client: "test", clientVersion: "1"))
                try connection.send(session.takeOutput())
            }
            usleep(UInt32(turn * 1500))
            #expect(world.stop() == [:])
        }
    }

    @Test func manyRecordsAreReadBesideTheLoop() throws {
        let world = try ServerWorld()
        defer { world.remove() }
        let guest = try fill(world)
        let references = (0..<1500).map { ServerWorld.reference("k\($0)") }
        guard case .records(let records) = try guest.perform(.get(references)) else {
            Issue.record("no records")
            return
        }
        #expect(records.count == 1500 && records.allSatisfy { $0 != nil })
        world.stop()
    }
}
