// Edges under permits: each property says between whom the edge is, so that an answer which has it
// has told it. Asked is each way to edges: by filters, words and vectors, along an index and a
// cursor, by walks of now and of then, patterns and the feed; then each change of one.

import Doors
import MnemeModel
import Testing

/// A store of edges, those that are there and those that were.
private struct EdgeHouse {
    /// What stands in the name of each edge.
    enum Canary: String, CaseIterable {
        /// Between two records of Ann's, there and gone.
        case anns = "canaryofann"
        case annsOnce = "canarymine"
        /// From Ann's record to Bob's.
        case between = "canarybetween"
        /// Between two records of Bob's, there and gone.
        case bobs = "canaryofbob"
        case bobsOnce = "canaryonce"
        /// Between records that were Bob's when it ended, and are Ann's.
        case given = "canarygiven"
    }

    static let schema = """
        {"collections": [
            {"name": "notes", "fields": [{"name": "owner", "type": "text"}],
             "roles": {"owner": "owner"}},
            {"name": "others", "fields": [{"name": "text", "type": "text"}]}],
         "edges": [{"name": "knows", "from": "notes", "to": "notes",
            "fields": [{"name": "name", "type": "text", "searchable": true},
                {"name": "look", "type": {"vector": {"dimension": 2}}}],
            "indexes": [{"name": "byName", "fields": ["name"]}], "history": {}}]}
        """

    let house: PermittedHouse
    let admin: any Door
    /// The numbers of the edges.
    private(set) var numbers: [Canary: UInt64] = [:]
    /// When each of them was there.
    private(set) var times: [Canary: Instant] = [:]

