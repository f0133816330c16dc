// Procedures and documents: values under names, and which of them proved themselves.

import Mneme
import MnemeModel
import Testing

@Suite struct NamedValueTests {
    private func found(_ response: Response) throws -> [Record] {
        guard case .found(let found) = response else {
            Issue.record("\(response)")
            return []
        }
        return found.rows.map(\.record)
    }

    private func records(_ response: Response) throws -> [Record?] {
        guard case .records(let records) = response else {
            Issue.record("\(response)")
            return []
        }
        return records
    }

    private func names(_ response: Response) throws -> [String] {
        try found(response).map { $0["name"].text ?? "" }
    }

    private func code(_ body: () throws -> Void) -> MnemeError.Code? {
        do { try body() } catch { return (error as? MnemeError)?.code }
        return nil
    }

    @Test func aNameHasOneValueWithItsOwner() throws {
        let memory = try Memory.inMemory()
        // Nothing was put yet, and nothing is made for a question.
        #expect(try records(memory.procedure(NamedCall("ann", .get(["a"])))) == [nil])
        #expect(try names(memory.procedure(NamedCall("ann", .list(NamedList())))) == [])
        #expect(try names(memory.document(NamedCall("ann", .search(NamedSearch("x"))))) == [])
        _ = try memory.procedure(NamedCall("ann", .delete(["a"])))
        #expect(memory.schema.collections.count == 2)
        for (owner, value) in [("ann", "one"), ("bob", "two"), ("ann/x", "three")] {
            _ = try memory.procedure(
                NamedCall(owner, .put([NamedValue("greet", .text(value), tags: ["t"])]))
            )
        }
        _ = try memory.procedure(
            NamedCall("ann", .put([NamedValue("grill", "fire"), NamedValue("bake", ["at": 200])]))
        )
        let call = NamedCall("ann", .get(["bake", "none", "greet"]))
        let got = try records(memory.procedure(call))
        #expect(got.map { $0?["value"] } == [["at": 200], nil, "one"])
        #expect(got[0]?["meaning"] == .null && got[2]?["tags"] == ["t"])
        // Saying it again replaces it, and leaves it the same record.
        _ = try memory.procedure(NamedCall("ann", .put([NamedValue("greet", "new")])))
        let again = try records(memory.procedure(call))
        #expect(again[2]?["value"] == "new" && again[2]?["tags"] == .null)
        #expect(again[2]?.reference == got[2]?.reference)
        #expect(again[2]?["createdAt"] == got[2]?["createdAt"])
        let list = NamedCall("ann", .list(NamedList(prefix: "gr")))
        #expect(try names(memory.procedure(list)) == ["greet", "greet", "grill"])
        let some = NamedList(prefix: "gr", where: .eq("owner", "ann"), limit: 1)
        #expect(try names(memory.procedure(NamedCall("ann", .list(some)))) == ["greet"])
        guard
            case .deletedWhere(let gone) = try memory.procedure(
                NamedCall("ann", .delete(["greet", "none"]))
            )
        else {
            Issue.record("it is not told how many went")
            return
        }
        #expect(gone.count == 1)
        #expect(try records(memory.procedure(NamedCall("bob", .get(["greet"])))).first != nil)
        #expect(try records(memory.procedure(NamedCall("ann/x", .get(["greet"])))) != [nil])
        #expect(try records(memory.procedure(NamedCall("ann", .get(["greet"])))) == [nil])
        #expect(try memory.verify().findings == [])
    }

