import MnemeBase
import MnemeModel
import Testing

@testable import MnemeWire

/// Both session machines, rule by rule.
@Suite struct SessionTests {
    private let hello = Hello(store: "main", client: "test", clientVersion: "1")

    private func opened(
        _ limits: ServerLimits = ServerLimits(),
        credit: Int = 1 << 20,
        features: WireFeatures = []
    ) throws -> ServerSession {
        let session = ServerSession(limits: limits, features: .idempotency)
        var hello = self.hello
        hello.credit = credit
        hello.features = features
        session.receive(frame(.hello, hello.bytes))
        guard case .hello(hello)? = session.next(now: 0) else {
            Issue.record("no hello")
            return session
        }
        session.accept(identityHigh: 1, identityLow: 2, server: "s")
        let said = session.takeOutput()
        #expect(try split(said).map(\.head.kind) == [.welcome])
        return session
    }

    private func events(_ session: ServerSession, now: Int64 = 0) -> [String] {
        var events: [String] = []
        while let event = session.next(now: now) {
            switch event {
            case .hello: events.append("hello")
            case .request(let request): events.append("request \(request.id)")
            case .cancel(let id): events.append("cancel \(id)")
            case .goodbye: events.append("goodbye")
            case .close(let error): events.append("close \(error.code)")
            }
        }
        return events
    }

    /// Kinds, ids and codes of what a session sends.
    private func sent(_ session: ServerSession) throws -> [String] {
        try split(session.takeOutput()).map { frame in
            guard frame.head.kind == .error else { return "\(frame.head.kind) \(frame.head.id)" }
            return "\(try ErrorMessage(frame.payload).error.code) \(frame.head.id)"
        }
    }

    private func expectEvents(
        _ session: ServerSession,
        _ expected: [String],
        now: Int64 = 0,
        at place: SourceLocation = #_sourceLocation
    ) {
        let happened = events(session, now: now)
        #expect(happened == expected, sourceLocation: place)
    }

    private func expectSent(
        _ session: ServerSession,
        _ expected: [String],
        at place: SourceLocation = #_sourceLocation
    ) throws {
        let said = try sent(session)
        #expect(said == expected, sourceLocation: place)
    }

    /// What a session in this state does with these bytes.
    private func expectClosed(
        _ bytes: [UInt8],
        _ code: MnemeError.Code = .badFrame,
        isOpen: Bool = true
    ) throws {
        let session = isOpen ? try opened() : ServerSession()
        session.receive(bytes)
        let happened = events(session)
        #expect(happened.last == "close \(code)")
        #expect(!session.isDone && !session.wantsInput)
        let said = try sent(session)
        #expect(said.last == "\(code) 0")
        #expect(session.isDone && session.requestCount == 0)
        session.receive(try frame(.describe, id: 9))
        expectEvents(session, [])
        #expect(session.heldByteCount == 0)
    }

    @Test func brokenRulesEndTheConnection() throws {
        let get = try frame(Request.get([]), id: 1)
        try expectClosed(get, isOpen: false)
        try expectClosed(frame(.ping, [1, 2, 3, 4, 5, 6, 7, 8]), isOpen: false)
        try expectClosed(Array("GET / HTTP/1.1\r\n".utf8), isOpen: false)
        var long = [UInt8](repeating: 0, count: 12)
        (long[0], long[1], long[4]) = (0xfd, 0x0f, 1)
        try expectClosed(long, isOpen: false)
        try expectClosed(frame(.hello, [1, 2, 3]), isOpen: false)
        try expectClosed(get + get)
        try expectClosed(frame(.hello, hello.bytes))
        try expectClosed(frame(.goodbye) + frame(.goodbye))
        try expectClosed(frame(.credit, [0, 0, 0, 0]))
        try expectClosed(frame(.credit, [0, 0, 0, 0x40]))
        try expectClosed(frame(.response, flags: .last, opcode: 1, id: 1, [0xf6]))
        try expectClosed(frame(.welcome, []))
        for place in [5, 6, 7] {
            var head = RequestHead().bytes
            // One more than there are durabilities.
            head[place] = place == 5 ? 4 : 1
            try expectClosed(frame(.request, opcode: 2, id: 1, head + Request.describe.body()))
        }
        try expectClosed(try frame(.describe, id: 1, RequestHead(key: [1])))
        try expectClosed([0xff, 0xff, 0xff, 0xff, 3, 0, 4, 0, 1, 0, 0, 0])
    }