    init() async throws {
        house = try PermittedHouse(.embedded)
        admin = try await house.open(nil)
        try await admin.define(Schema(json: Self.schema))
        for (key, owner) in [
            ("a1", "ann"), ("a2", "ann"), ("a3", "ann"), ("b1", "bob"), ("b2", "bob"),
            ("b3", "bob"), ("g1", "bob"), ("g2", "bob"),
        ] {
            _ = try await commit(Self.put(key, owner))
        }
        try await link(.anns, "a1", "a2")
        try await link(.annsOnce, "a2", "a3")
        try await link(.between, "a1", "b1")
        try await link(.bobs, "b1", "b2")
        try await link(.bobsOnce, "b2", "b3")
        try await link(.given, "g1", "g2")
        let watched = try await admin.perform(Request(json: #"{"watch": {"after": 0}}"#))
        guard case .watched(let told) = watched else { throw MnemeError(.badRequest, "") }
        for event in told.events {
            guard case .link(let edge) = event.what,
                let canary = edge.fields["name"]?.text.flatMap({ Canary(rawValue: $0) })
            else { continue }
            times[canary] = event.time
        }
        for canary in [Canary.annsOnce, .bobsOnce, .given] {
            _ = try await commit(#"{"unlink": \#(number(canary))}"#)
        }
        for key in ["g1", "g2"] {
            _ = try await commit(
                """
                {"patch": {"collection": "notes", "key": "\(key)", "set": {"owner": "ann"}}}
                """
            )
        }
    }

    func number(_ canary: Canary) -> UInt64 { numbers[canary] ?? 0 }

    func commit(_ change: String) async throws -> Committed {
        let request = try Request(json: #"{"commit": {"changes": [\#(change)]}}"#)
        guard case .committed(let committed) = try await admin.perform(request) else {
            throw MnemeError(.badRequest, "")
        }
        return committed
    }

    private static func put(_ key: String, _ owner: String) -> String {
        """
        {"put": {"collection": "notes", "key": "\(key)", "fields": {"owner": "\(owner)"}}}
        """
    }

    private mutating func link(_ canary: Canary, _ from: String, _ to: String) async throws {
        let committed = try await commit(
            """
            {"link": {"type": "knows", "from": "notes/\(from)", "to": "notes/\(to)",
                "fields": {"name": "\(canary.rawValue)", "look": {"$vector": [1.0, 0.5]}}}}
            """
        )
        numbers[canary] = committed.outcomes.compactMap(\.madeEdge).first
    }

    /// A walk from a record when an edge was there.
    func walk(_ from: String, at canary: Canary) -> String {
        let instant = times[canary].map { "\($0)" } ?? ""
        return """
            {"walk": {"from": ["notes/\(from)"], "types": ["knows"], "direction": "both",
                "hops": 4, "knownAt": {"$instant": "\(instant)"}}}
            """
    }

    /// Each way to edges.
    var asks: [String] {
        let words = Canary.allCases.map(\.rawValue).joined(separator: " ")
        return [
            #"{"find": {"edges": "knows"}}"#,
            #"{"find": {"edges": "knows", "where": {"$from": "notes/b1"}}}"#,
            #"{"find": {"edges": "knows", "where": {"$to": {"in": ["notes/b1", "notes/b2"]}}}}"#,
            #"{"find": {"edges": "knows", "where": {"name": "canaryofbob"}}}"#,
            #"{"find": {"edges": "knows", "order": ["name"], "limit": 10}}"#,
            #"{"find": {"edges": "knows", "match": {"field": "name", "words": "\#(words)"}}}"#,
            #"""
            {"find": {"edges": "knows", "near": {"field": "look",
                "vector": {"$vector": [1.0, 0.0]}}}}
            """#,
            #"{"count": {"edges": "knows", "by": ["name"]}}"#,
            #"{"count": {"edges": "knows", "by": ["$to", "name"]}}"#,
            #"""
            {"walk": {"from": ["notes/a1"], "types": ["knows"], "direction": "both", "hops": 4}}
            """#,
            walk("a1", at: .annsOnce), walk("a1", at: .bobsOnce), walk("b1", at: .bobsOnce),
            walk("g1", at: .given),
            #"{"path": {"from": "notes/a1", "to": "notes/a2", "types": ["knows"], "hops": 4}}"#,
            #"{"paths": {"from": "notes/a1", "to": "notes/a2", "types": ["knows"], "hops": 4}}"#,
            #"""
            {"pattern": {"nodes": {"a": {"collection": "notes"}, "b": {"collection": "notes"}},
                "steps": [{"from": "a", "to": "b", "types": ["knows"], "as": "k"}],
                "select": ["k.name"]}}
            """#,
        ]
    }
}

@Suite struct PermittedEdges {
    private typealias Canary = EdgeHouse.Canary

    /// Permits, and the edges that each reaches.
    private static let reached: [(permit: Permit, canaries: Set<Canary>)] = [
        (Permit("whole", .write), Set(Canary.allCases)),
        (Permit("notes", .write, collections: ["notes"]), Set(Canary.allCases)),
        (Permit("ann", .write, owners: ["ann"]), [.anns, .annsOnce]),
        (Permit("bob", .write, owners: ["bob"]), [.bobs, .bobsOnce]),
        (Permit("both", .write, owners: ["ann", "bob"]), Set(Canary.allCases)),
    ]

    @Test func anEdgeIsToldToWhomReachesBothItsEnds() async throws {
        let world = try await EdgeHouse()
        for (permit, canaries) in Self.reached {
            let door = try await world.house.open(permit)
            var seen = ""
            for json in world.asks {
                let told: String
                do throws(MnemeError) {
                    told = try await door.perform(try Request(json: json)).json()
                } catch {
                    #expect(error.code == .notFound, "\(permit.name): \(json): \(error)")
                    told = "\(error)"
                }
                for canary in Canary.allCases where !canaries.contains(canary) {
                    #expect(!told.contains(canary.rawValue), "\(permit.name): \(json): \(told)")
                }
                seen += told
            }
            for canary in canaries {
                #expect(seen.contains(canary.rawValue), "\(permit.name) sees \(canary)")
            }
            try await door.close()
        }
        await world.house.remove()
    }

    /// The feed tells an edge to whom reaches its ends, whosever they were.
    @Test func anEdgeThatComesIsToldToWhomReachesBothItsEnds() async throws {
        let world = try await EdgeHouse()
        for (permit, canaries) in Self.reached {
            let door = try await world.house.open(permit)
            let told = try await door.perform(Request(json: #"{"watch": {"after": 0}}"#)).json()
            for canary in Canary.allCases where canary != .given {
                #expect(
                    told.contains(canary.rawValue) == canaries.contains(canary),
                    "\(permit.name): \(canary)"
                )
            }
            try await door.close()
        }
        await world.house.remove()
    }

    /// What is kept of an edge that has ended is erased by those alone who reach everything.
    @Test func anEdgeOfOthersIsNeitherTakenAwayNorErased() async throws {
        let world = try await EdgeHouse()
        let ann = try await world.house.open(Permit("ann", .write, owners: ["ann"]))
        let before = try await world.admin.perform(Request(json: world.walk("b1", at: .bobsOnce)))
        #expect(before.json().contains(Canary.bobsOnce.rawValue))
        for canary in [Canary.between, .bobs, .bobsOnce, .given, .annsOnce] {
            for change in ["unlink", "erase"] {
                let answer = try await ann.perform(
                    Request(
                        json: """
                            {"commit": {"changes": [{"\(change)": \(world.number(canary))}]}}
                            """
                    )
                )
                guard case .committed(let committed) = answer else {
                    throw MnemeError(.badRequest, "")
                }
                #expect(committed.outcomes == [.unlinked(false)], "\(change) \(canary)")
            }
        }
        let after = try await world.admin.perform(Request(json: world.walk("b1", at: .bobsOnce)))
        #expect(after.json().contains(Canary.bobsOnce.rawValue))
        #expect(after.json().contains(Canary.bobs.rawValue))
        _ = try await world.commit(#"{"erase": \#(world.number(.bobsOnce))}"#)
        let erased = try await world.admin.perform(Request(json: world.walk("b1", at: .bobsOnce)))
        #expect(!erased.json().contains(Canary.bobsOnce.rawValue))
        await world.house.remove()
    }
}
