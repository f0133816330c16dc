// Defaults, fills, expressions, lengths and checks against a plain model: a dictionary of records
// and the rules written out by hand. What was there before a field came has it in every path.

import MnemeBase
import MnemeLog
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

/// A collection with a rule of each kind, and the same rules by hand.
private struct RuleWorld {
    static let base = Collection(
        "items",
        fields: [
            Field("number", .int, fill: .next), Field("name", .text, maximumLength: 8),
            Field("score", .int, isRequired: true, standard: 5),
            Field("mood", .oneOf(["good", "bad"]), standard: "good"),
            Field("made", .instant, fill: .now), Field("day", .date, fill: .changed),
            Field("code", .text, fill: .hex), Field("id", .uuid, fill: .uuid),
            Field("shown", .text, isRequired: true, generated: expression("coalesce(name, mood)")),
            Field("twice", .int, generated: expression("score * 2 + number")),
            Field("text", .text, isSearchable: true, generated: expression("lower(data.text)")),
            Field("data", .json, standard: ["depth": 10]),
        ],
        indexes: [
            Index("byNumber", on: ["number"], isUnique: true), Index("byTwice", on: ["twice"]),
        ],
        checks: [
            Check("range", expression("score between 1 and 10")),
            Check("bad", expression("not (mood = 'bad' and score > 8)")),
        ]
    )

    /// What is defined when there are records.
    static let later: Collection = {
        var later = base
        later.fields += [
            Field("plain", .text), Field("grade", .text, isRequired: true, standard: "new"),
            Field("sum", .int, isRequired: true, generated: expression("twice + length(grade)")),
            Field("stamp", .instant, fill: .now),
        ]
        later.indexes += [
            Index("byGrade", on: ["grade", "number"]), Index("bySum", on: ["sum"]),
        ]
        later.checks += [Check("grades", expression("length(grade) between 1 and 5"))]
        return later
    }()

    static func expression(_ text: String) -> Expression {
        do {
            return try Expression(text)
        } catch {
            fatalError("\(error)")
        }
    }

    let random: SeededRandomness
    let clock: SimulatedClock
    var records: [String: [String: Value]] = [:]
    var nextNumber: Int64 = 1
    var isLate = false

    /// What a put should make of its fields; nil with the code that refuses it.
    mutating func expect(_ given: [String: Value]) -> ([String: Value]?, MnemeError.Code?) {
        if given["twice"] != nil { return (nil, .wrongType) }
        var made = given
        if given["score"] == nil { made["score"] = 5 }
        if given["mood"] == nil { made["mood"] = "good" }
        if given["data"] == nil { made["data"] = ["depth": 10] }
        let now = Instant(microseconds: clock.now())
        if given["made"] == nil { made["made"] = .instant(now) }
        made["day"] = .date(now.day)
        if isLate {
            if given["grade"] == nil { made["grade"] = "new" }
            if given["stamp"] == nil { made["stamp"] = .instant(now) }
        }
        if made["score"] == Value.null { return (nil, .missingField) }
        let isCounted = given["number"] == nil
        if isCounted { made["number"] = .int(nextNumber) }
        if isLate, made["grade"] == Value.null { return (nil, .missingField) }
        guard let score = made["score"]?.int else { return (nil, .wrongType) }
        let shown = made["name"]?.text ?? made["mood"]?.text
        guard let shown else { return (nil, .missingField) }
        made["shown"] = .text(shown)
        if let number = made["number"]?.int { made["twice"] = .int(score * 2 + number) }
        if case .map(let data)? = made["data"], let text = data["text"]?.text {
            made["text"] = .text(text.lowercased())
        }
        if case .text(let name)? = made["name"], name.count > 8 { return (nil, .tooLarge) }
        if score < 1 || score > 10 { return (nil, .checkFailed) }
        if made["mood"] == "bad", score > 8 { return (nil, .checkFailed) }
        if isLate, let grade = made["grade"]?.text, let twice = made["twice"]?.int {
            guard (1...5).contains(grade.count) else { return (nil, .checkFailed) }
            made["sum"] = .int(twice + Int64(grade.count))
        }
        for (name, value) in made where value.isNull { made.removeValue(forKey: name) }
        return (made, nil)
    }