    @Test func versionsAreAgreedOnOrNamed() throws {
        var newer = hello
        (newer.lowestVersion, newer.highestVersion) = (2, 5)
        try expectClosed(frame(.hello, newer.bytes), .unsupportedVersion, isOpen: false)
        let server = ServerSession()
        server.receive(frame(.hello, newer.bytes))
        _ = events(server)
        let client = ClientSession()
        client.connect(hello)
        client.receive(server.takeOutput())
        guard case .closed(let message)? = client.next() else {
            Issue.record("not closed")
            return
        }
        #expect(message.error.code == .unsupportedVersion && message.detail == 0x1_0001)
        newer.lowestVersion = 1
        let open = ServerSession()
        open.receive(frame(.hello, newer.bytes + [9, 9]))
        expectEvents(open, ["hello"])
    }

    @Test func aRefusedHelloIsAnsweredAndClosed() throws {
        let session = ServerSession()
        session.receive(frame(.hello, hello.bytes))
        expectEvents(session, ["hello"])
        session.receive(try frame(.describe, id: 1))
        expectEvents(session, [])
        #expect(!session.wantsInput)
        session.refuse(MnemeError(.unknownStore, "There is no such store."))
        expectEvents(session, ["close unknownStore"])
        try expectSent(session, ["unknownStore 0"])
        #expect(session.isDone)
    }

    @Test func requestsBeyondTheLimitsAreRefusedAlone() throws {
        var limits = ServerLimits()
        limits.requestsInFlight = 2
        limits.largestFrame = 4096
        limits.bytesInFlight = 5000
        let session = try opened(limits, features: .idempotency)
        for id in UInt32(1)...3 { session.receive(try frame(.describe, id: id)) }
        expectEvents(session, ["request 1", "request 2"])
        try expectSent(session, ["tooManyRequests 3"])
        let answered = [session.respond(1, .done), session.respond(1, .done)]
        #expect(answered == [true, false])
        session.fail(2, MnemeError(.notFound, "No."))
        try expectSent(session, ["response 1", "notFound 2"])
        // By bytes: 3,000 and 3,000 are too many.
        let wide = Request.get([Reference("n", .text(String(repeating: "x", count: 3000)))])
        session.receive(try frame(wide, id: 3) + frame(wide, id: 4))
        session.receive(frame(.request, opcode: 99, id: 5, RequestHead().bytes))
        session.receive(try frame(.describe, id: 6, RequestHead(key: [7])))
        expectEvents(session, ["request 3", "request 6"])
        try expectSent(session, ["tooManyRequests 4", "badRequest 5"])
    }

    @Test func cancelsAndDeadlinesAreWarnedOfOnce() throws {
        let session = try opened()
        let head = RequestHead(deadlineMilliseconds: 5)
        session.receive(try frame(.describe, id: 1, head) + frame(.describe, id: 2))
        session.receive(frame(.cancel, id: 2) + frame(.cancel, id: 2) + frame(.cancel, id: 77))
        expectEvents(session, ["request 1", "request 2", "cancel 2"], now: 1000)
        #expect(session.nextDeadline == 6000)
        let expired = [5999, 6000, 7000].map { session.expire(now: $0) }
        #expect(expired == [[], [1], []])
        #expect(session.nextDeadline == nil && session.requestCount == 2)
        session.fail(1, MnemeError(.deadlineExceeded, "Late."))
        session.respond(2, .done)
        try expectSent(session, ["deadlineExceeded 1", "response 2"])
    }

    private func long(_ count: Int) -> Response {
        .records([
            Record(Reference("n", "k"), fields: ["t": .bytes(Array(repeating: 7, count: count))])
        ])
    }

    @Test func longAnswersWaitForCredit() throws {
        let session = try opened(credit: 100_000)
        session.receive(try frame(Request.get([]), id: 1) + frame(.describe, id: 2))
        _ = events(session)
        session.respond(1, long(200_000))
        session.respond(2, .done)
        let first = try split(session.takeOutput())
        #expect(first.map(\.head.id) == [1, 1, 2])
        #expect(first.map(\.head.payloadCount).prefix(2) == [65_536, 34_464])
        #expect(session.output.isEmpty && session.requestCount == 1)
        session.receive(frame(.credit, [0, 0, 2, 0]))
        expectEvents(session, [])
        let rest = try split(session.takeOutput())
        #expect(rest.last?.head.flags == .last && session.requestCount == 0)
        let body = (first + rest).filter { $0.head.id == 1 }.flatMap {
            $0.payload.bytes[$0.payload.range]
        }
        #expect(try Payload(body).response(.records) == long(200_000))
    }

    @Test func aStreamedReadCanBeCutAndAWriteCannot() throws {
        let session = try opened(credit: 0)
        session.receive(try frame(Request.get([]), id: 1) + frame(.commit([], .synced), id: 2))
        _ = events(session)
        session.respond(1, long(100_000))
        session.respond(2, long(100_000))
        session.receive(frame(.cancel, id: 2) + frame(.cancel, id: 1))
        expectEvents(session, [])
        try expectSent(session, ["cancelled 1"])
        #expect(session.requestCount == 1 && session.heldByteCount > 100_000)
        session.receive(frame(.credit, [0, 0, 4, 0]))
        expectEvents(session, [])
        try expectSent(session, ["response 2", "response 2"])
    }

