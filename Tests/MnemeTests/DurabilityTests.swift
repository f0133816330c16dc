// Every request that writes is as durable as was said, by whichever way it came.

import MnemeBase
import MnemeLog
import MnemeModel
import Testing

@testable import Mneme
@testable import MnemeStore

@Suite struct DurabilityTests {
    /// A memory whose log nobody syncs but commits.
    private func makeMemory(_ durability: Durability) throws -> Memory {
        var files = StoreOptions()
        files.disk = MemoryDisk()
        files.worksInBackground = false
        var options = MemoryOptions()
        options.durability = durability
        let store = try Store.open("memory", .create, options: files)
        return try Memory(store: store, options: options)
    }

    /// Does a request as tasks and servers do.
    private func start(
        _ request: Request,
        _ durability: Durability?,
        on memory: Memory
    ) async throws -> Response {
        let result: Result<Response, MnemeError> = await withCheckedContinuation { waiter in
            memory.start(request, durability: durability) { waiter.resume(returning: $0) }
        }
        return try result.get()
    }

    /// Makes everything durable, so that what is written then is seen to be, or not to be.
    private func sync(_ memory: Memory) throws {
        _ = try memory.commit([.delete(Reference("memories", "absent"))], .synced)
    }

    /// Requests that write, but for `commit`; some define an edge type on the way.
    private func requests(_ turn: Int) -> [Request] {
        let key = Key.text("k\(turn)")
        let collection = Collection("c\(turn)", fields: [Field("number", .int)])
        return [
            .define(Schema(collections: [collection])),
            .remember([Remember("text \(turn)", owner: "ann", key: key)]),
            .remember([
                Remember("more", owner: "ann", links: [MemoryLink("new\(turn)", to: key)])
            ]),
            .relate([
                Link("new\(turn)", from: Reference("memories", key), to: Reference("memories", key))
            ]),
            .relate([
                Link("own\(turn)", from: Reference("memories", key), to: Reference("memories", key))
            ]),
            .openSession(owner: "ann", idleMinutes: 60),
            .forget(Forget(keys: [key])),
        ]
    }

    @Test(arguments: Durability.allCases, [nil] + Durability.allCases.map(Optional.some))
    func whatIsSaidCounts(standard: Durability, said: Durability?) async throws {
        let memory = try makeMemory(standard)
        let isSynced = (said ?? standard) == .synced
        let log = memory.store.log
        for (turn, isAsync) in [false, true].enumerated() {
            var requests = requests(turn)
            while !requests.isEmpty {
                let request = requests.removeFirst()
                try sync(memory)
                let before = memory.store.snapshot().sequence
                let response =
                    try isAsync
                    ? await start(request, said, on: memory)
                    : memory.perform(request, durability: said)
                if case .session(let session) = response, session.isNew || session.entryCount == 0 {
                    let entry = Remember("said \(turn)", owner: "ann")
                    requests.insert(.appendToSession(id: session.id, entries: [entry]), at: 0)
                    requests.insert(.endSession(id: session.id, summary: nil), at: 1)
                }
                // One that wrote nothing says nothing.
                guard memory.store.snapshot().sequence > before else { continue }
                #expect(log.isDurable == isSynced, "\(request)")
            }
        }
        try await memory.close()
    }

    @Test func aCommitSaysItItself() async throws {
        let memory = try makeMemory(.synced)
        let time = Value.instant(Instant(microseconds: 0))
        let fields: [String: Value] = [
            "owner": "ann", "slot": "s", "startedAt": time, "lastAt": time, "entryCount": 0,
        ]
        for said in Durability.allCases {
            try sync(memory)
            let record = Change.put(
                Put("sessions", "s", fields)
            )
            _ = try await start(.commit([record], said), .synced, on: memory)
            #expect(memory.store.log.isDurable == (said == .synced))
            _ = try memory.perform(.commit([record], said), durability: .synced)
            #expect(memory.store.log.isDurable == (said == .synced))
        }
        try await memory.close()
    }

    @Test func anInsertIsRefusedWhereTheKeyIsTaken() throws {
        let memory = try makeMemory(.synced)
        let new = Remember("tea", owner: "ann", key: "tea", mode: .insert)
        #expect(try memory.remember([new]) == ["tea"])
        for again in [new, Remember("tea", owner: "bob", key: "tea", mode: .insert)] {
            #expect(throws: MnemeError.self) { try memory.remember([again]) }
            #expect(
                MnemeError.Code.duplicate == code { _ = try memory.remember([again]) }
            )
        }
        // All or none.
        let other = Remember("milk", owner: "ann", key: "milk", mode: .insert)
        #expect(code { _ = try memory.remember([other, new]) } == .duplicate)
        #expect(try memory.get(Reference("memories", "milk")) == nil)
        #expect(code { _ = try memory.remember([other, other]) } == .duplicate)
        #expect(
            try memory.remember([Remember("green tea", owner: "ann", key: "tea")]) == ["tea"]
        )
        let session = try memory.openSession(owner: "ann")
        #expect(code { _ = try memory.append(to: session.id, [new]) } == .duplicate)
        #expect(try memory.openSession(owner: "ann").entryCount == 0)
        try memory.close()
    }

    @Test func aCheckpointIsARequest() throws {
        let memory = try makeMemory(.none)
        _ = try memory.remember([Remember("tea", owner: "ann")])
        #expect(!memory.store.log.isDurable)
        #expect(try memory.perform(.checkpoint) == .done)
        #expect(memory.store.log.isDurable)
        try memory.close()
        // The files may be another opening's by now.
        #expect(code { _ = try memory.perform(.checkpoint) } == .closed)
        #expect(code { try memory.checkpoint() } == .closed)
    }

    private func code(_ body: () throws -> Void) -> MnemeError.Code? {
        do {
            try body()
            return nil
        } catch {
            return (error as? MnemeError)?.code
        }
    }
}
