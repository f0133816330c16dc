// Who asked for what of a program's own store: methods, views and prepared questions leave rows as
// requests do, once each, and a store that keeps nothing makes none.

import Mneme
import Testing

@Suite struct AuditTests {
    private static let schema = Schema(collections: [
        Collection(
            "notes",
            key: .uuid,
            fields: [Field("owner", .text), Field("n", .int)],
            indexes: [Index("byOwner", on: ["owner", "n"])],
            roles: {
                var roles = Roles()
                roles.owner = "owner"
                return roles
            }()
        )
    ])
    private static let key = UniqueID(high: 1, low: 1)

    private func memory() throws -> Memory {
        var options = MemoryOptions()
        options.caller = "tests"
        let memory = try Memory.inMemory(options: options)
        try memory.define(Self.schema)
        _ = try memory.commit([
            .put(Put("notes", .uuid(Self.key), ["owner": "ann", "n": 1]))
        ])
        return memory
    }

    private func told(_ memory: Memory) throws -> [String] {
        let order = [Order("at"), Order("$key")]
        return try memory.find(Find("$audit", order: order, limit: 1000)).rows.compactMap {
            let record = $0.record
            guard record["verb"] != "audit", record["collection"] != "$audit" else { return nil }
            #expect(record["actor"] == "tests" && record["address"] == "embedded")
            return "\(record["verb"].text ?? "") \(record["records"].int ?? -1)"
        }
    }

