// Cursors: an answer in parts is the answer, also where others write between the parts; and what
// is no cursor of the question is refused.

import MnemeBase
import MnemeModel
import Testing

@testable import MnemeStore

@Suite struct CursorTests {
    @Test(arguments: [UInt64(1), 2, 3, 4, 5, 6, 7, 8, 9, 10, RealRandomness().next()])
    func whatStaysInItsPlaceComesOnce(seed: UInt64) throws {
        var run = try CursorRun(seed: seed)
        do {
            try run.go()
        } catch {
            Issue.record("seed \(seed), step \(run.steps): \(error)")
        }
    }

    private static func store(count: Int, indexes: [Index] = []) throws -> Store {
        let store = try Store.open("store", options: Kinds.options(MemoryDisk()))
        var roles = Roles()
        roles.owner = "owner"
        try store.define(
            Schema(
                collections: [
                    Collection(
                        "items",
                        key: .int,
                        fields: [Field("n", .int), Field("owner", .text), Field("t", .text)],
                        indexes: indexes,
                        roles: roles
                    )
                ]
            )
        )
        try fill(store, 0..<count)
        return store
    }

    private static func fill(_ store: Store, _ numbers: Range<Int>, owner: String = "ann") throws {
        let puts = numbers.map { number in
            Change.put(
                Put(
                    "items",
                    .int(Int64(number)),
                    ["n": .int(Int64(number / 10)), "owner": .text(owner), "t": "x"]
                )
            )
        }
        _ = try store.commit(puts)
    }

    private static func keys(_ found: Found) -> [Int64] {
        found.rows.compactMap { row in
            if case .int(let key) = row.record.reference.key { key } else { nil }
        }
    }

    @Test func anIndexIsGoneOnAlongWithoutPassingWhatCameBefore() throws {
        let store = try Self.store(count: 5000, indexes: [Index("byN", on: ["n"])])
        for isDescending in [false, true] {
            var find = Find("items", order: [Order("n", descending: isDescending)], limit: 7)
            find.isExplained = true
            var all: [Int64] = []
            repeat {
                let found = try store.snapshot().find(find)
                all += Self.keys(found)
                #expect(found.explanation?.entries == found.rows.count)
                #expect(found.explanation?.index == "byN")
                find.after = found.next
            } while find.after != nil
            let wanted = (0..<5000).map(Int64.init)
            // Ten have one value, and stand by ordinal.
            #expect(all == (isDescending ? wanted.reversed() : wanted))
        }
    }

    @Test func keysAreGoneOnAlongToo() throws {
        let store = try Self.store(count: 300)
        for isDescending in [false, true] {
            let order = [Order("$key", descending: isDescending)]
            for order in isDescending ? [order] : [order, []] {
                var find = Find("items", order: order, limit: 11, explained: true)
                var all: [Int64] = []
                repeat {
                    let found = try store.snapshot().find(find)
                    all += Self.keys(found)
                    #expect(found.explanation?.entries == found.rows.count)
                    find.after = found.next
                } while find.after != nil
                let wanted = (0..<300).map(Int64.init)
                #expect(all == (isDescending ? wanted.reversed() : wanted))
            }
        }
    }

    @Test func anIndexThatComesLaterChangesNothing() throws {
        let store = try Self.store(count: 100)
        var find = Find("items", order: [Order("n", descending: true)], limit: 33)
        let first = try store.snapshot().find(find)
        var schema = store.snapshot().schema
        schema.collections[0].indexes.append(Index("byN", on: ["n", "t"]))
        try store.define(schema)
        find.after = first.next
        let second = try store.snapshot().find(find)
        find.limit = .max
        find.after = second.next
        let third = try store.snapshot().find(find)
        #expect(third.next == nil)
        let all = Self.keys(first) + Self.keys(second) + Self.keys(third)
        #expect(all.count == 100 && Set(all).count == 100)
        #expect(all.map { $0 / 10 } == all.map { $0 / 10 }.sorted(by: >))
    }