    @Test func documentsAreFoundByMeaningAndWords() throws {
        let memory = try Memory.inMemory()
        _ = try memory.document(
            NamedCall(
                "alice/brad",
                .put([
                    NamedValue("long_term:alice", ["allergies": ["peanuts", "walnuts"]]),
                    NamedValue("hobbies:alice", ["sport": "rock climbing"], type: "hobby"),
                    NamedValue("call:42", ["topic": "trains to Lyon"]),
                ])
            )
        )
        func search(_ owner: String, _ question: String, _ filter: Filter? = nil) throws -> [String]
        {
            try names(
                memory.document(
                    NamedCall(owner, .search(NamedSearch(question, where: filter, limit: 2)))
                )
            )
        }
        #expect(try search("alice", "walnuts").first == "long_term:alice")
        #expect(try search("alice", "allergies").first == "long_term:alice")
        // No word of it is in the document.
        #expect(try search("alice", "mountaineering").first == "hobbies:alice")
        #expect(try search("alice", "Lyon", .eq("type", "hobby")) == ["hobbies:alice"])
        #expect(try search("bob", "walnuts") == [])
        _ = try memory.document(
            NamedCall("alice/brad", .put([NamedValue("long_term:alice", ["allergies": "none"])]))
        )
        let after = try found(
            memory.document(NamedCall("alice", .search(NamedSearch("walnuts", limit: 3))))
        )
        #expect(after.allSatisfy { !($0["text"].text ?? "").contains("walnuts") })
        // A part of a value is patched by its name.
        _ = try memory.commit([
            .patch(
                Patch(
                    "documents",
                    by: ["owner": "alice/brad", "name": "call:42"],
                    [.append(FieldPath("value.turns"), ["hello"])]
                )
            )
        ])
        let call = try records(memory.document(NamedCall("alice/brad", .get(["call:42"]))))
        #expect(call[0]?["value"] == ["topic": "trains to Lyon", "turns": ["hello"]])
        let use = NamedCall("alice/brad", .use(name: "call:42", succeeded: true))
        #expect(code { _ = try memory.document(use) } == .badRequest)
        let best = NamedCall("alice", .list(NamedList(bestFirst: true)))
        #expect(code { _ = try memory.document(best) } == .badRequest)
    }

    @Test func whatProvedItselfComesFirst() throws {
        let memory = try Memory.inMemory()
        let uses = ["often": (9, 10), "once": (1, 1), "never": (0, 4), "unused": (0, 0)]
        _ = try memory.procedure(
            NamedCall("ann", .put(uses.keys.map { NamedValue($0, "how", type: "testing") }))
        )
        for (name, (successes, count)) in uses {
            for number in 0..<count {
                _ = try memory.procedure(
                    NamedCall("ann", .use(name: name, succeeded: number < successes))
                )
            }
        }
        let list = NamedCall("ann", .list(NamedList(bestFirst: true)))
        #expect(try names(memory.procedure(list)) == ["often", "once", "unused", "never"])
        _ = try memory.procedure(NamedCall("ann", .put([NamedValue("often", "otherwise")])))
        let rows = try found(memory.procedure(list))
        #expect(rows[0]["successRate"] == 0.9 && rows[0]["uses"] == 10)
        #expect(rows[0]["value"] == "otherwise" && rows[0]["lastUsedAt"] != .null)
        #expect(rows[2]["successRate"] == .null && rows[2]["uses"] == 0)
        #expect(rows[3]["successRate"] == 0.0)
        let missing = NamedCall("bob", .use(name: "often", succeeded: true))
        #expect(code { _ = try memory.procedure(missing) } == .notFound)
    }

    @Test func whatIsWrongIsSaid() throws {
        let memory = try Memory.inMemory()
        let long = String(repeating: "x", count: 256)
        let wrong: [(MnemeError.Code, NamedCall)] = [
            (.badRequest, NamedCall("ann", .put([NamedValue("", "x")]))),
            (.badRequest, NamedCall("ann", .put([NamedValue("x", .null)]))),
            (.notFound, NamedCall("ann", .use(name: "x", succeeded: false))),
            (.badOwner, NamedCall("", .put([NamedValue("x", "y")]))),
            (.tooLarge, NamedCall("ann", .put([NamedValue(long, 1)]))),
        ]
        for (wanted, call) in wrong {
            #expect(code { _ = try memory.procedure(call) } == wanted, "\(call)")
        }
        #expect(try names(memory.procedure(NamedCall("ann", .list(NamedList())))) == [])
    }

    /// Two who put the same name at once make one record.
    @Test func aNameIsMadeOnce() async throws {
        let memory = try Memory.inMemory()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<16 {
                group.addTask {
                    let door: any Door = memory
                    let call = NamedCall(
                        "ann",
                        .put([NamedValue("same", .int(Int64(number)))])
                    )
                    _ = try await door.procedure(call)
                    _ = try await door.procedure(
                        NamedCall("ann", .use(name: "same", succeeded: number % 2 == 0))
                    )
                }
            }
            try await group.waitForAll()
        }
        let rows = try found(
            (memory as any BlockingDoor).procedure(NamedCall("ann", .list(NamedList())))
        )
        #expect(rows.count == 1 && rows[0]["uses"] == 16 && rows[0]["successRate"] == 0.5)
    }
}
