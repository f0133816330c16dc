// Migrations: what is made once, what a run that was ended goes on with, and what is refused.

import Foundation
import Mneme
import MnemeCommandLine
import Synchronization
import Testing

@testable import MnemeProgram

@Suite struct MigrationTests {
    /// Two migrations, each with steps of every kind.
    private static let files = [
        "0001-moods.json": """
        {"up": [
            {"define": {"collections": [{"name": "moods", "key": "text", "fields": [
                {"name": "name", "type": "text"}, {"name": "uses", "type": "int"}]}]}},
            {"commit": {"changes": [
                {"put": {"collection": "moods", "key": "calm", "fields": {"uses": 0}}},
                {"put": {"collection": "moods", "key": "grim", "fields": {"uses": 0}}}]}},
            {"commit": {"changes": [
                {"patch": {"collection": "moods", "key": "calm", "increment": {"uses": 1}}}]}}],
         "down": [{"forget": {"collection": "moods", "keys": ["calm", "grim"]}}]}
        """,
        "0003-fewer.json": """
        {"up": [
            {"commit": {"changes": [
                {"patch": {"collection": "moods", "key": "calm", "increment": {"uses": 10}}}]}},
            {"forget": {"collection": "moods", "keys": ["grim"]}},
            {"commit": {"changes": [{"put": {"collection": "moods", "fields": {"uses": 7}}}]}}],
         "down": [
            {"commit": {"changes": [
                {"patch": {"collection": "moods", "key": "calm", "increment": {"uses": -10}}}]}},
            {"forget": {"collection": "moods", "where": {"uses": 7}}},
            {"commit": {"changes": [
                {"put": {"collection": "moods", "key": "grim", "fields": {"uses": 0}}}]}}]}
        """,
    ]

    private static func place(_ files: [String: String] = files) throws -> BuiltProgram {
        let place = try BuiltProgram()
        for (name, text) in files { try place.write(text, to: "m/" + name) }
        return place
    }

    private static func plan(
        _ place: BuiltProgram,
        _ door: any BlockingDoor
    ) throws
        -> MigrationPlan
    {
        MigrationPlan(
            folder: try MigrationFolder(reading: place.path("m")),
            notes: try MigrationTable.notes(door)
        )
    }

    private static func up(_ place: BuiltProgram, _ door: any BlockingDoor) throws {
        for job in try plan(place, door).jobs(to: nil, anyOrder: false) {
            try MigrationRun(door: door, durability: .none).run(job)
        }
    }

    private static func down(_ place: BuiltProgram, _ door: any BlockingDoor) throws {
        for job in try plan(place, door).undoing(to: 1) {
            try MigrationRun(door: door, durability: .none).run(job)
        }
    }

    /// Uses of all moods, and where each migration stands.
    private static func stand(_ door: any BlockingDoor) throws -> [String] {
        var uses: [String] = []
        for row in try door.find(Find("moods", limit: 100)).rows {
            let isNamed = row.record.reference.key == "calm" || row.record.reference.key == "grim"
            uses.append(
                "\(isNamed ? "\(row.record.reference.key)" : "other") \(row.record["uses"].json())"
            )
        }
        return uses.sorted()
            + (try MigrationTable.notes(door)).map { "\($0.title) \($0.state) \($0.done)" }
    }

