// Switches of vectors against a plain model: random puts, patches, definitions, switches and drops,
// crashes at any point, the same from the log alone; and the same asked for by several threads at
// once, of which none ever sees vectors of two models in one answer.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Synchronization
import Testing

@testable import MnemeStore

@Suite struct VectorSwitchModelTests {
    @Test(arguments: [UInt64(1), 2, 3, 4, 5, 6, RealRandomness().next()])
    func whateverIsDone(seed: UInt64) throws {
        var run = try SwitchRun(seed: seed)
        do { try run.go() } catch { Issue.record("seed \(seed), step \(run.steps): \(error)") }
    }

    /// Writers change texts with their old vectors, one thread fills, one switches, others ask.
    @Test(arguments: [UInt64(1), 2, 3])
    func nobodySeesTwoModels(seed: UInt64) throws {
        let path = "/tmp/mneme-switch-\(RealRandomness().next())"
        defer { Kinds.remove(path) }
        let store = try Store.open(path, .create, options: StoreOptions())
        let type = SwitchedNotes.type(3)
        var roles = Roles()
        roles.owner = "owner"
        let fields = [
            Field("owner", .text), Field("serial", .int), Field("meaning", type),
        ]
        try store.define(Schema(collections: [Collection("notes", fields: fields, roles: roles)]))
        for number in 0..<120 { _ = try store.commit([Contest.put(number, 0)], .none) }
        try store.define(try SwitchedNotes.addition(Field("meaning2", type)))
        let contest = Contest(store, seed)
        var waiting: [Gate] = []
        for role in 0..<6 {
            let gate = Gate()
            waiting.append(gate)
            BackgroundThread.start(niceness: 0) {
                do { try contest.play(role) } catch { contest.fault("role \(role): \(error)") }
                gate.open()
            }
        }
        for gate in waiting { gate.wait() }
        #expect(contest.faults == [], "seed \(seed)")
        #expect(contest.isSwitched)
        #expect(contest.answers(before: false) > 0)
        try store.close()
        for mode in [StoreMode.open, .rebuild] {
            let again = try Store.open(path, mode, options: StoreOptions())
            let rows = try again.snapshot().find(Find("notes", limit: .max)).rows
            #expect(rows.count == 120)
            for row in rows {
                let serial = row.record["serial"].int.map { Float($0) } ?? -1
                // Of the new model, and of the text that is there.
                if case .vector(let vector) = row.record["meaning"] {
                    #expect(vector == [2, serial, 1])
                }
            }
            #expect(try again.verify().findings == [])
            try again.close()
        }
    }
}

/// Threads around one switch.
private final class Contest: Sendable {
    private struct Board {
        var faults: [String] = []
        var isSwitched = false
        var before = 0
        var after = 0
    }

    private let store: Store
    private let seed: UInt64
    private let board = Mutex(Board())

    init(_ store: Store, _ seed: UInt64) {
        self.store = store
        self.seed = seed
    }

    var faults: [String] { board.withLock { $0.faults } }
    var isSwitched: Bool { board.withLock { $0.isSwitched } }
    func fault(_ text: String) { board.withLock { $0.faults.append(text) } }
    func answers(before: Bool) -> Int { board.withLock { before ? $0.before : $0.after } }

    /// A note of a serial, with the vector that the old model makes of it.
    static func put(_ number: Int, _ serial: Int) -> Change {
        .put(
            Put(
                "notes",
                .text("n\(number)"),
                [
                    "owner": .text("o\(number % 4)"), "serial": .int(Int64(serial)),
                    "meaning": .vector([1, Float(serial), 1]),
                ]
            )
        )
    }

    func play(_ role: Int) throws {
        switch role {
        case 0, 1: try write(role)
        case 2: try fill()
        case 3: try change()
        default: try ask(role)
        }
    }

    /// Changes notes until the switch is done, each change in a transaction of the old model: one
    /// that is overtaken puts nothing.
    private func write(_ role: Int) throws {
        let random = SeededRandomness(seed: seed ^ UInt64(role) << 32)
        for serial in 1...40 where !isSwitched {
            let number = random.below(120)
            let transaction = try store.begin()
            let schema = try transaction.schema()
            guard schema.collections.first(where: { $0.name == "notes" })?.field("meaning2") != nil
            else { return try transaction.rollback() }
            try transaction.change([Self.put(number, serial * 2 + role)])
            do throws(MnemeError) {
                _ = try transaction.commit(.none)
            } catch {
                guard error.code == .conflict else { throw error }
            }
        }
    }

