// Prepared questions whose answers stand in several leaves, asked again and again while the store
// changes or does not: always what find answers. And leaves that are damaged under them.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemePages
@testable import MnemeStore

@Suite struct PreparedQuestionTests {
    /// Whoever asks for the second one's means the third one's too.
    private static let owners = ["bob", "ann", "ann/work", "e\u{301}ve"]

    private static func schema(_ key: KeyType) -> Schema {
        var roles = Roles()
        roles.owner = "owner"
        return Schema(collections: [
            Collection(
                "items",
                key: key,
                fields: [Field("owner", .text), Field("at", .int), Field("note", .text)],
                indexes: [
                    Index("byOwner", on: ["owner", IndexField("at", descending: true)])
                ],
                roles: roles
            ),
            Collection("others", key: key, fields: [Field("at", .int)]),
        ])
    }

    /// A put of one of 2,000 records: most are the first owner's, few the last one's.
    private static func put(
        _ type: KeyType,
        _ chance: SeededRandomness,
        expiresAt: Instant? = nil
    ) -> Change {
        let owner = owners[[0, 0, 0, 0, 0, 1, 1, 2][chance.below(8)] + chance.below(20) / 19]
        return .put(
            Put(
                "items",
                ItemStore.key(type, chance.below(2000)),
                [
                    "owner": .text(owner), "at": .int(Int64(chance.below(900))),
                    "note": .text("n\(chance.below(5))"),
                ],
                expiresAt: expiresAt
            )
        )
    }

