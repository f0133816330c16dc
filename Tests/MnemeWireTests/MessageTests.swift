import MnemeBase
import MnemeModel
import Testing
import WireFuzz

@testable import MnemeWire

/// Messages one by one: golden bytes both ways, cut and damaged ones.
@Suite struct MessageTests {
    @Test func theFramesAreThoseOfThePage() throws {
        var hello = Hello(store: "main", client: "shell", clientVersion: "1.0")
        hello.features = .idempotency
        #expect(try frame(.hello, hello.bytes) == Golden.frame("hello"))
        #expect(try Hello(payload(Golden.frame("hello"))) == hello)

        var shown = Hello(store: "main", client: "shell", clientVersion: "1.0")
        shown.method = Hello.tokenMethod
        shown.token = Array(("mn_" + String(repeating: "A", count: 43)).utf8)
        #expect(try frame(.hello, shown.bytes) == Golden.frame("hello-token"))
        #expect(try Hello(payload(Golden.frame("hello-token"))) == shown)

        #expect(try !Hello(payload(Golden.frame("hello"))).wantsExisting)
        var picky = hello
        picky.wantsExisting = true
        #expect(picky.bytes == hello.bytes + [1])
        #expect(try Hello(Payload(picky.bytes)) == picky)
        // Of a later version.
        #expect(try Hello(Payload(hello.bytes + [0xff, 7])) == picky)
        #expect(try Hello(Payload(hello.bytes + [0xfe, 7])) == hello)

        let welcome = Welcome(
            ServerLimits(),
            identityHigh: 0x0123_4567_89ab_cdef,
            identityLow: 0xfedc_ba98_7654_3210,
            server: "mneme 1.0"
        )
        #expect(try frame(.welcome, welcome.bytes) == Golden.frame("welcome"))
        #expect(try Welcome(payload(Golden.frame("welcome"))) == welcome)

        let get = Request.get([Reference("notes", "a")])
        let head = RequestHead(deadlineMilliseconds: 1500)
        #expect(try frame(get, id: 1, head) == Golden.frame("request"))
        var body = Payload([])
        #expect(try RequestHead(payload(Golden.frame("request")), &body) == head)
        #expect(try body.request(.get) == get)

        let end = Request.endSession(id: "s1", summary: nil)
        let durable = RequestHead(durability: .buffered)
        #expect(try frame(end, id: 7, durable) == Golden.frame("request-durability"))
        #expect(try RequestHead(payload(Golden.frame("request-durability")), &body) == durable)
        #expect(try body.request(.endSession) == end)

        let records = Response.records([
            Record(Reference("notes", "a"), fields: ["text": "tea"]), nil,
        ])
        let written = frame(.response, flags: .last, opcode: 4, id: 1, try records.body())
        #expect(try written == Golden.frame("response"))
        #expect(try payload(Golden.frame("response")).response(.records) == records)

        let wait = ErrorMessage(MnemeError(.tooManyRequests, "Wait."), detail: 20)
        #expect(try frame(.error, id: 2, wait.bytes) == Golden.frame("error"))
        #expect(try ErrorMessage(payload(Golden.frame("error"))) == wait)
        let bye = ErrorMessage(MnemeError(.shuttingDown, "Bye."), detail: 1000)
        #expect(try frame(.goodbye, bye.bytes) == Golden.frame("goodbye"))
        #expect(try frame(.cancel, id: 2) == Golden.frame("cancel"))
        #expect(try frame(.credit, [0, 0, 1, 0]) == Golden.frame("credit"))
        #expect(try frame(.ping, [1, 2, 3, 4, 5, 6, 7, 8]) == Golden.frame("ping"))
        #expect(try frame(.pong, [1, 2, 3, 4, 5, 6, 7, 8]) == Golden.frame("pong"))
    }

