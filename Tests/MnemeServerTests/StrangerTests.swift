// Clients that begin and do not go on: no hello, no rest of a frame, nothing read, no credit. Each
// is ended with an error that says why, or closed; what is kept for all of them together is
// bounded, and others are served meanwhile.

import MnemeBase
import MnemeModel
import MnemeTransport
import Testing

@testable import MnemeServer
@testable import MnemeWire

@Suite struct StrangerTests {
    private static let soon: Microseconds = 20_000

    /// What a server says to whoever sends bytes and no more, until it ends the connection.
    private func answers(to bytes: [UInt8], _ world: ServerWorld) throws -> [Frame] {
        try answers(of: world.connect(), to: bytes)
    }

    private func answers(of connection: BlockingConnection, to bytes: [UInt8]) throws -> [Frame] {
        if !bytes.isEmpty { try connection.send(bytes) }
        var splitter = FrameSplitter(limit: 1 << 20)
        var frames: [Frame] = []
        while true {
            let bytes = try connection.receive(atMost: 65_536)
            if bytes.isEmpty { return frames }
            splitter.append(bytes, 0..<bytes.count)
            while let frame = try splitter.next() { frames.append(frame) }
        }
    }

    private func code(_ frames: [Frame]) throws -> MnemeError.Code? {
        let error = frames.last { $0.head.kind == .error }
        return try error.map { try ErrorMessage($0.payload).error.code }
    }

    private func frame(
        _ kind: FrameKind,
        opcode: UInt16 = 0,
        id: UInt32 = 0,
        _ payload: [UInt8]
    ) -> [UInt8] {
        var writer = FrameWriter()
        let head = FrameHead(kind, opcode: opcode, id: id, payloadCount: payload.count)
        writer.put(head, payload[...])
        return writer.take()
    }

    private var hello: [UInt8] {
        frame(.hello, Hello(store: "s", client: "test", clientVersion: "1").bytes)
    }

    /// The beginning of a put of so many bytes, of which `sent` come.
    private func beginning(_ count: Int, sent: Int) -> [UInt8] {
        let bytes = [UInt8](repeating: 0, count: count)
        return Array(frame(.request, opcode: RequestKind.commit.rawValue, id: 1, bytes)[..<sent])
    }

    @Test func whoDoesNotSayWhoHeIsIsEnded() throws {
        let world = try ServerWorld { $0.helloMicroseconds = Self.soon }
        defer { world.remove() }
        for count in [0, 1, 11, 12, hello.count - 1] {
            let said = try answers(to: Array(hello[..<count]), world)
            #expect(try code(said) == .deadlineExceeded, "after \(count) bytes")
        }
    }

    @Test func whatComesBeforeAHelloIsRefused() throws {
        let world = try ServerWorld()
        defer { world.remove() }
        let early = try ServerWorld.frame(.describe) + hello
        #expect(try code(try answers(to: early, world)) == .badFrame)
        let twice = try answers(to: hello + hello, world)
        #expect(twice.first?.head.kind == .welcome)
        #expect(try code(twice) == .badFrame)
        _ = try world.guest(store: "s").perform(.describe)
    }

    @Test func aFrameThatIsNeverFinishedEndsItsConnection() throws {
        let world = try ServerWorld { $0.stallMicroseconds = Self.soon }
        defer { world.remove() }
        let other = try world.guest(store: "s")
        for count in [1, 12, 20, 30_000] {
            let said = try answers(to: hello + beginning(1 << 20, sent: count), world)
            #expect(said.map(\.head.kind) == [.welcome, .error])
            #expect(try code(said) == .deadlineExceeded, "after \(count) bytes")
        }
        // Who says nothing at all between frames is not ended.
        _ = try other.perform(.describe)
    }