    @Test func anAnswerBeyondTheLimitIsAnError() throws {
        var limits = ServerLimits()
        limits.largestResponse = 70_000
        let session = try opened(limits)
        session.receive(try frame(Request.get([]), id: 1))
        _ = events(session)
        session.respond(1, long(80_000))
        try expectSent(session, ["tooLarge 1"])
        #expect(session.requestCount == 0)
    }

    @Test func requestsWaitWhileTooMuchWaitsForCredit() throws {
        var limits = ServerLimits()
        limits.waitingResponses = 50_000
        let session = try opened(limits, credit: 0)
        session.receive(try frame(Request.get([]), id: 1))
        _ = events(session)
        session.respond(1, long(100_000))
        let head = RequestHead(deadlineMilliseconds: 1)
        session.receive(try frame(.describe, id: 2) + frame(.describe, id: 3))
        session.receive(try frame(.describe, id: 4, head) + frame(.cancel, id: 3))
        expectEvents(session, [])
        #expect(session.requestCount == 3)
        let expired = session.expire(now: 9000)
        #expect(expired.isEmpty)
        try expectSent(session, ["cancelled 3", "deadlineExceeded 4"])
        session.receive(frame(.credit, [0, 0, 4, 0]))
        expectEvents(session, ["request 2"])
    }

    @Test func nothingMoreIsReadWhileTheClientTakesNothing() throws {
        var limits = ServerLimits()
        limits.waitingOutput = 1000
        let session = try opened(limits)
        for _ in 0..<200 { session.receive(frame(.ping, [1, 2, 3, 4, 5, 6, 7, 8])) }
        expectEvents(session, [])
        #expect(!session.wantsInput)
        #expect(session.output.count <= 1020)
        var count = 0
        while !session.output.isEmpty {
            count += try split(session.takeOutput()).count
            expectEvents(session, [])
        }
        #expect(count == 200 && session.wantsInput)
    }

    @Test func drainingAnswersWhatIsInFlight() throws {
        let session = try opened()
        session.receive(try frame(.describe, id: 1))
        _ = events(session)
        session.drain(MnemeError(.shuttingDown, "Bye."), milliseconds: 50)
        session.receive(try frame(.describe, id: 2))
        expectEvents(session, [])
        try expectSent(session, ["goodbye 0", "shuttingDown 2"])
        #expect(!session.isDone)
        session.respond(1, .done)
        #expect(!session.isDone)
        try expectSent(session, ["response 1"])
        // The client may have sent more before it read the goodbye.
        #expect(!session.isDone)
        session.receive(try frame(.describe, id: 3))
        expectEvents(session, [])
        try expectSent(session, ["shuttingDown 3"])
        session.receive(frame(.goodbye))
        expectEvents(session, ["goodbye"])
        #expect(session.isDone)
    }

    private func client(
        _ limits: ClientLimits = ClientLimits(),
        credit: Int = 1 << 20
    ) throws -> ClientSession {
        let session = ClientSession(limits: limits, lastID: .max - 1)
        var hello = self.hello
        hello.credit = credit
        session.connect(hello)
        var server = ServerLimits()
        server.requestsInFlight = 3
        server.largestFrame = 4096
        server.bytesInFlight = 6000
        let welcome = Welcome(server, identityHigh: 0, identityLow: 0, server: "s")
        expectRefusal(session, .describe)
        session.receive(frame(.welcome, welcome.bytes))
        guard case .welcome(welcome)? = session.next() else {
            Issue.record("no welcome")
            return session
        }
        _ = session.takeOutput()
        return session
    }

    private func expectRefusal(
        _ session: ClientSession,
        _ request: Request,
        _ head: RequestHead = RequestHead(),
        at place: SourceLocation = #_sourceLocation
    ) {
        let id = try? session.send(request, head)
        #expect(id == nil, sourceLocation: place)
    }

    private func events(_ session: ClientSession) -> [String] {
        var events: [String] = []
        while let event = session.next() {
            switch event {
            case .welcome: events.append("welcome")
            case .response(let id, let kind, let body): events.append("\(kind) \(id) \(body.count)")
            case .failed(let id, let message): events.append("\(message.error.code) \(id)")
            case .goodbye(let message): events.append("goodbye \(message.error.code)")
            case .closed(let message): events.append("closed \(message.error.code)")
            }
        }
        return events
    }

    private func expectEvents(
        _ session: ClientSession,
        _ expected: [String],
        at place: SourceLocation = #_sourceLocation
    ) {
        let happened = events(session)
        #expect(happened == expected, sourceLocation: place)
    }

