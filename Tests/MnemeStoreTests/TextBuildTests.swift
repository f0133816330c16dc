// Fields that come to be searched when there are records, and fields that are not searched any
// more: nobody is answered by half of the words, whatever is committed meanwhile and wherever the
// process ends, and no word that was searched once is ever found under a later definition.

import MnemeBase
import MnemeModel
import MnemePages
import MnemeText
import SimulatedWorld
import Testing

@testable import MnemeStore

/// What the tests of fields that come to be searched share.
enum SearchedItems {
    static func options(_ disk: any Disk, part: Int = 16, pass: Int = 24) -> StoreOptions {
        var options = Kinds.options(disk)
        options.recordsAtOnce = 8
        options.ordinalsPerPart = part
        options.documentsPerPass = pass
        return options
    }

    static func schema(_ fields: [Field]) -> Schema {
        Schema(collections: [Collection("items", fields: fields)])
    }

    static func put(_ key: String, _ fields: [String: Value]) -> Change {
        .put(Put("items", .text(key), fields))
    }

    /// The keys of what matches, each as often as it is found.
    static func keys(_ store: Store, _ match: Match) throws -> [String] {
        Kinds.keys(try store.snapshot().find(Find("items", match: match, limit: 10_000))).sorted()
    }

    /// The numbers of fields that any run has words of.
    static func runFields(_ store: Store) throws -> Set<UInt16> {
        Set(try store.newest.state.runs.flatMap { try $0.run.fields })
    }
}

@Suite struct TextBuildTests {
    private static let plain = [Field("a", .text, isSearchable: true), Field("b", .text)]
    private static let searched = [
        Field("a", .text, isSearchable: true), Field("b", .text, isSearchable: true),
    ]

    private func store(_ disk: any Disk, records: Int) throws -> Store {
        let store = try Store.open("store", options: SearchedItems.options(disk))
        try store.define(SearchedItems.schema(Self.plain))
        for start in stride(from: 0, to: records, by: 10) {
            _ = try store.commit(
                (start..<min(start + 10, records)).map {
                    SearchedItems.put(
                        "k\($0)",
                        ["a": .text("tea \($0 % 3)"), "b": .text("cup w\($0 % 5)")]
                    )
                }
            )
        }
        return store
    }

