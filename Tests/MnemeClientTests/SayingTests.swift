// What clients say of how a request is to be done, and the verbs of the one that waits.

import Mneme
import MnemeClient
import MnemeModel
import Synchronization
import Testing

@Suite struct SayingTests {
    private static let said: [Durability?] = [nil, .synced, .buffered, .some(.none)]

    @Test func theDurabilityIsTheCallsElseTheOptions() async throws {
        for standard in Self.said {
            let server = try TestServer(try makeMemory())
            var options = ClientOptions.patient
            options.durability = standard
            let client = try await Client.connect(
                server.address,
                store: "example",
                options: options
            )
            let waiting = try BlockingClient.connect(
                server.address,
                store: "example",
                options: options
            )
            let request = Request.remember([Remember("tea", owner: "ann")])
            for said in Self.said {
                _ = try await client.perform(request, durability: said)
                _ = try waiting.perform(request, durability: said)
                _ = try waiting.perform([request, request], durability: said).map { try $0.get() }
                let heard = server.state.withLock { state in
                    defer { state.durabilities = [] }
                    return state.durabilities
                }
                #expect(heard == Array(repeating: said ?? standard, count: 4))
            }
            _ = try await client.perform(request)
            _ = try waiting.perform(request)
            #expect(server.state.withLock { $0.durabilities } == [standard, standard])
            waiting.close()
            try await client.close()
            server.stop()
        }
    }

    /// One program, whichever door is behind it.
    private func work(_ door: any BlockingDoor) throws -> [String] {
        var said: [String] = []
        try door.define(Schema(collections: [Collection("more", fields: [Field("n", .int)])]))
        said.append("\(try door.describe().collections.map(\.name).sorted())")
        said.append("\(try door.remember(Sample.memories))")
        #expect(try door.remember("Bees like clover", owner: "ann").description.count > 3)
        said.append("\(try door.relate([Sample.link]))")
        let put = Change.put(Put("more", "two", ["n": 2]))
        said.append("\(try door.commit([put]).outcomes)")
        said.append("\(try door.get(Reference("more", "two")).map(\.fields) ?? [:])")
        said.append("\(try door.get([Reference("more", "two"), Reference("more", "x")]).count)")
        said.append("\(try door.find(Find("more")).rows.count)")
        let (bees, roof) = (Reference("memories", "bees"), Reference("memories", "roof"))
        said.append("\(try door.walk(Walk(from: [bees])).stops.map(\.reference))")
        said.append("\(try door.path(Path(from: bees, to: roof))?.count ?? -1)")
        said.append("\(try door.recall("Who keeps bees?", limit: 1).items.map(\.record.reference))")
        let session = try door.openSession(owner: "ann")
        #expect(session.isNew)
        #expect(try door.append(to: session.id, [Remember("Hello", owner: "")]).count == 1)
        said.append("\(try door.endSession(session.id, summary: "short").summary ?? "")")
        said.append("\(try door.forget(Forget(keys: ["roof"])))")
        let records = try door.statistics().records.map { "\($0.key) \($0.value)" }
        said.append("\(records.sorted())")
        said.append("\(try door.verify().findings)")
        try door.checkpoint()
        try door.close()
        do {
            _ = try door.get(bees)
            said.append("open")
        } catch {
            said.append("\(error.code)")
        }
        return said
    }

    @Test func theVerbsOfBothDoorsAreTheSame() throws {
        let wanted = try work(try makeMemory())
        let server = try TestServer(try makeMemory())
        let heard = try work(
            BlockingClient.connect(server.address, store: "example", options: .patient)
        )
        #expect(heard.count == wanted.count)
        for (heard, wanted) in zip(heard, wanted) { #expect(heard == wanted) }
        #expect(wanted.last == "closed")
        server.stop()
    }
}
