// Imports by a mapping: what comes of rows, what of bad ones, and what of doing it again.

import Foundation
import Mneme
import MnemeCommandLine
import Testing

@testable import MnemeProgram

@Suite struct MappedImportTests {
    private static let schema = """
        {"collections": [
            {"name": "n", "fields": [{"name": "t", "type": "text"}, {"name": "i", "type": "int"},
                {"name": "v", "type": {"vector": {"dimension": 3, "metric": "l2"}}}]},
            {"name": "m", "key": "int", "fields": [{"name": "t", "type": "text", "required": true}],
                "indexes": [{"name": "one", "fields": ["t"], "unique": true}]}],
         "edges": [{"name": "e", "fields": [{"name": "w", "type": "float"}]}]}
        """

    private static func memory() throws -> Memory {
        let memory = try Memory.inMemory()
        try memory.define(Schema(json: schema))
        return memory
    }

    /// Imports a text by a mapping: what was done, which rows were passed over, or what was wrong.
    private static func run(
        _ mapping: String,
        _ text: String,
        into memory: Memory,
        _ options: ImportOptions = ImportOptions()
    ) throws -> (counts: ImportCounts, notes: [String], message: String) {
        let place = try BuiltProgram()
        try place.write(text, to: "f")
        var notes: [String] = []
        var rows = MappedImport(
            try Mapping(Value(json: mapping)),
            from: place.path("f"),
            options,
            note: { notes.append($0.replacing(place.path("f"), with: "f")) }
        )
        var message = ""
        do {
            try rows.run(into: memory)
        } catch {
            message = error.message.replacing(place.path("f"), with: "f")
        }
        return (rows.counts, notes, message)
    }

    /// All records of a collection, and all edges as they are told apart.
    static func all(_ memory: Memory) throws -> (records: [Record], edges: [String]) {
        var records: [Record] = []
        var edges: [String] = []
        let frozen = memory.frozen()
        for collection in frozen.schema.collections {
            try frozen.forEachRecord(in: collection.name) { record, _ in records.append(record) }
        }
        try frozen.forEachEdge { edge in
            edges.append("\(edge.type) \(edge.from) \(edge.to) \(Value.map(edge.fields).json())")
        }
        return (records, edges.sorted())
    }

    private static let tree = """
        {"source": {"format": "csv"}, "rules": [
            {"edge": "e", "skip": {"parent": null}, "fields": {"w": "i"},
             "from": {"collection": "n", "key": "id"}, "to": {"collection": "n", "key": "parent"}},
            {"collection": "n", "key": "id", "same": ["t", "i"]}]}
        """

    @Test func rowsAreLinkedToLaterOnesAndASecondRunChangesNothing() throws {
        let memory = try Self.memory()
        let text = "id,parent,t,i\na,c,x,1\nb,a,,2\nc,,y,3\n"
        for (batch, kept) in [(1, 0), (2, 2), (1000, 2)] {
            var options = ImportOptions()
            options.batch = batch
            let done = try Self.run(Self.tree, text, into: memory, options)
            #expect(done.message == "")
            #expect(done.counts.rows == 3)
            #expect(done.counts.records == ["n": 3])
            #expect(done.counts.kept == kept)
            let (records, edges) = try Self.all(memory)
            #expect(records.map(\.reference.key) == ["a", "b", "c"])
            #expect(records.map { $0["i"] } == [1, 2, 3])
            #expect(records.map { $0["t"] } == ["x", .null, "y"])
            #expect(edges == [#"e n/a n/c {"w":1.0}"#, #"e n/b n/a {"w":2.0}"#])
        }
        // What says otherwise of an edge takes its place, and of one row twice the last counts.
        let changed = "id,parent,t,i\na,c,x,1\na,c,x,7\nc,,y,3\n"
        let done = try Self.run(Self.tree, changed, into: memory)
        #expect(done.counts.edges == ["e": 1] && done.counts.kept == 0)
        #expect(try Self.all(memory).edges == [#"e n/a n/c {"w":7.0}"#, #"e n/b n/a {"w":2.0}"#])
    }

