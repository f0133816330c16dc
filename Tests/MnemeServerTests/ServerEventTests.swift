// What a server says of itself from its start to its end, and of a store that takes no changes any
// more.

import Mneme
import MnemeBase
import MnemeModel
import MnemeTransport
import Testing

@testable import MnemeServer

@Suite struct ServerEventTests {
    @Test func aDayOfAServerIsTold() throws {
        let told = ToldEvents()
        let world = try ServerWorld { options in
            options.report = told.report
            options.createsStores = true
            options.metricsAddress = .tcp(host: "127.0.0.1", port: 0)
        }
        defer { world.remove() }
        #expect(told.names == [.started, .listening, .listening])
        try world.guest(store: "one").leave()
        #expect(told.of(.storeOpened).map(\.store) == ["one"])
        #expect(world.refusal(store: "gone", existing: true) == .unknownStore)
        let refused = try #require(told.wait(for: .storeRefused))
        #expect(refused.store == "gone" && refused["code"] == "unknownStore")
        world.stop()
        let end = told.names.suffix(3)
        #expect(end == [.draining, .storeClosed, .stopped], "\(told.names)")
    }

    @Test func loginsThatFailAreToldWithoutWhatTheyShow() throws {
        let told = ToldEvents()
        let world = try ServerWorld { $0.report = told.report }
        defer { world.remove() }
        for _ in 0..<100 where told.of(.loginSlowed).isEmpty {
            _ = world.refusal(store: "one", token: "mn_zebra")
        }
        let refused = try #require(told.wait(for: .loginRefused))
        #expect(refused.store == "one" && refused.connection != nil)
        #expect(refused["code"] == "unauthenticated" && refused["client"] == "test")
        #expect(told.of(.loginRefused).count > LoginBrake.free)
        #expect(told.of(.loginSlowed).count == 1)
        for event in told.of(.loginRefused) + told.of(.loginSlowed) {
            #expect(!LogLine.of(event, at: 0, as: .text).contains("zebra"))
        }
    }

    @Test func whoFindsNoRoomIsTold() throws {
        let told = ToldEvents()
        let world = try ServerWorld { options in
            options.report = told.report
            options.connectionLimit = 1
        }
        defer { world.remove() }
        let first = try world.guest(store: "one")
        #expect(world.refusal(store: "one") == .tooManyRequests)
        #expect(told.of(.connectionRefused).map { $0["code"] } == ["tooManyRequests"])
        first.leave()
    }

    @Test func tokensThatAreReadAgainAreTold() throws {
        let told = ToldEvents()
        let world = try ServerWorld { $0.report = told.report }
        defer { world.remove() }
        let entry = TokenEntry(
            Permit("ann", .admin),
            stores: nil,
            created: Instant(microseconds: 1),
            secrets: [TokenEntry.Secret(hash: TokenText.hash(Array("mn_x".utf8)))]
        )
        try TokenFile(root: world.root).change { list throws(MnemeError) in try list.add(entry) }
        world.refreshTokens()
        world.refreshTokens()
        #expect(told.of(.tokensRead).count == 1)
        try RealDisk().remove(world.root + "/.tokens")
        world.refreshTokens()
        #expect(told.of(.tokensGone).count == 1)
    }

    @Test func aWriterThatGaveUpIsSeenByWhoLooks() throws {
        let told = ToldEvents()
        let world = try ServerWorld { options in
            options.report = told.report
            options.metricsAddress = .tcp(host: "127.0.0.1", port: 0)
        }
        defer { world.remove() }
        let word = "zebrafinch"
        var guest = try world.guest(store: "one")
        _ = try guest.perform(.define(ServerWorld.schema))
        _ = try guest.perform(.commit([ServerWorld.put("a", word)], .synced))
        world.stop()
        try damage(word, in: world.root + "/one/log")
        _ = try world.restart()
        guest = try world.guest(store: "one")
        #expect(try writesRefused(world) == "0")
        let patch = Patch("notes", .text("a"), [.set("text", "tea")])
        let error = #expect(throws: MnemeError.self) {
            try guest.perform(.commit([.patch(patch)], .synced))
        }
        #expect(error?.code == .damagedLog)
        // Reads go on, changes do not, and whoever looks is told so.
        _ = try guest.perform(.describe)
        #expect(throws: MnemeError.self) {
            try guest.perform(.commit([ServerWorld.put("b", "tea")], .synced))
        }
        #expect(try writesRefused(world) == "1")
        let health = try Reply(of: "/health", world)
        #expect(health.status.hasPrefix("HTTP/1.1 503"))
        #expect(health.body.contains("one: "), "\(health.body)")
        let ended = try #require(told.wait(for: .writerEnded))
        #expect(ended.store == "one" && ended["message"] != nil)
    }

    private func writesRefused(_ world: ServerWorld) throws -> String? {
        let name = "mneme_writes_refused{store=\"one\"} "
        let line = try Reply(of: "/metrics", world).lines.first { $0.hasPrefix(name) }
        return line.map { String($0.dropFirst(name.count)) }
    }

    /// Changes a byte of a word where it stands in a file of a directory.
    private func damage(_ word: String, in directory: String) throws {
        let disk = RealDisk()
        let wanted = Array(word.utf8)
        var changed = 0
        for name in try disk.list(directory) {
            let file = try disk.open(directory + "/" + name, .readWrite)
            defer { try? file.close() }
            let bytes = try file.read(at: 0, count: Int(try file.byteCount()))
            guard let first = wanted.first else { continue }
            for place in bytes.indices where bytes[place] == first {
                guard bytes[place...].starts(with: wanted) else { continue }
                try file.write([bytes[place] ^ 1], at: UInt64(place))
                try file.sync()
                changed += 1
            }
        }
        #expect(changed > 0)
    }

    @Test func searchesAreMeasuredBehindEverythingElse() throws {
        let world = try ServerWorld { options in
            options.metricsAddress = .tcp(host: "127.0.0.1", port: 0)
            options.recallCheckMicroseconds = 20_000
        }
        defer { world.remove() }
        let guest = try world.guest(store: "one")
        let texts = ["tea", "milk", "bread", "rain", "snow", "a cat", "a dog", "the sea"]
        _ = try guest.perform(.remember(texts.map { Remember($0, owner: "ann") }))
        let name = "mneme_vector_recall{store=\"one\",collection=\"memories\",field=\"meaning\"} "
        let gate = Gate()
        var line: String?
        for _ in 0..<1000 where line == nil {
            line = try Reply(of: "/metrics", world).lines.first { $0.hasPrefix(name) }
            if line == nil { _ = gate.wait(atMost: 20_000) }
        }
        let told = try #require(line)
        let recall = try #require(Double(told.dropFirst(name.count)))
        #expect((0...1).contains(recall))
        let time = "mneme_vector_recall_checked_seconds{store=\"one\"} "
        #expect(try Reply(of: "/metrics", world).lines.contains { $0.hasPrefix(time) })
    }
}
