// Exports: what comes out goes in again and is the same.

import Foundation
import Mneme
import MnemeBase
import MnemeCommandLine
import Testing

@testable import MnemeProgram

@Suite struct ExportTests {
    private static let schema = """
        {"collections": [
            {"name": "things", "key": "uuid", "fields": [
                {"name": "owner", "type": "text"}, {"name": "flag", "type": "bool"},
                {"name": "number", "type": "int"}, {"name": "real", "type": "float"},
                {"name": "words", "type": "text", "searchable": true},
                {"name": "raw", "type": "bytes"}, {"name": "id", "type": "uuid"},
                {"name": "at", "type": "instant"}, {"name": "day", "type": "date"},
                {"name": "data", "type": "json"}, {"name": "tags", "type": {"array": "text"}},
                {"name": "v", "type": {"vector": {"dimension": 3, "metric": "l2"}}},
                {"name": "half", "type": {"vector": {
                    "dimension": 2, "element": "float16", "metric": "dot"}}}],
             "indexes": [{"name": "by_number", "fields": ["number"]}], "roles": {"owner": "owner"}},
            {"name": "numbers", "key": "int", "fields": [{"name": "t", "type": "text"}]}],
         "edges": [
            {"name": "knows", "fields": [{"name": "w", "type": "float"}]}, {"name": "likes"}]}
        """
    private static let owners = ["ann", "ann/work", "ben", "annabel"]

    /// A store of random content: what is in it.
    private static func fill(_ memory: Memory, _ random: inout Randomized) throws {
        try memory.define(Schema(json: schema))
        var references: [Reference] = []
        for _ in 0..<(20 + random.below(200)) {
            var fields: [String: Value] = [:]
            func maybe(_ name: String, _ value: Value) {
                if random.below(3) > 0 { fields[name] = value }
            }
            maybe("owner", .text(owners[random.below(owners.count)]))
            maybe("flag", .bool(random.below(2) == 0))
            maybe("number", .int(Int64(bitPattern: random.next())))
            let reals: [Double] = [0.1, -0.0, 1e-300, .infinity, 1e300, 3]
            maybe("real", .float(reals[random.below(reals.count)]))
            let texts = ["", "tea \"x\", y\n", "é🫖", "\u{0}", "$"]
            maybe("words", .text(texts[random.below(texts.count)]))
            maybe("raw", .bytes([0, UInt8(random.below(256))]))
            maybe("id", .uuid(UniqueID(high: random.next(), low: random.next())))
            maybe("at", .instant(Instant(microseconds: Int64(random.below(1 << 40)))))
            maybe("day", .date(Day(number: Int32(random.below(100_000)) - 50_000)))
            maybe("data", ["$uuid": .int(Int64(random.below(5))), "a": [1, 2.0, nil]])
            maybe("data", ["$uuid": 5])
            maybe("tags", [.text("a"), .text("b,c")])
            maybe("v", .vector([Float(random.below(100)) / 7, -1, 1e-20]))
            maybe("half", .vector([0.5, Float(random.below(9))]))
            let key = Key.uuid(UniqueID(high: random.next(), low: random.next()))
            let expiry =
                random.below(5) == 0
                ? Instant(microseconds: 1 << 53 | Int64(random.below(99))) : nil
            _ = try memory.commit([.put(Put("things", key, fields, expiresAt: expiry))])
            references.append(Reference("things", key))
        }
        for number in 0..<10 {
            let key = Key.int(Int64(number) - 5)
            _ = try memory.commit([.put(Put("numbers", key, ["t": .text("n\(number)")]))])
            references.append(Reference("numbers", key))
        }
        for _ in 0..<150 {
            let link = Link(
                ["knows", "likes"][random.below(2)],
                from: references[random.below(references.count)],
                to: references[random.below(references.count)]
            )
            var weighed = link
            if link.type == "knows", random.below(2) == 0 {
                weighed.fields = ["w": .float(Double(random.below(9)))]
            }
            _ = try memory.commit([.link(weighed)])
        }
        // Some that are gone are not exported.
        for _ in 0..<5 {
            _ = try memory.commit([.delete(references[random.below(references.count)])])
        }
        try memory.remember("Ann takes her tea green.", owner: "ann")
    }