    /// Gives the new vector to whoever lacks it, as long as the field is there.
    private func fill() throws {
        while !isSwitched {
            let found: Found
            do throws(MnemeError) {
                found = try store.snapshot().find(SwitchedNotes.lacking("meaning2"))
            } catch {
                guard error.code == .unknownField else { throw error }
                return
            }
            for row in found.rows {
                guard let serial = row.record["serial"].int else { continue }
                let edit = Edit.set("meaning2", .vector([2, Float(serial), 1]))
                let key = row.record.reference.key
                let patch = Patch("notes", key, [edit], if: .eq("serial", .int(serial)))
                do throws(MnemeError) {
                    _ = try store.commit([.patch(patch)], .none)
                } catch {
                    guard [.conditionFailed, .unknownField].contains(error.code) else {
                        throw error
                    }
                }
            }
        }
    }

    private func change() throws {
        defer { board.withLock { $0.isSwitched = true } }
        for _ in 0..<1_000_000 {
            do throws(MnemeError) {
                return try store.switchVector(SwitchedNotes.toNew)
            } catch {
                guard error.code == .vectorsMissing else { throw error }
            }
        }
        fault("the switch was refused for ever")
    }

    /// Asks by the name that stays: all of an answer is of one model, and the old one never comes
    /// back.
    private func ask(_ role: Int) throws {
        var hasSeenNew = false
        for round in 0..<1_000_000 {
            let wasSwitched = isSwitched
            let owner = round % 3 == 0 ? "o\(round % 4)" : String?.none
            let near = Near("meaning", [1, Float(round % 50), 1], isExact: round % 2 == 0)
            let rows = try store.snapshot().find(
                Find("notes", owner: owner, near: near, limit: 30, select: ["meaning"])
            ).rows
            var models: Set<Float> = []
            for row in rows {
                guard case .vector(let vector) = row.record["meaning"] else {
                    fault("a row without a vector")
                    continue
                }
                models.insert(vector[0])
            }
            if models.count != 1 { fault("models \(models)") }
            if hasSeenNew, models != [2] { fault("the old model came back") }
            if wasSwitched, models != [2] { fault("the old model after the switch") }
            hasSeenNew = models == [2]
            board.withLock { board in
                if models == [2] { board.after += 1 } else { board.before += 1 }
            }
            if wasSwitched { return }
        }
    }
}

/// One store and what it is to show.
private struct SwitchRun {
    let seed: UInt64
    let random: SeededRandomness
    var disk: SimulatedDisk
    var store: Store
    var steps = 0
    /// Records by number: the text's serial, and vectors by the field's name now.
    var records: [Int: (serial: Int, vectors: [String: [Float]])] = [:]
    /// Dimensions of the vector fields there are.
    var fields = ["meaning": 2]
    var next = 3
    var switched = 0
    var refused = 0

    init(seed: UInt64) throws {
        self.seed = seed
        random = SeededRandomness(seed: seed)
        disk = SimulatedDisk(seed: seed)
        store = try Store.open("store", options: Self.options(disk))
        var roles = Roles()
        roles.owner = "owner"
        let fields = [
            Field("owner", .text), Field("serial", .int),
            Field("meaning", SwitchedNotes.type(2)),
        ]
        try store.define(Schema(collections: [Collection("notes", fields: fields, roles: roles)]))
    }

    private static func options(_ disk: any Disk) -> StoreOptions {
        var options = Kinds.options(disk)
        options.graphLeast = 20
        return options
    }

    mutating func go() throws {
        for _ in 0..<400 {
            steps += 1
            try step()
            if steps % 20 == 0 { try check() }
        }
        try reopen(.rebuild)
        try check()
        #expect(switched > 2 && refused > 2, "seed \(seed): \(switched), \(refused)")
        try store.close()
    }

    private mutating func reopen(_ mode: StoreMode) throws {
        if mode == .openOrCreate, random.below(2) == 0 {
            // The process ends here; what was synced is there.
            disk = disk.crash(using: random)
        } else {
            try store.close()
        }
        store = try Store.open("store", mode, options: Self.options(disk))
    }

    private func vector(_ dimension: Int) -> [Float] {
        (0..<dimension).map { _ in Float(1 + random.below(9)) }
    }

    private mutating func step() throws {
        let number = random.below(24)
        let key = SwitchedNotes.note(number).key
        switch random.below(20) {
        case 0..<5:
            var given: [String: Value] = [
                "owner": .text("o\(number % 3)"), "serial": .int(Int64(steps)),
            ]
            var vectors: [String: [Float]] = [:]
            for (name, dimension) in fields.sorted(by: { $0.key < $1.key })
            where random.below(3) > 0 {
                vectors[name] = vector(dimension)
                given[name] = vectors[name].map { Value.vector($0) }
            }
            _ = try store.commit([.put(Put("notes", key, given))])
            records[number] = (steps, vectors)
        case 5..<12: try patch(number, key)
        case 12:
            _ = try store.commit([.delete(SwitchedNotes.note(number))])
            records.removeValue(forKey: number)
        case 13:
            guard fields.count < 3 else { return }
            let name = "m\(next)"
            fields[name] = 2 + next % 3
            next += 1
            let field = Field(name, SwitchedNotes.type(fields[name] ?? 2))
            try store.define(try SwitchedNotes.addition(field, index: "lacking_\(name)"))
        case 14..<17: try change()
        case 17:
            guard let name = fields.keys.sorted().first(where: { $0 != "meaning" }) else { return }
            let schema = store.snapshot().schema.collections.first { $0.name == "notes" }
            for index in schema?.indexes ?? []
            where index.condition?.fields.contains(name) ?? false {
                try store.drop(.index(collection: "notes", name: index.name))
            }
            try store.drop(.field(collection: "notes", name: name))
            fields.removeValue(forKey: name)
            for number in records.keys { records[number]?.vectors.removeValue(forKey: name) }
        case 18: try reopen(random.below(3) == 0 ? .rebuild : .openOrCreate)
        default:
            if random.below(2) == 0 { try store.checkpointNow() } else { try store.settleGraphs() }
        }
    }

