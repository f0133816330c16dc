// What the workload works on: every kind of key, field and index, and what is defined later on.

package import MnemeModel

/// Schemas of the workload.
package enum HarnessSchema {
    /// Words that no stemmer confuses.
    package static let words = [
        "alder", "birch", "cedar", "dogwood", "elm", "fir", "ginkgo", "hazel", "ivy", "juniper",
        "kapok", "larch", "maple", "nutmeg", "oak", "pine", "quince", "rowan", "spruce", "teak",
    ]

    /// Paths of owners, some below others.
    package static let owners = ["ann", "ann/desk", "ann/desk/x", "bob", "bob/home", "cy"]

    /// What a store begins with.
    package static let first = Schema(
        collections: [notes, people, things] + lives,
        edgeTypes: [
            EdgeType("cites", from: "notes", to: "notes"),
            EdgeType(
                "knows",
                from: "people",
                to: "people",
                fields: [Field("weight", .float), Field("since", .date)]
            ),
            EdgeType("about", fields: [Field("why", .text)]), replaces,
        ]
    )

    private static let notes: Collection = {
        var roles = Roles()
        roles.owner = "owner"
        return Collection(
            "notes",
            key: .text,
            fields: [
                Field("owner", .text), Field("title", .text, isRequired: true),
                Field("body", .text, isSearchable: true), Field("rank", .int),
                Field("score", .float), Field("tag", .oneOf(["red", "green", "blue"])),
                Field("seen", .instant), Field("flag", .bool),
                Field("place", .vector(VectorType(dimension: 8))),
            ],
            indexes: [
                Index("byRank", on: ["owner", IndexField("rank", descending: true)]),
                Index("byTitle", on: ["title"], isUnique: true),
                Index("byTag", on: ["tag", IndexField("score", descending: true), "rank"]),
                Index("bySeen", on: [IndexField("seen", descending: true), "flag"]),
            ],
            roles: roles
        )
    }()

    private static let people = Collection(
        "people",
        key: .int,
        fields: [
            Field("name", .text, isRequired: true), Field("age", .int),
            Field("bio", .text, isSearchable: true), Field("motto", .text, isSearchable: true),
            Field("home", .vector(VectorType(dimension: 4, metric: .l2))),
        ],
        indexes: [
            Index("byAge", on: [IndexField("age", descending: true)]),
            Index("byName", on: ["name", "age"], isUnique: true),
        ]
    )

    private static let things = Collection(
        "things",
        key: .uuid,
        fields: [
            Field("label", .text), Field("data", .json), Field("blob", .bytes),
            Field("born", .date), Field("link", .uuid), Field("parts", .array(.int)),
            Field(
                "shape",
                .vector(VectorType(dimension: 5, element: .float16, metric: .dot))
            ),
        ],
        indexes: [
            Index("byLabel", on: [IndexField("label", descending: true), "born"]),
            Index("byLink", on: ["link"]), Index("byBlob", on: ["blob"]),
        ]
    )

    /// What may be defined later, in this order; some of it is refused.
    package static let later: [Schema] = [
        Schema(collections: [
            Collection(
                "extras",
                fields: [
                    Field("words", .text, isSearchable: true), Field("number", .int),
                    Field("hint", .text),
                ],
                indexes: [Index("byNumber", on: ["number"])]
            )
        ]),
        // An index over records that are there already, and a field that they lack.
        Schema(collections: [
            with(notes) {
                $0.fields.append(Field("extra", .int))
                $0.indexes.append(Index("byScore", on: ["score", "extra"]))
            }
        ]),
        // What records have in a field comes to be searched.
        Schema(collections: [
            Collection("extras", fields: [Field("hint", .text, isSearchable: true)])
        ]),
        // From then on it is kept which edges there were, and nothing is withdrawn any more.
        Schema(edgeTypes: [keptReplaces]),
        // Refused while two things have the same label.
        Schema(collections: [
            with(things) { $0.indexes.append(Index("oneLabel", on: ["label"], isUnique: true)) }
        ]),
        // Refused: what is defined is not changed.
        Schema(collections: [with(people) { $0.key = .text }]),
        Schema(
            collections: [
                with(people) {
                    $0.fields.append(Field("look", .vector(VectorType(dimension: 16))))
                    $0.fields.append(Field("note", .text, isSearchable: true))
                }
            ],
            edgeTypes: [EdgeType("likes", from: "people")]
        ),
        // What is there already is counted behind.
        Schema(collections: [with(notes) { $0.countsUsage = true }]),
        // What may have been dropped before.
        Schema(collections: [again]),
    ]

    static func with(
        _ collection: Collection,
        _ change: (inout Collection) -> Void
    ) -> Collection {
        var collection = collection
        change(&collection)
        return collection
    }
}
