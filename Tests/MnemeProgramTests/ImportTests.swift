import Mneme
import MnemeBase
import MnemeCommandLine
import Testing

@testable import MnemeProgram

@Suite struct LineImportTests {
    private let target = LineTarget.memories(
        FieldMapping(text: "text", owner: .constant("u"), key: "id"),
        vectors: nil
    )

    private func file(_ text: String) throws -> InputFile {
        let disk = MemoryDisk()
        try disk.open("f", .create).write(Array(text.utf8), at: 0)
        return try InputFile("f", on: disk)
    }

    private func refusal(
        _ text: String,
        _ target: LineTarget,
        in memory: Memory
    ) throws -> String {
        var lines = LineImport("f", as: target, vectors: nil)
        let file = try file(text)
        do {
            try lines.run(file, into: memory, .synced) { _ in }
            return "nothing is wrong"
        } catch {
            return error.message
        }
    }

    @Test func memoriesAreRememberedInBatches() throws {
        let memory = try Memory.inMemory()
        let count = LineImport.batchCount + 5
        let text = (0..<count).map { "{\"id\": \($0), \"text\": \"number \($0)\"}\n" }.joined(
            separator: " \n"
        )
        var lines = LineImport("f", as: target, vectors: nil)
        var progress: [Int] = []
        try lines.run(file(text), into: memory, .synced) { progress.append($0) }
        #expect(lines.count == count)
        #expect(progress == [LineImport.batchCount])
        #expect(try LineImport.count(file(text)) == count)
        #expect(try memory.statistics().records["memories"] == count)
        let record = try memory.get(Reference("memories", "1002"))
        #expect(record?["text"] == "number 1002")
        #expect(record?["owner"] == "u")
    }