    mutating func keep(_ key: String, _ record: [String: Value]) {
        records[key] = record
        if let number = record["number"]?.int { nextNumber = max(nextNumber, number + 1) }
    }

    /// What becomes of the records when the later fields come.
    mutating func define() {
        isLate = true
        for (key, record) in records {
            var record = record
            record["grade"] = "new"
            record["sum"] = .int((record["twice"]?.int ?? 0) + 3)
            records[key] = record
        }
    }

    func fields(_ taken: Set<Int64>) -> [String: Value] {
        var fields: [String: Value] = [:]
        func sometimes(_ name: String, _ value: @autoclosure () -> Value) {
            if random.below(3) == 0 { fields[name] = value() }
        }
        sometimes("score", [1, 5, 9, 10, 11, 0, nil][random.below(7)])
        sometimes("mood", ["good", "bad", nil][random.below(3)])
        sometimes("name", ["a", "Größe", "too long a name", nil][random.below(4)])
        sometimes("data", [["text": "Green TEA"], ["text": 5], nil][random.below(3)])
        if random.below(10) == 0 { fields["twice"] = 1 }
        if random.below(8) == 0 { fields["made"] = .instant(Instant(microseconds: 77)) }
        let number = nextNumber + Int64(random.below(4)) - 2
        if random.below(6) == 0, !taken.contains(number) { fields["number"] = .int(number) }
        if isLate { sometimes("grade", ["old", "x", "far too long", nil][random.below(4)]) }
        return fields
    }
}

@Suite struct RuleTests {
    private func options(_ disk: any Disk, _ clock: any Clock, _ seed: UInt64) -> StoreOptions {
        var options = Kinds.options(disk)
        options.clock = clock
        options.randomness = SeededRandomness(seed: seed)
        options.logLimits.smallestSegment = 16 << 10
        options.logLimits.largestSegment = 32 << 10
        options.compactionShare = 0.3
        return options
    }

    @Test(arguments: 1...6) func recordsAreWhatTheRulesMakeOfThem(seed: UInt64) throws {
        let disk = MemoryDisk()
        let clock = SimulatedClock(start: 1_700_000_000_000_000)
        let options = options(disk, clock, seed)
        var store = try Store.open("store", options: options)
        try store.define(Schema(collections: [RuleWorld.base]))
        var world = RuleWorld(random: SeededRandomness(seed: seed), clock: clock)
        var refused: Set<MnemeError.Code> = []
        for step in 0..<400 {
            clock.set(clock.now() + 3_600_000_000)
            let key = "k\(world.random.below(40))"
            if world.random.below(8) == 0 {
                _ = try store.commit([.delete(Reference("items", .text(key)))])
                world.records[key] = nil
            } else {
                let others = world.records.filter { $0.key != key }.values
                let taken = Set(others.compactMap { $0["number"]?.int })
                let fields = world.fields(taken)
                let (wanted, code) = world.expect(fields)
                do {
                    _ = try store.commit([.put(Put("items", .text(key), fields))])
                    let wanted = try #require(wanted, "seed \(seed), step \(step): \(fields)")
                    let made = try read(store, key)
                    world.keep(key, try compare(made, wanted, "seed \(seed), step \(step)"))
                } catch let error as MnemeError {
                    #expect(error.code == code, "seed \(seed), step \(step): \(error)")
                    #expect(error.message.contains("items"), "\(error)")
                    refused.insert(error.code)
                }
            }
            if step == 150 {
                // What is unpacked now is not what is read after the definition.
                for key in world.records.keys { _ = try read(store, key) }
                let before = store.snapshot()
                try store.define(Schema(collections: [RuleWorld.later]))
                let records = world.records
                func checkBefore() throws {
                    for (key, record) in records {
                        let found = try before.record(Reference("items", .text(key)))
                        #expect(found?.fields == record, "seed \(seed): \(key)")
                    }
                }
                try checkBefore()
                world.define()
                try check(store, world, "seed \(seed), defined")
                try checkBefore()
            }
            if step % 50 == 49 {
                try store.close()
                let mode = step % 100 == 99 ? StoreMode.rebuild : .open
                store = try Store.open("store", mode, options: options)
                try check(store, world, "seed \(seed), step \(step)")
            }
            if step % 90 == 89 { try store.compactAll() }
        }
        #expect(refused == [.wrongType, .missingField, .tooLarge, .checkFailed])
        try check(store, world, "seed \(seed), end")
        try store.close()
        try salvage(disk, options, world, seed)
    }

