// Stores for the second reader: tools/read-store/check has this suite write them and reads them
// with nothing but the pages in formats/ to go by. The suite itself holds them against `verify`.

import Foundation
import MnemeBase
import MnemeLog
import MnemeModel
import MnemeStore
import SimulatedWorld
import Testing

@Suite struct StoreFixtureTests {
    /// Where the stores are left, a directory that goes again when nobody asked for one.
    private let directory: String
    private let isKept: Bool

    init() {
        let asked = ProcessInfo.processInfo.environment["MNEME_STORE_FIXTURES"]
        isKept = asked != nil
        directory =
            asked
            ?? FileManager.default.temporaryDirectory
            .appending(path: "mneme-fixtures-\(UInt64.random(in: 0...UInt64.max))").path()
    }

    @Test func storesInEveryStateOfRest() throws {
        let files = FileManager.default
        try files.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { if !isKept { try? files.removeItem(atPath: directory) } }
        let closed = directory + "/closed"
        var work = Workload(seed: 0x6d6e_656d_65)

        let store = try Store.open(closed, .create, options: work.options)
        try copy(closed, to: "empty")
        try store.define(Workload.schema)
        for _ in 0..<60 { try work.commit(to: store) }
        try dropWithHistory(store)
        try switchVectors(store)
        try say(store)
        _ = try store.runGraphJob(GraphRun("ranks", .pageRank, types: ["cites"]))
        try store.settleGraphJobs()
        #expect(try store.graphJobs(GraphJobCall()).jobs.map(\.state) == [.done])
        try copy(closed, to: "uncheckpointed")
        _ = try store.backup(to: directory + "/backup")
        try store.upkeep()
        try store.checkpointNow()
        try copy(closed, to: "checkpointed")
        for _ in 0..<60 { try work.commit(to: store) }
        try copy(closed, to: "interrupted")
        try store.define(Workload.more)
        for _ in 0..<20 { try work.commit(to: store) }
        #expect(try store.verify().findings == [])
        // Edges that have ended are among what the second reader works out.
        #expect(work.endedCount > 0)
        var base = BackupOptions()
        base.base = directory + "/backup"
        _ = try store.backup(to: directory + "/increment", base)
        try store.close()
        let chain = [directory + "/backup", directory + "/increment"]
        #expect(try Store.verifyBackups(chain, options: work.options).count == 2)

        // Twice restored: on the first way a record is replaced and erased, and so on the second.
        let directories = [directory + "/first", directory + "/restored"]
        var made = chain
        for (number, place) in directories.enumerated() {
            _ = try Store.restore(made, to: place, ledger: .none, options: work.options)
            let branch = try Store.open(place, .open, options: work.options)
            for key in ["new", "new", "known"] {
                _ = try branch.commit([.put(Put("notes", .text(key), ["user": "ann"]))])
            }
            _ = try branch.commit([.erase(Reference("notes", .text("new")))])
            _ = try branch.commit([.put(Put("notes", .text("n\(number)"), ["user": "ann"]))])
            _ = try branch.commit([.erase(Reference("notes", .text("n\(number)")))])
            if number == 0 {
                made = [directory + "/second"]
                _ = try branch.backup(to: made[0])
            } else {
                #expect(try branch.eraseNow())
                _ = try branch.commit([.erase(Reference("notes", .text("known")))])
            }
            try branch.close()
        }
        for name in ["/first", "/second"] { try files.removeItem(atPath: directory + name) }

        let names = [
            "empty", "uncheckpointed", "checkpointed", "interrupted", "closed", "restored",
        ]
        for name in names {
            try copy(directory + "/" + name, to: "opened")
            let again = try Store.open(directory + "/opened", .open, options: work.options)
            #expect(try again.verify().findings == [], "\(name)")
            try again.close()
        }
        try FileManager.default.removeItem(atPath: directory + "/opened")
    }

    /// Puts records of a collection with a recall list, of all kinds that their digests tell.
    private func say(_ store: Store) throws {
        try store.define(Schema(collections: [DigestPageTests.said]))
        let texts = ["Ann likes tea.", "On 8 May 2023 it rained. Did it?", "", "茶が好き", "é è ê"]
        _ = try store.commit(
            texts.enumerated().map { number, text in
                var fields: [String: Value] = [
                    "text": .text(text), "owner": .text(number < 3 ? "ann" : "ann/b"),
                    "position": .int(Int64(number)),
                    "time": .instant(Instant(microseconds: Int64(number) * 1_000_000_007)),
                ]
                if number % 2 == 0 {
                    fields["session"] = .text("s\(number / 3)")
                    fields["speaker"] = "Ann"
                    fields["importance"] = .float(0.1 * Double(number))
                    fields["decayRate"] = .float(1 / 3)
                }
                return .put(Put("said", .text("t\(number)"), fields))
            }
        )
        _ = try store.commit([.put(Put("said", "none", ["owner": "bob"]))])
    }