    @Test func elementsOfArraysAndObjectsBecomeRecords() throws {
        let memory = try Self.memory()
        let mapping = """
            {"source": {"format": "jsonl"}, "values": {"list": {"from": "data", "as": "json"}},
             "rules": [
                {"collection": "n", "each": "list", "skip": {"@element.gone": true},
                 "key": {"template": "{id}:{@index}"},
                 "fields": {"t": "@element.t", "i": "@index"}},
                {"collection": "n", "each": "moods", "key": {"template": "{id}:{@name}"},
                 "fields": {"t": "@element", "i": "@index"}}]}
            """
        let text = """
            {"id": 1, "data": "[{\\"t\\": \\"a\\"}, {\\"gone\\": true}, {\\"t\\": \\"c\\"}]"}
            {"id": 2, "data": null, "moods": {"b": "glad", "a": "sad"}}
            """
        let done = try Self.run(mapping, text, into: memory)
        #expect(done.message == "")
        let records = try Self.all(memory).records
        #expect(records.map(\.reference.key) == ["1:0", "1:2", "2:a", "2:b"])
        #expect(records.map { $0["t"] } == ["a", "c", "sad", "glad"])
        #expect(records.map { $0["i"] } == [0, 2, 0, 1])
    }

    @Test func whatARowMakesIsAllOrNone() throws {
        let memory = try Self.memory()
        let mapping = """
            {"source": {"format": "csv"}, "rules": [
                {"collection": "n", "key": "id", "same": ["t"]},
                {"collection": "m", "key": "id", "same": ["t"]}]}
            """
        // The third has a text that is taken, the fourth no key of ints, the fifth no text.
        let text = "id,t\n1,a\n2,b\n3,a\nx,d\n5,\n6,f\n"
        let strict = try Self.run(mapping, text, into: memory)
        #expect(strict.message.hasPrefix("f, line 4: "), "\(strict.message)")
        #expect(strict.message.contains("What 2 rows before it made stays"), "\(strict.message)")
        #expect(try Self.all(memory).records.count == 4)
        var options = ImportOptions()
        options.badRowLimit = 3
        let loose = try Self.run(mapping, text, into: memory, options)
        #expect(loose.message == "")
        #expect(
            loose.notes.map { String($0.prefix(9)) } == ["f, line 4", "f, line 5", "f, line 6"]
        )
        #expect(loose.counts.rows == 3 && loose.counts.badRows == 3)
        #expect(try Self.all(memory).records.map(\.reference.key) == ["1", "2", "6", 1, 2, 6])
        options.badRowLimit = 2
        let over = try Self.run(mapping, text, into: memory, options)
        #expect(over.message.contains("f, line 6: "), "\(over.message)")
        #expect(over.message.contains("2 bad rows were passed over before"), "\(over.message)")
    }

    @Test func aRowWhoseEdgeHasNoEndIsNamed() throws {
        let memory = try Self.memory()
        let text = "id,parent,t,i\na,zz,x,1\nb,a,,2\n"
        let done = try Self.run(Self.tree, text, into: memory)
        #expect(done.message.hasPrefix("f, line 2: "), "\(done.message)")
        #expect(done.message.contains("All records are imported and stay"), "\(done.message)")
        var options = ImportOptions()
        options.badRowLimit = 1
        let loose = try Self.run(Self.tree, text, into: memory, options)
        #expect(loose.message == "" && loose.counts.badRows == 1)
        #expect(try Self.all(memory).edges == [#"e n/b n/a {"w":2.0}"#])
    }

    @Test func aDryRunChecksAndWritesNothing() throws {
        let memory = try Self.memory()
        var options = ImportOptions()
        options.isDryRun = true
        let done = try Self.run(Self.tree, "id,parent,t,i\na,c,x,1\n", into: memory, options)
        #expect(done.message == "" && done.counts.records == ["n": 1])
        #expect(done.counts.edges == ["e": 1])
        #expect(try Self.all(memory).records.isEmpty)
        let mapping =
            #"{"source": {"format": "csv"}, "#
            + #""rules": [{"collection": "m", "key": "id", "same": ["t"]}]}"#
        let wrong = try Self.run(mapping, "id,t\n1,x\n2,\n", into: memory, options)
        #expect(wrong.message.hasPrefix("f, line 3: m.t is required"), "\(wrong.message)")
    }

    @Test(arguments: [
        ("n", #""t": "nope""#, "f has no column \"nope\". Its columns: id, t"),
        ("n", #""x": "t""#, "collection \"n\" has no field \"x\". Its fields: t, i, v"),
        ("q", #""t": "t""#, "no collection \"q\". It has: memories, sessions, n, m"),
        ("n", #""v": {"constant": "[1,2]"}"#, "has 2 components, and the field takes 3"),
        ("n", #""v": {"constant": [1, 2, {"$float": "inf"}]}"#, "component 2 of the vector is inf"),
        ("n", #""i": {"constant": "two"}"#, "fields.i: a whole number should be here"),
    ])
    func whatDoesNotFitTheStoreIsNamed(_ name: String, _ field: String, _ words: String) throws {
        let mapping =
            "{\"source\": {\"format\": \"csv\"}, \"rules\": [{\"collection\": \"\(name)\", "
            + "\"key\": \"id\", \"fields\": {\(field)}}]}"
        let memory = try Self.memory()
        let done = try Self.run(mapping, "id,t\na,x\n", into: memory)
        #expect(done.message.contains(words), "\(done.message)")
        #expect(try Self.all(memory).records.isEmpty)
    }

    @Test func aMemberThatNoObjectHasIsNamed() throws {
        let mapping =
            #"{"source": {"format": "jsonl"}, "rules": [{"collection": "n", "key": "idd"}]}"#
        let done = try Self.run(mapping, "{\"id\": 1}\n", into: Self.memory())
        #expect(
            done.message.contains("has the member \"idd\". Members there: id"),
            "\(done.message)"
        )
        let open = """
            {"source": {"format": "jsonl", "optional": ["t"]},
             "rules": [{"collection": "n", "key": "id", "same": ["t"]}]}
            """
        #expect(try Self.run(open, "{\"id\": 1}\n", into: Self.memory()).message == "")
    }

    @Test func fieldsAreFilledAndSetWithoutTheOthers() throws {
        let memory = try Self.memory()
        func mapping(_ mode: String) -> String {
            "{\"source\": {\"format\": \"csv\"}, \"rules\": [{\"collection\": \"n\", \"key\": "
                + "\"id\", "
                + "\"mode\": \"\(mode)\", \"same\": [\"t\", \"i\"]}]}"
        }
        _ = try Self.run(mapping("fill"), "id,t,i\na,x,\n", into: memory)
        _ = try Self.run(mapping("fill"), "id,t,i\na,y,2\n", into: memory)
        #expect(try memory.get(Reference("n", "a"))?.fields == ["t": "x", "i": 2])
        _ = try Self.run(mapping("set"), "id,t,i\na,z,\n", into: memory)
        #expect(try memory.get(Reference("n", "a"))?.fields == ["t": "z", "i": 2])
        let refused = try Self.run(mapping("insert"), "id,t,i\na,z,\n", into: memory)
        #expect(refused.message.hasPrefix("f, line 2: "), "\(refused.message)")
        _ = try Self.run(mapping("replace"), "id,t,i\na,,9\n", into: memory)
        #expect(try memory.get(Reference("n", "a"))?.fields == ["i": 9])
    }

    @Test func aServerTakesAnImportAsADirectoryDoes() throws {
        let place = try BuiltProgram()
        try place.write(Self.schema, to: "schema.json")
        try place.write(Self.tree, to: "tree.json")
        try place.write("id,parent,t,i\na,c,x,1\nb,a,,2\nc,,y,3\n", to: "f.csv")
        let made = try place.shell("mneme define schema.json --store s.mneme")
        #expect(made.status == 0, "\(made.error)")
        let line =
            "mneme import --mapping tree.json --from f.csv --connect $address --store s.mneme"
        let ended = try place.served("\(line) && \(line)")
        #expect(ended.status == 0, "\(ended.error)")
        #expect(ended.output.contains("2 edges of e"), "\(ended.output)")
        #expect(ended.output.contains("2 edges that were there stayed"), "\(ended.output)")
        try place.write("id,parent,t,i\na,a,x,1\n", to: "f.csv")
        let loop = try place.served(line)
        #expect(loop.status == 1 && loop.error.contains("cannot be looked up over a connection"))
        let memory = try Memory.open(place.path("s.mneme"))
        #expect(try Self.all(memory).edges == [#"e n/a n/c {"w":1.0}"#, #"e n/b n/a {"w":2.0}"#])
        try memory.close()
        let here = try place.shell("mneme import --mapping tree.json --from f.csv --store s.mneme")
        #expect(here.status == 0, "\(here.error)")
        let export = try place.served("mneme export --connect $address --store s.mneme")
        #expect(export.status == 2 && export.error.contains("mneme backup --connect"))
    }
}
