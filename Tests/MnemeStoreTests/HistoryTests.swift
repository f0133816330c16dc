// Histories by example: their bounds, where they begin, what is refused, and that nothing else of
// the store knows of their rows.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct HistoryTests {
    static let day: Int64 = 86_400_000_000
    let clock = SimulatedClock()

    func store(
        _ rule: HistoryRule?,
        _ disk: any Disk = MemoryDisk()
    ) throws -> Store {
        var options = StoreTests.options(disk)
        options.clock = clock
        let store = try Store.open("history", .openOrCreate, options: options)
        try store.define(schema(rule))
        return store
    }

    func schema(_ rule: HistoryRule?) -> Schema {
        Schema(collections: [
            Collection("notes", fields: [Field("text", .text)], history: rule)
        ])
    }

    func put(_ store: Store, _ key: Key, _ text: String, author: String? = nil) throws {
        _ = try store.commit(
            [.put(Put("notes", key, ["text": .text(text)]))],
            signature: Signature(author: author)
        )
        clock.advance(by: 10)
    }

    func history(_ store: Store, _ key: Key) throws -> [History.Version] {
        let question = VersionQuestion(Reference("notes", key), limit: .max, records: true)
        return try store.snapshot().history(question).versions
    }

    func refusal(_ body: () throws(MnemeError) -> Void) -> MnemeError? {
        do throws(MnemeError) {
            try body()
            return nil
        } catch {
            return error
        }
    }

    func known(_ store: Store, _ key: Key, at instant: Int64) throws(MnemeError) -> Value? {
        let knownAt = Instant(microseconds: instant)
        let get = Get([Reference("notes", key)], knownAt: knownAt)
        return try store.snapshot().records(get)[0]?["text"]
    }

    @Test func theNewestVersionsAreKept() throws {
        let store = try store(HistoryRule(versions: 3))
        let start = clock.now()
        for number in 1...8 { try put(store, "a", "\(number)") }
        let versions = try history(store, "a")
        // Three changes are kept, and so the version that the first of them replaced.
        #expect(versions.map(\.number) == [8, 7, 6, 5])
        #expect(versions.map { $0.record?["text"] } == ["8", "7", "6", "5"])
        #expect(versions.last?.kind == .unknown && versions.last?.changes == [:])
        #expect(versions.last?.at == Instant(microseconds: start + 40))
        #expect(try known(store, "a", at: start + 45) == "5")
        let refused = refusal { () throws(MnemeError) in
            _ = try known(store, "a", at: start + 35)
        }
        #expect(refused?.code == .noHistory)
        #expect(refused?.message.contains("\(Instant(microseconds: start + 40))") == true)
        #expect(try store.verify().findings == [])
    }

    /// A record that is made again is changed once more, whoever makes it.
    @Test func whatIsMadeAgainIsCounted() throws {
        for author in [nil, "ann"] {
            let store = try store(HistoryRule(versions: 3))
            let start = clock.now()
            for number in 1...8 { try put(store, "a", "\(number)") }
            _ = try store.commit([.delete(Reference("notes", "a"))])
            clock.advance(by: 10)
            try put(store, "a", "again", author: author)
            var versions = try history(store, "a")
            #expect(versions.map(\.number) == [10, 9, 8, 7])
            #expect(versions.map(\.kind) == [.created, .deleted, .updated, .unknown])
            #expect(versions.map { $0.record?["text"] } == ["again", nil, "8", "7"])
            #expect(try known(store, "a", at: start + 85).map(\.isNull) ?? true)
            #expect(try known(store, "a", at: start + 75) == "8")
            try put(store, "a", "more")
            versions = try history(store, "a")
            #expect(versions.map(\.number) == [11, 10, 9, 8])
            #expect(try store.verify().findings == [])
        }
    }

    @Test func manyChangesOfOneBatchKeepTheNewest() throws {
        let store = try store(HistoryRule(versions: 2))
        let changes = (1...6).map {
            Change.put(Put("notes", "a", ["text": .text("\($0)")]))
        }
        _ = try store.commit(changes)
        #expect(try history(store, "a").map { $0.record?["text"] } == ["6", "5", "4"])
        _ = try store.commit(changes + [.erase(Reference("notes", "a"))])
        #expect(try history(store, "a") == [])
        #expect(try store.verify().findings == [])
    }

    @Test func changesAreKeptForDays() throws {
        let store = try store(HistoryRule(days: 2))
        let start = clock.now()
        try put(store, "a", "old")
        try put(store, "a", "new")
        #expect(try known(store, "a", at: start + 5) == "old")
        clock.advance(by: 2 * Self.day)
        // Swept or not: what is over is over.
        for _ in 0..<2 {
            #expect(try history(store, "a").map(\.kind) == [.unknown])
            let refused = refusal { () throws(MnemeError) in
                _ = try known(store, "a", at: start + 5)
            }
            #expect(refused?.code == .noHistory)
            #expect(try known(store, "a", at: clock.now() - 1) == "new")
            try store.upkeep()
        }
        #expect(try store.verify().records == 2)
    }

    @Test func aHistoryBeginsWhenItIsDefined() throws {
        let disk = SimulatedDisk()
        let store = try store(nil, disk)
        try put(store, "a", "one")
        try put(store, "a", "two")
        let none = refusal { () throws(MnemeError) in
            _ = try store.snapshot().history(VersionQuestion(Reference("notes", "a")))
        }
        #expect(none?.code == .noHistory && none?.message.contains("\"notes\"") == true)
        let begun = clock.now()
        try store.define(schema(HistoryRule(days: 3)))
        clock.advance(by: 10)
        try put(store, "a", "three")
        #expect(try history(store, "a").map(\.kind) == [.updated, .unknown])
        #expect(try known(store, "a", at: begun) == "two")
        let early = refusal { () throws(MnemeError) in
            _ = try known(store, "a", at: begun - 1)
        }
        #expect(early?.message.contains("\(Instant(microseconds: begun))") == true)
        // A definition that says nothing ends nothing, and longer days bring nothing back.
        try store.define(schema(nil))
        #expect(store.snapshot().schema.collections.first?.history == HistoryRule(days: 3))
        clock.advance(by: 5 * Self.day)
        try store.define(schema(HistoryRule()))
        let lost = refusal { () throws(MnemeError) in _ = try known(store, "a", at: begun + 20) }
        #expect(lost?.code == .noHistory)
        #expect(try known(store, "a", at: clock.now() - Self.day) == "three")
        try store.close()
        var options = StoreTests.options(disk)
        options.clock = clock
        let again = try Store.open("history", .rebuild, options: options)
        #expect(again.snapshot().schema == schema(HistoryRule()))
        #expect(try known(again, "a", at: clock.now() - Self.day) == "three")
        #expect(try again.verify().findings == [])
    }

    @Test func nobodySeesTheRows() throws {
        let store = try store(HistoryRule())
        try put(store, "a", "one", author: "ann")
        try put(store, "a", "two")
        let name = "notes$history"
        let snapshot = store.snapshot()
        func expectUnknown(_ refused: MnemeError?) {
            #expect(refused?.code == .unknownCollection)
            #expect(refused?.message.contains("are notes") == true)
        }
        expectUnknown(refusal { () throws(MnemeError) in _ = try snapshot.find(Find(name)) })
        expectUnknown(
            refusal { () throws(MnemeError) in _ = try snapshot.record(Reference(name, 1)) }
        )
        for change: Change in [.put(Put(name, 9, [:])), .delete(Reference(name, 1))] {
            expectUnknown(refusal { () throws(MnemeError) in _ = try store.commit([change]) })
        }
        let taken = refusal { () throws(MnemeError) in
            try store.define(Schema(collections: [Collection(name, fields: [])]))
        }
        #expect(taken?.code == .badSchema)
        #expect(snapshot.schema == schema(HistoryRule()))
        #expect(try store.statistics().records == ["notes": 1])
        // The record, the marker, and a row for each change.
        #expect(try store.verify().records == 4)
    }

    @Test func whatIsTooLongOrWrongIsRefused() throws {
        let store = try store(HistoryRule())
        let long = Signature(author: String(repeating: "a", count: 256))
        let change = Change.put(Put("notes", "a", [:]))
        #expect(
            refusal { () throws(MnemeError) in
                _ = try store.commit([change], signature: long)
            }?.code == .tooLarge
        )
        let fits = Signature(
            author: String(repeating: "é", count: 255),
            reason: String(repeating: "r", count: 1000)
        )
        _ = try store.commit([change], signature: fits)
        #expect(try history(store, "a").first?.signature == fits)
        for rule in [HistoryRule(versions: 0), HistoryRule(days: -1)] {
            #expect(
                refusal { () throws(MnemeError) in try store.define(schema(rule)) }?.code
                    == .badSchema
            )
        }
        let both = Find("notes", match: Match("text", "x"), knownAt: Instant(microseconds: 0))
        #expect(refusal { () throws(MnemeError) in _ = try store.snapshot().find(both) } != nil)
    }

    @Test func whatIsErasedLeavesNoRow() throws {
        let disk = SimulatedDisk()
        let store = try store(HistoryRule(), disk)
        try put(store, "a", "secret one")
        try put(store, "a", "secret two")
        try put(store, "b", "other")
        _ = try store.commit([.erase(Reference("notes", "a"))])
        #expect(try history(store, "a") == [])
        // The marker and the other record are left.
        #expect(try store.verify().records == 2)
        #expect(try store.verify().findings == [])
    }
}
