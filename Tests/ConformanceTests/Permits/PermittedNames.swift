// What refusals and answers under a permit say of names: whether there is a collection, or a type
// of edges, that is not reached is not to be told from them.

import Doors
import MnemeModel
import Testing

@Suite struct PermittedNames {
    private static var filling: Request {
        get throws {
            try Request(
                json: """
                    {"commit": {"changes": [{"put": {"collection": "notes", "key": "a",
                        "fields": {"owner": "ann"}}}]}}
                    """
            )
        }
    }

    /// Requests that name a collection, of it or in passing.
    private static func naming(_ name: String) -> [String] {
        [
            #"{"get": ["\#(name)/x"]}"#, #"{"history": {"reference": "\#(name)/x"}}"#,
            #"{"find": {"collection": "\#(name)"}}"#, #"{"count": {"collection": "\#(name)"}}"#,
            #"{"why": {"key": "x", "collection": "\#(name)"}}"#,
            #"{"upkeep": {"kind": "duplicates", "collection": "\#(name)"}}"#,
            #"{"recall": {"question": "x", "collection": "\#(name)"}}"#,
            #"{"forget": {"keys": ["x"], "collection": "\#(name)", "derived": true}}"#,
            #"{"touch": {"keys": ["x"], "collection": "\#(name)"}}"#,
            #"{"pin": {"keys": ["x"], "collection": "\#(name)"}}"#,
            #"{"prune": {"records": 1, "collection": "\#(name)"}}"#,
            #"{"deleteWhere": {"collection": "\#(name)", "where": {"x": 1}}}"#,
            #"{"claim": {"collection": "\#(name)", "where": {"x": 1}, "set": {"x": 2}}}"#,
            #"{"session.context": {"id": "x", "collection": "\#(name)"}}"#,
            #"{"session.rehydrate": {"id": "x", "collection": "\#(name)"}}"#,
            #"{"event.due": {"collection": "\#(name)"}}"#,
            #"{"event.claim": {"collection": "\#(name)"}}"#,
            #"{"event.settle": {"event": "\#(name)/x", "as": "cancelled"}}"#,
            #"{"event.schedule": {"collection": "\#(name)", "at": "2030-01-01T00:00:00Z"}}"#,
            #"{"remember": [{"text": "x", "owner": "ann", "collection": "\#(name)"}]}"#,
            #"{"watch": {"after": 0, "collections": ["\#(name)"]}}"#,
            #"{"walk": {"from": ["\#(name)/x"], "hops": 1}}"#,
            #"{"usage": {"of": ["\#(name)"]}}"#,
            #"{"commit": {"changes": [{"delete": "\#(name)/x"}]}}"#,
            #"{"drop": {"collection": {"name": "\#(name)"}}}"#,
            #"""
            {"commit": {"changes": [{"link": {"type": "touches", "from": "notes/a",
                "to": "\#(name)/x"}}]}}
            """#,
            #"{"relate": [{"type": "touches", "from": "\#(name)/x", "to": "notes/a"}]}"#,
            #"{"walk": {"from": ["notes/a"], "hops": 1, "only": [{"collection": "\#(name)"}]}}"#,
            #"{"walk": {"from": ["notes/a"], "hops": 1, "where": {"$to": "\#(name)/x"}}}"#,
            #"""
            {"path": {"from": "notes/a", "to": "notes/a", "hops": 1,
                "through": [{"collection": "\#(name)"}]}}
            """#,
            #"""
            {"paths": {"from": "notes/a", "to": "notes/a", "hops": 1,
                "through": [{"collection": "\#(name)"}]}}
            """#,
            #"{"find": {"edges": "touches", "where": {"not": {"$to": "\#(name)/x"}}}}"#,
            #"{"count": {"edges": "touches", "where": {"$to": {"in": ["\#(name)/x"]}}}}"#,
            #"""
            {"pattern": {"nodes": {"a": {"collection": "notes"}, "b": {"collection": "notes"}},
                "steps": [{"from": "a", "to": "b", "types": ["touches"],
                "where": {"$to": "\#(name)/x"}}]}}
            """#,
        ]
    }

    /// Whether there is such a collection is not to be told from how it is refused.
    @Test func aCollectionThatIsNotReachedIsRefusedAsOneThatIsNotThere() async throws {
        let (house, admin) = try await PermittedNotes.house()
        _ = try await admin.perform(try Self.filling)
        let door = try await house.open(Permit("notes", .write, collections: ["notes", "gone"]))
        for (there, absent) in zip(Self.naming("papers"), Self.naming("nothing")) {
            let one = try await PermittedNotes.refusal(door, there)
            let other = try await PermittedNotes.refusal(door, absent)
            #expect(one?.code == .forbidden, "\(there): \(String(describing: one))")
            #expect(one?.code == other?.code, "\(there): \(String(describing: other))")
            #expect(
                one?.message == other?.message.replacing("nothing", with: "papers"),
                "\(there)"
            )
        }
        await house.remove()
    }

    /// An edge type that joins what is not reached is one that is not there.
    @Test func aTypeThatIsNotReachedIsRefusedAsOneThatIsNotThere() async throws {
        let (house, admin) = try await PermittedNotes.house()
        _ = try await admin.perform(try Self.filling)
        let door = try await house.open(Permit("notes", .write, collections: ["notes"]))
        for ask in [
            #"{"walk": {"from": ["notes/a"], "types": ["TYPE"], "hops": 1}}"#,
            #"{"path": {"from": "notes/a", "to": "notes/a", "types": ["TYPE"], "hops": 1}}"#,
            #"{"find": {"edges": "TYPE"}}"#, #"{"count": {"edges": "TYPE"}}"#,
            #"{"watch": {"after": 0, "edges": ["TYPE"]}}"#,
            #"""
            {"commit": {"changes": [{"link": {"type": "TYPE", "from": "notes/a",
                "to": "notes/a"}}]}}
            """#,
        ] {
            let there = try await PermittedNotes.refusal(door, ask.replacing("TYPE", with: "cites"))
            let asked = ask.replacing("TYPE", with: "nothing")
            let absent = try await PermittedNotes.refusal(door, asked)
            #expect(there?.code == .unknownEdgeType, "\(ask): \(String(describing: there))")
            #expect(
                there?.message == absent?.message.replacing("nothing", with: "cites"),
                "\(ask)"
            )
        }
        await house.remove()
    }

    /// What a memory says it was made of tells nothing of whether there is such a collection.
    @Test func whyTellsNothingOfCollectionsThatAreNotReached() async throws {
        let (house, admin) = try await PermittedNotes.house()
        for json in [
            #"""
            {"remember": [{"key": "one", "owner": "ann", "text": "Tea.", "session": "s",
                "source": {"from": ["papers/x"]}}]}
            """#,
            #"""
            {"remember": [{"key": "two", "owner": "ann", "text": "Tea.", "session": "s",
                "source": {"from": ["nothing/x"]}}]}
            """#,
        ] { _ = try await admin.perform(Request(json: json)) }
        func told(_ door: any Door, _ key: String) async throws -> [Reference] {
            let answer = try await door.perform(
                Request(json: #"{"why": {"key": "\#(key)"}}"#)
            )
            guard case .provenance(let provenance) = answer else {
                throw MnemeError(.badRequest, "")
            }
            return provenance.steps.map(\.reference)
        }
        let whole = try await told(admin, "one")
        #expect(whole.contains(Reference("papers", "x")), "\(whole)")
        // The sessions are not within reach either, be they there or not.
        let door = try await house.open(Permit("notes", .write, collections: ["memories"]))
        for isThere in [false, true] {
            if isThere {
                _ = try await admin.perform(
                    Request(json: #"{"session.open": {"owner": "ann"}}"#)
                )
            }
            let (one, two) = (try await told(door, "one"), try await told(door, "two"))
            #expect(one.contains(Reference("memories", "papers/x")), "\(one)")
            #expect(two.contains(Reference("memories", "nothing/x")), "\(two)")
            #expect(one.count == two.count)
        }
        await house.remove()
    }
}
