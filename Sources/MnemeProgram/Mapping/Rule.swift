// One rule of a mapping: the records of a collection, or the edges of a type, that each row makes.
// Page: formats/import.md#rules.

internal import Mneme
internal import MnemeCommandLine

/// What each row, or each element of something in it, makes.
struct Rule: Sendable {
    /// What happens where a record is there already.
    enum Mode: String, CaseIterable, Sendable {
        /// It is replaced.
        case replace
        /// The row is refused.
        case insert
        /// Its fields become what the rule gives; others stay.
        case set
        /// Its fields that are null become what the rule gives; all others stay.
        case fill
    }

    /// One end of an edge.
    struct End: Sendable {
        let collection: String
        let key: Derivation
    }

    enum Target: Sendable {
        case records(String, key: Derivation, expiresAt: Derivation?, Mode)
        case edges(String, from: End, to: End)
    }

    let target: Target
    /// What is gone through; nil for the row itself.
    let each: Derivation?
    /// Rows or elements for which it holds make nothing.
    let skip: Filter?
    let fields: [(name: String, derivation: Derivation)]
    let place: String

    /// Reads a rule.
    ///
    /// - Throws: `Failure` that names what is wrong in the mapping.
    init(
        _ spelling: Value,
        _ place: String,
        lookups: [String: [String: Value]]
    ) throws(Failure) {
        self.place = place
        var members = try MappingMembers(spelling, place)
        func derivation(_ value: Value?, _ name: String) throws(Failure) -> Derivation? {
            guard let value else { return nil }
            return try Derivation(value, "\(place).\(name)", lookups: lookups)
        }
        each = try derivation(members.value("each"), "each")
        var fields: [(name: String, derivation: Derivation)] = []
        for name in try members.texts("same") ?? [] {
            fields.append((name, Derivation(name, "\(place).same: \(name)")))
        }
        for (name, value) in try members.object("fields").sorted(by: { $0.key < $1.key }) {
            guard !fields.contains(where: { $0.name == name }) else {
                throw Failure(
                    "\(place): the field \(quoted(name)) is in \"same\" and in \"fields\"."
                )
            }
            let field = "\(place).fields.\(name)"
            fields.append((name, try Derivation(value, field, lookups: lookups)))
        }
        self.fields = fields
        if let filter = members.value("skip") {
            do throws(MnemeError) {
                skip = try Filter(spelling: filter)
            } catch {
                throw Failure("\(place).skip: \(error.message)", code: error.code)
            }
        } else {
            skip = nil
        }
        switch (try members.text("collection"), try members.text("edge")) {
        case (let name?, nil):
            let key = try Derivation(
                try members.required("key"),
                "\(place).key",
                lookups: lookups
            )
            target = .records(
                name,
                key: key,
                expiresAt: try derivation(members.value("expiresAt"), "expiresAt"),
                try members.word("mode") ?? .replace
            )
        case (nil, let type?):
            target = .edges(
                type,
                from: try Self.end(try members.required("from"), "\(place).from", lookups),
                to: try Self.end(try members.required("to"), "\(place).to", lookups)
            )
        default:
            throw Failure(
                "\(place) makes either records or edges. Give one of \"collection\" and \"edge\"."
            )
        }
        try members.finish()
    }

    private static func end(
        _ spelling: Value,
        _ place: String,
        _ lookups: [String: [String: Value]]
    ) throws(Failure) -> End {
        var members = try MappingMembers(spelling, place)
        guard let collection = try members.text("collection") else {
            throw Failure("\(place) needs the member \"collection\", which was not given.")
        }
        let key = try Derivation(try members.required("key"), "\(place).key", lookups: lookups)
        try members.finish()
        return End(collection: collection, key: key)
    }

    /// Whether it makes edges.
    var makesEdges: Bool {
        if case .edges = target { true } else { false }
    }

    /// Every path that it reads.
    var paths: [RowPath] {
        var paths = fields.flatMap(\.derivation.paths)
        paths += each?.paths ?? []
        paths += (skip?.fields ?? []).map(RowPath.init)
        switch target {
        case .records(_, let key, let expiresAt, _):
            paths += key.paths + (expiresAt?.paths ?? [])
        case .edges(_, let from, let to): paths += from.key.paths + to.key.paths
        }
        return paths
    }
}
