import MnemeBase
import MnemeModel
import Testing

@testable import MnemeWire

/// A client and a server joined by a pipe that cuts everything anywhere, against a plain model:
/// what was asked of each id, and how it ended.
@Suite struct SessionPropertyTests {
    @Test func everyRequestEndsOnceWithItsOwnAnswer() throws {
        for _ in 0..<40 {
            let seed = UInt64.random(in: .min ... .max)
            var world = PipeWorld(seed: seed)
            try world.run()
            #expect(world.problems.isEmpty, "seed \(seed): \(world.problems)")
        }
    }
}

/// The two sessions, the pipe and the model.
struct PipeWorld {
    private let random: SeededRandomness
    private var client: ClientSession
    private var server: ServerSession
    private let limits: ServerLimits
    private var toServer: [UInt8] = []
    private var toClient: [UInt8] = []
    private var now: Int64 = 0
    /// What was asked by ids without an end: the key's number, which the answer repeats.
    private var asked: [UInt32: Int] = [:]
    private var cancelled: Set<UInt32> = []
    private var timed: Set<UInt32> = []
    /// What the server works on.
    private var working: [(id: UInt32, number: Int)] = []
    private var ends = 0
    private var sent = 0
    private(set) var problems: [String] = []

    init(seed: UInt64) {
        random = SeededRandomness(seed: seed)
        var limits = ServerLimits()
        limits.requestsInFlight = 1 + random.below(12)
        limits.largestFrame = 4096
        limits.bytesInFlight = 8192
        limits.waitingOutput = 1000 + random.below(100_000)
        limits.waitingResponses = 1000 + random.below(200_000)
        self.limits = limits
        server = ServerSession(limits: limits)
        client = ClientSession(lastID: UInt32.max - UInt32(random.below(20)))
        var hello = Hello(store: "s", client: "c", clientVersion: "1")
        hello.credit = 10_000 + random.below(100_000)
        client.connect(hello)
    }

    mutating func run() throws {
        for _ in 0..<600 {
            try step()
            check()
        }
        client.goodbye()
        var rounds = 0
        while !asked.isEmpty || !server.isDone || !toClient.isEmpty, rounds < 50_000 {
            try step(mayAsk: false)
            rounds += 1
        }
        if !asked.isEmpty { problems.append("\(asked.count) requests without an end") }
        if !server.isDone { problems.append("the server never finished") }
        if ends != sent { problems.append("\(sent) sent, \(ends) ended") }
        if client.requestCount != 0 { problems.append("the client still waits") }
    }

    private mutating func step(mayAsk: Bool = true) throws {
        now += Int64(random.below(3000))
        switch random.below(8) {
        case 0, 1: if mayAsk { ask() }
        case 2: move(mayAsk)
        case 3, 4: deliver(toServer: true)
        case 5, 6: deliver(toServer: false)
        default: try work()
        }
        try readServer()
        try readClient()
    }

    /// Moves a part of one side's output into the pipe, and a part of the pipe out of it.
    private mutating func deliver(toServer isToServer: Bool) {
        if isToServer {
            let count = random.below(client.output.count + 1)
            toServer += client.output.prefix(count)
            client.discardOutput(count)
            guard server.wantsInput else { return }
            let part = random.below(toServer.count + 1)
            server.receive(toServer, 0..<part)
            toServer.removeFirst(part)
        } else {
            let count = random.below(server.output.count + 1)
            toClient += server.output.prefix(count)
            server.discardOutput(count)
            let part = random.below(toClient.count + 1)
            client.receive(toClient, 0..<part)
            toClient.removeFirst(part)
        }
    }

