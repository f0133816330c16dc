// What is said when things go wrong: cancelled tasks, times that are over, servers that vanish, are
// silent, or speak something else.

import Mneme
import MnemeBase
import MnemeClient
import MnemeModel
import MnemeTransport
import MnemeWire
import Synchronization
import Testing

@Suite struct TroubleTests {
    /// A server that holds what comes, and a client.
    private func held(
        _ options: ClientOptions = .patient
    ) async throws -> (Memory, TestServer, Client) {
        let memory = try makeMemory()
        let server = try TestServer(memory)
        server.hold()
        return (memory, server, try await Client.connect(server.address, options: options))
    }

    // MARK: Cancelling

    @Test func aTaskThatIsCancelledBeforeItAsksSendsNothing() async throws {
        let (_, server, client) = try await held()
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return await failure { try await client.perform(put("a")) }
        }
        task.cancel()
        #expect(await task.value?.code == .cancelled)
        #expect(server.state.withLock { $0.arrived.isEmpty })
        try await client.close()
    }

    @Test(arguments: [put("a"), get("a")])
    func cancellingReachesTheServer(_ request: Request) async throws {
        let (memory, server, client) = try await held()
        let task = Task { await failure { try await client.perform(request) } }
        await server.arrival(of: 1)
        task.cancel()
        #expect(await task.value?.code == .cancelled)
        while server.state.withLock({ $0.cancelled }) == 0 { await Task.yield() }
        server.release()
        // The connection serves on, and nothing was written.
        #expect(try await client.get(Reference("things", "a")) == nil)
        #expect(try await memory.get(Reference("things", "a")) == nil)
        try await client.close()
    }

    @Test func aWriteThatCannotBeCancelledAnyMoreSaysWhatCameOfIt() async throws {
        let memory = try makeMemory()
        let server = try TestServer(memory)
        let client = try await Client.connect(server.address, options: .patient)
        // The server answers whatever it has begun; when the cancel comes is not known here.
        for number in 0..<100 {
            let task = Task { await failure { try await client.perform(put("\(number)")) } }
            if number % 2 == 0 { await server.arrival(of: number + 1) }
            task.cancel()
            let error = await task.value
            let isThere = try await memory.get(Reference("things", .text("\(number)"))) != nil
            #expect(error == nil ? isThere : error?.code == .cancelled && !isThere, "\(number)")
            if error != nil { server.state.withLock { $0.arrived.append(.commit) } }
        }
        try await client.close()
    }

    // MARK: Time

    @Test(arguments: [put("a"), get("a")])
    func whatTakesTooLongEndsAndChangesNothing(_ request: Request) async throws {
        let (memory, server, client) = try await held()
        let error = await failure { try await client.perform(request, timeout: .milliseconds(20)) }
        #expect(error?.code == .deadlineExceeded)
        let blocking = try BlockingClient.connect(server.address, options: .patient)
        let result = blocking.perform([request], timeout: .milliseconds(20))
        #expect(result.map { $0.code } == [.deadlineExceeded])
        server.release()
        #expect(try await client.get(Reference("things", "a")) == nil)
        #expect(try await memory.get(Reference("things", "a")) == nil)
        // The connection was not given up.
        #expect(try blocking.perform(.describe) == .schema(memory.schema))
        #expect(server.state.withLock { $0.connections } == 2)
        try await client.close()
    }

    @Test func aServerThatNeverAnswersIsNotWaitedForForEver() async throws {
        let (_, server, client) = try await held()
        server.state.withLock { $0.isMute = true }
        async let read = failure { try await client.perform(get("a"), timeout: .milliseconds(20)) }
        async let write = failure { try await client.perform(put("a"), timeout: .milliseconds(20)) }
        #expect(await read?.code == .deadlineExceeded)
        #expect(await write?.code == .outcomeUnknown)
        let blocking = try BlockingClient.connect(server.address, options: .patient)
        let results = blocking.perform([get("a"), put("b")], timeout: .milliseconds(20))
        #expect(results.map { $0.code } == [.deadlineExceeded, .outcomeUnknown])
    }

    @Test func aServerThatNeverSaysWelcomeIsNotWaitedForForEver() async throws {
        let server = try RawServer(saying: [], closes: false)
        var options = ClientOptions.patient
        options.connectTimeout = .milliseconds(50)
        let error = await failure { try await Client.connect(server.address, options: options) }
        #expect(error?.code == .deadlineExceeded)
        let other = await failure { try BlockingClient.connect(server.address, options: options) }
        #expect(other?.code == .deadlineExceeded)
    }

    // MARK: Others

    @Test(arguments: [
        "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n",
        "\u{16}\u{3}\u{1}\u{0}\u{5}hello there and more of it", "SSH-2.0-OpenSSH_9.6\r\n",
    ])
    func whatSpeaksSomethingElseIsNamed(_ text: String) async throws {
        let server = try RawServer(saying: Array(text.utf8), closes: true)
        let error = await failure { try await Client.connect(server.address, options: .patient) }
        #expect(error?.code == .badFrame && error?.message.contains(server.address) == true)
        let other = await failure { try BlockingClient.connect(server.address, options: .patient) }
        #expect(other == error)
    }

    @Test func aServerThatJustClosesIsNoMnemeServer() async throws {
        let server = try RawServer(saying: [], closes: true)
        let error = await failure { try await Client.connect(server.address, options: .patient) }
        #expect(error?.code == .disconnected)
        #expect(
            await failure { try BlockingClient.connect(server.address, options: .patient) }?.code
                == .disconnected
        )
    }

    @Test func aServerOfAnotherVersionIsNamed() async throws {
        let session = ServerSession()
        session.refuse(MnemeError(.unsupportedVersion, "Versions 7 to 9."), detail: 7 | 9 << 16)
        let server = try RawServer(saying: session.takeOutput(), closes: true)
        let error = await failure { try await Client.connect(server.address, options: .patient) }
        #expect(error?.code == .unsupportedVersion)
        let other = await failure { try BlockingClient.connect(server.address, options: .patient) }
        #expect(other?.code == .unsupportedVersion)
    }

    @Test func anUnknownStoreIsNamed() async throws {
        let server = try TestServer(try makeMemory())
        let error = await failure { try await Client.connect(server.address, store: "absent") }
        #expect(error?.code == .unknownStore)
        let other = await failure { try BlockingClient.connect(server.address, store: "absent") }
        #expect(other?.code == .unknownStore)
    }

    // MARK: Limits

    @Test func anAnswerAboveTheLimitFailsAloneAndOnlyThen() async throws {
        let memory = try makeMemory()
        let text = Value.text(String(repeating: "x", count: 400_000))
        _ = try await memory.commit([.put(Put("things", "long", ["text": text]))], .none)
        let server = try TestServer(memory)
        var options = ClientOptions.patient
        options.largestResponse = 100_000
        let client = try await Client.connect(server.address, options: options)
        #expect(await failure { try await client.perform(get("long")) }?.code == .tooLarge)
        #expect(try await client.perform(get("absent")) == .records([nil]))
        let blocking = try BlockingClient.connect(server.address, options: options)
        #expect(await failure { try blocking.perform(get("long")) }?.code == .tooLarge)
        #expect(try blocking.perform(get("absent")) == .records([nil]))
        try await client.close()
    }

    @Test func oneRequestTooManyIsRefusedAndNotLost() async throws {
        var options = ClientOptions.patient
        options.outstandingRequests = 3
        let (_, server, client) = try await held(options)
        let tasks = (0..<3).map { number in
            Task { await failure { try await client.perform(put("\(number)")) } }
        }
        await server.arrival(of: 3)
        #expect(await failure { try await client.perform(put("x")) }?.code == .tooManyRequests)
        server.release()
        for task in tasks { #expect(await task.value == nil) }
        try await client.close()
    }

    // MARK: The end

    @Test func closingEndsEverythingOnce() async throws {
        var options = ClientOptions.patient
        options.connections = 1
        let memory = try makeMemory()
        var limits = ServerLimits()
        limits.requestsInFlight = 4
        let server = try TestServer(memory, limits: limits)
        server.hold()
        let client = try await Client.connect(server.address, options: options)
        let tasks = (0..<10).map { number in
            Task { await failure { try await client.perform(put("\(number)")) } }
        }
        await server.arrival(of: 4)
        let closing = Task { await failure { try await client.close() } }
        // Those that wait fail at once; the server has the others, and answers them.
        while await failure({ try await client.perform(get("x")) })?.code != .closed {
            await Task.yield()
        }
        server.release()
        #expect(await closing.value == nil)
        var codes: [MnemeError.Code?] = []
        for task in tasks { codes.append(await task.value?.code) }
        #expect(codes.filter { $0 == nil }.count == 4)
        #expect(codes.filter { $0 == .closed }.count == 6)
        #expect(try memory.perform(.statistics, durability: nil).records["things"] == 4)
        try await client.close()
        #expect(await failure { try await client.perform(get("a")) }?.code == .closed)
    }

    @Test func aDrainLosesNothing() async throws {
        let memory = try makeMemory()
        let server = try TestServer(memory)
        // A connection may be drained again and again before its hello is answered.
        var options = ClientOptions.patient
        options.reconnects = 10_000
        let client = try await Client.connect(server.address, options: options)
        let drains = Task {
            while !Task.isCancelled {
                server.drain()
                try? await Task.sleep(for: .milliseconds(2))
            }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for number in 0..<40 {
                        let key = "\(task).\(number)"
                        _ = try await client.perform(put(key, number))
                        let record = try await client.get(Reference("things", .text(key)))
                        #expect(record?["number"] == .int(Int64(number)))
                    }
                }
            }
            try await group.waitForAll()
        }
        drains.cancel()
        #expect(try memory.perform(.statistics, durability: nil).records["things"] == 320)
        try await client.close()
    }
}

extension Result where Failure == MnemeError {
    var code: MnemeError.Code? {
        if case .failure(let error) = self { error.code } else { nil }
    }
}
