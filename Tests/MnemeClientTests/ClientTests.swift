// The remote doors answer as the store does, from one thread and from many tasks.

import Mneme
import MnemeBase
import MnemeClient
import MnemeModel
import MnemeTransport
import MnemeWire
import Synchronization
import Testing

func put(_ key: String, _ number: Int = 0) -> Request {
    .commit(
        [.put(Put("things", .text(key), ["number": .int(Int64(number))], mode: .insert))],
        .none
    )
}

func get(_ key: String) -> Request { .get([Reference("things", .text(key))]) }

/// A memory with the collection `things`.
func makeMemory() throws -> Memory {
    let memory = try Memory.inMemory()
    let fields = [Field("number", .int), Field("text", .text)]
    try memory.define(Schema(collections: [Collection("things", fields: fields)]))
    return memory
}

/// The error that something throws.
func failure<Answer>(_ body: () async throws -> Answer) async -> MnemeError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? MnemeError
    }
}

@Suite struct ClientTests {
    @Test func everyKindOfRequestIsAnsweredAsByTheStoreItself() async throws {
        let twin = try makeMemory()
        let wanted = Sample.requests.map { request in
            Sample.comparable(
                Result { () throws(MnemeError) in try twin.perform(request, durability: nil) }
            )
        }
        let server = try TestServer(try makeMemory())
        let client = try await Client.connect(server.address, store: "example", options: .patient)
        for (request, wanted) in zip(Sample.requests, wanted) {
            var answer: Result<Response, MnemeError>
            do throws(MnemeError) {
                answer = .success(try await client.perform(request))
            } catch {
                answer = .failure(error)
            }
            #expect(Sample.comparable(answer) == wanted, "\(request)")
        }
        try await client.close()

        let other = try TestServer(try makeMemory())
        let blocking = try BlockingClient.connect(
            other.address,
            store: "example",
            options: .patient
        )
        for (request, wanted) in zip(Sample.requests, wanted) {
            let answer = blocking.perform([request])
            #expect(answer.map(Sample.comparable) == [wanted], "\(request)")
        }
        blocking.close()
    }

    @Test func oneLineTellsTheDoorsApart() async throws {
        let server = try TestServer(try Memory.inMemory())
        let doors: [any Door] = [
            try Memory.inMemory(),
            try await Client.connect(server.address, store: "example", options: .patient),
        ]
        for memory in doors {
            _ = try await memory.remember([
                Remember("Ann keeps bees behind the old mill", owner: "ann"),
                Remember("The train to Lyon leaves at nine", owner: "ann"),
            ])
            let items = try await memory.recall("Who keeps beehives?", owner: "ann", limit: 1).items
            #expect(items.map { $0.record["text"] } == ["Ann keeps bees behind the old mill"])
            try await memory.close()
        }
    }

    @Test func hundredsOfTasksShareAPool() async throws {
        let memory = try makeMemory()
        var limits = ServerLimits()
        // Fewer than there are tasks: they wait instead of failing.
        limits.requestsInFlight = 8
        let server = try TestServer(memory, limits: limits)
        var options = ClientOptions.patient
        options.connections = 3
        let client = try await Client.connect(server.address, options: options)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<300 {
                group.addTask {
                    _ = try await client.perform(put("\(number)", number))
                    let record = try await client.get(Reference("things", .text("\(number)")))
                    #expect(record?["number"] == .int(Int64(number)))
                }
            }
            try await group.waitForAll()
        }
        #expect(try memory.perform(.statistics, durability: nil).records["things"] == 300)
        let connections = server.state.withLock { $0.connections }
        #expect(connections > 1 && connections <= 3)
        try await client.close()
    }

    @Test func pipelinedRequestsAreAnsweredInTheirOrder() throws {
        let memory = try makeMemory()
        var limits = ServerLimits()
        limits.requestsInFlight = 5
        let server = try TestServer(memory, limits: limits)
        let client = try BlockingClient.connect(server.address, options: .patient)
        for result in client.perform((0..<40).map { put("\($0)", $0) }) { _ = try result.get() }
        let gets = (0..<40).map { get("\($0)") } + [get("absent")]
        let wanted: [Result<Response, MnemeError>] = gets.map { request in
            Result { () throws(MnemeError) in try memory.perform(request, durability: nil) }
        }
        #expect(client.perform(gets) == wanted)
    }

    /// Requests and answers larger than what either side keeps for the other.
    @Test func neitherSideWaitsForTheOtherForEver() async throws {
        let memory = try makeMemory()
        let server = try TestServer(memory)
        let text = String(repeating: "long ", count: 40_000)
        let client = try BlockingClient.connect(server.address, options: .patient)
        let puts = (0..<20).map { number in
            Request.commit([.put(Put("things", .text("\(number)"), ["text": .text(text)]))], .none)
        }
        let mixed = zip(puts, (0..<20).map { get("\($0)") }).flatMap { [$0, $1] }
        for result in client.perform(mixed + puts) { _ = try result.get() }
        for number in 0..<20 {
            guard case .records(let records) = try client.perform(get("\(number)")) else {
                continue
            }
            #expect(records.first??["text"] == .text(text))
        }
        let asynchronous = try await Client.connect(server.address, options: .patient)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<20 {
                group.addTask {
                    _ = try await asynchronous.perform(puts[number])
                    let record = try await asynchronous.get(Reference("things", .text("\(number)")))
                    #expect(record?["text"] == .text(text))
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func unixSocketsWorkAsWell() async throws {
        let path = "/tmp/mneme-client-\(RealRandomness().next()).sock"
        let server = try TestServer(try makeMemory(), at: .unix(path: path))
        #expect(server.address == "unix:" + path)
        let client = try await Client.connect(server.address, options: .patient)
        #expect(try await client.describe().collections.contains { $0.name == "things" })
        try await client.close()
        server.stop()
    }

    @Test func theReadmesPortIsMeantWhereNoneIsGiven() async throws {
        // Only the error tells: nobody listens on a port of a Unix socket that is not there.
        let missing = await failure { try await Client.connect("unix:/tmp/no/such/socket") }
        #expect(missing?.code == .disconnected)
        for text in ["", "http://localhost", "localhost:x", "1.2.3.4.5", "unix:relative"] {
            let error = await failure { try await Client.connect(text) }
            #expect(error?.code == .badRequest, "\(text)")
        }
    }
}

extension Response {
    var records: [String: Int] {
        if case .statistics(let statistics) = self { statistics.records } else { [:] }
    }
}
