// Edge types are defined with the links that need them, or not at all.

import Mneme
import Testing

@Suite struct RefusedEdgeTypeTests {
    private func types(_ memory: Memory) -> [String] {
        memory.schema.edgeTypes.map(\.name).sorted()
    }

    private func linked(_ text: String, _ type: String, to: Key) -> Remember {
        var memory = Remember(text, owner: "ann")
        memory.links = [MemoryLink(type, to: to)]
        return memory
    }

    private func refuse(_ memory: Memory, _ body: () throws -> Void) throws {
        let before = (memory.schema, try memory.statistics().sequence)
        #expect(throws: MnemeError.self, performing: body)
        #expect(memory.schema == before.0)
        #expect(try memory.statistics().sequence == before.1)
    }

    private static let nowhere: Key = "nowhere"

    private func requests(_ key: Key, _ session: Session) -> [Request] {
        let from = Reference("memories", key)
        return [
            .relate([Link("new", from: from, to: Reference("memories", Self.nowhere))]),
            .relate([
                Link("new", from: from, to: from), Link("newer", from: from, to: from),
                Link("", from: from, to: from),
            ]),
            .remember([linked("two", "new", to: Self.nowhere)]),
            .remember([linked("two", "new", to: key), linked("three", "newer", to: Self.nowhere)]),
            .appendToSession(
                id: session.id,
                entries: [linked("two", "new", to: Self.nowhere)]
            ),
        ]
    }

    private func sample() throws -> (Memory, [Request]) {
        let memory = try Memory.inMemory()
        let key = try memory.remember("one", owner: "ann")
        return (memory, requests(key, try memory.openSession(owner: "ann")))
    }

    @Test func refusedCallsDefineNothing() throws {
        let (memory, requests) = try sample()
        for request in requests { try refuse(memory) { _ = try memory.perform(request) } }
        #expect(types(memory) == [])
        #expect(try memory.find(Find("memories")).rows.count == 1)
    }

    @Test func refusedTasksDefineNothing() async throws {
        let (memory, requests) = try sample()
        for request in requests {
            await #expect(throws: MnemeError.self) { try await memory.perform(request) }
        }
        #expect(types(memory) == [])
    }

    @Test func acceptedCallsDefineInTheirBatch() throws {
        let memory = try Memory.inMemory()
        let key = try memory.remember("one", owner: "ann")
        let before = try memory.statistics().sequence
        let keys = try memory.remember([linked("two", "about", to: key)])
        // Schema, put, link and one commit.
        #expect(try memory.statistics().sequence == before + 4)
        let session = try memory.openSession(owner: "ann")
        _ = try memory.append(to: session.id, [linked("three", "after", to: keys[0])])
        let (from, to) = (Reference("memories", key), Reference("memories", keys[0]))
        #expect(try memory.relate([Link("likes", from: from, to: to)]).count == 1)
        #expect(try memory.relate([Link("likes", from: to, to: from)]).count == 1)
        #expect(types(memory) == ["about", "after", "likes"])
        #expect(try memory.walk(Walk(from: [from], hops: 1)).count > 0)
        #expect(try memory.verify().findings == [])
    }

    /// What one batch has is there after the log is read again.
    @Test func batchesWithSchemasAreReplayed() throws {
        let path = "/tmp/mneme-edges-\(UInt64.random(in: 0 ..< .max))"
        let memory = try Memory.open(path)
        let key = try memory.remember("one", owner: "ann")
        _ = try memory.remember([linked("two", "about", to: key)])
        try memory.close()
        try Memory.rebuild(path)
        let again = try Memory.open(path)
        #expect(types(again) == ["about"])
        #expect(try again.verify().findings == [])
        try again.close()
    }
}