    @Test func nobodyMatchesBeforeItIsWhole() throws {
        let disk = SimulatedDisk()
        let store = try store(disk, records: 100)
        try store.define(SearchedItems.schema(Self.searched), waits: false)
        _ = try store.commit([
            SearchedItems.put("k3", ["b": "cup w9"]), SearchedItems.put("new", ["b": "cup w3"]),
            .delete(Reference("items", "k8")), .erase(Reference("items", "k13")),
        ])
        var seen: Set<Int> = []
        while !store.newest.state.roots.building.isEmpty {
            let build = try #require(try store.statistics().indexes.first)
            #expect(build.collection == "items" && build.name == "$search.b")
            #expect(build.done <= build.of && build.failure == nil)
            seen.insert(build.done)
            for match in [Match("b", "cup"), Match(fields: ["a": 1, "b": 3], "tea")] {
                try expectRefusal(.badRequest, "\"b\"", "statistics", leaving: store) {
                    _ = try SearchedItems.keys(store, match)
                }
            }
            // What was searched before is all the time.
            #expect(try SearchedItems.keys(store, Match("a", "tea")).count == 97)
            #expect(try store.verify().findings == [])
            try store.upkeep([.index])
        }
        #expect(seen.count > 5, "\(seen)")
        #expect(try store.statistics().indexes.isEmpty)
        let third = try SearchedItems.keys(store, Match("b", "w3"))
        #expect(third.count == 18 && third.contains("new") && !third.contains("k3"))
        #expect(try SearchedItems.keys(store, Match("b", "cup")).count == 99)
        #expect(
            try SearchedItems.keys(store, Match(fields: ["a": 1, "b": 3], "tea w9")).count == 98
        )
        let expected = try SearchedItems.keys(store, Match("b", "w1"))
        try store.checkpointNow()
        for mode in [StoreMode.open, .rebuild, .read] {
            let again = try Store.open(
                "store",
                mode,
                options: SearchedItems.options(disk.crashKeepingAll())
            )
            if mode == .rebuild { try BuiltItems.finish(again) }
            #expect(try again.verify().findings == [])
            #expect(try SearchedItems.keys(again, Match("b", "w1")) == expected)
        }
    }

    /// Scores are those of a field that was searched from the start.
    @Test func scoresAreAlike() throws {
        let words = ["alder", "birch", "cedar", "elm", "fir"]
        var answers: [[String: Float]] = []
        for begins in [Self.searched, Self.plain] {
            let dice = SeededRandomness(seed: 11)
            let store = try Store.open("store", options: SearchedItems.options(MemoryDisk()))
            try store.define(SearchedItems.schema(begins))
            func text() -> Value {
                .text((0..<dice.below(9)).map { _ in words[dice.below(5)] }.joined(separator: " "))
            }
            for part in 0..<30 {
                _ = try store.commit(
                    (0..<(1 + dice.below(8))).map {
                        SearchedItems.put("k\(part)-\($0)", ["a": text(), "b": text()])
                    }
                )
            }
            try store.define(SearchedItems.schema(Self.searched))
            for match in [
                Match("b", "alder fir"), Match(fields: ["a": 2, "b": 1], "birch cedar"),
            ] {
                let rows = try store.snapshot().find(Find("items", match: match, limit: 1000)).rows
                #expect(rows.count > 20)
                let scores = rows.map { ($0.record.reference.key.description, $0.score) }
                answers.append(Dictionary(uniqueKeysWithValues: scores))
            }
            #expect(try store.verify().findings == [])
        }
        for (first, late) in [(answers[0], answers[2]), (answers[1], answers[3])] {
            #expect(first.count == late.count)
            for (key, score) in first { #expect(abs(score - (late[key] ?? 0)) < 1e-5) }
        }
    }

    /// What died while a pass went on stands in no run when it has ended.
    @Test func aPassLeavesNothingDeadBehind() throws {
        let store = try store(MemoryDisk(), records: 90)
        try store.define(SearchedItems.schema(Self.searched), waits: false)
        var (ended, joins) = (0, 0)
        while let progress = store.newest.state.roots.building.first?.value {
            let before = progress.next
            _ = try store.commit([.erase(Reference("items", .text("k\(ended * 37 % 90)")))])
            try store.upkeep([.index])
            ended += 1
            guard store.newest.state.roots.building.first?.value.next != before else { continue }
            let state = store.newest.state
            let joined = state.runs.first { $0.births.upperBound >= before }
            let run = try #require(try joined?.run)
            for local in 0..<UInt32(run.documentCount) {
                let (ordinal, birth) = (run.ordinal(local), run.birth(local))
                #expect(!RunMerging.isDead(ordinal, birth, in: state.root.view))
            }
            joins += 1
        }
        #expect(joins > 1 && ended > 5)
        #expect(try SearchedItems.keys(store, Match("b", "cup")).count == 90 - ended)
        #expect(try store.verify().findings == [])
    }

    @Test func whoDefinesWaits() throws {
        for worksInBackground in [false, true] {
            var options = SearchedItems.options(MemoryDisk())
            options.worksInBackground = worksInBackground
            let store = try Store.open("store", options: options)
            try store.define(SearchedItems.schema([Field("b", .text)]))
            _ = try store.commit((0..<60).map { SearchedItems.put("k\($0)", ["b": "cup"]) })
            try store.define(SearchedItems.schema([Field("b", .text, isSearchable: true)]))
            #expect(try SearchedItems.keys(store, Match("b", "cups")).count == 60)
            try store.close()
        }
    }

    /// Defaults and expressions of a searchable field that comes later are words of older records.
    @Test func lateFieldsAreSearched() throws {
        let disk = MemoryDisk()
        var store = try store(disk, records: 40)
        try store.define(
            SearchedItems.schema([
                Field("c", .text, isSearchable: true, standard: "saucer"),
                Field("d", .text, isSearchable: true, generated: try Expression("upper(b)")),
                Field("e", .text, isSearchable: true),
            ])
        )
        _ = try store.commit([
            SearchedItems.put("k0", ["c": "plate"]), SearchedItems.put("k1", ["e": "spoon"]),
        ])
        func expectWords(_ store: Store) throws {
            #expect(try SearchedItems.keys(store, Match("c", "saucer")).count == 39)
            #expect(try SearchedItems.keys(store, Match("d", "cup")).count == 38)
            #expect(try SearchedItems.keys(store, Match("d", "w4")).count == 8)
            #expect(try SearchedItems.keys(store, Match("e", "spoon")) == ["k1"])
            #expect(
                try SearchedItems.keys(store, Match(fields: ["c": 1, "e": 1], "plate spoon"))
                    == ["k0", "k1"]
            )
            #expect(try store.verify().findings == [])
        }
        try expectWords(store)
        for mode in [StoreMode.openOrCreate, .rebuild, .openOrCreate] {
            try store.close()
            store = try Store.open("store", mode, options: SearchedItems.options(disk))
            try BuiltItems.finish(store)
            try expectWords(store)
        }
    }

    @Test func wordsGoWithTheSearch() throws {
        let disk = SimulatedDisk()
        var store = try store(disk, records: 50)
        try store.define(SearchedItems.schema(Self.searched))
        let catalog = try store.snapshot().catalog.collection("items")
        let (a, b) = (try catalog.text("a").number, try catalog.text("b").number)
        #expect(try SearchedItems.runFields(store) == [a, b])
        // A definition does not end it by the way.
        try expectRefusal(.schemaConflict, "\"b\"", "search", leaving: store) {
            try store.define(SearchedItems.schema(Self.plain))
        }
        try store.drop(.search(collection: "items", name: "b"))
        #expect(store.snapshot().schema == SearchedItems.schema(Self.plain))
        try expectRefusal(.unknownField, "not searchable", leaving: store) {
            _ = try SearchedItems.keys(store, Match("b", "cup"))
        }
        for (name, code) in [("b", MnemeError.Code.unknownField), ("z", .unknownField)] {
            try expectRefusal(code, name, leaving: store) {
                try store.drop(.search(collection: "items", name: name))
            }
        }
        #expect(try store.snapshot().record(Reference("items", "k7"))?["b"] == "cup w2")
        store = try Store.open("store", options: SearchedItems.options(disk.crashKeepingAll()))
        #expect(try store.verify().findings == [])
        try BuiltItems.finish(store)
        #expect(try SearchedItems.runFields(store) == [a])
        // The last words of the collection go with their documents.
        try store.drop(.field(collection: "items", name: "a"))
        try BuiltItems.finish(store)
        #expect(try SearchedItems.runFields(store).isEmpty)
        #expect(store.newest.state.runs.isEmpty)
        _ = try store.commit([SearchedItems.put("k9", ["b": "cup"])])
        // Another field of the name has nothing of the first one's.
        try store.define(SearchedItems.schema([Field("a", .text, isSearchable: true)]))
        #expect(try SearchedItems.keys(store, Match("a", "tea")).isEmpty)
        // And one that is searched again has what its records have now.
        try store.define(SearchedItems.schema([Field("b", .text, isSearchable: true)]))
        #expect(try SearchedItems.keys(store, Match("b", "cup")).count == 50)
        #expect(try SearchedItems.keys(store, Match("b", "w4")).count == 9)
        #expect(try store.verify().findings == [])
        try store.checkpointNow()
        try store.close()
    }

    /// Threads of the store's own build, while others write.
    @Test func writersGoOnBeside() throws {
        var options = SearchedItems.options(MemoryDisk(), part: 200, pass: 1000)
        options.worksInBackground = true
        let store = try Store.open("store", options: options)
        try store.define(SearchedItems.schema(Self.plain))
        var expected: [String: Int] = [:]
        for start in stride(from: 0, to: 4000, by: 250) {
            _ = try store.commit(
                (start..<(start + 250)).map {
                    SearchedItems.put("k\($0)", ["a": "tea", "b": .text("w\($0 % 10)")])
                }
            )
        }
        for number in 0..<4000 { expected["k\(number)"] = number % 10 }
        try store.define(SearchedItems.schema(Self.searched), waits: false)
        let dice = SeededRandomness(seed: 7)
        var rounds = 0
        while rounds < 200 || !store.newest.state.roots.building.isEmpty {
            rounds += 1
            let (number, word) = (dice.below(4500), dice.below(10))
            let fields: [String: Value] = ["a": "tea", "b": .text("w\(word)")]
            _ = try store.commit([SearchedItems.put("k\(number)", fields)], .none)
            expected["k\(number)"] = word
        }
        for word in 0..<10 {
            let wanted = expected.filter { $0.value == word }.keys.sorted()
            #expect(try SearchedItems.keys(store, Match("b", "w\(word)")) == wanted)
        }
        #expect(
            try SearchedItems.keys(store, Match(fields: ["a": 1, "b": 1], "tea w3"))
                == expected.keys.sorted()
        )
        #expect(try store.verify().findings == [])
        try store.close()
    }
}
