// A server over real sockets: many stores, many connections, whatever clients do.

import Glibc
import MnemeBase
import MnemeModel
import MnemeTransport
import MnemeWire
import Testing

@testable import MnemeServer

@Suite struct ServerTests {
    @Test func whatIsPutIsThereAfterTheServerIsBack() throws {
        let world = try ServerWorld()
        defer { world.remove() }
        let guest = try world.guest(store: "one")
        _ = try guest.perform(.define(ServerWorld.schema))
        _ = try guest.perform(.commit([ServerWorld.put("a", "tea")], .synced))
        let there = try guest.perform(
            .get([ServerWorld.reference("a"), ServerWorld.reference("b")])
        )
        guard case .records(let records) = there else {
            Issue.record("\(there)")
            return
        }
        #expect(records.map { $0?["text"] } == [.text("tea"), nil])
        #expect(try world.restart() == [:])
        let again = try world.guest(store: "one")
        #expect(
            try again.perform(.get([ServerWorld.reference("a"), ServerWorld.reference("b")]))
                == there
        )
        world.stop()
    }

    @Test func storesAreApart() throws {
        let world = try ServerWorld()
        defer { world.remove() }
        let one = try world.guest(store: "one")
        let other = try world.guest(store: "other")
        for (guest, text) in [(one, "tea"), (other, "milk")] {
            _ = try guest.perform(.define(ServerWorld.schema))
            _ = try guest.perform(.commit([ServerWorld.put("a", text)], .synced))
        }
        let standard = try world.guest(store: "")
        #expect(try world.text(one) == "tea")
        #expect(try world.text(other) == "milk")
        #expect(throws: MnemeError.self) { try world.text(standard) }
        world.stop()
    }

    @Test(arguments: ["../up", "a/b", ".hidden", "", "é", String(repeating: "a", count: 65)])
    func namesThatAreNoStores(name: String) throws {
        #expect(!StoreShelf.isName(name))
        if name.isEmpty { return }
        let world = try ServerWorld()
        defer { world.remove() }
        #expect(world.refusal(store: name) == .unknownStore)
        world.stop()
    }

    @Test func aServerThatMakesNoStores() throws {
        let world = try ServerWorld { $0.createsStores = false }
        defer { world.remove() }
        #expect(world.refusal(store: "new") == .unknownStore)
        world.stop()
    }

    @Test func oneStoreTooMany() throws {
        let world = try ServerWorld { $0.storeLimit = 2 }
        defer { world.remove() }
        let guests = try ["one", "two"].map { try world.guest(store: $0) }
        #expect(world.refusal(store: "three") == .tooManyRequests)
        #expect(world.refusal(store: "two") == nil)
        for guest in guests { _ = try guest.perform(.describe) }
        world.stop()
    }

    @Test func oneConnectionTooMany() throws {
        let world = try ServerWorld { $0.connectionLimit = 2 }
        defer { world.remove() }
        let one = try world.guest(store: "s")
        let two = try world.guest(store: "s")
        #expect(world.refusal(store: "s") == .tooManyRequests)
        _ = try one.perform(.describe)
        two.leave()
        // The place is free as soon as the server has seen the end.
        var isFree = false
        for _ in 0..<500 where !isFree {
            isFree = world.refusal(store: "s") == nil
            if !isFree { usleep(10_000) }
        }
        #expect(isFree)
        world.stop()
    }

    @Test func onlyThisMachineIsListenedTo() throws {
        let options = ServerOptions(
            root: "/tmp/mneme-server-none",
            addresses: [try Address(parsing: "0.0.0.0:0")]
        )
        do throws(MnemeError) {
            _ = try Server(options)
            Issue.record("it listens")
        } catch {
            #expect(error.code == .denied)
        }
    }

    @Test func aClientThatVanishesInItsCommits() throws {
        let world = try ServerWorld()
        defer { world.remove() }
        let keeper = try world.guest(store: "s")
        _ = try keeper.perform(.define(ServerWorld.schema))
        let request = Request.commit(
            (0..<200).map { ServerWorld.put("k\($0)", "text \($0)") },
            .synced
        )
        let frame = try ServerWorld.frame(request)
        let random = SeededRandomness(seed: 11)
        for _ in 0..<40 {
            let guest = try world.guest(store: "s")
            // All of it or a part of it; the answer is not waited for.
            let cut = random.below(4) == 0 ? frame.count : random.below(frame.count)
            try guest.sendRaw(Array(frame[..<cut]))
            guest.leave()
        }
        guard case .found(let found) = try keeper.perform(.find(Find("notes", limit: 1000))) else {
            Issue.record("no rows")
            return
        }
        #expect(found.rows.count == 0 || found.rows.count == 200)
        guard case .verified(let verification) = try keeper.perform(.verify) else {
            Issue.record("no verification")
            return
        }
        #expect(verification.findings == [])
        world.stop()
    }

    @Test func aClientThatReadsNothingHoldsUpNobody() throws {
        let world = try ServerWorld()
        defer { world.remove() }
        let keeper = try world.guest(store: "s")
        _ = try keeper.perform(.define(ServerWorld.schema))
        let long = String(repeating: "tea and milk ", count: 6000)
        for number in 0..<20 {
            _ = try keeper.perform(.commit([ServerWorld.put("k\(number)", long)], .none))
        }
        let rude = try world.guest(store: "s")
        let references = (0..<20).map { ServerWorld.reference("k\($0)") }
        let frame = try ServerWorld.frame(.get(references))
        // What it asks for is many times what the server would hold for it.
        try rude.setSendTimeout(200_000)
        var sent = 0
        for _ in 0..<200 {
            guard (try? rude.sendRaw(frame)) != nil else { break }
            sent += 1
        }
        #expect(sent > 0)
        for _ in 0..<50 { #expect(try world.text(keeper, "k1") == long) }
        rude.leave()
        world.stop()
    }

    @Test func noiseIsAnsweredWithAnErrorOrAnEnd() throws {
        let world = try ServerWorld()
        defer { world.remove() }
        let random = SeededRandomness(seed: 5)
        let texts: [[UInt8]] = [
            Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8),
            [0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3],
            [0xff, 0xff, 0xff, 0xff, 3, 0, 0, 0, 1, 0, 0, 0], [0, 0, 0, 0],
        ]
        for round in 0..<60 {
            let bytes =
                round < texts.count
                ? texts[round] : (0..<random.below(300)).map { _ in UInt8(random.below(256)) }
            let connection = try world.connect()
            try connection.send(bytes)
            connection.finishSending()
            // Whatever it says, it ends.
            while let more = try? connection.receive(atMost: 4096), !more.isEmpty {}
        }
        let guest = try world.guest(store: "s")
        _ = try guest.perform(.describe)
        world.stop()
    }

    @Test func stoppingAnswersWhatIsInFlight() throws {
        let world = try ServerWorld()
        defer { world.remove() }
        let guest = try world.guest(store: "s")
        _ = try guest.perform(.define(ServerWorld.schema))
        for number in 0..<50 {
            try guest.send(.commit([ServerWorld.put("k\(number)", "tea")], .synced))
        }
        #expect(world.stop() == [:])
        var answers = 0
        while let event = try? guest.next() {
            if case .response = event { answers += 1 }
        }
        let kept = try world.restart()
        #expect(kept == [:])
        let again = try world.guest(store: "s")
        guard case .found(let found) = try again.perform(.find(Find("notes", limit: 1000))) else {
            Issue.record("no rows")
            return
        }
        #expect(found.rows.count >= answers)
        world.stop()
    }
}

@Suite struct RootTests {
    private func refusal(_ root: String) throws -> MnemeError.Code? {
        let address = try Address(parsing: "127.0.0.1:0")
        do throws(MnemeError) {
            _ = try Server(ServerOptions(root: root, addresses: [address])).stop()
            return nil
        } catch {
            return error.code
        }
    }

    @Test func oneServerHasARoot() throws {
        let world = try ServerWorld()
        defer { world.remove() }
        #expect(try refusal(world.root) == .busy)
        world.stop()
        #expect(try refusal(world.root) == nil)
    }

    @Test func aStoreIsNoRoot() throws {
        let world = try ServerWorld()
        defer { world.remove() }
        _ = try world.guest(store: "s")
        #expect(try refusal(world.root + "/s") == .badRequest)
        world.stop()
        #expect(try refusal(world.root + "/s") == .badRequest)
    }

    @Test func aFileIsNoRoot() throws { #expect(try refusal("/dev/null") == .badRequest) }

    @Test func aRootIsMadeWithWhatLeadsToIt() throws {
        let world = try ServerWorld()
        defer { world.remove() }
        #expect(try refusal(world.root + "/new") == nil)
        world.stop()
    }
}