    /// Everything in a store: records with their ends, and edges without their numbers.
    private static func content(
        _ memory: Memory
    ) throws -> (records: [Reference: Record], ends: [Reference: Instant], edges: [String]) {
        var records: [Reference: Record] = [:]
        var ends: [Reference: Instant] = [:]
        let frozen = memory.frozen()
        for collection in frozen.schema.collections {
            try frozen.forEachRecord(in: collection.name) { record, expiresAt in
                records[record.reference] = record
                ends[record.reference] = expiresAt
            }
        }
        return (records, ends, try MappedImportTests.all(memory).edges)
    }

    private static func export(
        _ memory: Memory,
        to path: String?,
        collection: String? = nil,
        owner: String? = nil,
        edges: StoreExport.Edges = .inside
    ) throws -> StoreExport.Counts {
        var export = try StoreExport(
            memory.frozen(),
            collection: collection,
            owner: owner,
            edges: edges
        )
        var file = try ExportFile(path)
        try export.writeLines(to: &file)
        try file.finish()
        return export.counts
    }

    @Test(arguments: 1...8)
    func anExportIsImportedWithoutALoss(_ seed: Int) throws {
        var random = Randomized(seed)
        let place = try BuiltProgram()
        let memory = try Memory.inMemory()
        try Self.fill(memory, &random)
        let wanted = try Self.content(memory)
        // What goes through a store one by one is what single questions see.
        for (reference, record) in wanted.records {
            #expect(try memory.get(reference) == record, "seed \(seed)")
        }
        let statistics = try memory.statistics()
        #expect(statistics.records.values.reduce(0, +) == wanted.records.count, "seed \(seed)")
        #expect(statistics.edges.values.reduce(0, +) == wanted.edges.count, "seed \(seed)")
        let counts = try Self.export(memory, to: place.path("all"))
        #expect(counts.records == wanted.records.count && counts.edges == wanted.edges.count)
        let copy = try Memory.inMemory()
        var options = ImportOptions()
        options.batch = 1 + random.below(50)
        var rows = ExportImport(place.path("all"), options)
        try rows.run(into: copy)
        #expect(rows.counts.rows == counts.records + counts.edges)
        let found = try Self.content(copy)
        #expect(found.records == wanted.records, "seed \(seed)")
        #expect(found.ends == wanted.ends, "seed \(seed)")
        #expect(found.edges == wanted.edges, "seed \(seed)")
        #expect(!wanted.ends.isEmpty && !wanted.edges.isEmpty)
        #expect(copy.schema == memory.schema)
        #expect(try copy.verify().findings.isEmpty)
        // And what is exported of the copy is the same again, but for numbers that a store gives.
        _ = try Self.export(copy, to: place.path("again"))
        func lines(_ name: String) throws -> [String] {
            try String(contentsOfFile: place.path(name), encoding: .utf8)
                .replacing(/"(sequence|id)":[0-9]+/, with: "")
                .split(separator: "\n").map(String.init)
        }
        #expect(try lines("all") == lines("again"))
    }

    /// More than a page of each, while others change it.
    @Test func whatIsGoneThroughIsOneCommit() throws {
        let memory = try Memory.inMemory()
        try memory.define(Schema(json: Self.schema))
        let count = 9_000
        for start in stride(from: 0, to: count, by: 1000) {
            _ = try memory.commit(
                (start..<start + 1000).map { .put(Put("numbers", .int(Int64($0)), ["t": "x"])) }
            )
        }
        let long = String(repeating: "long ", count: 20_000)
        for number in 0..<40 {
            let key = Key.uuid(UniqueID(high: 1, low: UInt64(number)))
            _ = try memory.commit([.put(Put("things", key, ["words": .text(long)]))])
        }
        func reference(_ number: Int) -> Reference { Reference("numbers", .int(Int64(number))) }
        let links = (0..<5_000).map { number in
            Link("likes", from: reference(number), to: reference(number * 7 % count))
        }
        for start in stride(from: 0, to: links.count, by: 1000) {
            _ = try memory.commit(links[start..<start + 1000].map { .link($0) })
        }
        let frozen = memory.frozen()
        var keys: [Key] = []
        try frozen.forEachRecord(in: "numbers") { record, _ in
            if keys.count % 1000 == 0 {
                let number = keys.count
                _ = try memory.commit([
                    .delete(reference(count - 1 - number)),
                    .put(Put("numbers", .int(Int64(count + number)), ["t": "new"])),
                    .put(Put("numbers", .int(5), ["t": "changed"])),
                ])
            }
            #expect(record["t"] == "x")
            keys.append(record.reference.key)
        }
        #expect(keys == (0..<count).map { .int(Int64($0)) })
        var things = 0
        try frozen.forEachRecord(in: "things") { record, _ in
            #expect(record["words"] == .text(long))
            things += 1
        }
        #expect(things == 40)
        var edges: [Link] = []
        try frozen.forEachEdge { edge in
            edges.append(Link(edge.type, from: edge.from, to: edge.to))
        }
        #expect(edges == links)
    }

