// Who is let in: tokens that come, go, end and are drawn anew while the server runs, and those who
// guess.

import Mneme
import MnemeBase
import MnemeModel
import MnemeTransport
import Testing

@testable import MnemeServer
@testable import MnemeWire

@Suite struct TokenTests {
    private func give(
        _ world: ServerWorld,
        _ permit: Permit,
        stores: Set<String>? = nil
    ) throws
        -> String
    {
        let text = TokenText.draw(RealRandomness())
        let entry = TokenEntry(
            permit,
            stores: stores,
            created: Instant(microseconds: 1),
            secrets: [TokenEntry.Secret(hash: TokenText.hash(Array(text.utf8)))]
        )
        try TokenFile(root: world.root).change { list throws(MnemeError) in try list.add(entry) }
        return text
    }

    private func code(_ body: () throws -> Void) -> MnemeError.Code? {
        do {
            try body()
            return nil
        } catch {
            return (error as? MnemeError)?.code
        }
    }

    @Test func withTokensNobodyIsLetInWithoutOne() throws {
        let world = try ServerWorld()
        defer { world.remove() }
        #expect(world.refusal(store: "s") == nil)
        #expect(world.refusal(store: "s", token: "mn_x") == .unauthenticated)
        let token = try give(world, Permit("ann", .admin))
        #expect(world.refusal(store: "s") == .unauthenticated)
        #expect(world.refusal(store: "s", token: "mn_x") == .unauthenticated)
        #expect(world.refusal(store: "s", token: token) == nil)
        let guest = try Guest(world.connect(), store: "s", token: token)
        #expect(try guest.perform(.define(ServerWorld.schema)) == .done)
        // What is neither of the methods is none.
        #expect(
            code { _ = try Guest(world.connect(), store: "s", method: "key", token: token) }
                == .unauthenticated
        )
        // Where the file goes, nobody is let in any more.
        try RealDisk().remove(world.root + "/.tokens")
        #expect(world.refusal(store: "s") == .unauthenticated)
        world.refreshTokens()
        #expect(code { _ = try guest.perform(.describe) } == .unauthenticated)
    }

    @Test func aSecondHelloEndsTheConnection() throws {
        let world = try ServerWorld()
        defer { world.remove() }
        let token = try give(world, Permit("ann", .read, owners: ["ann"]))
        _ = try give(world, Permit("root", .admin))
        #expect(world.refusal(store: "s", token: token) == .unknownStore)
        let admin = try give(world, Permit("other", .admin))
        try world.guest(store: "s", token: admin).leave()
        let guest = try world.guest(store: "s", token: token)
        var hello = Hello(store: "s", client: "test", clientVersion: "1")
        (hello.method, hello.token) = (Hello.tokenMethod, Array(admin.utf8))
        var writer = FrameWriter()
        let bytes = hello.bytes
        writer.put(FrameHead(.hello, opcode: 0, id: 0, payloadCount: bytes.count), bytes[...])
        try guest.sendRaw(writer.take())
        #expect(code { _ = try guest.perform(.statistics) } != nil)
    }

    @Test func whatATokenMayChangesWhileItIsUsed() throws {
        let world = try ServerWorld()
        defer { world.remove() }
        let token = try give(world, Permit("ann", .admin))
        let guest = try world.guest(store: "s", token: token)
        _ = try guest.perform(.define(ServerWorld.schema))
        let file = TokenFile(root: world.root)
        try file.change { list throws(MnemeError) in
            var entry = try list.entry("ann")
            entry.permit.role = .read
            try list.revoke("ann")
            try list.add(entry)
        }
        world.refreshTokens()
        #expect(try guest.perform(.get([ServerWorld.reference("a")])) == .records([nil]))
        #expect(
            code { _ = try guest.perform(.commit([ServerWorld.put("a", "x")], .synced)) }
                == .forbidden
        )
        try file.change { list throws(MnemeError) in
            try list.expire("ann", at: Instant(microseconds: 5))
        }
        world.refreshTokens()
        #expect(code { _ = try guest.perform(.describe) } == .tokenExpired)
        #expect(world.refusal(store: "s", token: token) == .tokenExpired)
        try file.change { list throws(MnemeError) in
            try list.expire("ann", at: nil)
            let hash = TokenText.hash(Array("another".utf8))
            let now = Instant(microseconds: RealClock().now())
            let later = Instant(microseconds: now.microseconds + 3_600_000_000)
            try list.rotate("ann", to: hash, until: later, now: now)
        }
        world.refreshTokens()
        #expect(code { _ = try guest.perform(.describe) } == nil)
        #expect(world.refusal(store: "s", token: "another") == nil)
        #expect(world.refusal(store: "s", token: token) == nil)
        try file.change { list throws(MnemeError) in try list.revoke("ann") }
        world.refreshTokens()
        #expect(code { _ = try guest.perform(.describe) } == .unauthenticated)
    }

    @Test func aTokenOpensItsStoresAndMakesNone() throws {
        let world = try ServerWorld()
        defer { world.remove() }
        let admin = try give(world, Permit("root", .admin))
        let token = try give(world, Permit("ann", .write), stores: ["mine"])
        #expect(world.refusal(store: "mine", token: token) == .unknownStore)
        #expect(world.refusal(store: "mine", token: admin) == nil)
        #expect(world.refusal(store: "mine", token: token) == nil)
        #expect(world.refusal(store: "other", token: admin) == nil)
        for name in ["other", "none", ""] {
            #expect(world.refusal(store: name, token: token) == .forbidden)
        }
    }

    @Test func aFileThatCannotBeReadLetsNobodyElseIn() throws {
        let world = try ServerWorld()
        defer { world.remove() }
        let token = try give(world, Permit("ann", .admin))
        #expect(world.refusal(store: "s", token: token) == nil)
        try RealDisk().remove(world.root + "/.tokens")
        let file = try RealDisk().open(world.root + "/.tokens", .create)
        try file.write(Array("{".utf8), at: 0)
        try file.close()
        // What was read before holds on.
        #expect(world.refusal(store: "s", token: token) == nil)
        #expect(world.refusal(store: "s") == .unauthenticated)
        world.stop()
        #expect(code { _ = try world.restart() } == .badRequest)
    }

    @Test func whoGuessesWaits() throws {
        let world = try ServerWorld()
        defer { world.remove() }
        _ = try give(world, Permit("ann", .admin))
        for _ in 0..<LoginBrake.free {
            #expect(world.refusal(store: "s", token: "mn_guess") == .unauthenticated)
        }
        // However slow the machine is, it is faster than a minute.
        let codes = (0..<20).map { _ in world.refusal(store: "s", token: "mn_guess") }
        #expect(codes.contains(.tooManyLogins))
        #expect(codes.allSatisfy { $0 == .tooManyLogins || $0 == .unauthenticated })
    }

    @Test func whoWaitsIsToldForHowLong() throws {
        #expect(ServerConnection.tooManyLogins(1).message.contains(" in 1 second,"))
        #expect(ServerConnection.tooManyLogins(1_000_000).message.contains(" in 1 second,"))
        #expect(ServerConnection.tooManyLogins(59_000_001).message.contains(" in 60 seconds,"))
    }

    /// Who shows a good token guesses nothing, whatever store he asks for.
    @Test func aStoreThatATokenDoesNotOpenIsNoFailedLogin() throws {
        let world = try ServerWorld()
        defer { world.remove() }
        let token = try give(world, Permit("ann", .admin), stores: ["mine"])
        for _ in 0..<(3 * LoginBrake.free) {
            #expect(world.refusal(store: "other", token: token) == .forbidden)
        }
        #expect(world.refusal(store: "mine", token: token) == nil)
    }

    @Test func fewRefusalsASecondAreKeptOfWhoHasAGoodToken() {
        var brake = LoginBrake()
        for start in [5, 1_000_005] as [Microseconds] {
            let kept = (0..<100).map { brake.keepsRefusal(now: start + $0) }
            #expect(kept.filter { $0 }.count == LoginBrake.mostKept && kept[0])
        }
    }

    /// A token ends by the time of day, however that jumps.
    @Test func aClockThatJumpsEndsATokenAndGivesItBack() throws {
        let world = try ServerWorld()
        defer { world.remove() }
        var permit = Permit("ann", .admin)
        permit.expiresAt = Instant(microseconds: 1000)
        let shown = Shown.token(TokenText.hash(Array(try give(world, permit).utf8)))
        let clock = SetClock()
        let book = try TokenBook(root: world.root, clock: clock)
        #expect(try book.admit(shown) != nil)
        clock.set(1000)
        #expect(code { _ = try book.admit(shown) } == .tokenExpired)
        clock.set(999)
        #expect(try book.admit(shown) != nil)
        // The brake goes by a clock that does not jump, and a step back of it shortens no wait.
        var brake = LoginBrake()
        for _ in 0...LoginBrake.free { brake.fail("a", now: 5_000_000) }
        #expect(brake.wait("a", now: 5_000_000) == 1_000_000)
        #expect(brake.wait("a", now: 4_000_000) == 2_000_000)
    }

    @Test func failedLoginsAreKept() throws {
        let world = try ServerWorld()
        defer { world.remove() }
        let token = try give(world, Permit("ann", .admin))
        let guest = try world.guest(store: "s", token: token)
        _ = try guest.perform(.audit(AuditSetting(AuditRule(writes: true, failures: true))))
        #expect(world.refusal(store: "s", token: "mn_guess") == .unauthenticated)
        let rows = try guest.perform(
            .find(
                Find(
                    AuditTrail.collection,
                    where: .compare(field: "verb", .eq("login")),
                    limit: 10
                )
            )
        )
        guard case .found(let found) = rows else {
            Issue.record("no rows")
            return
        }
        #expect(found.rows.map { $0.record["error"] } == [.text("unauthenticated")])
    }

    @Test func whatARevokedTokenAsksIsKept() throws {
        let world = try ServerWorld()
        defer { world.remove() }
        let token = try give(world, Permit("root", .admin))
        let root = try world.guest(store: "s", token: token)
        _ = try root.perform(.define(ServerWorld.schema))
        _ = try root.perform(.audit(AuditSetting(AuditRule(writes: true, failures: true))))
        let ann = try world.guest(store: "s", token: try give(world, Permit("ann", .write)))
        try TokenFile(root: world.root).change { list throws(MnemeError) in
            try list.revoke("ann")
        }
        world.refreshTokens()
        let find = Request.find(Find("notes", limit: 1))
        #expect(
            code { _ = try ann.perform(.get([ServerWorld.reference("a")])) } == .unauthenticated
        )
        #expect(code { _ = try ann.perform(find) } == .unauthenticated)
        let rows = try root.perform(
            .find(
                Find(
                    AuditTrail.collection,
                    where: .compare(field: "error", .eq("unauthenticated")),
                    order: [Order("$key")],
                    limit: 10
                )
            )
        )
        guard case .found(let found) = rows else { throw MnemeError(.badRequest, "") }
        #expect(found.rows.map { $0.record["verb"] } == [.text("get"), .text("find")])
    }

    @Test func theTableOfThoseWhoFailedIsBounded() {
        var brake = LoginBrake()
        for number in 0..<(3 * LoginBrake.most) { brake.fail("10.0.0.\(number)", now: 1) }
        #expect(brake.count == LoginBrake.most)
        for _ in 0..<20 { brake.fail("a", now: 5) }
        #expect(brake.wait("a", now: 5) == 60_000_000)
        #expect(brake.wait("a", now: 60_000_005) == 0)
        brake.succeed("a")
        #expect(brake.wait("a", now: 5) == 0)
        for _ in 0...LoginBrake.free { brake.fail("b", now: 5) }
        #expect(brake.wait("b", now: 5) == 1_000_000)
        brake.fail("b", now: 700_000_000)
        #expect(brake.wait("b", now: 700_000_000) == 0)
    }

    @Test func aNetworkIsBrakedHoweverItsHostsAreWritten() {
        for host in ["2001:db8:1:2::5", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"] {
            #expect(LoginBrake.name(ofHost: host) == "2001:db8:1:2")
        }
        // The last group of the network is a zero that is left out.
        for host in ["2001:db8:1::5", "2001:db8:1:0:9::5", "2001:db8:1::4:0:6"] {
            #expect(LoginBrake.name(ofHost: host) == "2001:db8:1:0")
        }
        #expect(LoginBrake.name(ofHost: "fe80::1") == "fe80:0:0:0")
        for host in ["10.1.2.3", "::1", "::ffff:10.1.2.3"] {
            #expect(LoginBrake.name(ofHost: host) == host)
        }
    }

    @Test func aRefusedRequestIsKeptUnderItsVerb() {
        for kind in RequestKind.allCases where kind != .inside {
            #expect(Request.verbs.contains(kind.verb), "\(kind)")
        }
    }

    /// What a transaction has changed is not committed when its token may only read by then.
    @Test func aTransactionCommitsWhatItsTokenStillMay() throws {
        let world = try ServerWorld()
        defer { world.remove() }
        let token = try give(world, Permit("ann", .admin))
        let guest = try world.guest(store: "s", token: token)
        _ = try guest.perform(.define(ServerWorld.schema))
        guard case .began(let id, _) = try guest.perform(.begin),
            case .began(let other, _) = try guest.perform(.begin)
        else { throw MnemeError(.badRequest, "") }
        let change = Request.commit([ServerWorld.put("a", "x")], .synced)
        _ = try guest.perform(.inside(transaction: id, change))
        try TokenFile(root: world.root).change { list throws(MnemeError) in
            var entry = try list.entry("ann")
            entry.permit.role = .read
            try list.revoke("ann")
            try list.add(entry)
        }
        world.refreshTokens()
        #expect(code { _ = try guest.perform(.commitTransaction(id, .synced)) } == .forbidden)
        #expect(try world.text(guest) == nil)
        // One that changes nothing ends as before.
        #expect(code { _ = try guest.perform(.commitTransaction(other, .synced)) } == nil)
    }

    /// Requests that wait for their slices are held against the token when it is their turn.
    @Test func whatWaitsBehindARevocationIsRefused() throws {
        let world = try ServerWorld()
        defer { world.remove() }
        let token = try give(world, Permit("ann", .admin))
        let guest = try world.guest(store: "s", token: token)
        _ = try guest.perform(.define(ServerWorld.schema))
        let (before, behind) = (100, 20)
        for _ in 0..<before { try guest.send(.get([ServerWorld.reference("a")])) }
        try TokenFile(root: world.root).change { list throws(MnemeError) in
            try list.revoke("ann")
        }
        world.refreshTokens()
        for _ in 0..<behind { try guest.send(.get([ServerWorld.reference("a")])) }
        var refused = 0
        for _ in 0..<(before + behind) {
            switch try guest.next() {
            case .response?: #expect(refused == 0)
            case .failed(_, let message)?:
                #expect(message.error.code == .unauthenticated)
                refused += 1
            default: throw MnemeError(.disconnected, "no answer")
            }
        }
        #expect(refused >= behind)
    }
}
