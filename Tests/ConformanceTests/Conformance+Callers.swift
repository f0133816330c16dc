// Many callers at one door: each gets his own answers, and together they are what one after the
// other would have made.

import Doors
import MnemeBase
import MnemeModel
import Testing

extension Conformance {
    private static let taskCount = 64

    /// Each task has things of its own and knows what should be there.
    @Test(arguments: DoorKind.allCases)
    func manyTasksAreAnsweredEachItsOwn(kind: DoorKind) async throws {
        let seed = RealRandomness().next() >> 16
        print("\(#function): seed \(seed)")
        try await kind.withSample { door in
            let model = try await withThrowingTaskGroup(of: [String: Int64].self) { group in
                for task in 0..<Self.taskCount {
                    group.addTask { try await Self.work(door, task, seed) }
                }
                return try await group.reduce(into: [:]) { $0.merge($1) { one, _ in one } }
            }
            let rows = try await door.find(Find("things", limit: .max)).rows
            let there = rows.map { ($0.record.reference.key.description, $0.record["count"].int) }
            #expect(Dictionary(uniqueKeysWithValues: there) == model.mapValues(Optional.some))
            let statistics = try await door.statistics()
            #expect(statistics.records["things"] == model.count)
            #expect(try await door.verify().findings == [])
        }
    }

    /// Random changes and questions of one task, held against a dictionary.
    private static func work(
        _ door: any Door,
        _ task: Int,
        _ seed: UInt64
    ) async throws -> [String: Int64] {
        let random = SeededRandomness(seed: seed ^ UInt64(task) << 40)
        var model: [String: Int64] = [:]
        for _ in 0..<25 {
            let key = "\(task)/\(random.below(6))"
            let number = Int64(random.below(1000))
            switch random.below(6) {
            case 0:
                let outcomes = try await door.commit([.delete(thing(key))], .none).outcomes
                #expect(outcomes == [.deleted(model[key] != nil)])
                model[key] = nil
            case 1:
                let insert = put(key, ["count": .int(number)], mode: .insert)
                let refusal = await door.refusal(.commit([insert], .none))
                #expect(refusal == (model[key] == nil ? nil : .duplicate))
                model[key] = model[key] ?? number
            case 2:
                let keys = (0..<6).map { "\(task)/\($0)" }
                let records = try await door.get(keys.map(thing))
                #expect(records.map { $0?["count"].int } == keys.map { model[$0] })
            case 3:
                let filter = Filter.compare(field: "owner", .eq(.text("t\(task)")))
                let rows = try await door.find(Find("things", where: filter, limit: 99)).rows
                #expect(rows.allSatisfy { model[$0.record.reference.key.description] != nil })
            default:
                let fields: [String: Value] = [
                    "count": .int(number), "owner": .text("t\(task)"),
                ]
                let durability: Durability = random.below(8) == 0 ? .synced : .none
                _ = try await door.commit([put(key, fields)], durability)
                model[key] = number
            }
        }
        return model
    }

    /// All want the same keys: each is had by one, and nobody is told otherwise.
    @Test(arguments: DoorKind.allCases)
    func whatAllWantOneGets(kind: DoorKind) async throws {
        try await kind.withSample { door in
            let winners = await withTaskGroup(of: [Int].self) { group in
                for task in 0..<Self.taskCount {
                    group.addTask {
                        var won: [Int] = []
                        for slot in 0..<5 {
                            let place = Put(
                                "places",
                                .text("\(slot)/\(task)"),
                                ["slot": .text("\(slot)"), "room": 1]
                            )
                            let refusal = await door.refusal(.commit([.put(place)], .none))
                            if refusal == nil { won.append(slot) }
                            #expect(refusal == nil || refusal == .duplicate)
                        }
                        return won
                    }
                }
                return await group.reduce(into: []) { $0 += $1 }
            }
            #expect(winners.sorted() == [0, 1, 2, 3, 4])
            let rows = try await door.find(Find("places")).rows
            #expect(rows.count == 5)
        }
    }

    /// One open session an owner, whoever asks, and each entry at a place of its own.
    @Test(arguments: DoorKind.allCases)
    func aSessionIsOneForAll(kind: DoorKind) async throws {
        try await kind.withDoor { door in
            try await withThrowingTaskGroup(of: String.self) { group in
                for task in 0..<Self.taskCount {
                    group.addTask {
                        let session = try await door.openSession(owner: "ann")
                        _ = try await door.append(
                            to: session.id,
                            [Remember("entry \(task)", owner: "")]
                        )
                        return session.id
                    }
                }
                let ids = try await group.reduce(into: Set()) { $0.insert($1) }
                #expect(ids.count == 1)
            }
            let session = try await door.openSession(owner: "ann")
            #expect(session.entryCount == Int64(Self.taskCount))
            let find = Find(
                "memories",
                where: .eq("session", .text(session.id)),
                order: [Order("position")],
                limit: 1000
            )
            let places = try await door.find(find).rows.map { $0.record["position"].int ?? 0 }
            #expect(places == (1...Int64(Self.taskCount)).map { $0 })
        }
    }
}
