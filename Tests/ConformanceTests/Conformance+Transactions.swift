// Transactions through every door: what they read, who loses, and what is refused inside.

import Doors
import MnemeClient
import MnemeModel
import Testing

extension Conformance {
    @Test(arguments: DoorKind.allCases)
    func transactionsReadTheirOwnWrites(kind: DoorKind) async throws {
        try await kind.withSample { door in
            _ = try await door.commit([put("a", ["count": 1, "body": "green tea"])])
            let transaction = try await door.begin()
            #expect(try await transaction.get(thing("a"))?["count"] == 1)
            let outcomes = try await transaction.change([
                put("b", ["count": 7, "body": "black tea", "near": .vector([1, 0, 0])]),
                join("a", "b"), .put(Put("numbers", nil, ["text": "one"])),
            ])
            guard case .linked(let edge) = outcomes[1] else {
                Issue.record("\(outcomes)")
                return
            }
            #expect(outcomes == [.put(thing("b")), .linked(edge), .put(Reference("numbers", 1))])
            let found = try await transaction.find(Find("things", where: .eq("count", 7)))
            #expect(found.rows.map(\.record.reference) == [thing("b")])
            #expect(found.sequence == transaction.sequence)
            let near = Find("things", near: Near("near", [1, 0, 0]))
            #expect(try await transaction.find(near).rows.map(\.record.reference) == [thing("b")])
            let tea = Find("things", match: Match("body", "tea"))
            #expect(try await transaction.find(tea).rows.count == 2)
            let walked = try await transaction.walk(Walk(from: [thing("a")]))
            #expect(walked.stops.map(\.reference) == [thing("b")])
            let path = try await transaction.path(Path(from: thing("a"), to: thing("b")))
            #expect(path?.map(\.id) == [edge])
            // Outside of it nothing has happened.
            #expect(try await door.get(thing("b")) == nil)
            #expect(try await door.find(tea).rows.count == 1)
            let committed = try await transaction.commit()
            #expect(committed.outcomes.count == 3 && committed.sequence > transaction.sequence)
            #expect(try await door.get(thing("b"))?["count"] == 7)
            #expect(try await door.find(tea).rows.count == 2)
            #expect(try await door.verify().findings == [])
        }
    }

    @Test(arguments: DoorKind.allCases)
    func whoReadWhatOthersChangedLoses(kind: DoorKind) async throws {
        try await kind.withSample { door in
            _ = try await door.commit([put("a", ["count": 1]), put("b", ["count": 2])])
            let first = try await door.begin()
            let second = try await door.begin()
            #expect(first.id != second.id)
            for transaction in [first, second] {
                guard case .int(let count) = try await transaction.get(thing("a"))?["count"] else {
                    Issue.record("nothing there")
                    return
                }
                try await transaction.change([put("a", ["count": .int(count + 1)])])
            }
            _ = try await second.commit()
            let error = await failure { try await first.commit() }
            #expect(error?.code == .conflict && error?.action == .retry)
            #expect(error?.message.contains("things/a") == true, "\(error?.message ?? "")")
            #expect(try await door.get(thing("a"))?["count"] == 2)
            // It has ended.
            #expect(await failure { try await first.get(thing("a")) }?.code == .noTransaction)
            #expect(await failure { try await first.rollback() }?.code == .noTransaction)
            let third = try await door.begin()
            try await third.change([.delete(thing("b"))])
            #expect(try await third.get(thing("b")) == nil)
            try await third.rollback()
            #expect(try await door.get(thing("b"))?["count"] == 2)
            // Who only reads sees what was there, and never loses.
            let reader = try await door.begin()
            #expect(try await reader.find(Find("things")).rows.count == 2)
            _ = try await door.commit([put("c", ["count": 3])])
            #expect(try await reader.find(Find("things")).rows.count == 2)
            #expect(try await reader.commit().outcomes == [])
        }
    }

    @Test(arguments: DoorKind.allCases)
    func whatIsWrongInsideIsRefusedAndItGoesOn(kind: DoorKind) async throws {
        try await kind.withSample { door in
            #expect(await door.refusal(.rollback(77)) == .noTransaction)
            #expect(await door.refusal(.commitTransaction(77, .synced)) == .noTransaction)
            #expect(
                await door.refusal(.inside(transaction: 77, .describe)) == .noTransaction
            )
            let transaction = try await door.begin()
            for request: Request in [
                .statistics, .begin, .recall(Recall("tea")), .remember([]), .define(Schema()),
                .inside(transaction: transaction.id, .describe), .verify, .rollback(transaction.id),
            ] {
                let inside = Request.inside(transaction: transaction.id, request)
                #expect(await door.refusal(inside) == .badRequest, "\(request)")
            }
            let changes: [([Change], MnemeError.Code)] = [
                ([put("a", ["count": 1]), put("b", ["no": 1])], .unknownField),
                ([put("a", ["count": 1]), join("a", "nobody")], .danglingEdge),
                ([.patch(Patch("things", "a", [.set("count", 2)]))], .notFound),
            ]
            for (changes, code) in changes {
                #expect(
                    await failure { try await transaction.change(changes) }?.code == code
                )
            }
            #expect(
                await failure { try await transaction.find(Find("nothings")) }?.code
                    == .unknownCollection
            )
            #expect(
                await failure { try await transaction.walk(Walk(from: [thing("a")])) }?.code
                    == .notFound
            )
            #expect(try await transaction.get(thing("a")) == nil)
            try await transaction.change([put("a", ["count": 5])])
            #expect(try await transaction.commit(.buffered).outcomes == [.put(thing("a"))])
            #expect(try await door.get(thing("a"))?["count"] == 5)
        }
    }

    /// Tasks that count up what they read: whoever loses tries again, and none of it is lost.
    @Test(arguments: DoorKind.allCases)
    func noIncrementIsLost(kind: DoorKind) async throws {
        try await kind.withSample { door in
            _ = try await door.commit([put("a", ["count": 0])])
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<6 {
                    group.addTask {
                        var done = 0
                        while done < 10 {
                            let transaction = try await door.begin()
                            let count = try await transaction.get(thing("a"))?["count"] ?? .null
                            guard case .int(let number) = count else { return done }
                            try await transaction.change([
                                put("a", ["count": .int(number + 1)])
                            ])
                            let error = await failure { try await transaction.commit(.buffered) }
                            if let error, error.code != .conflict { throw error }
                            if error == nil { done += 1 }
                        }
                        return done
                    }
                }
                for try await done in group { #expect(done == 10) }
            }
            #expect(try await door.get(thing("a"))?["count"] == 60)
        }
    }
}

/// What is thrown, nil when nothing is.
func failure<Result>(
    _ body: () async throws -> Result
) async -> MnemeError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? MnemeError ?? MnemeError(.corrupt, "\(error)")
    }
}