    @Test func recordsArePut() throws {
        let memory = try Memory.inMemory()
        try memory.define(
            Schema(collections: [Collection("notes", key: .int, fields: [Field("title", .text)])])
        )
        var lines = LineImport("f", as: .records("notes", key: "number"), vectors: nil)
        try lines.run(file(#"{"number": 4, "title": "tea"}"#), into: memory, .synced) { _ in }
        #expect(try memory.get(Reference("notes", 4))?["title"] == "tea")
        let target = LineTarget.records("notes", key: "number")
        #expect(try refusal(#"{"title": "x"}"#, target, in: memory).contains("should hold the key"))
        let message = try refusal("\n{\"number\": 5, \"name\": \"x\"}", target, in: memory)
        #expect(message.contains("f, line 2: ") && message.contains("name"), "\(message)")
        #expect(try memory.get(Reference("notes", 5)) == nil)
    }

    @Test func theWrongLineIsNamedAndWhatWasBeforeStays() throws {
        let memory = try Memory.inMemory()
        let good = (0..<LineImport.batchCount).map { "{\"id\": \($0), \"text\": \"x\"}\n" }.joined()
        let message = try refusal(good + "{\"id\": 1, \"text\": }\n", target, in: memory)
        #expect(message.hasPrefix("f, line \(LineImport.batchCount + 1), "), "\(message)")
        #expect(message.hasSuffix("The 1,000 objects before it stay."), "\(message)")
        #expect(try memory.statistics().records["memories"] == LineImport.batchCount)
        #expect(message.contains("\(LineImport.batchCount + 1), column 19: "), "\(message)")
        let first = try refusal("\n\n7\n", target, in: memory)
        #expect(first == "f, line 3: an object should be here, and not 7. Nothing was imported.")
    }

    /// Wherever the wrong line stands in a batch, whoever refuses it: all before it is put, nothing
    /// after it.
    @Test(arguments: [1, 2, 3, 6, 7, 998, 1000, 1001, 1500])
    func everythingBeforeTheWrongLineStays(_ wrong: Int) throws {
        let count = 1500
        let schema = Schema(collections: [Collection("notes", fields: [Field("n", .int)])])
        for fault in ["{\"id\": \"x\", \"n\": \"many\"}", "{\"n\": 1}", "{"] {
            let memory = try Memory.inMemory()
            try memory.define(schema)
            let text = (1...count).map { line in
                line == wrong ? fault : "{\"id\": \"\(line)\", \"n\": \(line)}"
            }.joined(separator: "\n")
            let message = try refusal(text, .records("notes", key: "id"), in: memory)
            #expect(message.hasPrefix("f, line \(wrong)"), "\(message)")
            let after = message.dropFirst("f, line \(wrong)".count).first
            #expect(after == ":" || after == ",", "\(message)")
            let stays =
                switch wrong {
                case 1: "Nothing was imported."
                case 2: "The object before it stays."
                default: "The \(Figures.count(wrong - 1)) objects before it stay."
                }
            #expect(message.hasSuffix(" " + stays), "\(message)")
            #expect(try memory.statistics().records["notes"] == wrong - 1)
            for line in [wrong - 1, wrong, wrong + 1] where line >= 1 {
                let record = try memory.get(Reference("notes", .text("\(line)")))
                #expect((record != nil) == (line < wrong))
            }
        }
    }

    @Test func namesOfMembersThatAreNotThereAreRefused() throws {
        var mapping = FieldMapping(text: "text", owner: .member("user"), key: "id")
        let line = #"{"text": "x", "user": "u", "id": 1}"#
        try mapping.check(against: file("\n7\n{\n\(line)\n"))
        mapping.speaker = "whoo"
        let wrong = mapping
        let error = #expect(throws: Failure.self) { try wrong.check(against: file(line)) }
        #expect(
            error?.message
                == "No object of f has the member \"whoo\", which --speaker names. Members there: "
                + "id, text, user. Nothing was imported."
        )
        let late = #"{"whoo": "a"}"#
        func lines(_ count: Int) -> String { String(repeating: line + "\n", count: count) }
        try wrong.check(against: file(lines(FieldMapping.checkedCount - 1) + late))
        let many = #expect(throws: Failure.self) {
            try wrong.check(against: file(lines(FieldMapping.checkedCount) + late))
        }
        #expect(many?.message.hasPrefix("None of the first 1,000 objects of f") == true)
        try wrong.check(against: file(""))
    }

    /// The field of an import's vectors is there once something was put, and not before.
    @Test func vectorsLeaveNoFieldBehind() throws {
        func array(_ rows: [[Float]]) throws -> ArrayFile {
            let head =
                "{'descr': '<f4', 'fortran_order': False, 'shape': (\(rows.count), "
                + "\(rows[0].count)), }\n"
            var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0]
            bytes += [UInt8(head.utf8.count), 0] + Array(head.utf8)
            for number in rows.joined() {
                bytes += (0..<4).map { UInt8(truncatingIfNeeded: number.bitPattern >> (8 * $0)) }
            }
            let disk = MemoryDisk()
            try disk.open("v", .create).write(bytes, at: 0)
            return try ArrayFile("v", on: disk)
        }
        let target = LineTarget.memories(
            FieldMapping(text: "text", owner: .constant("u"), key: "id"),
            vectors: "given"
        )
        func run(_ text: String, _ rows: [[Float]], _ memory: Memory) throws -> String {
            var lines = LineImport("f", as: target, vectors: try array(rows))
            let file = try file(text)
            do throws(Failure) {
                try lines.run(file, into: memory, .synced) { _ in }
                return ""
            } catch {
                return error.message
            }
        }
        func hasField(_ memory: Memory) -> Bool {
            memory.schema.collections.contains { $0.field("given") != nil }
        }
        let memory = try Memory.inMemory()
        let good = #"{"id": 1, "text": "x"}"#
        for (text, row) in [
            (good, [Float.nan, 1]), (good, [0, 0]), ("{", [1, 2]), (#"{"id": 1}"#, [1, 2]),
        ] {
            let message = try run(text, [row], memory)
            #expect(message.hasPrefix("f, line 1"), "\(message)")
            #expect(message.hasSuffix("Nothing was imported."), "\(message)")
            #expect(!hasField(memory))
        }
        #expect(try run(good + "\n{", [[1, 2], [3, 4]], memory).hasPrefix("f, line 2, column 2"))
        #expect(hasField(memory))
        #expect(try memory.get(Reference("memories", "1"))?["given"] == .vector([1, 2]))
        let other = try run(good, [[1, 2, 3]], memory)
        #expect(other.contains("is there already and takes no vectors of 3"), "\(other)")
    }