    @Test func everyWayOfReadingIsKept() throws {
        let memory = try memory()
        let reference = Reference("notes", .uuid(Self.key))
        let shape = try memory.shape("notes", ["n"])
        let question = try memory.prepare(Find("notes", order: [Order("n")], limit: 10))
        let setting = AuditSetting(AuditRule(reads: true, failures: true))
        try memory.audit(setting)
        #expect(try memory.audit().setting == setting)
        _ = try memory.get(reference)
        _ = try memory.get([reference, reference])
        _ = try memory.view(.uuid(Self.key), shape)
        _ = try memory.views(question, owner: "ann")
        var keys: [Key] = []
        #expect(try memory.forEachKey(question, owner: "bob") { keys.append($0) } == 0)
        #expect(try memory.forEachKey(question, owner: "ann") { keys.append($0) } == 1)
        #expect(keys == [.uuid(Self.key)])
        var copied: [UniqueID] = []
        #expect(try memory.copyKeys(question, owner: nil, to: &copied) == 1)
        #expect(copied.first == Self.key)
        #expect(throws: MnemeError.self) { _ = try memory.view("no key", shape) }
        _ = try memory.verify()
        #expect(throws: MnemeError.self) { _ = try memory.session("nobody's") }
        _ = try memory.recall("anything")
        #expect(
            try told(memory) == [
                "get 1", "get 2", "get 1", "find 1", "find 0", "find 1", "find 1", "get 1",
                "verify 0", "get 1", "recall 0",
            ]
        )
    }

    @Test func aMethodIsOneRequest() throws {
        let memory = try memory()
        try memory.audit(AuditSetting(AuditRule(writes: true, reads: true, failures: true)))
        // It reads the session, puts a memory and puts the session again.
        let session = try memory.openSession(owner: "ann")
        _ = try memory.append(to: session.id, [Remember("One", owner: "")])
        _ = try memory.remember("Two", owner: "bob")
        #expect(
            try told(memory).sorted() == [
                "remember 1", "session.append 1", "session.append 1", "session.open 1",
            ]
        )
        try memory.audit(AuditSetting())
        let before = try memory.audit().rows
        _ = try memory.remember("Three", owner: "bob")
        _ = try memory.recall("Three")
        #expect(try memory.audit().rows == before)
    }

    @Test func whatIsForgottenStaysByItsKey() throws {
        let memory = try memory()
        try memory.audit(AuditSetting(AuditRule(writes: true)))
        let keys = try memory.remember([
            Remember("The cellar key hangs behind the clock", owner: "ann")
        ])
        #expect(try memory.forget(Forget(owner: "ann", erases: true)) == 1)
        let rows = try memory.find(Find("$audit", where: .eq("collection", "memories"))).rows
        #expect(rows.map { $0.record["effect"] } == ["created", "erased"])
        #expect(rows.allSatisfy { $0.record["keys"] == .array(keys.map { .text("\($0)") }) })
        #expect(rows.allSatisfy { $0.record["owner"] == "ann" })
        for row in rows {
            #expect(!"\(row.record.fields)".contains("cellar"))
        }
    }

    @Test func edgesThatAreErasedStayByTheirNumbers() throws {
        let memory = try Memory.inMemory()
        try memory.define(
            Schema(
                collections: [Collection("notes", fields: [])],
                edgeTypes: [EdgeType("near", history: HistoryRule())]
            )
        )
        let a = Reference("notes", "a")
        let made = try memory.commit([
            .put(Put("notes", "a", [:])), .link(Link("near", from: a, to: a)),
            .link(Link("near", from: a, to: a)),
        ])
        let edges = made.outcomes.compactMap(\.madeEdge)
        try memory.audit(AuditSetting(AuditRule(writes: true)))
        _ = try memory.commit([.eraseEdge(edges[0]), .unlink(edges[1])])
        let rows = try memory.find(Find("$audit", where: .eq("edge", "near"))).rows
        #expect(Set(rows.map { $0.record["effect"] }) == ["erased", "unlinked"])
        #expect(Set(rows.map { $0.record["keys"] }) == Set(edges.map { .array([.text("\($0)")]) }))
    }

    /// Records that are handed out are told by their keys, whatever hands them out.
    @Test func whatIsHandedOutIsTold() throws {
        let memory = try Memory.inMemory()
        var notes = Collection(
            "notes",
            fields: [Field("owner", .text), Field("text", .text), Field("archived", .bool)]
        )
        notes.roles.owner = "owner"
        notes.roles.archived = "archived"
        try memory.define(
            Schema(
                collections: [notes],
                edgeTypes: [EdgeType("near", from: "notes", to: "notes", isUnique: true)]
            )
        )
        let keys = ["a", "b", "c"]
        _ = try memory.commit(
            keys.map { .put(Put("notes", .text($0), ["owner": "ann", "text": .text("of " + $0)])) }
        )
        let a = Reference("notes", "a")
        let b = Reference("notes", "b")
        let edges = try memory.commit([.link(Link("near", from: a, to: b))]).outcomes
        guard case .linked(let edge)? = edges.first else { return #expect(Bool(false), "no edge") }
        try memory.audit(AuditSetting(AuditRule(writes: true, reads: true, failures: true)))
        func told(_ body: () throws -> Void) throws -> [String] {
            let from = try memory.audit().rows
            try body()
            let rows = try memory.find(
                Find(
                    "$audit",
                    where: .compare(field: "$key", .gt(.int(Int64(from)))),
                    limit: 100
                )
            ).rows.map(\.record)
            return rows.compactMap { row -> String? in
                guard row["verb"] != "audit", row["collection"] != "$audit" else { return nil }
                var names: [String] = []
                if case .array(let keys) = row["keys"] { names = keys.compactMap(\.text) }
                let what = row["collection"].text ?? row["edge"].text ?? ""
                let owner = row["owner"].text ?? ""
                return
                    "\(row["effect"].text ?? "") \(what) \(names.joined(separator: ",")) \(owner)"
            }.sorted()
        }
        let inside = try told {
            let transaction = try memory.begin()
            _ = try transaction.change([.remove(Removal(a, returnsRecord: true))])
            try transaction.rollback()
        }
        #expect(inside.contains("read notes a "), "\(inside)")
        let mark = try told {
            _ = try memory.commit([
                .mark(Mark(.unarchive, a, returns: .new)),
                .patch(Patch("notes", "b", [.set("text", "x")])),
            ])
        }
        #expect(mark == ["read notes a ann", "updated notes b ann"])
        let pattern = try told {
            _ = try memory.pattern(
                Pattern(
                    ["one": PatternNode("notes"), "two": PatternNode("notes")],
                    [PatternStep("one", to: "two", .edges(["near"]))],
                    select: ["one", "one.text", "two.text"]
                )
            )
        }
        #expect(pattern == ["read notes  ", "read notes a "])
        let path = try told { _ = try memory.path(Path(from: a, to: b)) }
        #expect(path == ["read near \(edge) ", "read notes a,b "])
        let gone = try told {
            _ = try memory.deleteWhere(
                DeleteWhere("notes", owner: "ann", where: .eq("text", "of c"))
            )
        }
        #expect(gone == ["deleted notes  ann"])
    }

    @Test func whatCameToNoRequestIsAFailure() throws {
        let memory = try memory()
        let asker = Asker(
            AuditOrigin(name: "c", program: "c 1", address: "10.0.0.1:5", connection: 3),
            request: 4
        )
        let error = MnemeError(.cancelled, "too late")
        memory.noteRefusal("recall", error, for: asker)
        try memory.audit(AuditSetting(AuditRule(failures: true)))
        memory.noteRefusal("recall", error, for: asker)
        #expect(throws: MnemeError.self) {
            _ = try memory.perform(.find(Find("nothing")), durability: nil, for: asker)
        }
        let rows = try memory.find(Find("$audit", where: .eq("outcome", "error"))).rows
        #expect(rows.map { $0.record["error"] } == ["cancelled", "unknownCollection"])
        for row in rows.map(\.record) {
            #expect(row["address"] == "10.0.0.1:5" && row["request"] == 4)
            #expect(row["connection"] == 3 && row["actor"] == "c" && row["program"] == "c 1")
        }
    }

    @Test func tasksAreKeptToo() async throws {
        let memory = try memory()
        try await memory.audit(AuditSetting(AuditRule(writes: true, reads: true, failures: true)))
        let door: any Door = memory
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<40 {
                group.addTask {
                    let key = Key.uuid(UniqueID(high: 2, low: UInt64(number)))
                    let put = Change.put(Put("notes", key, ["n": .int(Int64(number))]))
                    _ = try? await door.commit([put], .none)
                    _ = try? await door.get([Reference("notes", key)])
                    _ = try? await door.remember("A text", owner: "ann")
                    _ = try? await door.find(Find("notes", where: .eq("n", .int(Int64(number)))))
                }
            }
        }
        let counted = try await memory.count(
            Count("$audit", by: [.field("verb")])
        )
        let counts = Dictionary(
            uniqueKeysWithValues: counted.rows.compactMap { row in
                row["verb"]?.text.flatMap { verb in row["count"]?.int.map { (verb, $0) } }
            }
        )
        #expect(counts == ["audit": 1, "commit": 40, "get": 40, "remember": 40, "find": 40])
    }
}