    private func read(_ store: Store, _ key: String) throws -> [String: Value] {
        try #require(try store.snapshot().record(Reference("items", .text(key)))).fields
    }

    /// The record as it was made, where it is the wanted one but for what chance gave.
    private func compare(
        _ made: [String: Value],
        _ wanted: [String: Value],
        _ place: String
    ) throws -> [String: Value] {
        var rest = made
        let code = try #require(rest.removeValue(forKey: "code")?.text)
        #expect(code.utf8.count == 32 && code.allSatisfy(\.isHexDigit), "\(place)")
        #expect(rest.removeValue(forKey: "id")?.kind == "uuid", "\(place)")
        #expect(rest == wanted, "\(place)")
        return made
    }

    /// Every path shows the same.
    private func check(_ store: Store, _ world: RuleWorld, _ place: String) throws {
        let snapshot = store.snapshot()
        let all = try snapshot.find(Find("items", limit: 1000))
        let found = all.rows.map { ($0.record.reference.key.description, $0.record.fields) }
        #expect(Dictionary(uniqueKeysWithValues: found) == world.records, "\(place)")
        let shape = try store.shape("items", nil)
        for (key, record) in world.records {
            #expect(try read(store, key) == record, "\(place): \(key)")
            let view = try #require(try store.view(.text(key), shape))
            for (slot, name) in shape.fields.enumerated() {
                #expect(try view.value(slot) == record[name] ?? .null, "\(place): \(key).\(name)")
            }
        }
        let references = world.records.keys.sorted().map { Reference("items", .text($0)) }
        let spelled = try Value(cbor: snapshot.spelledRecords(references, limit: .max))
        let response = Response.records(try references.map { try snapshot.record($0) })
        #expect(spelled == response.spelling, "\(place)")
        for (field, value) in [("twice", Value.int(20)), ("grade", "new"), ("sum", 23)] {
            guard world.isLate || field == "twice" else { continue }
            let keys = Kinds.keys(
                try snapshot.find(Find("items", where: .eq(field, value), limit: 1000))
            )
            let wanted = world.records.filter { $0.value[field] == value }.keys
            #expect(keys.sorted() == wanted.sorted(), "\(place): \(field)")
        }
        let words = Kinds.keys(
            try snapshot.find(Find("items", match: Match("text", "tea"), limit: 1000))
        )
        let withWords = world.records.filter { $0.value["text"] != nil }.keys
        #expect(words.sorted() == withWords.sorted(), "\(place)")
        #expect(try store.verify().findings == [], "\(place)")
    }

    /// A salvaged store has the records as they were, whatever its clock says.
    private func salvage(
        _ disk: MemoryDisk,
        _ options: StoreOptions,
        _ world: RuleWorld,
        _ seed: UInt64
    ) throws {
        world.clock.set(world.clock.now() + 1_000_000_000_000)
        let report = try Salvage(of: "store", to: "new", options: options).run()
        #expect(report.leftOut.isEmpty, "seed \(seed)")
        let store = try Store.open("new", .open, options: options)
        try check(store, world, "seed \(seed), salvaged")
        var world = world
        let (wanted, _) = world.expect(["score": 5])
        _ = try store.commit([.put(Put("items", "salvaged", ["score": 5]))])
        // The highest number may have been a deleted record's, which is not there any more.
        let number = try #require(try read(store, "salvaged")["number"]?.int)
        #expect(number == wanted?["number"]?.int, "seed \(seed)")
    }