    @Test func anOwnerBelowDoesNotMoveTheAnswer() throws {
        let store = try Self.store(
            count: 40,
            indexes: [Index("own", on: ["owner", IndexField("n", descending: true)])]
        )
        var find = Find(
            "items",
            owner: "ann",
            order: [Order("n", descending: true)],
            limit: 15
        )
        let first = try store.snapshot().find(find)
        try Self.fill(store, 100..<120, owner: "ann/desk")
        find.after = first.next
        find.limit = 100
        let rest = try store.snapshot().find(find)
        #expect(Set(Self.keys(first) + Self.keys(rest)) == Set(0..<40))
        #expect(rest.next == nil)
        find.owner = "bob"
        expectCursor(store, find)
    }

    @Test func whatIsNoCursorOfTheQuestionIsRefused() throws {
        let store = try Self.store(count: 50, indexes: [Index("byN", on: ["n"])])
        let plain = Find("items", limit: 5)
        let ordered = Find("items", order: [Order("n")], limit: 5)
        let filtered = Find("items", where: .compare(field: "n", .gte(1)), limit: 5)
        let finds = [plain, ordered, filtered]
        for (place, find) in finds.enumerated() {
            let next = try #require(try store.snapshot().find(find).next)
            for (other, question) in finds.enumerated() {
                var question = question
                question.after = next
                if place == other {
                    #expect(try store.snapshot().find(question).rows.count == 5)
                } else {
                    expectCursor(store, question)
                }
            }
            var damaged = find
            for text in ["", "x", "====", String(next.dropLast(4)), next + "AAAA", next + next] {
                damaged.after = text
                expectCursor(store, damaged)
            }
            let characters = Array(next.utf8)
            for index in characters.indices {
                var bytes = characters
                bytes[index] = bytes[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : 65
                damaged.after = String(decoding: bytes, as: UTF8.self)
                expectCursor(store, damaged)
            }
        }
    }

    /// With the right checksum, and the question's number: somebody has made it up.
    @Test(arguments: [UInt64(11), RealRandomness().next()])
    func whatIsMadeUpLeadsNowhereElse(seed: UInt64) throws {
        let dice = IndexDice(random: SeededRandomness(seed: seed))
        let store = try Self.store(
            count: 50,
            indexes: [Index("byN", on: ["n"]), Index("own", on: ["owner", "n"])]
        )
        try Self.fill(store, 100..<110, owner: "bob")
        let numbers = try store.snapshot().catalog.collection("items").indexes.map(\.number)
        for _ in 0..<400 {
            let owner = dice.chance(2) ? "ann" : nil
            var find = Find("items", owner: owner, order: [Order("n")], limit: 5)
            let place: FindCursor.Place =
                dice.chance(3)
                ? .row(
                    (0..<dice.below(3)).map { _ in dice.scalar() },
                    dice.chance(2) ? .text("x") : .int(3)
                )
                : .entry(
                    FindCursor.Entry(
                        index: dice.chance(4) ? UInt16(dice.below(9)) : dice.pick(numbers),
                        choice: dice.chance(4) ? dice.below(99) : 0,
                        owner: dice.chance(2) ? UInt32(dice.below(4)) : nil,
                        key: (0..<dice.below(24)).map { _ in UInt8(dice.below(256)) }
                    )
                )
            let cursor = FindCursor(question: try FindCursor.question(find), place: place)
            find.after = try cursor.text
            #expect(try FindCursor(try cursor.text) == cursor)
            do {
                let found = try store.snapshot().find(find)
                let isOwn = found.rows.allSatisfy { $0.record["owner"] == "ann" }
                #expect(owner == nil || isOwn, "seed \(seed): \(place)")
            } catch {
                #expect(error.code == .badCursor, "seed \(seed): \(place), \(error)")
            }
        }
    }

    @Test func anIndexThatIsGoneIsNamed() throws {
        let store = try Self.store(count: 50, indexes: [Index("byN", on: ["n"])])
        var find = Find("items", order: [Order("n")], limit: 7)
        find.after = try store.snapshot().find(find).next
        try store.drop(.index(collection: "items", name: "byN"))
        do {
            _ = try store.snapshot().find(find)
            Issue.record("a cursor along an index that is gone was taken")
        } catch {
            #expect(error.code == .badCursor)
            for words in ["ran along is gone", "begin anew"] {
                #expect(error.message.contains(words), "\(error)")
            }
        }
    }

    @Test func rankedAnswersHaveNone() throws {
        let store = try Store.open("store", options: Kinds.options(MemoryDisk()))
        try store.define(Kinds.schema)
        var find = Find("things", near: Near("near", [1, 0, 0]), limit: 1)
        #expect(try store.snapshot().find(find).next == nil)
        find.after = "AAAA"
        do {
            _ = try store.snapshot().find(find)
            Issue.record("a cursor of a ranked question was taken")
        } catch {
            #expect(error.code == .badRequest && error.message.contains("offset"))
        }
    }

    private func expectCursor(_ store: Store, _ find: Find) {
        do {
            _ = try store.snapshot().find(find)
            Issue.record("the cursor \(find.after ?? "") of \(find) was taken")
        } catch {
            #expect(error.code == .badCursor, "\(error)")
        }
    }
}

/// One run: a store, its records, and answers in parts while they change.
private struct CursorRun {
    let seed: UInt64
    let dice: IndexDice
    let store: Store
    var indexes: [Index] = []
    var records: [String: [String: Value]] = [:]
    var steps = 0
    /// How many answers went along an index.
    var along = 0