    @Test func aClientKeepsTheServersLimits() throws {
        let session = try client()
        let ids = try [session.send(.describe), session.send(.describe)]
        #expect(ids == [.max, 1])
        let wide = Request.get([Reference("n", .text(String(repeating: "x", count: 3900)))])
        let wider = Request.get([Reference("n", .text(String(repeating: "x", count: 4080)))])
        expectRefusal(session, wider)
        let third = try session.send(wide)
        #expect(third == 3)
        expectRefusal(session, .describe)
        expectRefusal(session, .describe, RequestHead(key: [1]))
        let said = session.takeOutput()
        #expect(try split(said).map(\.head.id) == [.max, 1, 3])
        session.receive(frame(.response, flags: .last, opcode: 1, id: 1, try Response.done.body()))
        expectEvents(session, ["done 1 7"])
        expectRefusal(session, wide)
        session.disconnect("gone")
        expectEvents(
            session,
            [
                "disconnected 3", "disconnected \(UInt32.max)", "closed disconnected",
            ]
        )
        #expect(session.requestCount == 0)
    }

    @Test func brokenAnswersEndTheConnection() throws {
        func closed(_ bytes: [UInt8], credit: Int = 1 << 20) throws {
            let session = try client(credit: credit)
            _ = try session.send(.describe)
            _ = try session.send(.describe)
            session.receive(bytes)
            let happened = events(session)
            #expect(happened.last == "closed badFrame")
            #expect(session.requestCount == 0 && !session.isDone)
            _ = session.takeOutput()
            #expect(session.isDone)
        }
        func part(_ id: UInt32, _ opcode: UInt16 = 4, _ count: Int = 10) -> [UInt8] {
            frame(.response, opcode: opcode, id: id, Array(repeating: 1, count: count))
        }
        try closed(part(7))
        try closed(part(1) + part(.max))
        try closed(part(1) + part(1, 5))
        try closed(part(1, 4, 100), credit: 99)
        try closed(frame(.error, id: 9, ErrorMessage(MnemeError(.busy, "")).bytes))
        try closed(frame(.request, opcode: 2, id: 1, RequestHead().bytes))
        try closed(frame(.hello, hello.bytes))
        try closed(frame(.response, opcode: 4, id: 1, Array(repeating: 1, count: 65_537)))
    }

    @Test func streamsAreJoinedAndGiveCreditBack() throws {
        let session = try client(credit: 100)
        let id = try session.send(.describe)
        let body = try long(150).body()
        _ = session.takeOutput()
        session.receive(frame(.response, opcode: 4, id: id, Array(body[..<60])))
        expectEvents(session, [])
        let given = try split(session.takeOutput()).map {
            Array($0.payload.bytes[$0.payload.range])
        }
        #expect(given == [[60, 0, 0, 0]])
        session.receive(frame(.response, opcode: 4, id: id, Array(body[60..<160])))
        session.receive(frame(.response, flags: .last, opcode: 4, id: id, Array(body[160...])))
        expectEvents(session, ["records \(id) \(body.count)"])
    }

    @Test func answersTooLongForTheClientAreThrownAway() throws {
        var limits = ClientLimits()
        limits.largestResponse = 100
        let session = try client(limits, credit: 1000)
        let (first, second) = (try session.send(.describe), try session.send(.describe))
        session.receive(frame(.response, opcode: 4, id: first, Array(repeating: 1, count: 90)))
        session.receive(frame(.response, opcode: 4, id: first, Array(repeating: 1, count: 20)))
        expectEvents(session, ["tooLarge \(first)"])
        #expect(session.requestCount == 2)
        session.receive(frame(.response, flags: .last, opcode: 4, id: first, [1]))
        session.abandon(second)
        session.receive(frame(.response, flags: .last, opcode: 1, id: second, [1]))
        expectEvents(session, [])
        #expect(session.requestCount == 0)
    }

    @Test func theTableIsADictionary() {
        let seed = UInt64.random(in: .min ... .max)
        let random = SeededRandomness(seed: seed)
        var table = RequestTable<Int>()
        var model: [UInt32: Int] = [:]
        for step in 0..<20_000 {
            // Ids that share low bits as well as neighbours.
            let id = UInt32(1 + random.below(40)) << UInt32(random.below(3) * 8)
            if model[id] == nil, random.below(2) == 0 {
                table.insert(id, step)
                model[id] = step
            } else {
                #expect(table.remove(id) == model.removeValue(forKey: id), "seed \(seed)")
            }
            #expect(table.count == model.count && table[id] == model[id], "seed \(seed)")
        }
        #expect(Dictionary(uniqueKeysWithValues: table.all.map { ($0.id, $0.entry) }) == model)
    }
}