    private static func refusal(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "nothing was refused"
        } catch {
            return (error as? Failure)?.message ?? "\(error)"
        }
    }

    @Test func whatIsAppliedIsAppliedOnce() throws {
        let place = try Self.place()
        let memory = try Memory.inMemory()
        try Self.up(place, memory)
        let applied = [
            "calm 11", "other 7", "1-moods applied 3", "3-fewer applied 3",
        ]
        #expect(try Self.stand(memory) == applied)
        #expect(try Self.plan(place, memory).jobs(to: nil, anyOrder: false).isEmpty)
        try Self.down(place, memory)
        #expect(try Self.stand(memory) == ["calm 1", "grim 0", "1-moods applied 3"])
        try Self.up(place, memory)
        #expect(try Self.stand(memory) == applied)
        for job in try Self.plan(place, memory).undoing(to: 0) {
            try MigrationRun(door: memory, durability: .none).run(job)
        }
        #expect(try Self.stand(memory) == [])
    }

    /// A door that fails at its n-th request, before it or after it was done.
    private final class FailingDoor: BlockingDoor {
        let door: any BlockingDoor
        let last: Int
        let isDone: Bool
        private(set) var count = 0

        init(_ door: any BlockingDoor, at last: Int, isDone: Bool) {
            self.door = door
            self.last = last
            self.isDone = isDone
        }

        func perform(_ request: Request, durability: Durability?) throws(MnemeError) -> Response {
            count += 1
            let fault = MnemeError(.disconnected, "The connection is gone.")
            if count > last || count == last && !isDone { throw fault }
            let response = try door.perform(request, durability: durability)
            if count == last { throw fault }
            return response
        }

        func perform(
            _ requests: [Request],
            durability: Durability?
        ) -> [Result<Response, MnemeError>] {
            requests.map { request in
                do throws(MnemeError) {
                    return .success(try perform(request, durability: durability))
                } catch {
                    return .failure(error)
                }
            }
        }

        func close() {}
    }

    /// Whatever request a run ends with, the next one comes to the same.
    @Test(arguments: [true, false])
    func aRunThatWasEndedGoesOn(isDone: Bool) throws {
        let place = try Self.place()
        for goesDown in [false, true] {
            let whole = try Memory.inMemory()
            try Self.up(place, whole)
            if goesDown { try Self.down(place, whole) }
            let wanted = try Self.stand(whole)
            var last = 1
            while true {
                let memory = try Memory.inMemory()
                if goesDown { try Self.up(place, memory) }
                let door = FailingDoor(memory, at: last, isDone: isDone)
                let run = goesDown ? Self.down : Self.up
                do {
                    try run(place, door)
                    #expect(door.count < last, "a fault was not told")
                    break
                } catch {
                    #expect("\(error)".contains("The connection is gone."), "\(error)")
                }
                try run(place, memory)
                #expect(try Self.stand(memory) == wanted, "request \(last)")
                last += 1
            }
            #expect(last > 10)
        }
    }

    /// Two runs at once: what either says, every commit is made once.
    @Test func twoRunsDoNoHarm() throws {
        let place = try Self.place()
        let folder = try MigrationFolder(reading: place.path("m"))
        for _ in 0..<20 {
            let memory = try Memory.inMemory()
            DispatchQueue.concurrentPerform(iterations: 3) { _ in
                for _ in 0..<3 {
                    let notes = (try? MigrationTable.notes(memory)) ?? []
                    let plan = MigrationPlan(folder: folder, notes: notes)
                    for job in (try? plan.jobs(to: nil, anyOrder: false)) ?? [] {
                        try? MigrationRun(door: memory, durability: .none).run(job)
                    }
                }
            }
            try Self.up(place, memory)
            #expect(
                try Self.stand(memory)
                    == ["calm 11", "other 7", "1-moods applied 3", "3-fewer applied 3"]
            )
        }
    }

    @Test func aStepThatFailsIsNamedAndMended() throws {
        var files = Self.files
        files["0003-fewer.json"] = """
            {"up": [
                {"commit": {"changes": [
                    {"patch": {"collection": "moods", "key": "calm", "increment": {"uses": 10}}}]}},
                {"commit": {"changes": [{"delete": "noods/grim"}]}}]}
            """
        let place = try Self.place(files)
        let memory = try Memory.inMemory()
        let words = Self.refusal { try Self.up(place, memory) }
        #expect(words.contains("m/0003-fewer.json, \"up\", step 2: "), "\(words)")
        #expect(words.contains("noods"))
        let half = ["calm 11", "grim 0", "1-moods applied 3", "3-fewer applying 1"]
        #expect(try Self.stand(memory) == half)
        try place.write(
            try #require(files["0003-fewer.json"]).replacing("noods", with: "moods"),
            to: "m/0003-fewer.json"
        )
        try Self.up(place, memory)
        #expect(try Self.stand(memory) == ["calm 11", "1-moods applied 3", "3-fewer applied 2"])
        let undoing = Self.refusal { try Self.down(place, memory) }
        #expect(undoing.contains("has no \"down\""), "\(undoing)")
    }

    @Test func whatDoesNotAgreeIsRefused() throws {
        let place = try Self.place()
        let memory = try Memory.inMemory()
        try Self.up(place, memory)
        let file = try #require(Self.files["0001-moods.json"])
        // How it is laid out is no change.
        try place.write(file.replacing("\n", with: "\n  "), to: "m/0001-moods.json")
        try Self.up(place, memory)
        try place.write(file.replacing("grim", with: "dire"), to: "m/0001-moods.json")
        var words = Self.refusal { try Self.up(place, memory) }
        #expect(words.contains("m/0001-moods.json was changed since it was applied"), "\(words)")
        #expect(try Self.plan(place, memory).rows.map(\.state) == ["changed", "applied"])
        try FileManager.default.removeItem(atPath: place.path("m/0001-moods.json"))
        words = Self.refusal { try Self.up(place, memory) }
        #expect(words.contains("1-moods was applied, and"), "\(words)")
        #expect(try Self.plan(place, memory).rows.map(\.state) == ["missing", "applied"])
        try place.write(file, to: "m/0001-moods.json")
        try place.write(#"{"up": [{"define": {}}]}"#, to: "m/2-late.json")
        words = Self.refusal { try Self.up(place, memory) }
        #expect(words.contains("2-late was not applied, and 3 behind it was"), "\(words)")
        #expect(
            try Self.plan(place, memory).jobs(to: nil, anyOrder: true).map(\.migration.version)
                == [2]
        )
        words = Self.refusal { _ = try Self.plan(place, memory).jobs(to: 9, anyOrder: true) }
        #expect(words.contains("has no migration 9. It has: 1-moods, 2-late, 3-fewer."), "\(words)")
    }

    @Test(arguments: [
        ("m/first.json", "{}", "is no name of a migration"),
        ("m/0-zero.json", "{}", "is no name of a migration"),
        ("m/99999999999999999999-far.json", "{}", "is no name of a migration"),
        ("m/1-é.json", "{}", "is no name of a migration"),
        ("m/01-moods.json", #"{"up": [{"define": {}}]}"#, "have the same number"),
        ("m/4-none.json", "{}", "has no steps"),
        ("m/4-none.json", #"{"up": {}}"#, "takes an array"),
        ("m/4-none.json", #"{"up": ["describe"]}"#, "\"up\", step 1 is none that a migration"),
        ("m/4-none.json", #"{"up": [{"defin": {}}]}"#, "\"up\", step 1: "),
        ("m/4-none.json", #"{"up": [], "dwon": []}"#, "has no member \"dwon\""),
        ("m/4-none.json", "{", "line 1"),
    ])
    func badFilesAreNamed(_ name: String, _ text: String, _ wanted: String) throws {
        let place = try Self.place()
        try place.write(text, to: name)
        let words = Self.refusal { _ = try MigrationFolder(reading: place.path("m")) }
        #expect(words.contains(wanted), "\(words)")
    }

    private static let retiring = [
        "0001-moods.json": """
        {"up": [
            {"define": {"collections": [{"name": "moods", "fields": [
                {"name": "colour", "type": "text"}, {"name": "uses", "type": "int"}],
                "indexes": [{"name": "byColour", "fields": ["colour"]}]}]}},
            {"commit": {"changes": [
                {"put": {"collection": "moods", "key": "calm",
                    "fields": {"uses": 1, "colour": "blue"}}},
                {"put": {"collection": "moods", "key": "grim", "fields": {"uses": 9}}}]}}],
         "down": [{"drop": {"collection": {"name": "moods"}}}]}
        """,
        "0002-colours.json": """
        {"up": [
            {"drop": {"index": {"collection": "moods", "name": "byColour"}}},
            {"drop": {"field": {"collection": "moods", "name": "colour"}}},
            {"deleteWhere": {"collection": "moods", "where": {"uses": {"gt": 5}}}}],
         "down": [
            {"define": {"collections": [{"name": "moods",
                "fields": [{"name": "colour", "type": "text"}],
                "indexes": [{"name": "byColour", "fields": ["colour"]}]}]}}]}
        """,
    ]

    /// What is retired goes, and comes back as far as the steps say it; whatever request a run ends
    /// with, the next one comes to the same.
    @Test(arguments: [true, false])
    func whatIsRetiredGoes(isDone: Bool) throws {
        let place = try Self.place(Self.retiring)
        var last = 1
        while true {
            let memory = try Memory.inMemory()
            let door = FailingDoor(memory, at: last, isDone: isDone)
            let isThrough = (try? Self.up(place, door)) != nil
            try Self.up(place, memory)
            let moods = try #require(memory.schema.collections.first { $0.name == "moods" })
            #expect(moods.fields.map(\.name) == ["uses"] && moods.indexes.isEmpty)
            #expect(
                try Self.stand(memory)
                    == ["calm 1", "1-moods applied 2", "2-colours applied 3"],
                "request \(last)"
            )
            try Self.down(place, memory)
            let again = try #require(memory.schema.collections.first { $0.name == "moods" })
            #expect(Set(again.fields.map(\.name)) == ["uses", "colour"])
            #expect(again.indexes.map(\.name) == ["byColour"])
            #expect(try memory.get(Reference("moods", "calm"))?["colour"] == .null)
            for job in try Self.plan(place, memory).undoing(to: 0) {
                try MigrationRun(door: memory, durability: .none).run(job)
            }
            #expect(!memory.schema.collections.contains { $0.name == "moods" })
            if isThrough { break }
            last += 1
        }
        #expect(last > 8)
    }

    private static let switching = [
        "0001-notes.json": """
        {"up": [
            {"define": {"collections": [{"name": "notes", "fields": [
                {"name": "meaning", "type": {"vector": {"dimension": 2}}}]}]}},
            {"commit": {"changes": [{"put": {"collection": "notes", "key": "a",
                "fields": {"meaning": [1, 0]}}}]}}],
         "down": [{"drop": {"collection": {"name": "notes"}}}]}
        """,
        "0002-model.json": """
        {"up": [
            {"define": {"collections": [{"name": "notes", "fields": [
                {"name": "meaning2", "type": {"vector": {"dimension": 3}}}]}]}},
            {"commit": {"changes": [{"patch": {"collection": "notes", "key": "a",
                "set": {"meaning2": [0, 0, 1]}}}]}},
            {"switch": {"collection": "notes", "vector": "meaning", "to": "meaning2",
                "old": "meaning1"}}],
         "down": [
            {"switch": {"collection": "notes", "vector": "meaning", "to": "meaning1",
                "old": "meaning2"}},
            {"drop": {"field": {"collection": "notes", "name": "meaning2"}}}]}
        """,
    ]

    /// Vectors are switched once, whatever request a run ends with, and once back.
    @Test(arguments: [true, false])
    func vectorsAreSwitchedOnce(isDone: Bool) throws {
        let place = try Self.place(Self.switching)
        var last = 1
        while true {
            let memory = try Memory.inMemory()
            let isThrough =
                (try? Self.up(place, FailingDoor(memory, at: last, isDone: isDone))) != nil
            try Self.up(place, memory)
            let note = try #require(try memory.get(Reference("notes", "a")))
            #expect(note["meaning"] == .vector([0, 0, 1]), "request \(last)")
            #expect(note["meaning1"] == .vector([1, 0]), "request \(last)")
            try Self.down(place, memory)
            let back = try #require(try memory.get(Reference("notes", "a")))
            #expect(back.fields == ["meaning": .vector([1, 0])], "request \(last)")
            if isThrough { break }
            last += 1
        }
        #expect(last > 8)
    }

    @Test func aDropOfWhatIsNotThereIsTold() throws {
        let none = #"{"drop": {"index": {"collection": "memories", "name": "no"}}}"#
        let place = try Self.place(["1-none.json": "{\"up\": [\(none)]}"])
        let memory = try Memory.inMemory()
        var told: [String] = []
        for job in try Self.plan(place, memory).jobs(to: nil, anyOrder: false) {
            try MigrationRun(door: memory, durability: .none, note: { told.append($0) }).run(job)
        }
        #expect(told.count == 1 && told[0].contains("step 1 drops what is not there"), "\(told)")
        try place.write(
            #"{"up": [{"drop": {"collection": {"name": "migrations"}}}]}"#,
            to: "m/2-notes.json"
        )
        let words = Self.refusal { _ = try MigrationFolder(reading: place.path("m")) }
        #expect(words.contains("notes what was made"), "\(words)")
    }

    @Test func theVerbsSayWhatTheyDo() throws {
        let place = try Self.place()
        var ended = try place.shell("mneme migrate m --store s --dry-run")
        #expect(ended.status == 1)
        ended = try place.shell("mneme migrate m --store s")
        #expect(ended.output == "Applied 1-moods.\nApplied 3-fewer.\n", "\(ended.error)")
        ended = try place.shell("mneme migrate m --store s --json")
        #expect(ended.output == "{\"migrated\":[]}\n")
        ended = try place.shell("mneme migrate down m --store s --dry-run")
        #expect(ended.output == "Would have undone 3-fewer.\n")
        ended = try place.shell("mneme migrate down m --store s")
        #expect(ended.output == "Undid 3-fewer.\n")
        ended = try place.shell("mneme migrate status m --store s")
        #expect(ended.status == 0)
        #expect(ended.output.contains("applied"))
        #expect(ended.output.contains("pending"))
        try place.write(#"{"up": [{"define": {}}]}"#, to: "m/0001-moods.json")
        ended = try place.shell("mneme migrate status m --store s")
        #expect(ended.status == 1)
        #expect(ended.error.contains("1-moods"))
    }
}