    @Test func numbersFollowEachOtherInABatchAndAreNotGivenAgain() throws {
        let options = Kinds.options()
        let store = try Store.open("store", options: options)
        try store.define(Schema(collections: [RuleWorld.base]))
        func numbers(_ store: Store, _ keys: [String]) throws -> [Int64?] {
            try keys.map { try read(store, $0)["number"]?.int }
        }
        func put(_ key: String, _ fields: [String: Value] = [:]) -> Change {
            .put(Put("items", .text(key), fields))
        }
        _ = try store.commit([put("a"), put("b", ["number": 10]), put("c"), put("d")])
        #expect(try numbers(store, ["a", "b", "c", "d"]) == [1, 10, 11, 12])
        _ = try store.commit([.delete(Reference("items", "d"))])
        try store.close()
        for mode in [StoreMode.open, .rebuild] {
            let again = try Store.open("store", mode, options: options)
            _ = try again.commit([put("e\(mode)")])
            #expect(try numbers(again, ["e\(mode)"]) == [mode == .open ? 13 : 14])
            try expectRefusal(.duplicate, "byNumber", leaving: again) {
                _ = try again.commit([put("f", ["number": 11])])
            }
            _ = try again.commit([put("null", ["number": nil])])
            #expect(try numbers(again, ["null"]) == [nil])
            try again.close()
        }
        let last = try Store.open("store", .open, options: options)
        _ = try last.commit([put("g", ["number": .int(.max - 1)])])
        try expectRefusal(.tooLarge, "number", leaving: last) { _ = try last.commit([put("h")]) }
    }