    /// Drops a collection with a history before everything of it is gone, and gives its name away.
    private func dropWithHistory(_ store: Store) throws {
        for _ in 0..<2 {
            try store.define(
                Schema(collections: [
                    Collection("gone", fields: [Field("n", .int)], history: HistoryRule())
                ])
            )
            for round in 0..<3 {
                _ = try store.commit(
                    (0..<8).map { .put(Put("gone", .text("g\($0)"), ["n": .int(Int64(round))])) }
                )
            }
            try store.drop(.collection("gone"))
        }
        try store.define(
            Schema(collections: [
                Collection("gone", fields: [Field("m", .text)], history: HistoryRule(versions: 2))
            ])
        )
        for text in ["a", "b", "c", "d"] {
            _ = try store.commit([.put(Put("gone", "g1", ["m": .text(text)]))])
        }
    }

    /// Gives a vector field's name to another one, and puts records under the names before and
    /// after.
    private func switchVectors(_ store: Store) throws {
        let old = FieldType.vector(VectorType(dimension: 3, model: "small"))
        let new = FieldType.vector(VectorType(dimension: 5, element: .float16, model: "large"))
        let lacking = Index("lacking", on: ["n"], where: try Expression("meaning2 is null"))
        try store.define(
            Schema(collections: [
                Collection(
                    "switched",
                    fields: [Field("n", .int), Field("meaning", old), Field("meaning2", new)],
                    indexes: [lacking]
                )
            ])
        )
        func put(_ number: Int, _ fields: [String: Value]) -> Change {
            .put(Put("switched", .text("s\(number % 25)"), fields))
        }
        let vectors: [Value] = [.vector([1, 2, 3]), .vector([1, 0.5, 0, 2, 4])]
        _ = try store.commit(
            (0..<20).map { put($0, ["n": 1, "meaning": vectors[0], "meaning2": vectors[1]]) }
        )
        try store.switchVector(
            VectorSwitch("switched", "meaning", to: "meaning2", keepingOldAs: "meaning1")
        )
        _ = try store.commit(
            (15..<35).map { number in
                number % 3 == 0
                    ? put(number, ["n": 2, "meaning1": vectors[0]])
                    : put(number, ["n": 3, "meaning": vectors[1]])
            }
        )
    }

    @Test func anEncryptedStore() throws {
        let files = FileManager.default
        let path = directory + "/encrypted"
        try files.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { if !isKept { try? files.removeItem(atPath: directory) } }
        var work = Workload(seed: 0x7365_616c)
        var options = work.options
        let key = try #require(MasterKey(bytes: [UInt8](7..<39)))
        options.masterKey = key
        let store = try Store.open(path, .create, options: options)
        try store.define(Workload.schema)
        for _ in 0..<40 { try work.commit(to: store) }
        try store.checkpointNow()
        for _ in 0..<10 { try work.commit(to: store) }
        #expect(try store.verify().findings == [])
        try store.close()
        _ = files.createFile(
            atPath: directory + "/key",
            contents: Data(7..<39),
            attributes: [.posixPermissions: 0o600]
        )
    }

    /// A copy of a store as it stands, as a crash of the process would leave it.
    private func copy(_ store: String, to name: String) throws {
        let target = directory + "/" + name
        try? FileManager.default.removeItem(atPath: target)
        try FileManager.default.copyItem(atPath: store, toPath: target)
    }
}

/// Batches of everything that a store can be given.
private struct Workload {
    private var random: SeededRandomness
    private let clock = SimulatedClock()
    private var edges: [UInt64] = []
    /// Edges whose past is kept, and how many of them were unlinked.
    private var kept: Set<UInt64> = []
    private(set) var endedCount = 0

    init(seed: UInt64) { random = SeededRandomness(seed) }

    var options: StoreOptions {
        var options = StoreOptions()
        options.worksInBackground = false
        options.clock = clock
        options.logLimits.smallestSegment = 1 << 17
        options.logLimits.largestSegment = 1 << 18
        return options
    }