    @Test func whatIsBegunByManyIsBoundedForAll() throws {
        let told = ToldEvents()
        let world = try ServerWorld {
            $0.burdenLimit = 1 << 20
            $0.report = told.report
        }
        defer { world.remove() }
        let other = try world.guest(store: "s")
        var begun: [BlockingConnection] = []
        for _ in 0..<8 {
            let connection = try world.connect()
            try connection.setSendTimeout(5_000_000)
            // Who is ended meanwhile cannot send the rest.
            try? connection.send(hello + beginning(1 << 20, sent: 300_000))
            begun.append(connection)
            _ = try other.perform(.describe)
        }
        let refused = try #require(told.wait(for: .connectionRefused))
        #expect(refused["code"] == "tooManyRequests")
        for connection in begun { connection.shutDown() }
        // What was kept for them is given back, when the server has seen that they are gone.
        for _ in 0..<20 { _ = try other.perform(.describe) }
        let wide = String(repeating: "x", count: 500_000)
        _ = try other.perform(.define(ServerWorld.schema))
        for _ in 0..<4 { _ = try other.perform(.commit([ServerWorld.put("a", wide)], .none)) }
    }

    @Test func answersThatNobodyTakesAreBoundedForAll() throws {
        let told = ToldEvents()
        let world = try ServerWorld {
            $0.burdenLimit = 4 << 20
            $0.report = told.report
        }
        defer { world.remove() }
        let other = try world.guest(store: "s")
        _ = try other.perform(.define(ServerWorld.schema))
        let wide = String(repeating: "many words ", count: 45_000)
        for key in ["a", "b"] {
            _ = try other.perform(.commit([ServerWorld.put(key, wide)], .none))
        }
        var greedy: [Guest] = []
        for _ in 0..<12 {
            let guest = try Guest(world.connect(), store: "s", credit: 0)
            _ = try? guest.send(.get([ServerWorld.reference("a"), ServerWorld.reference("b")]))
            greedy.append(guest)
        }
        let refused = try #require(told.wait(for: .connectionRefused))
        #expect(refused["code"] == "tooManyRequests")
        #expect(try world.text(other, "b") == wide)
        for guest in greedy { guest.leave() }
    }

    @Test func whoReadsNothingIsEnded() throws {
        let told = ToldEvents()
        let world = try ServerWorld {
            $0.stallMicroseconds = Self.soon
            $0.report = told.report
        }
        defer { world.remove() }
        let other = try world.guest(store: "s")
        _ = try other.perform(.define(ServerWorld.schema))
        // Just less than what needs credit.
        let wide = String(repeating: "x", count: 60_000)
        _ = try other.perform(.commit([ServerWorld.put("a", wide)], .none))
        let rude = try world.guest(store: "s")
        // More than the system keeps for both sides.
        let get = try RequestHead().bytes + Request.get([ServerWorld.reference("a")]).body()
        for id in 1...400 as ClosedRange<UInt32> {
            try? rude.sendRaw(frame(.request, opcode: RequestKind.get.rawValue, id: id, get))
        }
        let dropped = try #require(told.wait(for: .connectionDropped))
        #expect(dropped["message"]?.text?.contains("unread") == true)
        #expect(try world.text(other) == wide)
        rude.leave()
    }

    @Test func whoSaysNothingKeepsNobodyOut() throws {
        let world = try ServerWorld { $0.connectionLimit = 1 }
        defer { world.remove() }
        let silent = try (0..<200).map { _ in try world.connect() }
        let guest = try world.guest(store: "s")
        _ = try guest.perform(.describe)
        // The first of them had to go for others.
        #expect(try silent[0].receive(atMost: 16).isEmpty)
        #expect(world.refusal(store: "s") == .tooManyRequests)
        for connection in silent { connection.shutDown() }
    }

    @Test func aFloodOfTinyFramesHoldsUpNobody() throws {
        let world = try ServerWorld()
        defer { world.remove() }
        let other = try world.guest(store: "s")
        let rude = try world.guest(store: "s")
        try rude.setSendTimeout(200_000)
        var flood: [UInt8] = []
        for id in 1...2000 as ClosedRange<UInt32> {
            flood += frame(.cancel, id: id, []) + frame(.ping, [1, 2, 3, 4, 5, 6, 7, 8])
        }
        for _ in 0..<100 {
            // As long as somebody takes it.
            guard (try? rude.sendRaw(flood)) != nil else { break }
            _ = try other.perform(.describe)
        }
        for _ in 0..<20 { _ = try other.perform(.describe) }
        rude.leave()
    }
}