    init(seed: UInt64) throws {
        self.seed = seed
        dice = IndexDice(random: SeededRandomness(seed: seed))
        store = try Store.open("store", options: Kinds.options(MemoryDisk()))
    }

    private func define() throws {
        var roles = Roles()
        roles.owner = "owner"
        try store.define(
            Schema(collections: [
                Collection("items", fields: IndexDice.fields, indexes: indexes, roles: roles)
            ])
        )
    }

    mutating func go() throws {
        for round in 0..<4 {
            for number in 0..<3 {
                indexes.append(try dice.index("i\(round)_\(number)", isUnique: false))
            }
            try define()
            for _ in 0..<40 { _ = try change() }
            for _ in 0..<30 { try ask() }
        }
        #expect(along > 3, "seed \(seed)")
        try store.close()
    }

    /// - Returns: the keys that were touched.
    private mutating func change() throws -> Set<String> {
        var touched: Set<String> = []
        var changes: [Change] = []
        for _ in 0..<(1 + dice.below(5)) {
            let key = "k\(dice.below(150))"
            touched.insert(key)
            if dice.chance(4) {
                changes.append(.delete(Reference("items", .text(key))))
                records.removeValue(forKey: key)
            } else {
                let fields = dice.record()
                changes.append(.put(Put("items", .text(key), fields)))
                records[key] = fields
            }
        }
        _ = try store.commit(changes)
        return touched
    }

    private mutating func ask() throws {
        steps += 1
        var find = dice.question()
        if dice.chance(5) { find.order.append(Order("$key", descending: dice.chance(2))) }
        (find.limit, find.offset) = (1 + dice.below(9), 0)
        let writes = dice.chance(2)
        let before = records
        let wanted = IndexModel.answer(find, records)
        var touched: Set<String> = []
        var keys: [String] = []
        var plans: [String] = []
        for _ in 0..<400 {
            let found = try store.snapshot().find(find)
            keys += found.rows.map(\.record.reference.key.description)
            plans.append(found.plan)
            if found.plan.contains("in order") { along += 1 }
            guard let next = found.next else { break }
            #expect(found.rows.count == find.limit)
            find.after = next
            if writes { touched.formUnion(try change()) }
        }
        let what: Comment = "seed \(seed), step \(steps): \(find), \(plans), \(indexes)"
        let still = keys.filter { !touched.contains($0) }
        #expect(Set(still) == Set(wanted.filter { !touched.contains($0) }), what)
        #expect(Set(still).count == still.count, what)
        for (left, right) in zip(still, still.dropFirst()) {
            #expect(!isMisplaced(left, right, before, find.order), what)
        }
        if !writes, find.order.isEmpty { #expect(keys == wanted, what) }
    }

    private func isMisplaced(
        _ left: String,
        _ right: String,
        _ records: [String: [String: Value]],
        _ order: [Order]
    ) -> Bool {
        func fields(_ key: String) -> [String: Value] {
            var fields = records[key] ?? [:]
            fields["$key"] = .text(key)
            return fields
        }
        return IndexModel.compare(fields(left), fields(right), order) > 0
    }
}