    @Test func headsOfRequestsComeBack() throws {
        for durability in [nil] + Durability.allCases.map(Optional.some) {
            for key: [UInt8] in [[], [7], Array(repeating: 9, count: WireLimits.key)] {
                let head = RequestHead(
                    deadlineMilliseconds: .max,
                    durability: durability,
                    key: key
                )
                var body = Payload([])
                #expect(try RequestHead(Payload(head.bytes + [5]), &body) == head)
                #expect(body.count == 1)
                var damaged = head.bytes
                for number in UInt8(4)...255 {
                    damaged[5] = number
                    #expect(throws: WireError.self) {
                        try RequestHead(Payload(damaged), &body)
                    }
                }
            }
        }
    }

    @Test func everyRequestAndResponseHasItsBytes() throws {
        let bodies = try Golden.bodies()
        #expect(bodies.filter(\.isRequest).count == RequestKind.allCases.count)
        #expect(bodies.filter { !$0.isRequest }.count == ResponseKind.allCases.count)
        for body in bodies {
            let payload = Payload(body.bytes)
            if body.isRequest {
                let operation = try #require(RequestKind(rawValue: body.number))
                let request = try payload.request(operation)
                #expect(RequestKind(request) == operation, "\(body.name)")
                #expect(try request.body() == body.bytes, "\(body.name)")
            } else {
                let answer = try #require(ResponseKind(rawValue: body.number))
                let response = try payload.response(answer)
                #expect(ResponseKind(response) == answer, "\(body.name)")
                #expect(try response.body() == body.bytes, "\(body.name)")
            }
        }
    }

    @Test func theDirectWayHasTheBytesOfTheGeneralOne() throws {
        let id = UniqueID(high: 7, low: 9)
        let references: [[Reference]] = [
            [], [Reference("notes", "a"), Reference("notes", 17), Reference("b", .uuid(id))],
            [
                Reference("a/b", "x"), Reference("", "y"), Reference("é", "a/b/"),
                Reference("n", ""),
            ],
        ]
        for some in references {
            let bytes = try Request.get(some).body()
            #expect(try bytes == Request.get(some).spelling.cbor())
            #expect(Payload(bytes).references() == some)
        }
        let fields: [String: Value] = [
            "vector": .vector([1, .infinity, -2]), "at": .instant(Instant(microseconds: -1)),
            "deep": [["a": [1, 2.5, nil, true]]], "bytes": .bytes([1, 2]), "id": .uuid(id),
            "é": "é",
        ]
        for key: Key in ["a", -5, .uuid(id)] {
            let records: [Record?] = [nil, Record(Reference("notes", key), fields: fields), nil]
            let bytes = try Response.records(records).body()
            #expect(try bytes == Response.records(records).spelling.cbor())
            #expect(Payload(bytes).records() == records)
        }
    }

    @Test func commitsOfPutsHaveTheBytesOfTheGeneralWay() throws {
        let fields: [String: Value] = [
            "vector": .vector([1, -2]), "deep": [["a": [1, 2.5, nil, true]]], "é": "é",
        ]
        let plain: [[Change]] = [
            [], [.put(Put("notes", "a", fields))],
            [
                .put(Put("", nil, [:])), .put(Put("n/o", -5, ["x": nil], mode: .insert)),
                .put(Put("é", .uuid(UniqueID(high: 7, low: 9)), fields, mode: .replaceOwned)),
            ],
        ]
        let others: [Change] = [
            .put(Put("n", "k", [:], expiresAt: Instant(microseconds: 5))),
            .delete(Reference("n", "k")), .erase(Reference("n", "k")), .unlink(7),
        ]
        for durability in Durability.allCases {
            for changes in plain + others.map({ [$0] }) {
                let request = Request.commit(changes, durability)
                let bytes = try request.body()
                #expect(try bytes == request.spelling.cbor())
                #expect(try Payload(bytes).request(.commit) == request)
            }
            for changes in plain {
                let request = Request.commit(changes, durability)
                #expect(try Payload(request.body()).commit() == request)
            }
        }
        let outcomes: [[Committed.Outcome]] = [
            [], [.put(Reference("n", "a")), .put(Reference("a/b", 7))],
            [.put(Reference("n", "a")), .deleted(true), .linked(4), .unlinked(false)],
        ]
        for some in outcomes {
            for sequence: UInt64 in [0, 77, .max] {
                let response = Response.committed(Committed(sequence: sequence, outcomes: some))
                let bytes = try response.body()
                #expect(try bytes == response.spelling.cbor())
                let plain = some.count < 3
                #expect((Payload(bytes).committed() != nil) == plain)
                #expect(try Payload(bytes).response(.committed).body() == bytes)
            }
        }
    }

    /// Whatever the direct way reads of damaged bytes, the general way reads the same.
    @Test func theDirectWayTakesNothingThatTheGeneralOneRefuses() throws {
        let chance = SeededRandomness(seed: 11)
        let request = Request.commit(
            [
                .put(Put("notes", "a", ["a": 1, "b": [2.5]], mode: .insert)),
                .put(Put("n", 7, [:])),
            ],
            .buffered
        )
        let whole = try request.body()
        var taken = 0
        for _ in 0..<20_000 {
            var bytes = whole
            for _ in 0...chance.below(2) {
                bytes[chance.below(bytes.count)] = UInt8(truncatingIfNeeded: chance.next())
            }
            guard let direct = Payload(bytes).commit() else { continue }
            taken += 1
            #expect(try Request(spelling: Payload(bytes).value()) == direct)
        }
        #expect(taken > 0)
    }

    @Test func bothWaysRefuseTheSameDepth() throws {
        func nested(_ depth: Int) -> Response {
            var value: Value = 1
            for _ in 0..<depth { value = .array([value]) }
            return .records([Record(Reference("n", "k"), fields: ["f": value])])
        }
        for depth in 118...130 {
            let direct = try? nested(depth).body()
            #expect(direct == (try? nested(depth).spelling.cbor()), "\(depth)")
            if let direct { #expect(Payload(direct).records() != nil) }
        }
        #expect((try? nested(118).body()) != nil && (try? nested(130).body()) == nil)
    }

    @Test func aBodyUnderAForeignNumberIsRefused() throws {
        for body in try Golden.bodies() {
            let accepted =
                body.isRequest
                ? RequestKind.allCases.filter { (try? Payload(body.bytes).request($0)) != nil }
                    .count
                : ResponseKind.allCases.filter { (try? Payload(body.bytes).response($0)) != nil }
                    .count
            #expect(accepted == 1, "\(body.name)")
        }
    }

    @Test func cutMessagesAreRefused() throws {
        let hello = try Array(Golden.frame("hello").dropFirst(12))
        let welcome = try Array(Golden.frame("welcome").dropFirst(12))
        let error = try Array(Golden.frame("error").dropFirst(12))
        for count in hello.indices {
            #expect(throws: WireError.malformed(.hello)) {
                try Hello(Payload(Array(hello[..<count])))
            }
        }
        for count in welcome.indices {
            #expect(throws: WireError.malformed(.welcome)) {
                try Welcome(Payload(Array(welcome[..<count])))
            }
        }
        for count in error.indices {
            #expect(throws: WireError.malformed(.error)) {
                try ErrorMessage(Payload(Array(error[..<count])))
            }
        }
        #expect(try Hello(Payload(hello + [0, 2, 3])) == Hello(Payload(hello)))
        #expect(throws: WireError.malformed(.welcome)) { try Welcome(Payload(welcome + [0])) }
        for body in try Golden.bodies() {
            for count in body.bytes.indices {
                let cut = Payload(Array(body.bytes[..<count]))
                #expect(throws: MnemeError.self) {
                    if body.isRequest {
                        _ = try cut.request(#require(RequestKind(rawValue: body.number)))
                    } else {
                        _ = try cut.response(#require(ResponseKind(rawValue: body.number)))
                    }
                }
            }
        }
    }

    @Test func headsAreRefusedBeforeTheirPayloadComes() throws {
        func error(_ bytes: [UInt8], limit: Int = 1 << 20) -> WireError? {
            var splitter = FrameSplitter(limit: limit)
            splitter.append(bytes, 0..<bytes.count)
            do { _ = try splitter.next() } catch { return error }
            return nil
        }
        func head(_ length: UInt32, _ rest: [UInt8]) -> [UInt8] {
            (0..<4).map { UInt8(truncatingIfNeeded: length >> (8 * UInt32($0))) } + rest
        }
        let request: [UInt8] = [3, 0, 4, 0, 1, 0, 0, 0]
        #expect(error(head(.max, request)) == .frameTooLong(Int(UInt32.max) + 4, limit: 1 << 20))
        #expect(error(head(1 << 20, request)) == .frameTooLong(1 << 20 + 4, limit: 1 << 20))
        #expect(error(head(1 << 20 - 4, request)) == nil)
        #expect(error(head(7, request)) == .frameTooShort(7))
        #expect(error(head(8, [0, 0, 0, 0, 0, 0, 0, 0])) == .unknownKind(0))
        #expect(error(head(8, [11, 0, 0, 0, 0, 0, 0, 0])) == .unknownKind(11))
        #expect(error(head(16, [3, 1, 4, 0, 1, 0, 0, 0])) == .badFlags(1, .request))
        #expect(error(head(16, [4, 2, 4, 0, 1, 0, 0, 0])) == .badFlags(2, .response))
        #expect(error(head(16, [4, 0x81, 4, 0, 1, 0, 0, 0])) == .badFlags(0x81, .response))
        #expect(error(head(16, [3, 0, 4, 0, 0, 0, 0, 0])) == .badID(0, .request))
        #expect(error(head(8, [6, 0, 1, 0, 1, 0, 0, 0])) == .badOpcode(1, .cancel))
        #expect(error(head(9, [6, 0, 0, 0, 1, 0, 0, 0])) == .malformed(.cancel))
        #expect(error(head(8, [6, 0, 0, 0, 0, 0, 0, 0])) == .badID(0, .cancel))
        #expect(error(head(16, [9, 0, 0, 0, 1, 0, 0, 0])) == .badID(1, .ping))
        #expect(error(head(15, [9, 0, 0, 0, 0, 0, 0, 0])) == .malformed(.ping))
        #expect(error(head(5000, [1, 0, 0, 0, 0, 0, 0, 0])) == .frameTooLong(5004, limit: 4096))
        #expect(error(head(15, request)) == .malformed(.request))
    }

    @Test func errorsOfNewerVersionsStandForTheirAction() throws {
        let spelling: Value = ["code": 999, "name": "new", "action": "retry", "message": "Odd."]
        let body = try spelling.cbor()
        func message(_ action: UInt8, code: UInt16 = 999) throws -> ErrorMessage {
            let low = UInt8(truncatingIfNeeded: code)
            return try ErrorMessage(
                Payload([low, UInt8(code >> 8), action, 0, 0, 0, 0, 0] + body)
            )
        }
        #expect(try message(1).error.action == .retry && message(1).error.message == "Odd.")
        #expect(try message(2).error.action == .fixInput)
        #expect(try message(3).error.action == .reopen)
        #expect(try message(4).error.action == .report)
        #expect(throws: WireError.self) { try message(5) }
        #expect(throws: WireError.self) { try message(1, code: 998) }
        for code in MnemeError.Code.allCases {
            let given = ErrorMessage(MnemeError(code, "It went wrong.", cause: "so"))
            #expect(try ErrorMessage(Payload(given.bytes)) == given)
        }
        let long = ErrorMessage(MnemeError(.badRequest, String(repeating: "é", count: 9000)))
        #expect(long.bytes.count < 4000)
        #expect(try ErrorMessage(Payload(long.bytes)).error.message.hasPrefix("éé"))
    }

    @Test func theCorpusAndWhatIsMadeOfItBreaksNothing() throws {
        var corpus = try Golden.corpus()
        #expect(corpus.count > 40)
        // Of every kind there is one body at least, whatever the corpus has.
        for body in try Golden.bodies() {
            let input = WireFuzz.input(body.isRequest, body.number, body.bytes)
            corpus.append((body.name, input))
        }
        for entry in corpus { #expect(WireFuzz.run(entry.bytes) == nil, "\(entry.name)") }
        let seed = UInt64.random(in: .min ... .max)
        let random = SeededRandomness(seed: seed)
        for _ in 0..<2000 {
            let pick = corpus[random.below(corpus.count)]
            let other = corpus[random.below(corpus.count)]
            let input = WireFuzz.mutate(pick.bytes, with: other.bytes, random)
            let broken = WireFuzz.run(input)
            #expect(broken == nil, "seed \(seed), \(pick.name): \(input)")
        }
    }

    @Test func everyFlippedByteIsSurvived() throws {
        let names = [
            "hello", "welcome", "request", "response", "error", "credit", "goodbye", "ping",
        ]
        for name in names {
            let whole = try Golden.frame(name)
            for index in whole.indices {
                for bit in 0..<8 {
                    var damaged = whole
                    damaged[index] ^= 1 << UInt8(bit)
                    #expect(WireFuzz.run([0] + damaged) == nil, "\(name), byte \(index)")
                }
            }
        }
        for body in try Golden.bodies() {
            for index in body.bytes.indices {
                var damaged = body.bytes
                damaged[index] ^= 1 << UInt8(index % 8)
                let input = WireFuzz.input(body.isRequest, body.number, damaged)
                #expect(WireFuzz.run(input) == nil, "\(body.name), byte \(index)")
            }
        }
    }

    @Test func everyKindOfBodyIsInReachOfTheFuzzer() throws {
        var requests: Set<RequestKind> = []
        var responses: Set<ResponseKind> = []
        for byte in UInt8.min...UInt8.max {
            requests.insert(WireFuzz.kind(byte))
            responses.insert(WireFuzz.kind(byte))
        }
        #expect(requests == Set(RequestKind.allCases))
        #expect(responses == Set(ResponseKind.allCases))
        // What is called a body in the corpus is read as the kind that it is of.
        for entry in try Golden.corpus() where entry.name.hasPrefix("body-") {
            let kind = try #require(entry.bytes.dropFirst().first)
            let body = Payload(Array(entry.bytes.dropFirst(2)))
            if entry.name.hasPrefix("body-request-") {
                #expect(throws: Never.self, "\(entry.name)") {
                    try body.request(WireFuzz.kind(kind))
                }
            } else {
                #expect(throws: Never.self, "\(entry.name)") {
                    try body.response(WireFuzz.kind(kind))
                }
            }
        }
    }
}