    @Test func anOwnerHasWhatIsBelow() throws {
        var random = Randomized(77)
        let place = try BuiltProgram()
        let memory = try Memory.inMemory()
        try Self.fill(memory, &random)
        func isMeant(_ reference: Reference, _ records: [Reference: Record]) -> Bool {
            let owner = records[reference]?["owner"].text
            return owner == "ann" || owner == "ann/work"
        }
        let all = try Self.content(memory).records
        var between = 0
        var touching = 0
        try memory.frozen().forEachEdge { edge in
            let ends = [isMeant(edge.from, all), isMeant(edge.to, all)]
            if ends == [true, true] { between += 1 }
            if ends.contains(true) { touching += 1 }
        }
        let wanted = Set(all.keys.filter { isMeant($0, all) })
        #expect(between > 0 && touching > between)
        for (edges, count) in [(StoreExport.Edges.none, 0), (.inside, between), (.all, touching)] {
            let path = place.path("\(edges)")
            let counts = try Self.export(memory, to: path, owner: "ann", edges: edges)
            #expect(counts.records == wanted.count)
            #expect(counts.edges == count, "\(edges)")
        }
        let copy = try Memory.inMemory()
        var rows = ExportImport(place.path("inside"))
        try rows.run(into: copy)
        #expect(Set(try Self.content(copy).records.keys) == wanted)
        var open = ExportImport(place.path("all"))
        let fault = #expect(throws: Failure.self) { try open.run(into: Memory.inMemory()) }
        #expect(fault?.message.contains("line ") == true, "\(String(describing: fault))")
        let one = try Self.export(memory, to: place.path("n"), collection: "numbers")
        #expect(one.records == all.keys.count { $0.collection == "numbers" })
        #expect(throws: MnemeError.self) {
            try Self.export(memory, to: nil, collection: "numbers", owner: "ann")
        }
        #expect(throws: MnemeError.self) { try Self.export(memory, to: nil, collection: "none") }
    }

    @Test func whatTheStoreFillsInIsAsItWas() throws {
        let schema = """
            {"collections": [{"name": "things", "fields": [
                {"name": "words", "type": "text"},
                {"name": "changed", "type": "instant", "fill": "changed"},
                {"name": "made", "type": "instant", "fill": "now"},
                {"name": "mark", "type": "text", "fill": "hex"},
                {"name": "grade", "type": "int", "default": 7},
                {"name": "place", "type": "int", "fill": "next"},
                {"name": "loud", "type": "text", "generated": "upper(words)"}]}],
             "edges": [{"name": "knows", "fields": [
                {"name": "since", "type": "date", "default": {"$date": "2024-02-29"}},
                {"name": "last", "type": "instant", "fill": "changed"}]}]}
            """
        let place = try BuiltProgram()
        let memory = try Memory.inMemory()
        try memory.define(Schema(json: schema))
        _ = try memory.commit([
            .put(Put("things", "a", ["words": "tea"])),
            .put(
                Put("things", "b", ["made": nil, "mark": nil, "grade": nil, "place": nil])
            ),
            .put(Put("things", "c", ["grade": 3])),
            .link(Link("knows", from: Reference("things", "a"), to: Reference("things", "b"))),
            .link(
                Link(
                    "knows",
                    from: Reference("things", "b"),
                    to: Reference("things", "c"),
                    fields: ["since": nil]
                )
            ),
        ])
        _ = try Self.export(memory, to: place.path("all"))
        let copy = try Memory.inMemory()
        var rows = ExportImport(place.path("all"))
        try rows.run(into: copy)
        let (wanted, found) = (try Self.content(memory), try Self.content(copy))
        #expect(found.records == wanted.records)
        #expect(found.edges == wanted.edges)
        #expect(found.records[Reference("things", "b")]?["grade"] == .null)
        #expect(found.records[Reference("things", "a")]?["loud"] == "TEA")
        // Numbers go on behind those that came.
        _ = try copy.commit([.put(Put("things", "d", [:]))])
        let next = try copy.get(Reference("things", "d"))?["place"].int ?? 0
        let highest = found.records.values.compactMap { $0["place"].int }.max() ?? 0
        #expect(next > highest)
    }

    /// Who has more than a quota allows since, or what a retention will take: all of it comes, and
    /// is bounded from then on.
    @Test(arguments: [false, true])
    func whatBoundsHoldsBehindTheLastLine(evicts: Bool) throws {
        func schema(_ more: String) throws -> Schema {
            try Schema(
                json: """
                    {"collections": [{"name": "notes", "fields": [
                        {"name": "u", "type": "text"}, {"name": "importance", "type": "float"},
                        {"name": "at", "type": "instant"}],
                     "indexes": [{"name": "u", "fields": ["u"]}],
                     "roles": {"owner": "u", "importance": "importance", "time": "at"}\(more)}]}
                    """
            )
        }
        let bounds =
            ", \"quotas\": [{\"records\": 3\(evicts ? ", \"evict\": true" : "")}]"
            + ", \"retention\": {\"days\": 1000000}"
        let place = try BuiltProgram()
        let memory = try Memory.inMemory()
        try memory.define(schema(""))
        func put(_ number: Int) -> Change {
            .put(
                Put(
                    "notes",
                    .text("k\(number)"),
                    ["u": "ann", "importance": .float(Double(number) / 10)]
                )
            )
        }
        _ = try memory.commit((1...6).map(put))
        try memory.define(schema(bounds))
        _ = try Self.export(memory, to: place.path("all"))
        // Into a new store, and into one that has bounds of its own.
        for isThere in [false, true] {
            let copy = try Memory.inMemory()
            if isThere { try copy.define(schema(", \"quotas\": [{\"records\": 1}]")) }
            var options = ImportOptions()
            options.batch = 2
            var rows = ExportImport(place.path("all"), options)
            try rows.run(into: copy)
            #expect(rows.counts.records == ["notes": 6] && rows.counts.evicted == 0)
            #expect(try Self.content(copy).records == Self.content(memory).records)
            let (found, wanted) = (copy.schema.collections, memory.schema.collections)
            #expect(
                found.first { $0.name == "notes" } == wanted.first { $0.name == "notes" }
            )
            if evicts {
                #expect(try copy.commit([put(7)]).evicted.count == 4)
            } else {
                let fault = #expect(throws: MnemeError.self) { try copy.commit([put(7)]) }
                #expect(fault?.code == .quotaExceeded)
            }
        }
        // What the store has and the export says nothing of holds behind it too, also where a line
        // is bad.
        let plain = try Memory.inMemory()
        try plain.define(schema(""))
        _ = try plain.commit((1...6).map(put))
        _ = try Self.export(plain, to: place.path("plain"))
        let lines = try String(contentsOfFile: place.path("plain"), encoding: .utf8)
        try (lines + "{}\n").write(toFile: place.path("bad"), atomically: true, encoding: .utf8)
        for name in ["plain", "bad"] {
            let copy = try Memory.inMemory()
            try copy.define(schema(bounds))
            var rows = ExportImport(place.path(name))
            if name == "bad" {
                #expect(throws: Failure.self) { try rows.run(into: copy) }
            } else {
                try rows.run(into: copy)
            }
            #expect(try name == "bad" || Self.content(copy).records.count == 6)
            let notes = copy.schema.collections.first { $0.name == "notes" }
            #expect(notes?.quotas?.first?.records == 3 && notes?.retention?.days == 1_000_000)
        }
    }

    @Test func aTableIsReadByAMapping() throws {
        var random = Randomized(5)
        let place = try BuiltProgram()
        let memory = try Memory.inMemory()
        try Self.fill(memory, &random)
        var export = try StoreExport(
            memory.frozen(),
            collection: "things",
            owner: nil,
            edges: .none
        )
        var file = try ExportFile(place.path("t.csv"))
        try export.writeTable(nil, to: &file)
        try file.finish()
        let plain = [
            "owner", "flag", "number", "real", "words", "raw", "id", "at", "day", "v", "half",
        ]
        let mapping: Value = [
            "source": ["format": "csv"],
            "rules": [
                [
                    "collection": "things", "key": "_key", "same": .array(plain.map(Value.text)),
                    "fields": [
                        "data": ["from": "data", "as": "json"],
                        "tags": ["from": "tags", "as": "array"],
                    ],
                ]
            ],
        ]
        let copy = try Memory.inMemory()
        try copy.define(Schema(json: Self.schema))
        var rows = MappedImport(try Mapping(mapping), from: place.path("t.csv"))
        try rows.run(into: copy)
        let wanted = try Self.content(memory).records.filter { $0.key.collection == "things" }
        #expect(export.counts.records == wanted.count)
        #expect(try Self.content(copy).records == wanted)
        var other = try StoreExport(memory.frozen(), collection: "things", owner: nil, edges: .none)
        let error = #expect(throws: Failure.self) { try other.writeTable(["nope"], to: &file) }
        #expect(error?.message.contains("has no field \"nope\"") == true)
        #expect(throws: Failure.self) { try ExportFile(place.path("t.csv")) }
    }

    @Test func anExportThatIsNotWholeIsNamed() throws {
        let place = try BuiltProgram()
        let page = try #require(try MappingTests.blocks("export").first)
        let lines = page.split(separator: "\n").map(String.init)
        func message(_ lines: [String], _ memory: Memory? = nil) throws -> String {
            try place.write(lines.joined(separator: "\n"), to: "f")
            var rows = ExportImport(place.path("f"))
            let store = try memory ?? Memory.inMemory()
            do throws(Failure) {
                try rows.run(into: store)
                return ""
            } catch {
                return error.message
            }
        }
        // The example of the page is what it says.
        let memory = try Memory.inMemory()
        #expect(try message(lines, memory) == "")
        let content = try Self.content(memory)
        #expect(content.records.count == 2 && content.edges == ["cites notes/tea notes/milk {}"])
        #expect(content.ends[Reference("notes", "tea")] == Instant("2123-05-08T13:56:00Z"))
        #expect(try message(lines, memory).contains("of notes, cites already"))
        #expect(try message(Array(lines.dropLast())).contains("it is cut short"))
        #expect(try message(lines.filter { !$0.contains("milk\", \"fields") }) != "")
        #expect(try message(lines.filter { !$0.contains("edge\": {") }).contains("Lines are lost"))
        #expect(try message(Array(lines.dropFirst())).contains("it is no export of mneme"))
        #expect(try message(lines + [lines[1]]).contains("stands behind the line \"end\""))
        #expect(try message([]).contains("it is no export of mneme"))
        var wrong = lines
        wrong[1] = "{\"recrod\": 1}"
        #expect(try message(wrong).contains("line 2: a line {\"record\": …}"))
        wrong = lines
        wrong[0] = lines[0].replacing("\"version\": 1", with: "\"version\": 2")
        #expect(try message(wrong).contains("is of version 2"))
        wrong[2] = String(lines[2].dropLast(20))
        wrong[0] = lines[0]
        #expect(try message(wrong).contains("f, line 3: column"))
    }

    @Test func theProgramExportsAndImports() throws {
        let place = try ExampleTests.prepared()
        let made = try place.shell("mneme export --output all --store notes.mneme")
        #expect(made.status == 0 && made.output.hasPrefix("Exported "), "\(made.error)")
        let again = try place.shell("mneme export --output all --store notes.mneme")
        #expect(again.status == 1 && again.error.contains("all"), "\(again.error)")
        let out = try place.shell(
            "mneme export --store notes.mneme | cmp - all && mneme import --format mneme --from "
                + "all "
                + "--store new.mneme --json"
        )
        #expect(out.status == 0, "\(out.error)\(out.output)")
        #expect(out.output.contains("\"badRows\":0"), "\(out.output)")
        let both = try place.shell(
            "mneme export --store new.mneme | sed 's/\"\\(sequence\\|id\\)\":[0-9]*//' > n; "
                + "sed 's/\"\\(sequence\\|id\\)\":[0-9]*//' all | cmp - n"
        )
        #expect(both.status == 0, "\(both.output)")
        for line in [
            "mneme export --format csv --store notes.mneme",
            "mneme export --columns title --store notes.mneme",
            "mneme export --owner a//b --store notes.mneme",
            "mneme import --store notes.mneme",
            "mneme import --format mneme --store notes.mneme",
            "mneme import --mapping tea.mapping.json --store notes.mneme",
        ] {
            #expect(try place.shell(line).status == 2, "\(line)")
        }
    }
}
