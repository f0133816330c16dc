import Foundation
import MnemeCommandLine
import Testing

@testable import MnemeBench

@Suite struct TableTests {
    private func withFile<Answer>(_ text: String, _ use: (String) throws -> Answer) throws -> Answer
    {
        let path = FileManager.default.temporaryDirectory.path + "/bench-\(UUID().uuidString)"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try use(path)
    }

    private func rows(_ text: String) throws -> [[String]] {
        try withFile(text) { path in
            var table = try CommaTable(path)
            var rows = [table.columns]
            while let row = try table.next() { rows.append(row) }
            return rows
        }
    }

    @Test func fieldsMayBeQuoted() throws {
        let text = "id,gloss\n0,\"a, \"\"b\"\"\"\r\n1,\"two\nlines\"\n2,\n"
        #expect(
            try rows(text) == [
                ["id", "gloss"], ["0", "a, \"b\""], ["1", "two\nlines"], ["2", ""],
            ]
        )
    }

    @Test func wrongTablesAreRefused() {
        for text in ["", "a,b\n1\n", "a,b\n1,2,3\n", "a\n\"open\n"] {
            #expect(throws: Failure.self) { try rows(text) }
        }
    }

    @Test func missingColumnsAreNamed() throws {
        try withFile("a,b\n1,x\n") { path in
            var table = try CommaTable(path)
            #expect(try table.column("b") == 1)
            #expect(throws: Failure.self) { try table.column("c") }
            let row = try table.next() ?? []
            #expect(try table.integer(row[0]) == 1)
            #expect(throws: Failure.self) { try table.integer(row[1]) }
        }
    }

    @Test func objectsAreReadLineByLine() throws {
        let text = "{\"id\": 7, \"text\": \"a\"}\n\n{\"id\": \"x\", \"relevant\": [1, \"b\"]}\n"
        try withFile(text) { path in
            var lines = try JSONLines(path)
            let first = try #require(try lines.next())
            #expect(try first.name("id") == "7")
            #expect(try first.text("text") == "a")
            #expect(try first.names("relevant").isEmpty)
            let second = try #require(try lines.next())
            #expect(try second.names("relevant") == ["1", "b"])
            #expect(throws: Failure.self) { try second.text("text") }
            #expect(try lines.next() == nil)
        }
    }

    @Test func wrongObjectsAreRefusedWithTheirLine() throws {
        for text in ["{}\n[1]\n", "{}\n{\"a\": \n", "{}\nnothing\n"] {
            try withFile(text) { path in
                var lines = try JSONLines(path)
                _ = try lines.next()
                let failure = try #require(throws: Failure.self) { try lines.next() }
                #expect(failure.message.contains(":2"))
            }
        }
    }
}
