// An embedding model is changed while others write and ask: the same at each door.

import Doors
import MnemeBase
import MnemeModel
import Testing

extension Conformance {
    private static let toNew = VectorSwitch(
        "notes",
        "meaning",
        to: "meaning2",
        keepingOldAs: "meaning1"
    )

    private static func vector(_ model: Float, _ serial: Int64) -> Value {
        .vector([model, Float(serial), 1])
    }

    @Test(arguments: DoorKind.allCases)
    func aModelIsChangedWhileOthersWrite(kind: DoorKind) async throws {
        let seed = RealRandomness().next() >> 16
        print("\(#function): seed \(seed)")
        try await kind.withSample { door in
            var roles = Roles()
            roles.owner = "owner"
            let type = FieldType.vector(VectorType(dimension: 3))
            let fields = [Field("owner", .text), Field("serial", .int), Field("meaning", type)]
            try await door.define(
                Schema(collections: [Collection("notes", fields: fields, roles: roles)])
            )
            let keys = (0..<60).map { "n\($0)" }
            _ = try await door.commit(keys.map { Self.note($0, 0) })
            let condition = try Expression("meaning2 is null")
            try await door.define(
                Schema(collections: [
                    Collection(
                        "notes",
                        fields: [Field("meaning2", type)],
                        indexes: [Index("lacking", on: ["owner"], where: condition)]
                    )
                ])
            )
            #expect(try await door.statistics().vectors["notes.meaning2"] == 0)
            #expect(await door.refusal(.switchVector(Self.toNew)) == .vectorsMissing)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for task in 0..<3 {
                    group.addTask { try await Self.write(door, keys, seed ^ UInt64(task)) }
                }
                group.addTask { try await Self.ask(door) }
                group.addTask { try await Self.fillAndSwitch(door) }
                // Whoever fails ends the others.
                while try await group.next() != nil {}
            }
            #expect(await door.refusal(.switchVector(Self.toNew)) == .unknownField)
            let rows = try await door.find(Find("notes", limit: 100)).rows
            #expect(rows.count == keys.count)
            for row in rows {
                guard let serial = row.record["serial"].int else { continue }
                #expect(row.record["meaning"] == Self.vector(2, serial))
            }
            try await door.drop(.field(collection: "notes", name: "meaning1"))
            let near = Find("notes", near: Near("meaning", [2, 1, 1]), limit: 100)
            #expect(try await door.find(near).rows.count == keys.count)
            #expect(try await door.statistics().vectors["notes.meaning"] == nil)
            #expect(try await door.verify().findings == [])
        }
    }

    private static func note(_ key: String, _ serial: Int64) -> Change {
        .put(
            Put(
                "notes",
                .text(key),
                [
                    "owner": .text("o\(key.count)"), "serial": .int(serial),
                    "meaning": vector(1, serial),
                ]
            )
        )
    }

    /// Changes some notes, as a program does that knows the old model alone.
    private static func write(_ door: any Door, _ keys: [String], _ seed: UInt64) async throws {
        let random = SeededRandomness(seed: seed)
        for serial in 1...20 {
            let transaction = try await door.begin()
            let describe = Request.inside(transaction: transaction.id, .describe)
            guard case .schema(let schema) = try await door.perform(describe) else { continue }
            let notes = schema.collections.first { $0.name == "notes" }
            // The program is replaced by one that knows the new model.
            guard notes?.field("meaning1") == nil else { return try await transaction.rollback() }
            let key = keys[random.below(keys.count)]
            try await transaction.change([note(key, Int64(serial))])
            do throws(MnemeError) {
                _ = try await transaction.commit(.none)
            } catch {
                guard error.code == .conflict else { throw error }
            }
        }
    }

    private static func fillAndSwitch(_ door: any Door) async throws {
        while true {
            let found = try await door.find(
                Find(
                    "notes",
                    where: .compare(field: "meaning2", .exists(false)),
                    order: [Order("owner")],
                    limit: 7,
                    select: ["serial", "$version"]
                )
            )
            for row in found.rows {
                guard let serial = row.record["serial"].int,
                    let version = row.record["$version"].int
                else { continue }
                let patch = Patch(
                    "notes",
                    row.record.reference.key,
                    [.set("meaning2", vector(2, serial))],
                    version: UInt64(version)
                )
                let refusal = await door.refusal(.commit([.patch(patch)], .none))
                #expect(refusal == nil || refusal == .conditionFailed)
            }
            guard found.rows.isEmpty else { continue }
            let refusal = await door.refusal(.switchVector(toNew))
            if refusal == nil { return }
            #expect(refusal == .vectorsMissing)
        }
    }

    /// All of an answer is of one model, and the old one never comes back.
    private static func ask(_ door: any Door) async throws {
        var isNew = false
        var round = 0
        while !Task.isCancelled {
            round += 1
            let near = Near("meaning", [1, Float(round % 20), 1])
            let rows = try await door.find(
                Find("notes", near: near, limit: 20, select: ["meaning"])
            ).rows
            var models: Set<Float> = []
            for row in rows { models.formUnion(row.record["meaning"].vector?.prefix(1) ?? []) }
            #expect(models.count == 1)
            if isNew {
                #expect(models == [2])
                return
            }
            isNew = models == [2]
            // What is answered where it is asked leaves no turn to others.
            await Task.yield()
        }
    }

    @Test(arguments: DoorKind.allCases)
    func whatIsSwitchedIsRefusedInside(kind: DoorKind) async throws {
        try await kind.withSample { door in
            let transaction = try await door.begin()
            let inside = Request.inside(transaction: transaction.id, .switchVector(Self.toNew))
            #expect(await door.refusal(inside) == .badRequest)
            try await transaction.rollback()
            let own = VectorSwitch("memories", "meaning", to: "other", keepingOldAs: "former")
            #expect(await door.refusal(.switchVector(own)) == .schemaConflict)
            #expect(await door.refusal(.switchVector(Self.toNew)) == .unknownCollection)
            let near = VectorSwitch("things", "near", to: "dot", keepingOldAs: "far")
            _ = try await door.commit([put("a", ["near": .vector([1, 0, 0])])])
            #expect(await door.refusal(.switchVector(near)) == .vectorsMissing)
            _ = try await door.commit([put("a", ["dot": .vector([1, 0])])])
            try await door.switchVector(near)
            #expect(try await door.get(thing("a"))?["near"] == .vector([1, 0]))
            let asked = Find("things", near: Near("near", [1, 0, 0]))
            #expect(await door.refusal(.find(asked)) == .badVector)
            #expect(try await door.verify().findings == [])
        }
    }
}