    @Test(arguments: [KeyType.uuid, .int, .text])
    func answersAreThoseOfFind(_ type: KeyType) throws {
        let seed = RealRandomness().next()
        print("prepared questions: seed \(seed)")
        let chance = SeededRandomness(seed: seed)
        let clock = SimulatedClock(start: 1_000_000)
        let store = try ItemStore.store(Self.schema(type), clock)
        for _ in 0..<6 { _ = try store.commit((0..<300).map { _ in Self.put(type, chance) }) }
        let newest = [Order("at", descending: true)]
        let asked = [
            Find("items", order: newest, limit: 50),
            Find("items", order: newest, limit: 400, offset: 130),
            Find("items", order: [Order("at")], limit: 300),
            Find("items", order: newest, limit: 5000),
            Find("items", where: .compare(field: "at", .lt(.int(300))), order: newest, limit: 70),
            Find("items", order: newest, limit: 3, offset: 4000),
            Find("items", where: .eq("note", "n1"), order: newest, limit: 30, offset: 5),
            Find(
                "items",
                where: .or([.eq("note", "n2"), .compare(field: "at", .gt(850))]),
                order: [Order("note", descending: true), Order("at")],
                limit: 40,
                offset: 7
            ),
            Find("items", where: .not(.eq("note", "n3")), limit: 25),
        ]
        let prepared = try asked.map { (find) throws(MnemeError) in try store.prepare(find) }
        var ids: [UniqueID] = []
        for round in 0..<12 {
            try change(store, type, chance, clock, round)
            for (find, question) in zip(asked, prepared) {
                for owner in [nil] + Self.owners + ["nobody"] {
                    var find = find
                    find.owner = owner
                    let wanted = try store.snapshot().find(find).rows.map(\.record.reference.key)
                    // The second time from where the answer stood the first time.
                    for _ in 0..<2 { try compare(store, question, owner, wanted, type, &ids) }
                }
            }
        }
        #expect(try store.verify().findings.isEmpty)
        try store.close()
        #expect(throws: MnemeError.self) {
            try store.forEachKey(prepared[0], owner: "bob") { _ in }
        }
    }

    /// Changes something, or nothing; in the second half there are records that expire.
    private func change(
        _ store: Store,
        _ type: KeyType,
        _ chance: SeededRandomness,
        _ clock: SimulatedClock,
        _ round: Int
    ) throws {
        let expiry = Instant(microseconds: clock.now() + 500_000)
        switch round % 6 {
        case 0: break
        case 1: try store.checkpoint()
        case 2: _ = try store.commit([.delete(Reference("items", ItemStore.key(type, round)))])
        case 3: try store.compactAll()
        case 4:
            _ = try store.commit(
                (0..<40).map { _ in
                    Self.put(type, chance, expiresAt: round >= 6 ? expiry : nil)
                }
            )
        default: _ = try store.commit((0..<200).map { _ in Self.put(type, chance) })
        }
        clock.advance(by: 200_000)
    }

    private func compare(
        _ store: Store,
        _ question: PreparedQuestion,
        _ owner: String?,
        _ wanted: [Key],
        _ type: KeyType,
        _ ids: inout [UniqueID]
    ) throws {
        var keys: [Key] = []
        let count = try store.forEachKey(question, owner: owner) { keys.append($0) }
        #expect(count == wanted.count && keys == wanted)
        #expect(try store.views(question, owner: owner).map(\.key) == wanted)
        guard type == .uuid else {
            let error = #expect(throws: MnemeError.self) {
                try store.copyKeys(question, owner: owner, to: &ids)
            }
            #expect(error?.code == .wrongType)
            return
        }
        let before = ids
        let copied = try store.copyKeys(question, owner: owner, to: &ids)
        #expect(ids.count == max(before.count, wanted.count))
        #expect(copied == wanted.count && ids.prefix(copied).map { .uuid($0) } == wanted)
        #expect(ids.dropFirst(copied) == before.dropFirst(copied))
    }

    /// Answers that stand in few leaves are remembered for the state, and for no other.
    @Test func answersAreRememberedForTheirState() throws {
        let chance = SeededRandomness(seed: 3)
        let clock = SimulatedClock(start: 1_000_000)
        let store = try ItemStore.store(Self.schema(.uuid), clock)
        for _ in 0..<4 { _ = try store.commit((0..<300).map { _ in Self.put(.uuid, chance) }) }
        let newest = Find("items", order: [Order("at", descending: true)], limit: 50)
        var all = newest
        all.limit = 10_000
        let question = try store.prepare(newest)
        let long = try store.prepare(all)
        for question in [question, long] {
            _ = try store.forEachKey(question, owner: "bob") { _ in }
        }
        let state = store.newest.state
        let spots = try #require(question.spots(of: "bob", state))
        #expect((1...4).contains(spots.count))
        #expect(question.spots(of: "ann", state) == nil && long.spots(of: "bob", state) == nil)
        _ = try store.commit([Self.put(.uuid, chance)])
        #expect(question.spots(of: "bob", store.newest.state) == nil)
        // Records that expire leave without a new state.
        _ = try store.commit([Self.put(.uuid, chance, expiresAt: Instant(microseconds: 9_000_000))])
        _ = try store.forEachKey(question, owner: "bob") { _ in }
        #expect(question.spots(of: "bob", store.newest.state) == nil)
        try store.close()
    }

    /// A plan is made again where the collection has become much larger, and not before.
    @Test func plansAreRememberedWhileTheyAreGood() throws {
        let chance = SeededRandomness(seed: 5)
        let store = try ItemStore.store(Self.schema(.int), SimulatedClock(start: 1_000_000))
        func add(_ count: Int) throws {
            _ = try store.commit((0..<count).map { _ in Self.put(.int, chance) })
        }
        try add(400)
        let newest = [Order("at", descending: true)]
        let question = try store.prepare(
            Find("items", where: .eq("note", "n1"), order: newest, limit: 10)
        )
        func plan() throws -> PreparedPlan {
            _ = try store.forEachKey(question, owner: "bob") { _ in }
            guard case .plan(let plan)? = question.way(to: "bob", store.newest.state) else {
                throw MnemeError(.badRequest, "no plan was remembered")
            }
            return plan
        }
        let first = try plan()
        #expect(first.held != nil && first.way.plan.isOrdered)
        try add(20)
        #expect(try plan() === first)
        try add(1500)
        #expect(try plan() !== first)
        try store.close()
    }

    /// More owners than are remembered.
    @Test func manyOwnersAreAnswered() throws {
        let store = try ItemStore.store(Self.schema(.int), SimulatedClock(start: 1_000_000))
        let question = try store.prepare(Find("items", limit: 5))
        for start in stride(from: 0, to: 5000, by: 500) {
            _ = try store.commit(
                (start..<(start + 500)).map { number in
                    let fields: [String: Value] = ["owner": .text("o\(number)"), "at": .int(1)]
                    return .put(Put("items", .int(Int64(number)), fields))
                }
            )
        }
        for _ in 0..<2 {
            for number in stride(from: 0, to: 5000, by: 1) {
                var found: [Key] = []
                _ = try store.forEachKey(question, owner: "o\(number)") { found.append($0) }
                #expect(found == [.int(Int64(number))])
            }
        }
        try store.close()
    }

    /// Leaves whose bytes were changed in memory give an error of their own or an answer of no more
    /// rows, whether their places were remembered or not.
    @Test(arguments: [KeyType.uuid, .text])
    func damagedLeavesAreReported(_ type: KeyType) throws {
        let seed = RealRandomness().next()
        print("damaged leaves: seed \(seed)")
        let chance = SeededRandomness(seed: seed)
        let store = try ItemStore.store(Self.schema(type), SimulatedClock(start: 1_000_000))
        for _ in 0..<4 { _ = try store.commit((0..<300).map { _ in Self.put(type, chance) }) }
        let newest = Find("items", order: [Order("at", descending: true)], limit: 200)
        let view = store.newest.state.view
        let leaves = (0..<200).compactMap { number -> Page? in
            let page = view.pageInMemory(PageID(.tree, UInt64(number)))
            return page?.kind == 1 ? page : nil
        }
        #expect(leaves.count > 4)
        let known = try store.prepare(newest)
        _ = try store.forEachKey(known, owner: "bob") { _ in }
        #expect(known.spots(of: "bob", store.newest.state) != nil)
        var refused = 0
        for _ in 0..<300 {
            let page = leaves[chance.below(leaves.count)]
            let before = page.copy(0, PageLayout.size)
            let bytes = unsafe UnsafeMutableRawPointer(mutating: page.base)
            for _ in 0..<(1 + chance.below(40)) {
                let offset = 16 + chance.below(chance.below(2) == 0 ? 1000 : 8176)
                unsafe bytes.storeBytes(
                    of: UInt8(chance.below(256)),
                    toByteOffset: offset,
                    as: UInt8.self
                )
            }
            for question in [known, try store.prepare(newest)] {
                do throws(MnemeError) {
                    var ids: [UniqueID] = []
                    if type == .uuid {
                        #expect(try store.copyKeys(question, owner: "bob", to: &ids) <= 200)
                    }
                    #expect(try store.forEachKey(question, owner: "bob") { _ in } <= 200)
                    #expect(try store.views(question, owner: "bob").count <= 200)
                } catch {
                    refused += 1
                    #expect([.corrupt, .damagedLog].contains(error.code))
                }
            }
            unsafe bytes.copyMemory(from: before, byteCount: PageLayout.size)
        }
        #expect(refused > 0)
        #expect(try store.verify().findings.isEmpty)
        try store.close()
    }

    /// A hint that is wrong in every way it can be leads nobody astray.
    @Test func wrongHintsAreNotFollowed() throws {
        let chance = SeededRandomness(seed: 11)
        let clock = SimulatedClock(start: 1_000_000)
        let store = try ItemStore.store(Self.schema(.uuid), clock)
        let shape = try store.shape("items", nil)
        let number = shape.collectionNumber
        for _ in 0..<4 {
            _ = try store.commit((0..<60).map { _ in Self.put(.uuid, chance) })
            let keys = (0..<600).map { ItemStore.key(.uuid, $0) }
            // The same keys in another collection.
            _ = try store.commit(keys.prefix(30).map { .put(Put("others", $0, ["at": 1])) })
            let expiry = Instant(microseconds: clock.now() + 1000)
            _ = try store.commit([Self.put(.uuid, chance, expiresAt: expiry)])
            _ = try store.commit([
                .delete(Reference("items", ItemStore.key(.uuid, chance.below(600))))
            ])
            clock.advance(by: chance.below(2) == 0 ? 500 : 2000)
            let others = try store.shape("others", nil)
            for key in keys.prefix(30) { #expect(try store.view(key, others)?.key == key) }
            for key in keys {
                let wanted = try store.snapshot().record(Reference("items", key))
                for _ in 0..<2 {
                    let view = try store.view(key, shape)
                    #expect(view?.key == wanted?.reference.key)
                    #expect(try view?.value(1) == wanted?["at"])
                    let ordinal = chance.below(30) == 0 ? 1 << 47 : UInt64(chance.below(500))
                    store.records.hints.note(number, key, ordinal)
                }
            }
        }
        try store.close()
    }

    @Test func keysAreRemembered() throws {
        let store = try ItemStore.store(Self.schema(.uuid), SimulatedClock(start: 1_000_000))
        let shape = try store.shape("items", nil)
        let (first, second) = (ItemStore.key(.uuid, 1), ItemStore.key(.uuid, 2))
        for key in [first, second] { _ = try store.commit([.put(Put("items", key, ["at": 5]))]) }
        #expect(store.records.hints.find(shape.collectionNumber, first) == nil)
        for _ in 0..<2 { #expect(try store.view(first, shape)?.int(1) == 5) }
        let ordinal = try #require(store.records.hints.find(shape.collectionNumber, first))
        #expect(store.records.hints.find(shape.collectionNumber, second) != ordinal)
        // A new version has the ordinal of the one before; a new record has its own.
        _ = try store.commit([.put(Put("items", first, ["at": 6]))])
        #expect(try store.view(first, shape)?.int(1) == 6)
        _ = try store.commit([.delete(Reference("items", first))])
        #expect(try store.view(first, shape) == nil)
        _ = try store.commit([.put(Put("items", first, ["at": 7]))])
        for _ in 0..<2 { #expect(try store.view(first, shape)?.int(1) == 7) }
        try store.close()
    }
}
