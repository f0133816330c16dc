// What the matrix asks: each verb, about what is one's own, what is another's, what is nobody's and
// what is everybody's, first what asks, then what changes, last what takes away.

import MnemeModel

/// One thing that is asked.
struct PermitAsk {
    /// The request; `$edge` stands for the edge from Ann's note to Bob's, `$open` for a
    /// transaction.
    let json: String
    /// The collections that it names.
    let names: Set<String>
    /// Whether it would put what an owner-bound permit may not, so that it may be refused for that.
    let putsForOthers: Bool
    /// Whether it asks how its answer is come by.
    let explains: Bool

    init(
        _ json: String,
        _ names: Set<String> = [],
        putsForOthers: Bool = false,
        explains: Bool = false
    ) {
        self.json = json
        self.names = names
        self.putsForOthers = putsForOthers
        self.explains = explains
    }

    static let all = asking + changing + restoring + destroying

    static let asking: [PermitAsk] = [
        PermitAsk(#"{"describe": {}}"#),
        PermitAsk(#"{"get": ["notes/nann", "notes/nwork", "notes/nbob"]}"#, ["notes"]),
        PermitAsk(#"{"get": {"references": ["notes/nbob"], "versions": true}}"#, ["notes"]),
        PermitAsk(
            #"""
            {"get": {"references": ["notes/nbob", "notes/nann"],
            "knownAt": "2099-01-01T00:00:00Z"}}
            """#,
            ["notes"]
        ),
        PermitAsk(#"{"get": ["papers/pann", "papers/pbob"]}"#, ["papers"]),
        PermitAsk(#"{"get": ["tags/t"]}"#, ["tags"]),
        PermitAsk(#"{"get": ["memories/mann", "memories/mbob"]}"#, ["memories"]),
        PermitAsk(#"{"get": ["nothing/a"]}"#, ["nothing"]),
        PermitAsk(#"{"history": {"reference": "notes/nann", "records": true}}"#, ["notes"]),
        PermitAsk(#"{"history": {"reference": "notes/nbob", "records": true}}"#, ["notes"]),
        PermitAsk(#"{"find": {"collection": "notes"}}"#, ["notes"]),
        PermitAsk(#"{"find": {"collection": "notes", "order": ["state"], "limit": 2}}"#, ["notes"]),
        PermitAsk(#"{"find": {"collection": "notes", "where": {"state": "late"}}}"#, ["notes"]),
        PermitAsk(#"{"find": {"collection": "notes", "owner": "ann"}}"#, ["notes"]),
        PermitAsk(#"{"find": {"collection": "notes", "owner": "bob"}}"#, ["notes"]),
        PermitAsk(#"{"find": {"collection": "notes", "owner": "nobody"}}"#, ["notes"]),
        PermitAsk(
            #"{"find": {"collection": "notes", "knownAt": "2099-01-01T00:00:00Z"}}"#,
            ["notes"]
        ),
        PermitAsk(
            #"{"find": {"collection": "notes", "match": {"field": "text", "words": "tea"}}}"#,
            ["notes"]
        ),
        PermitAsk(
            #"""
            {"find": {"collection": "notes", "near": {"field": "meaning",
            "vector": {"$vector": [1.0, 0.0]}}}}
            """#,
            ["notes"]
        ),
        PermitAsk(
            #"""
            {"find": {"collection": "notes", "explain": true}}
            """#,
            ["notes"],
            explains: true
        ),
        PermitAsk(#"{"find": {"collection": "papers"}}"#, ["papers"]),
        PermitAsk(#"{"find": {"collection": "tags"}}"#, ["tags"]),
        PermitAsk(#"{"find": {"collection": "memories", "select": ["text"]}}"#, ["memories"]),
        PermitAsk(#"{"find": {"edges": "cites"}}"#),
        PermitAsk(#"{"find": {"edges": "cites", "where": {"$from": "notes/nbob"}}}"#),
        PermitAsk(#"{"count": {"collection": "notes"}}"#, ["notes"]),
        PermitAsk(#"{"count": {"collection": "notes", "by": ["text"]}}"#, ["notes"]),
        PermitAsk(#"{"count": {"collection": "notes", "by": ["state"]}}"#, ["notes"]),
        PermitAsk(
            #"""
            {"count": {"collection": "notes", "explain": true}}
            """#,
            ["notes"],
            explains: true
        ),
        PermitAsk(#"{"count": {"edges": "cites", "by": ["$to"]}}"#),
        PermitAsk(
            #"""
            {"walk": {"from": ["notes/nann"], "types": ["cites"], "direction": "both", "hops": 4}}
            """#,
            ["notes"]
        ),
        PermitAsk(#"{"walk": {"from": ["notes/nbob"], "types": ["cites"], "hops": 4}}"#, ["notes"]),
        PermitAsk(
            #"""
            {"path": {"from": "notes/nann", "to": "notes/nwork", "types": ["cites"], "hops": 6}}
            """#,
            ["notes"]
        ),
        PermitAsk(
            #"""
            {"paths": {"from": "notes/nann", "to": "notes/nwork", "types": ["cites"], "hops": 6}}
            """#,
            ["notes"]
        ),
        PermitAsk(
            #"""
            {"pattern": {"nodes": {"a": {"collection": "notes"}, "b": {"collection": "notes"}},
            "steps": [{"from": "a", "to": "b", "types": ["cites"]}], "select": ["a.text",
            "b.text"]}}
            """#,
            ["notes"]
        ),
        PermitAsk(
            #"""
            {"pattern": {"nodes": {"a": {"collection": "notes"}}, "steps": [],
            "select": ["a.text"]}}
            """#,
            ["notes"]
        ),
        PermitAsk(#"{"watch": {"after": 0, "limit": 1000}}"#),
        PermitAsk(#"{"watch": {}}"#),
        PermitAsk(#"{"usage": {}}"#),
        PermitAsk(#"{"usage": {"owner": "bob"}}"#),
        PermitAsk(#"{"recall": {"question": "Who drinks tea?"}}"#, ["memories"]),
        PermitAsk(#"{"recall": {"question": "Who drinks tea?", "owner": "bob"}}"#, ["memories"]),
        PermitAsk(
            #"""
            {"recall": {"question": "tea", "collection": "notes",
            "vectors": {"meaning": {"$vector": [1.0, 0.0]}}}}
            """#,
            ["notes"]
        ),
        PermitAsk(#"{"session.context": {"id": "none"}}"#, ["sessions"]),
        PermitAsk(#"{"session.rehydrate": {"id": "none"}}"#, ["sessions"]),
        PermitAsk(#"{"episodes": {"owner": "bob"}}"#, ["episodes"]),
        PermitAsk(#"{"procedure": {"owner": "bob", "get": "greeting"}}"#, ["procedures"]),
        PermitAsk(#"{"procedure": {"owner": "bob", "list": {}}}"#, ["procedures"]),
        PermitAsk(#"{"document": {"owner": "bob", "get": "page"}}"#, ["documents"]),
        PermitAsk(#"{"why": {"key": "mbob"}}"#, ["memories"]),
        PermitAsk(#"{"upkeep": {"kind": "duplicates", "owner": "bob"}}"#, ["memories"]),
        PermitAsk(#"{"event.due": {"owner": "bob", "until": "2025-01-01T00:00:00Z"}}"#, ["events"]),
        PermitAsk(#"{"event.due": {"until": "2025-01-01T00:00:00Z"}}"#, ["events"]),
        PermitAsk(#"{"scalar.get": {"owner": "bob"}}"#, ["scalars"]),
        PermitAsk(#"{"statistics": {}}"#),
        PermitAsk(#"{"verify": {}}"#),
        PermitAsk(#"{"vectors.check": {}}"#),
        PermitAsk(#"{"graph.job": {}}"#),
        PermitAsk(#"{"audit": {}}"#),
    ]

    private static func put(_ key: String, _ fields: String) -> String {
        #"""
        {"commit": {"changes": [{"put": {"collection": "notes", "key": "\#(key)",
        "fields": {\#(fields)}}}]}}
        """#
    }

    static let changing: [PermitAsk] = [
        PermitAsk(put("new", #""owner": "ann", "text": "canaryann""#), ["notes"]),
        PermitAsk(put("nbob", #""owner": "ann", "text": "taken""#), ["notes"], putsForOthers: true),
        PermitAsk(
            put(
                "given",
                #"""
                "owner": "bob", "text": "given"
                """#
            ),
            ["notes"],
            putsForOthers: true
        ),
        PermitAsk(put("nann", #""owner": "bob", "text": "given""#), ["notes"], putsForOthers: true),
        PermitAsk(put("loose", #""text": "nobody's""#), ["notes"], putsForOthers: true),
        PermitAsk(
            #"""
            {"commit": {"changes": [{"put": {"collection": "tags", "key": "t",
            "fields": {"text": "taken"}}}]}}
            """#,
            ["tags"],
            putsForOthers: true
        ),
        PermitAsk(
            #"""
            {"commit": {"changes": [{"patch": {"collection": "notes", "key": "nbob",
            "set": {"text": "patched"}, "returns": "old"}}]}}
            """#,
            ["notes"]
        ),
        PermitAsk(
            #"""
            {"commit": {"changes": [{"patch": {"collection": "notes", "key": "nbob",
            "set": {"text": "patched"}, "orPut": {"owner": "ann"}, "returns": true}}]}}
            """#,
            ["notes"],
            putsForOthers: true
        ),
        PermitAsk(
            #"""
            {"commit": {"changes": [{"patch": {"collection": "notes", "key": "nann",
            "set": {"state": "seen"}, "returns": true}}]}}
            """#,
            ["notes"]
        ),
        PermitAsk(
            #"""
            {"commit": {"changes": [{"delete": {"reference": "notes/nbob", "soft": true,
            "returns": "old"}}]}}
            """#,
            ["notes"]
        ),
        PermitAsk(
            #"""
            {"commit": {"changes": [{"supersede": {"old": "notes/nbob", "collection": "notes",
            "key": "later", "fields": {"owner": "ann", "text": "later"},
            "at": {"$instant": "2025-01-01T00:00:00Z"}}}]}}
            """#,
            ["notes"]
        ),
        PermitAsk(
            #"""
            {"commit": {"changes": [{"link": {"type": "cites", "from": "notes/nann",
            "to": "notes/nbob"}}]}}
            """#
        ),
        PermitAsk(#"{"relate": [{"type": "cites", "from": "notes/nann", "to": "notes/nbob"}]}"#),
        PermitAsk(#"{"commit": {"changes": [{"unlink": $edge}]}}"#),
        PermitAsk(
            #"""
            {"commit": {"changes": [{"patch": {"collection": "notes", "key": "nann",
            "set": {"state": "signed"}}}], "author": "x", "idempotencyKey": "once"}}
            """#,
            ["notes"]
        ),
        PermitAsk(
            #"""
            {"remember": {"text": "canarymemoryofann more", "owner": "ann"}}
            """#,
            ["memories"]
        ),
        PermitAsk(
            #"{"remember": {"key": "mbob", "text": "taken", "owner": "ann"}}"#,
            ["memories"],
            putsForOthers: true
        ),
        PermitAsk(
            #"{"remember": {"text": "given", "owner": "bob"}}"#,
            ["memories"],
            putsForOthers: true
        ),
        PermitAsk(
            #"{"supersede": {"old": "mbob", "memory": {"text": "later", "owner": "ann"}}}"#,
            ["memories"],
            putsForOthers: true
        ),
        PermitAsk(#"{"pin": {"keys": ["mbob"]}}"#, ["memories"]),
        PermitAsk(#"{"touch": {"collection": "notes", "keys": ["nbob", "nann"]}}"#, ["notes"]),
        PermitAsk(
            #"""
            {"claim": {"collection": "notes", "where": {"state": "due"}, "limit": 10,
            "set": {"state": "taken"}, "returns": true}}
            """#,
            ["notes"]
        ),
        PermitAsk(#"{"session.open": {"owner": "ann"}}"#, ["sessions"]),
        PermitAsk(#"{"session.open": {"owner": "bob"}}"#, ["sessions"], putsForOthers: true),
        PermitAsk(#"{"session.append": {"id": "none", "entries": [{"text": "x"}]}}"#, ["sessions"]),
        PermitAsk(#"{"session.end": {"id": "none"}}"#, ["sessions"]),
        PermitAsk(
            #"{"procedure": {"owner": "bob", "put": {"name": "greeting", "value": "taken"}}}"#,
            ["procedures"],
            putsForOthers: true
        ),
        PermitAsk(
            #"{"document": {"owner": "bob", "delete": ["page"]}}"#,
            ["documents"],
            putsForOthers: true
        ),
        PermitAsk(
            #"{"event.schedule": {"owner": "bob", "at": "2030-01-01T00:00:00Z"}}"#,
            ["events"],
            putsForOthers: true
        ),
        PermitAsk(#"{"event.claim": {"limit": 10}}"#, ["events"]),
        PermitAsk(
            #"{"event.settle": {"event": "events/ebob", "as": "cancelled"}}"#,
            ["events"],
            putsForOthers: true
        ),
        PermitAsk(
            #"{"scalar.set": {"owner": "bob", "name": "mood", "value": 1}}"#,
            ["scalars"],
            putsForOthers: true
        ),
        PermitAsk(#"{"begin": {}}"#),
        PermitAsk(
            #"{"inside": {"transaction": $open, "request": {"find": {"collection": "notes"}}}}"#,
            ["notes"]
        ),
        PermitAsk(
            #"""
            {"inside": {"transaction": $open, "request": {"get": ["notes/nbob", "papers/pbob"]}}}
            """#,
            ["notes", "papers"]
        ),
        PermitAsk(
            #"""
            {"inside": {"transaction": $open,
            "request": {"commit": {"changes": [{"patch": {"collection": "notes", "key": "nann",
            "set": {"state": "inside"}}}]}}}}
            """#,
            ["notes"]
        ),
        PermitAsk(
            #"""
            {"inside": {"transaction": $open,
            "request": {"commit": {"changes": [{"delete": "notes/nbob"}]}}}}
            """#,
            ["notes"]
        ),
        PermitAsk(#"{"commitTransaction": {"transaction": $open}}"#),
        PermitAsk(#"{"begin": {}}"#),
        PermitAsk(#"{"rollback": {"transaction": $open}}"#),
        PermitAsk(#"{"graph.run": {"name": "groups", "measure": "components"}}"#),
        PermitAsk(#"{"graph.job": {"do": "cancel", "name": "groups"}}"#),
    ]

    static let destroying: [PermitAsk] = [
        PermitAsk(#"{"prune": {"owner": "bob", "records": 0}}"#, ["memories"]),
        PermitAsk(#"{"forget": {"keys": ["mbob"]}}"#, ["memories"]),
        PermitAsk(#"{"forget": {"owner": "bob"}}"#, ["memories"]),
        PermitAsk(#"{"deleteWhere": {"collection": "papers", "where": {}}}"#, ["papers"]),
        PermitAsk(#"{"deleteWhere": {"collection": "notes", "owner": "bob"}}"#, ["notes"]),
        PermitAsk(#"{"commit": {"changes": [{"erase": "notes/nbob"}]}}"#, ["notes"]),
        PermitAsk(#"{"commit": {"changes": [{"delete": "notes/nbob"}]}}"#, ["notes"]),
        PermitAsk(#"{"commit": {"changes": [{"delete": "tags/t"}]}}"#, ["tags"]),
        PermitAsk(#"{"deleteWhere": {"collection": "notes", "where": {}}}"#, ["notes"]),
        PermitAsk(#"{"purge": {"owner": "bob", "dryRun": true}}"#),
        PermitAsk(#"{"purge": {"owner": "bob"}}"#),
        PermitAsk(#"{"checkpoint": {}}"#),
        PermitAsk(#"{"backup": {"name": "sunday"}}"#),
        PermitAsk(
            #"""
            {"switch": {"collection": "notes", "vector": "meaning", "to": "later", "old": "before"}}
            """#,
            ["notes"]
        ),
        PermitAsk(#"{"define": {"collections": [{"name": "more", "fields": []}]}}"#, ["more"]),
        PermitAsk(#"{"drop": {"collection": {"name": "tags"}}}"#, ["tags"]),
        PermitAsk(#"{"audit": {"set": {}}}"#),
    ]
}