    /// Puts or takes away one vector, perhaps made of a text that is not there any more.
    private mutating func patch(_ number: Int, _ key: Key) throws {
        guard let known = records[number] else { return }
        let names = fields.keys.sorted()
        let name = names[random.below(names.count)]
        let vector = vector(fields[name] ?? 2)
        let isGone = random.below(6) == 0
        let path = FieldPath(name)
        let isStale = random.below(4) == 0
        let patch = Patch(
            "notes",
            key,
            [isGone ? .unset(path) : .set(path, .vector(vector))],
            if: .eq("serial", .int(Int64(isStale ? known.serial - 1 : known.serial)))
        )
        if isStale {
            try expectRefusal(.conditionFailed) { _ = try store.commit([.patch(patch)]) }
            return
        }
        _ = try store.commit([.patch(patch)])
        records[number]?.vectors[name] = isGone ? [Float]?.none : vector
    }

    private mutating func change() throws {
        let others = fields.keys.sorted().filter { $0 != "meaning" }
        guard !others.isEmpty else { return }
        let successor = others[random.below(others.count)]
        let former = "m\(next)"
        next += 1
        var change = VectorSwitch("notes", "meaning", to: successor, keepingOldAs: former)
        change.isPartial = random.below(3) == 0
        let lacking = records.values.count {
            $0.vectors["meaning"] != nil && $0.vectors[successor] == nil
        }
        if lacking > 0, !change.isPartial {
            refused += 1
            let words = lacking == 1 ? "1 record of it has" : "\(lacking) records of it have"
            return try expectRefusal(.vectorsMissing, words) { try store.switchVector(change) }
        }
        try store.switchVector(change)
        switched += 1
        (fields[former], fields["meaning"]) = (fields["meaning"], fields[successor])
        fields.removeValue(forKey: successor)
        for number in records.keys {
            let old = records[number]?.vectors["meaning"]
            let new = records[number]?.vectors[successor]
            records[number]?.vectors["meaning"] = new
            records[number]?.vectors.removeValue(forKey: successor)
            records[number]?.vectors[former] = old
        }
    }

    private func check() throws {
        let snapshot = store.snapshot()
        let rows = try snapshot.find(Find("notes", limit: .max)).rows
        #expect(rows.count == records.count, "seed \(seed), step \(steps)")
        for (number, known) in records {
            let record = try snapshot.record(SwitchedNotes.note(number))
            var wanted: [String: Value] = [
                "owner": .text("o\(number % 3)"), "serial": .int(Int64(known.serial)),
            ]
            for (name, vector) in known.vectors { wanted[name] = .vector(vector) }
            #expect(record?.fields == wanted, "seed \(seed), step \(steps), note \(number)")
        }
        let statistics = try store.statistics()
        for (name, dimension) in fields {
            let having = Set(
                records.filter { $0.value.vectors[name] != nil }.map { SwitchedNotes.note($0.key) }
            )
            let near = Near(name, [Float](repeating: 1, count: dimension))
            let found = try snapshot.find(Find("notes", near: near, limit: 100)).rows
            #expect(Set(found.map(\.record.reference)) == having, "seed \(seed), step \(steps)")
            let lacking = Set(records.keys.map(SwitchedNotes.note)).subtracting(having)
            let left = try snapshot.find(SwitchedNotes.lacking(name, limit: 100)).rows
            #expect(Set(left.map(\.record.reference)) == lacking, "seed \(seed), step \(steps)")
            #expect(
                statistics.vectors["notes.\(name)"] == (lacking.isEmpty ? Int?.none : having.count),
                "seed \(seed), step \(steps)"
            )
            try expectRefusal(.badVector) {
                let wrong = Near(name, [Float](repeating: 1, count: dimension + 1))
                _ = try snapshot.find(Find("notes", near: wrong))
            }
        }
        #expect(try store.verify().findings == [], "seed \(seed), step \(steps)")
    }
}