    @Test func bytesThatAreNoTextAreRefused() throws {
        let disk = MemoryDisk()
        try disk.open("f", .create).write(
            Array("{\"text\": \"".utf8) + [0xff] + Array("\"}".utf8),
            at: 0
        )
        var lines = LineImport("f", as: target, vectors: nil)
        #expect(throws: Failure.self) {
            try lines.run(InputFile("f", on: disk), into: Memory.inMemory(), .synced) { _ in }
        }
    }
}

@Suite struct WordNetImportTests {
    private func wordNet() throws -> WordNet {
        let disk = MemoryDisk()
        let files = [
            "noun": """
              1 licence
            00000003 05 n 02 fox 0 red_fox 0 002 @ 00000009 n 0000 + 00000001 v 0101 | a sly animal
            00000009 05 n 01 animal 0 001 ~ 00000003 n 0000 | a living thing that moves
            """,
            "verb": "00000001 29 v 01 fox 0 001 + 00000003 n 0101 01 + 08 00 | to deceive",
            "adj": "", "adv": "",
        ]
        for (name, text) in files {
            try disk.open("w/data.\(name)", .create).write(Array(text.utf8), at: 0)
        }
        return try WordNet(directory: "w", on: disk)
    }

    private func run(_ wordNet: WordNet, _ memory: Memory) throws -> WordNetImport {
        try WordNetImport.run(wordNet, into: memory, .synced) {
            ProgressMeter($0, unit: $1, total: $2, mode: .never)
        }
    }

    @Test func memoriesAndEdgesAreThere() throws {
        let wordNet = try wordNet()
        let memory = try Memory.inMemory()
        let report = try run(wordNet, memory)
        #expect(report.memories == 3 && report.edges == 4)
        let fox = try #require(try memory.get(Reference("memories", "n00000003")))
        #expect(fox["text"] == "fox, red fox: a sly animal")
        #expect(fox["owner"] == "wordnet")
        #expect(fox["data"] == ["pos": "noun", "lemmas": ["fox", "red fox"]])
        let walked = try memory.walk(Walk(from: [fox.reference], types: ["hypernym"]))
        #expect(walked.stops.map(\.reference.key) == ["n00000009"])
    }

    @Test func anImportThatWasBrokenOffGoesOn() throws {
        let wordNet = try wordNet()
        for memories in 0...wordNet.synsets.count {
            for edges in 0...(memories == wordNet.synsets.count ? wordNet.edges.count : 0) {
                let memory = try Memory.inMemory()
                if memories > 0 {
                    _ = try memory.remember(wordNet.synsets[..<memories].map(\.memory))
                }
                if edges > 0 { _ = try memory.relate(wordNet.edges[..<edges].map(wordNet.link)) }
                let report = try run(wordNet, memory)
                #expect(report.knownMemories == memories)
                #expect(report.knownEdges == edges)
                let statistics = try memory.statistics()
                #expect(statistics.records["memories"] == 3)
                #expect(statistics.edges.values.reduce(0, +) == 4)
                let again = try run(wordNet, memory)
                #expect(again.memories + again.edges == 0)
            }
        }
    }

    @Test func theFirstMissingIsFound() {
        for count in 0...20 {
            for known in 0...count {
                #expect(WordNetImport.firstMissing(of: count) { $0 < known } == known)
            }
        }
    }
}
