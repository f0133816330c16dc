// The store that the tests of all doors begin with, and short words for what they ask.

import Doors
import MnemeModel
import Testing

enum Sample {
    /// A collection with a field of every kind, one for each kind of key, and edges.
    static let schema = Schema(
        collections: [
            Collection(
                "things",
                fields: [
                    Field("name", .text), Field("owner", .text), Field("flag", .bool),
                    Field("count", .int), Field("size", .float), Field("data", .bytes),
                    Field("id", .uuid), Field("at", .instant), Field("day", .date),
                    Field("free", .json), Field("mood", .oneOf(["good", "bad"])),
                    Field("tags", .array(.text)), Field("sizes", .array(.float)),
                    Field("body", .text, isSearchable: true),
                    Field("near", .vector(VectorType(dimension: 3))),
                    Field("dot", .vector(VectorType(dimension: 2, metric: .dot))),
                    Field(
                        "half",
                        .vector(VectorType(dimension: 2, element: .float16, metric: .l2))
                    ),
                ],
                indexes: [
                    Index("byCount", on: [IndexField("count", descending: true)]),
                    Index("bySize", on: ["size", "name"]),
                ],
                roles: owned
            ),
            Collection(
                "places",
                fields: [Field("slot", .text, isRequired: true), Field("room", .int)],
                indexes: [Index("bySlot", on: ["slot", "room"], isUnique: true)]
            ),
            Collection("numbers", key: .int, fields: [Field("text", .text)]),
            Collection("ids", key: .uuid, fields: [Field("text", .text)]),
            Collection(
                "wide",
                fields: [
                    Field("text", .text), Field("data", .bytes),
                    Field("vector", .vector(VectorType(dimension: 4096))),
                ]
            ),
        ],
        edgeTypes: [
            EdgeType("joins"), EdgeType("cites", fields: [Field("weight", .float)]),
            EdgeType("counts", from: "numbers", to: "things"),
        ]
    )

    private static let owned: Roles = {
        var roles = Roles()
        roles.owner = "owner"
        return roles
    }()

    static let day = Instant(microseconds: 1_700_000_000_000_000)

    static let memories = [
        Remember("Ann keeps bees behind the old mill", owner: "ann", key: "bees", time: day),
        Remember("The roof of the mill was mended", owner: "ann/work", key: "roof", time: day),
        Remember(
            "The train to Lyon leaves at nine",
            owner: "bob",
            key: "train",
            kind: .semantic,
            time: day,
            importance: 1,
            decayRate: 0,
            isPinned: true,
            speaker: "bob",
            tags: ["travel"],
            data: ["platform": 3]
        ),
    ]
}

func thing(_ key: String) -> Reference { Reference("things", .text(key)) }

func put(
    _ key: String,
    _ fields: [String: Value] = [:],
    mode: Put.Mode = .replace,
    expiresAt: Instant? = nil
) -> Change {
    .put(Put("things", .text(key), fields, mode: mode, expiresAt: expiresAt))
}

func join(_ from: String, _ to: String, _ type: String = "joins") -> Change {
    .link(Link(type, from: thing(from), to: thing(to)))
}

extension DoorKind {
    /// As `withDoor`, with the sample's schema defined.
    func withSample(_ body: (any Door) async throws -> Void) async throws {
        try await withDoor { door in
            try await door.define(Sample.schema)
            try await body(door)
        }
    }
}

extension Door {
    /// The code that a request is refused with, nil when it is not.
    func refusal(_ request: Request) async -> MnemeError.Code? {
        if case .failure(let error) = await outcome(request) { error.code } else { nil }
    }

    /// The keys of the things that a question finds, in their order.
    func keys(_ find: Find) async throws -> [String] {
        try await self.find(find).rows.map { $0.record.reference.key.description }
    }

    /// The keys of the things for which a condition holds.
    func keys(where filter: Filter) async throws -> [String] {
        try await keys(Find("things", where: filter, limit: 1000))
    }
}

/// Whether two values are the same to the last bit, NaN the same as NaN.
func isSame(_ left: Value, _ right: Value) -> Bool {
    Array(left.json().utf8) == Array(right.json().utf8)
}