    @Test func aRecordThatIsRevisedKeepsWhatItLacks() throws {
        let clock = SimulatedClock(start: 5_000_000)
        var options = Kinds.options()
        options.clock = clock
        let store = try Store.open("store", options: options)
        try store.define(Schema(collections: [RuleWorld.base]))
        _ = try store.commit([.put(Put("items", "a", ["name": "Ann", "mood": nil]))])
        let before = try read(store, "a")
        clock.set(200_000_000_000)
        let preparation = ChangePreparation(
            catalog: store.newest.state.catalog,
            clock: clock,
            randomness: options.randomness,
            frameLimit: 1 << 20
        )
        var fields = before
        fields["score"] = 7
        fields.removeValue(forKey: "name")
        fields["mood"] = "bad"
        let put = try preparation.prepare(Put("items", "a", fields), revises: true)
        #expect(put.waiting == nil)
        let named = put.fields.map { (put.collection.fieldNames[$0.number] ?? "", $0.value) }
        let after = Dictionary(uniqueKeysWithValues: named)
        var wanted = before
        wanted.merge(
            ["score": 7, "mood": "bad", "shown": "bad", "twice": 15, "day": "1970-01-03"]
        ) { $1 }
        wanted["day"] = .date(Day(number: 2))
        wanted.removeValue(forKey: "name")
        #expect(after == wanted)
        let failure = #expect(throws: MnemeError.self) {
            try preparation.prepare(Put("items", "a", ["score": 11]), revises: true)
        }
        // It lacks mood and name, of which the required field would be made.
        #expect(failure?.code == .missingField)
        #expect(put.collection.rules.refusal(of: "twice")?.code == .wrongType)
        #expect(put.collection.rules.refusal(of: "score") == nil)
    }

    @Test func edgesHaveRulesToo() throws {
        let clock = SimulatedClock(start: 5_000_000)
        var options = Kinds.options()
        options.clock = clock
        let store = try Store.open("store", options: options)
        try store.define(
            Schema(
                collections: [Collection("nodes", fields: [])],
                edgeTypes: [
                    EdgeType(
                        "near",
                        fields: [
                            Field("strength", .float, isRequired: true, standard: 0.5),
                            Field("at", .instant, fill: .now),
                            Field(
                                "weak",
                                .bool,
                                generated: RuleWorld.expression("strength < 0.25")
                            ), Field("note", .text, maximumLength: 3),
                        ],
                        checks: [
                            Check("strength", RuleWorld.expression("strength between 0 and 1"))
                        ]
                    )
                ]
            )
        )
        let ends = (Reference("nodes", "a"), Reference("nodes", "b"))
        _ = try store.commit([.put(Put("nodes", "a", [:])), .put(Put("nodes", "b", [:]))])
        func link(_ fields: [String: Value]) throws {
            _ = try store.commit([.link(Link("near", from: ends.0, to: ends.1, fields: fields))])
        }
        try link([:])
        try link(["strength": 0.125, "note": "abc"])
        let edges = try store.snapshot().edges(of: ends.0, .out, types: nil)
        #expect(
            Set(edges.map(\.fields)) == [
                ["strength": 0.5, "at": .instant(Instant(microseconds: 5_000_000)), "weak": false],
                [
                    "strength": 0.125, "at": .instant(Instant(microseconds: 5_000_000)),
                    "weak": true, "note": "abc",
                ],
            ]
        )
        try expectRefusal(.checkFailed, "near", "strength = float 1.5", leaving: store) {
            try link(["strength": 1.5])
        }
        try expectRefusal(.tooLarge, "near.note", leaving: store) { try link(["note": "abcd"]) }
        try expectRefusal(.wrongType, "near.weak", leaving: store) { try link(["weak": true]) }
        try expectRefusal(.missingField, "near.strength", leaving: store) {
            try link(["strength": nil])
        }
    }

    @Test func whatIsThereMustMeetWhatIsNew() throws {
        let store = try Store.open("store", options: Kinds.options())
        func collection(_ fields: [Field], _ checks: [Check] = []) -> Schema {
            Schema(collections: [
                Collection("notes", fields: [Field("a", .int)] + fields, checks: checks)
            ])
        }
        try store.define(collection([]))
        // Where there are no records, none lacks what is required.
        let first = Schema(collections: [
            Collection("bare", fields: [Field("a", .int)])
        ])
        try store.define(first)
        var required = first
        required.collections[0].fields.append(Field("b", .int, isRequired: true))
        try store.define(required)
        try expectRefusal(.missingField, "bare.b", leaving: store) {
            _ = try store.commit([.put(Put("bare", "x", ["a": 1]))])
        }
        _ = try store.commit([.put(Put("bare", "x", ["a": 1, "b": 2]))])
        _ = try store.commit([
            .put(Put("notes", "x", ["a": 3])), .put(Put("notes", "y", [:])),
        ])
        let positive = Check("big", RuleWorld.expression("a > 5"))
        try expectRefusal(.checkFailed, "big", "\"x\"", "a = int 3", leaving: store) {
            try store.define(collection([], [positive]))
        }
        let sum = Field("b", .int, isRequired: true, generated: RuleWorld.expression("a + 1"))
        try expectRefusal(.missingField, "notes.b", "\"y\"", leaving: store) {
            try store.define(collection([sum]))
        }
        try expectRefusal(.schemaConflict, "required", leaving: store) {
            try store.define(collection([Field("b", .int, isRequired: true)]))
        }
        _ = try store.commit([.put(Put("notes", "x", ["a": 7]))])
        try store.define(collection([], [positive]))
        try expectRefusal(.checkFailed, "big", leaving: store) {
            _ = try store.commit([.put(Put("notes", "z", ["a": 5]))])
        }
        try expectRefusal(.schemaConflict, "another check", leaving: store) {
            try store.define(collection([], [Check("big", RuleWorld.expression("a > 6"))]))
        }
    }

    @Test func aSchemaOfANewerProgramIsRefusedAsNewer() throws {
        let newer: Value = ["collections": [["name": "n", "fields": [], "shards": 5]]]
        let failure = #expect(throws: MnemeError.self) {
            try SchemaCoding.decode(try newer.cbor())
        }
        #expect(failure?.code == .newerFormat)
        #expect(failure?.cause?.contains("shards") ?? false)
        let none = #expect(throws: MnemeError.self) {
            try SchemaCoding.decode(try Value.array([]).cbor())
        }
        #expect(none?.code == .corrupt)
    }
}
