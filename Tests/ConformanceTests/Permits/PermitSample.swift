// The store of the matrix: what each owner has says whose it is, so that an answer which has any of
// it has told it.

import MnemeModel

/// What the matrix asks, and of what.
enum PermitSample {
    /// What stands in every record of an owner, in one of nobody's, and in another collection.
    enum Canary: String, CaseIterable {
        case ann = "canaryann"
        case work = "canarywork"
        case bob = "canarybob"
        case nobody = "canarynobody"
        case annsPaper = "canarypaperofann"
        case bobsPaper = "canarypaperofbob"
        case annsMemory = "canarymemoryofann"
        case bobsMemory = "canarymemoryofbob"

        var collection: String {
            switch self {
            case .ann, .work, .bob: "notes"
            case .nobody: "tags"
            case .annsPaper, .bobsPaper: "papers"
            case .annsMemory, .bobsMemory: "memories"
            }
        }

        var owner: String? {
            switch self {
            case .ann, .annsPaper, .annsMemory: "ann"
            case .work: "ann/work"
            case .bob, .bobsPaper, .bobsMemory: "bob"
            case .nobody: nil
            }
        }

        /// Whether a permit reaches what has it, by what the page says and nothing else.
        func isReached(by permit: Permit) -> Bool {
            if let collections = permit.collections, !collections.contains(collection) {
                return false
            }
            guard let owners = permit.owners else { return true }
            guard let owner else { return false }
            return owners.contains { owner == $0 || owner.hasPrefix($0 + "/") }
        }
    }

    static let schema = """
        {"collections": [
            {"name": "notes", "fields": [
                {"name": "owner", "type": "text"},
                {"name": "text", "type": "text", "searchable": true},
                {"name": "state", "type": "text"}, {"name": "at", "type": "instant"},
                {"name": "from", "type": "instant"}, {"name": "to", "type": "instant"},
                {"name": "deleted", "type": "instant"}, {"name": "kept", "type": "bool"},
                {"name": "meaning", "type": {"vector": {"dimension": 2}}}],
             "indexes": [{"name": "byState", "fields": ["state"]}],
             "roles": {"owner": "owner", "text": "text", "time": "at", "validFrom": "from",
                "validTo": "to", "deletedAt": "deleted", "pinned": "kept"},
             "history": {}, "usage": true},
            {"name": "papers", "fields": [
                {"name": "owner", "type": "text"},
                {"name": "text", "type": "text", "searchable": true}],
             "roles": {"owner": "owner", "text": "text"}, "usage": true},
            {"name": "tags", "fields": [{"name": "text", "type": "text"}]}],
         "edges": [{"name": "cites", "from": "notes", "to": "notes",
            "fields": [{"name": "weight", "type": "float"}]}]}
        """

    private static func note(_ key: String, _ canary: Canary, _ owner: String) -> String {
        """
        {"put": {"collection": "notes", "key": "\(key)", "fields": {"owner": "\(owner)",
            "text": "\(canary.rawValue) tea", "state": "due", "at": "2024-01-01T00:00:00Z",
            "from": "2024-01-01T00:00:00Z", "meaning": {"$vector": [1.0, 0.5]}}}}
        """
    }

    private static func link(_ from: String, _ to: String) -> String {
        """
        {"link": {"type": "cites", "from": "notes/\(from)", "to": "notes/\(to)",
            "fields": {"weight": 0.5}}}
        """
    }

    /// From Ann's note one comes to that of her work through Bob's alone.
    static let filling = [
        """
        {"commit": {"changes": [
            \(note("nann", .ann, "ann")), \(note("nwork", .work, "ann/work")),
            \(note("nbob", .bob, "bob")),
            {"put": {"collection": "papers", "key": "pann", "fields": {"owner": "ann",
                "text": "\(Canary.annsPaper.rawValue)"}}},
            {"put": {"collection": "papers", "key": "pbob", "fields": {"owner": "bob",
                "text": "\(Canary.bobsPaper.rawValue)"}}},
            {"put": {"collection": "tags", "key": "t", "fields": {
                "text": "\(Canary.nobody.rawValue)"}}},
            \(link("nann", "nbob")), \(link("nbob", "nwork"))]}}
        """,
        """
        {"commit": {"changes": [
            {"patch": {"collection": "notes", "key": "nann", "set": {"state": "late"}}},
            {"patch": {"collection": "notes", "key": "nbob", "set": {"state": "late"}}}]}}
        """,
        """
        {"remember": [
            {"key": "mann", "owner": "ann", "text": "\(Canary.annsMemory.rawValue) drinks tea"},
            {"key": "mbob", "owner": "bob", "text": "\(Canary.bobsMemory.rawValue) drinks tea"}]}
        """,
        """
        {"event.schedule": [{"key": "ebob", "owner": "bob", "at": "2024-01-01T00:00:00Z",
            "payload": {"of": "\(Canary.bobsMemory.rawValue)"}}]}
        """,
        """
        {"scalar.set": {"owner": "bob", "name": "mood", "value": 0.5}}
        """,
        """
        {"procedure": {"owner": "bob", "put": {"name": "greeting",
            "value": "\(Canary.bobsMemory.rawValue)"}}}
        """,
        """
        {"document": {"owner": "bob", "put": {"name": "page",
            "value": "\(Canary.bobsMemory.rawValue)"}}}
        """,
        """
        {"session.open": {"owner": "bob"}}
        """,
    ]
}