    static var schema: Schema {
        var roles = Roles()
        roles.owner = "user"
        roles.text = "text"
        let notes = Collection(
            "notes",
            fields: [
                Field("user", .text, isRequired: true), Field("text", .text, isSearchable: true),
                Field("title", .text, isSearchable: true), Field("at", .instant),
                Field("weight", .float), Field("day", .date), Field("done", .bool),
                Field("id", .uuid), Field("raw", .bytes), Field("tags", .array(.text)),
                Field("data", .json),
                Field(
                    "meaning",
                    .vector(VectorType(dimension: 48, element: .float16, metric: .cosine))
                ),
                Field(
                    "place",
                    .vector(VectorType(dimension: 3, element: .float32, metric: .l2))
                ),
            ],
            indexes: [
                Index("newest", on: ["user", IndexField("at", descending: true)]),
                Index(
                    "all",
                    on: [
                        "weight", IndexField("day", descending: true), "done", "id",
                        IndexField("raw", descending: true), IndexField("title", descending: true),
                    ]
                ),
            ],
            roles: roles
        )
        let books = Collection(
            "books",
            key: .int,
            fields: [Field("code", .int), Field("name", .text)],
            indexes: [Index("code", on: ["code"], isUnique: true)]
        )
        let loans = Collection(
            "loans",
            fields: [
                Field("note", .text), Field("code", .int), Field("books", .array(.int)),
                Field("user", .text), Field("before", .array(.text)),
            ],
            references: [
                ReferenceRule("note", ["note"], to: "notes", onDelete: .cascade),
                ReferenceRule("code", ["code"], to: "books", on: ["code"], onDelete: .setNull),
                ReferenceRule("books", ["books"], to: "books", onDelete: .setNull),
                ReferenceRule("before", ["before"], to: "loans", onDelete: .cascade),
            ],
            history: HistoryRule(versions: 3, days: 1)
        )
        let marks = Collection("marks", key: .uuid, fields: [Field("kind", .oneOf(["a", "b"]))])
        return Schema(
            collections: [loans, notes, books, marks],
            edgeTypes: [
                EdgeType(
                    "cites",
                    fields: [
                        Field("weight", .float), Field("why", .text, isSearchable: true),
                        Field("near", .vector(VectorType(dimension: 3))),
                    ],
                    history: HistoryRule()
                ),
                EdgeType("next", from: "notes", to: "notes"), EdgeType("one", isUnique: true),
                EdgeType("same", isUnique: true, isUndirected: true),
            ]
        )
    }

    /// What is defined later: fields of their own numbers behind the others.
    static var more: Schema {
        Schema(
            collections: [
                Collection(
                    "books",
                    key: .int,
                    fields: [
                        Field("code", .int), Field("name", .text),
                        Field("summary", .text, isSearchable: true),
                        Field(
                            "shape",
                            .vector(VectorType(dimension: 70, element: .float32, metric: .dot))
                        ),
                    ],
                    indexes: [
                        Index("code", on: ["code"], isUnique: true), Index("name", on: ["name"]),
                    ],
                    history: HistoryRule()
                )
            ],
            edgeTypes: [EdgeType("likes")]
        )
    }

    mutating func commit(to store: Store) throws {
        clock.advance(by: 1_000_000)
        var changes: [Change] = []
        for _ in 0..<(4 + below(20)) { changes.append(try change(store)) }
        let durability: Durability = below(4) == 0 ? .buffered : .synced
        do throws(MnemeError) {
            take(try store.commit(changes, durability), changes)
        } catch {
            // An end is missing, or a code is taken: what cannot fail so is put all the same.
            let known: [MnemeError.Code] = [
                .duplicate, .danglingEdge, .missingReference, .referenced,
            ]
            guard known.contains(error.code) else { throw error }
            let rest = changes.filter {
                switch $0 {
                case .link: false
                case .put(let put): put.collection != "books" && put.collection != "loans"
                default: true
                }
            }
            take(try store.commit(rest, durability), rest)
        }
    }

    private mutating func take(_ committed: Committed, _ changes: [Change]) {
        for (change, outcome) in zip(changes, committed.outcomes) {
            switch (change, outcome) {
            case (.link(let link), .linked(let edge)):
                edges.append(edge)
                if link.type == "cites" { kept.insert(edge) }
            case (.unlink(let edge), .unlinked(true)) where kept.contains(edge): endedCount += 1
            default: break
            }
        }
    }

    private mutating func change(_ store: Store) throws -> Change {
        switch below(22) {
        case 20, 21: return .put(try loan(store))
        case 0..<8: return .put(note(store))
        case 8..<11: return .put(book(store))
        case 11: return .put(Put("marks", nil, ["kind": below(2) == 0 ? "a" : "b"]))
        case 12..<14:
            let note = Reference("notes", .text("n\(below(60))"))
            return below(4) == 0 ? .erase(note) : .delete(note)
        case 14..<18: return .link(link())
        default:
            if edges.isEmpty || below(2) == 0 {
                return .delete(Reference("books", .int(-1 - Int64(below(50)))))
            }
            let edge = edges[below(edges.count)]
            return below(3) == 0 ? .eraseEdge(edge) : .unlink(edge)
        }
    }

