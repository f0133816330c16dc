// Deleting all that a condition holds for, through every door, and rules for how long is kept what
// is put.

import Doors
import MnemeClient
import MnemeModel
import Testing

extension Conformance {
    private func dated(_ key: String, _ day: Int64, _ owner: String = "ann") -> Change {
        let at = Instant(microseconds: Sample.day.microseconds + day * 86_400_000_000)
        return put(key, ["at": .instant(at), "owner": .text(owner), "count": .int(day)])
    }

    private func day(_ number: Int64) -> Instant {
        Instant(microseconds: Sample.day.microseconds + number * 86_400_000_000)
    }

    @Test(arguments: DoorKind.allCases)
    func aPeriodGoesAtOnce(kind: DoorKind) async throws {
        try await kind.withSample { door in
            _ = try await door.commit((0..<40).map { dated("d\($0)", $0) } + [join("d3", "d20")])
            let period = DeleteWhere("things", from: day(10), to: day(20), field: "at")
            let deleted = try await door.deleteWhere(period)
            #expect(deleted.count == 10)
            #expect(try await door.deleteWhere(period).count == 0)
            let left = try await door.find(Find("things", limit: 100)).rows
            #expect(
                left.count == 30
                    && left.allSatisfy { row in
                        guard case .int(let day)? = row.record.fields["count"] else { return false }
                        return !(10..<20).contains(day)
                    }
            )
            #expect(try await door.get(thing("d10")) == nil)
            #expect(try await door.statistics().records["things"] == 30)
            #expect(try await door.statistics().edges["joins"] == 1)
            let owned = DeleteWhere("things", owner: "ann", where: .eq("count", 20), erases: true)
            #expect(try await door.deleteWhere(owned).count == 1)
            #expect(try await door.statistics().edges["joins"] == 0)
            #expect(try await door.deleteWhere(DeleteWhere("things", owner: "bob")).count == 0)
            #expect(try await door.deleteWhere(DeleteWhere("things", where: .and([]))).count == 29)
            #expect(try await door.verify().findings == [])
        }
    }

    @Test(arguments: DoorKind.allCases)
    func whatIsNotSaidIsNotDeleted(kind: DoorKind) async throws {
        try await kind.withSample { door in
            _ = try await door.commit([dated("a", 1)])
            for (wrong, code) in [
                (DeleteWhere("things"), MnemeError.Code.badRequest),
                (DeleteWhere("things", from: day(1)), .badRequest),
                (DeleteWhere("things", from: day(2), to: day(1), field: "at"), .badRequest),
                (DeleteWhere("things", to: day(2), field: "count"), .badRequest),
                (DeleteWhere("things", where: .eq("none", 1)), .unknownField),
                (DeleteWhere("none", owner: "ann"), .unknownCollection),
            ] { #expect(await door.refusal(.deleteWhere(wrong)) == code) }
            let all = Request.deleteWhere(DeleteWhere("things", where: .and([])))
            #expect(await door.refusal(.once(key: "x", all)) == .badRequest)
            let transaction = try await door.begin()
            let inside = Request.inside(transaction: transaction.id, all)
            #expect(await door.refusal(inside) == .badRequest)
            #expect(try await transaction.get(thing("a")) != nil)
            _ = try await transaction.change([dated("b", 2)])
            #expect(try await door.deleteWhere(DeleteWhere("things", owner: "ann")).count == 1)
            await #expect(throws: MnemeError.self) { try await transaction.commit() }
            #expect(try await door.find(Find("things", limit: 9)).rows.isEmpty)
        }
    }

    @Test(arguments: DoorKind.allCases)
    func aRetentionIsDefinedAndChanged(kind: DoorKind) async throws {
        try await kind.withSample { door in
            var things = Sample.schema.collections[0]
            things.retention = RetentionRule(
                days: 36_500,
                field: "at",
                exceptions: [
                    RetentionRule.Exception(owner: "ann", where: .eq("mood", "good")),
                    RetentionRule.Exception(where: .eq("flag", true), days: 30_000),
                ]
            )
            try await door.define(Schema(collections: [things]))
            func told() async throws -> RetentionRule? {
                try await door.describe().collections.first { $0.name == "things" }?.retention
            }
            #expect(try await told() == things.retention)
            try await door.define(Schema(collections: [Sample.schema.collections[0]]))
            #expect(try await told() == things.retention)
            things.retention = RetentionRule()
            try await door.define(Schema(collections: [things]))
            #expect(try await told() == RetentionRule())
            things.retention = RetentionRule(days: 1)
            let define = Request.define(Schema(collections: [things]))
            #expect(await door.refusal(define) == .badSchema)
        }
    }
}