    private mutating func ask() {
        let number = random.below(1 << 30)
        let isTimed = random.below(4) == 0
        let head = RequestHead(deadlineMilliseconds: isTimed ? UInt32(1 + random.below(20)) : 0)
        let text = String(repeating: "k", count: random.below(500))
        let request = Request.get([
            Reference("n", .int(Int64(number))), Reference("n", .text(text)),
        ])
        guard let id = try? client.send(request, head) else { return }
        if asked[id] != nil { problems.append("the id \(id) twice") }
        asked[id] = number
        if isTimed { timed.insert(id) }
        sent += 1
    }

    /// Cancels, abandons or pings.
    private mutating func move(_ mayAsk: Bool) {
        guard !asked.isEmpty else { return }
        let id = asked.keys.sorted()[random.below(asked.count)]
        switch random.below(6) {
        case 0, 1:
            client.cancel(id)
            cancelled.insert(id)
        case 2 where mayAsk:
            client.abandon(id)
            asked[id] = nil
            ends += 1
        case 3: client.ping(random.next())
        default: break
        }
    }

    private func answer(_ number: Int) -> Response {
        let size = [0, 10, 100, 70_000, 200_000][number % 5]
        return .records([
            Record(
                Reference("n", .int(Int64(number))),
                fields: ["b": .bytes(Array(repeating: 1, count: size))]
            )
        ])
    }

    private mutating func work() throws {
        guard !working.isEmpty else { return }
        let (id, number) = working.remove(at: random.below(working.count))
        if !server.respond(id, answer(number)) { problems.append("\(id) could not be answered") }
    }

    private mutating func readServer() throws {
        while let event = server.next(now: now) {
            switch event {
            case .hello: server.accept(identityHigh: 1, identityLow: 2, server: "s")
            case .request(let request):
                guard case .get(let references) = try request.body.request(request.operation),
                    case .int(let number)? = references.first?.key
                else {
                    problems.append("another request came")
                    continue
                }
                working.append((request.id, Int(number)))
            case .cancel(let id):
                // In time or not, as it comes.
                guard random.below(2) == 0 else { continue }
                fail(id, .cancelled)
            case .goodbye: break
            case .close(let error): problems.append("the server closed: \(error)")
            }
        }
        for id in server.expire(now: now) where random.below(3) > 0 { fail(id, .deadlineExceeded) }
    }

    private mutating func fail(_ id: UInt32, _ code: MnemeError.Code) {
        guard working.contains(where: { $0.id == id }) else {
            problems.append("a warning of \(id), which nobody works on")
            return
        }
        working.removeAll { $0.id == id }
        server.fail(id, MnemeError(code, "Ended."))
    }

    private mutating func readClient() throws {
        while let event = client.next() {
            switch event {
            case .welcome, .goodbye: break
            case .response(let id, let kind, let body):
                guard let number = end(id) else { continue }
                if try body.response(kind) != answer(number) { problems.append("a wrong answer") }
            case .failed(let id, let message):
                guard end(id) != nil else { continue }
                switch message.error.code {
                case .cancelled where cancelled.remove(id) != nil: break
                case .deadlineExceeded where timed.remove(id) != nil: break
                default: problems.append("\(id) failed: \(message.error)")
                }
            case .closed(let message): problems.append("closed: \(message.error)")
            }
            if let id = ended {
                cancelled.remove(id)
                timed.remove(id)
                ended = nil
            }
        }
    }

    private var ended: UInt32?

    private mutating func end(_ id: UInt32) -> Int? {
        guard let number = asked.removeValue(forKey: id) else {
            problems.append("\(id) ended twice")
            return nil
        }
        ends += 1
        ended = id
        return number
    }

    /// What is held stays within what the limits say.
    private mutating func check() {
        let response = 201_000
        let most =
            limits.waitingOutput + WireLimits.chunk + limits.waitingResponses
            + limits.requestsInFlight * response + limits.bytesInFlight + 3 * 65_536
        if server.heldByteCount > most { problems.append("the server holds too much") }
        if server.requestCount > limits.requestsInFlight { problems.append("too many in flight") }
        if client.heldByteCount > 1 << 20 { problems.append("the client holds too much") }
    }
}