    private mutating func note(_ store: Store) -> Put {
        let owners = ["ann", "ann/work", "bob", "zoë"]
        var fields: [String: Value] = ["user": .text(owners[below(owners.count)])]
        if below(8) > 0 { fields["text"] = .text(words(below(60))) }
        if below(2) == 0 {
            let end = below(5) == 0 ? "\0e\u{301}" : ""
            fields["title"] = .text(words(1 + below(4)) + end)
        }
        if below(4) > 0 {
            fields["at"] = .instant(Instant(microseconds: Int64(below(1 << 40)) - 1 << 39))
        }
        if below(2) == 0 { fields["weight"] = .float(Double(below(9)) / 4 - 1) }
        if below(3) == 0 { fields["day"] = .date(Day(number: Int32(below(40_000)) - 20_000)) }
        if below(2) == 0 { fields["done"] = .bool(below(2) == 0) }
        if below(3) == 0 {
            fields["id"] = .uuid(UniqueID(high: random.next(), low: random.next()))
        }
        if below(3) == 0 { fields["raw"] = .bytes([0, 255, UInt8(below(256))]) }
        if below(3) == 0 { fields["tags"] = .array([.text("x"), .text(words(1))]) }
        if below(3) == 0 { fields["data"] = .map(["a": .array([.int(-1), .null, .float(0.5)])]) }
        if below(3) > 0 { fields["meaning"] = .vector((0..<48).map { _ in component() }) }
        if below(3) == 0 { fields["place"] = .vector((0..<3).map { _ in component() }) }
        let expiry: Instant? =
            below(6) == 0 ? Instant(microseconds: clock.now() + Int64(below(60)) * 1_000_000) : nil
        return Put("notes", .text("n\(below(60))"), fields, expiresAt: expiry)
    }

    private mutating func book(_ store: Store) -> Put {
        let key: Key? = below(2) == 0 ? nil : .int(-1 - Int64(below(50)))
        var fields: [String: Value] = ["code": .int(Int64(below(100_000)) - 50_000)]
        if below(2) == 0 { fields["name"] = .text(words(3)) }
        if store.snapshot().schema.collections.contains(where: { $0.field("summary") != nil }) {
            fields["summary"] = .text(words(20))
            fields["shape"] = .vector((0..<70).map { _ in component() })
        }
        return Put("books", key, fields)
    }

    /// A record that names notes, books and its like, most of which are there.
    private mutating func loan(_ store: Store) throws -> Put {
        let snapshot = store.snapshot()
        let note = Reference("notes", .text("n\(below(60))"))
        let books = try snapshot.find(Find("books", limit: 3, offset: below(9))).rows.map(\.record)
        let loans = try snapshot.find(Find("loans", limit: 2, offset: below(9))).rows.map(\.record)
        var fields: [String: Value] = [
            "books": .array(books.map(\.reference.key.value)), "user": "ann",
            "before": .array(loans.map(\.reference.key.value)),
        ]
        if try snapshot.record(note) != nil { fields["note"] = note.key.value }
        if let code = books.first?["code"] { fields["code"] = code }
        return Put("loans", .text("l\(below(30))"), fields)
    }

    private mutating func link() -> Link {
        let from = Reference("notes", .text("n\(below(60))"))
        let to = Reference("notes", .text("n\(below(60))"))
        if below(4) == 0 { return Link("one", from: from, to: to, mode: .replace) }
        if below(4) == 0 { return Link("same", from: from, to: to, mode: .replace) }
        if below(2) == 0 { return Link("next", from: from, to: to) }
        var fields: [String: Value] = ["weight": 0.25, "why": .text(words(9))]
        if below(3) == 0 { fields["near"] = .vector([1, Float(below(9)) / 8, -0.5]) }
        return Link("cites", from: from, to: to, fields: fields)
    }

    private mutating func words(_ count: Int) -> String {
        let known = [
            "tea", "green", "bee", "bees", "lighthouse", "naïve", "train", "keeper", "mill",
        ]
        return (0..<count).map { _ in
            below(3) == 0 ? "w\(below(300))" : known[below(known.count)]
        }.joined(separator: " ")
    }

    private mutating func component() -> Float { Float(below(2001) - 1000) / 512 + 0.001 }

    private mutating func below(_ limit: Int) -> Int { Int(random.next() % UInt64(limit)) }
}

/// SplitMix64.
private struct SeededRandomness {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
