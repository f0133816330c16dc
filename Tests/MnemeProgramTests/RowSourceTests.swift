// What is read is what was written, however it is written; and what is wrong is named.

import Foundation
import Mneme
import MnemeBase
import MnemeCommandLine
import Testing

@testable import MnemeProgram

@Suite struct RowSourceTests {
    static func file(_ bytes: [UInt8]) throws -> InputFile {
        let disk = MemoryDisk()
        try disk.open("f", .create).write(bytes, at: 0)
        return try InputFile("f", on: disk)
    }

    /// All rows, and all that are bad.
    static func read(
        _ source: any RowSource
    ) throws -> (rows: [SourceRow], bad: [BadRow]) {
        var source = source
        var rows: [SourceRow] = []
        var bad: [BadRow] = []
        while true {
            switch try source.next() {
            case .end: return (rows, bad)
            case .row(let row): rows.append(row)
            case .bad(let row): bad.append(row)
            }
        }
    }

    private static let pieces = [
        "", "a", "tea", ",", "\"", "\n", "\r\n", "\\", "\\N", "\t", " ", "é", "🫖", "\\.", "x\"y",
        "0",
    ]

    private static func cell(_ random: inout Randomized) -> String? {
        if random.below(5) == 0 { return nil }
        return (0..<random.below(4)).map { _ in pieces[random.below(pieces.count)] }.joined()
    }

    @Test(arguments: 1...30)
    func tablesAreReadAsTheyWereWritten(_ seed: Int) throws {
        var random = Randomized(seed)
        let count = 1 + random.below(4)
        let table = (0..<random.below(40)).map { _ in (0..<count).map { _ in Self.cell(&random) } }
        let names = (0..<count).map { "c\($0)" }
        let end = random.below(2) == 0 ? "\n" : "\r\n"
        var text = names.joined(separator: ",") + end
        for row in table {
            text +=
                row.map { cell in
                    guard let cell else { return "" }
                    let needsQuotes =
                        cell.isEmpty
                        || cell.utf8.contains { [0x22, 0x2c, 0x0a, 0x0d].contains($0) }
                    return needsQuotes ? "\"" + cell.replacing("\"", with: "\"\"") + "\"" : cell
                }.joined(separator: ",") + end
        }
        let rows = try CommaRows(Self.file(Array(text.utf8)), columns: nil, style: .init())
        let read = try Self.read(rows)
        #expect(read.bad.isEmpty, "seed \(seed)")
        let values = read.rows.map { row in names.map { row.members[$0] } }
        #expect(values == table.map { $0.map { $0.map(Value.text) ?? Value.null } }, "seed \(seed)")
    }

    @Test(arguments: 1...30)
    func copiedRowsAreReadAsTheyWereWritten(_ seed: Int) throws {
        var random = Randomized(seed)
        let table = (0..<random.below(40)).map { _ in (0..<3).map { _ in Self.cell(&random) } }
        let body = table.map { row in
            row.map { cell in
                guard let cell else { return "\\N" }
                return cell.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
                    .replacing("\r", with: "\\r").replacing("\t", with: "\\t")
                    .replacing("\r\n", with: "\\r\\n")
            }.joined(separator: "\t") + "\n"
        }.joined()
        let dump = """
            -- a dump
            COPY public.other (a) FROM stdin;
            1
            \\.

            COPY public.tea (c0, "c 1", c2) FROM stdin;
            \(body)\\.

            -- and more
            """
        let names = ["c0", "c 1", "c2"]
        let wanted = table.map { $0.map { $0.map(Value.text) ?? Value.null } }
        for name in ["tea", "public.tea"] {
            let rows = try CopyRows(Self.file(Array(dump.utf8)), table: name, columns: nil)
            let read = try Self.read(rows)
            #expect(read.bad.isEmpty, "seed \(seed)")
            #expect(
                read.rows.map { row in names.map { row.members[$0] } } == wanted,
                "seed \(seed)"
            )
        }
        let bare = try CopyRows(Self.file(Array(body.utf8)), table: nil, columns: names)
        let read = try Self.read(bare).rows
        #expect(read.map { row in names.map { row.members[$0] } } == wanted, "seed \(seed)")
    }

    /// Whatever bytes come, there is an end, and no more rows than lines.
    @Test(arguments: 1...60)
    func anyBytesAreRowsOrRefused(_ seed: Int) throws {
        var random = Randomized(seed)
        let pieces =
            Self.pieces + ["{", "}", "{\"a\": 1}", "COPY t (a) FROM stdin;\n", "\u{feff}", ":"]
        var bytes: [UInt8] = []
        for _ in 0..<random.below(200) {
            if random.below(6) == 0 {
                bytes.append(UInt8(random.below(256)))
            } else {
                bytes += pieces[random.below(pieces.count)].utf8
            }
        }
        let lines = bytes.count { $0 == UInt8(ascii: "\n") } + 1
        let file = try Self.file(bytes)
        let sources: [() throws -> any RowSource] = [
            { try ObjectRows(file) },
            { try CommaRows(file, columns: ["a", "b"], style: .init()) },
            { try CommaRows(file, columns: nil, style: .init()) },
            { try CopyRows(file, table: nil, columns: ["a", "b"]) },
            { try CopyRows(file, table: "t", columns: nil) },
        ]
        for source in sources {
            do {
                let read = try Self.read(try source())
                #expect(read.rows.count + read.bad.count <= lines, "seed \(seed)")
            } catch {
                #expect(error is Failure, "seed \(seed)")
            }
        }
    }

    @Test func delimitersAndNullsAreWhatTheMappingSays() throws {
        let style = CommaRows.Style(delimiter: UInt8(ascii: ";"), null: Array("NULL".utf8))
        let text = "1;NULL\n;\"NULL\"\n"
        let rows = try CommaRows(Self.file(Array(text.utf8)), columns: ["a", "b"], style: style)
        #expect(
            try Self.read(rows).rows.map(\.members) == [
                ["a": "1", "b": .null], ["a": "", "b": "NULL"],
            ]
        )
        let source = try MappingSource(
            ["format": "copy", "columns": ["a", "b"], "delimiter": "|", "null": "-"],
            "source"
        )
        let place = try BuiltProgram()
        try place.write("1|-\n\\N|x\n", to: "f")
        #expect(
            try Self.read(try source.open(place.path("f"))).rows.map(\.members) == [
                ["a": "1", "b": .null], ["a": "N", "b": "x"],
            ]
        )
    }

    @Test func escapesOfCopyAreReadAsPostgreSQLReadsThem() {
        func text(_ escaped: String) -> String {
            String(decoding: CopyRows.unescaped(Array(escaped.utf8)[...]), as: UTF8.self)
        }
        #expect(text("\\141\\x62\\b\\f\\v\\q\\\\") == "ab\u{8}\u{c}\u{b}q\\")
        #expect(text("\\303\\251") == "é")
        #expect(text("\\") == "\\")
    }

    private func bad(_ text: String) throws -> [String] {
        let rows = try CommaRows(Self.file(Array(text.utf8)), columns: nil, style: .init())
        return try Self.read(rows).bad.map { "\($0.place), row \($0.number): \($0.message)" }
    }

    @Test func badRowsOfTablesAreNamedAndThoseBehindAreRead() throws {
        let text = "a,b\n1,2\n3\n\n\"x\"y,4\nz\"z,5\n\"two\nlines\",6\n7,8,9\nlast,1"
        let found = try bad(text)
        #expect(found.count == 4)
        #expect(
            found[0].hasPrefix("line 3, row 2: the row has 1 value, and there are 2 columns (a, b)")
        )
        #expect(found[1].hasPrefix("line 5, row 3: there is something behind a closed quote"))
        #expect(found[2].hasPrefix("line 6, row 4: a quote stands inside a value"))
        #expect(found[3].hasPrefix("line 9, row 6: the row has 3 values"))
        let rows = try CommaRows(Self.file(Array(text.utf8)), columns: nil, style: .init())
        let read = try Self.read(rows).rows
        #expect(read.map(\.members["a"]) == ["1", "two\nlines", "last"])
        #expect(read.map(\.place) == ["line 2", "line 7", "line 10"])
    }

    @Test func aFileThatIsCutShortIsNamed() throws {
        func message(_ source: () throws -> any RowSource) -> String {
            do {
                _ = try Self.read(try source())
                return "nothing is wrong"
            } catch {
                return "\(error)"
            }
        }
        let open = message {
            try CommaRows(Self.file(Array("a\n\"x\n".utf8)), columns: nil, style: .init())
        }
        #expect(open.contains("line 2: a quote is not closed"), "\(open)")
        let dump = message {
            let text = "COPY t (a) FROM stdin;\n1\n"
            return try CopyRows(Self.file(Array(text.utf8)), table: "t", columns: nil)
        }
        #expect(dump.contains("no end mark"), "\(dump)")
        let other = message {
            let text = "COPY public.u (a) FROM stdin;\n1\n\\.\n"
            return try CopyRows(Self.file(Array(text.utf8)), table: "t", columns: nil)
        }
        #expect(other.contains("Tables with rows in it: public.u"), "\(other)")
        let twice = message {
            try CommaRows(Self.file(Array("a,a\n".utf8)), columns: nil, style: .init())
        }
        #expect(twice.contains("two columns have the name \"a\""), "\(twice)")
        let empty = message { try CommaRows(Self.file([]), columns: nil, style: .init()) }
        #expect(empty.contains("is empty"), "\(empty)")
    }

    @Test func objectsOfLinesAreReadWithTheirNumbersWhole() throws {
        let text = "\u{feff}{\"n\": 9007199254740993}\r\n\n[1]\n{\"n\": }\n{\"n\": 2}"
        let read = try Self.read(try ObjectRows(Self.file(Array(text.utf8))))
        #expect(read.rows.map(\.members["n"]) == [9_007_199_254_740_993, 2])
        #expect(read.rows.map(\.place) == ["line 1", "line 5"])
        #expect(read.bad.map(\.place) == ["line 3", "line 4"])
        #expect(read.bad[0].message.contains("an object should be here"))
        #expect(read.bad[1].message.hasPrefix("column 7:"), "\(read.bad[1].message)")
        let wrong = try Self.read(try ObjectRows(Self.file([0x7b, 0x22, 0xff, 0x22, 0x7d])))
        #expect(wrong.bad.count == 1 && wrong.bad[0].message.contains("UTF-8"))
    }

    @Test func aLineThatIsTooLongIsBadAndTheNextOneIsRead() throws {
        var bytes = [UInt8](repeating: UInt8(ascii: "x"), count: RowLimit.bytes + 1)
        bytes += Array("\n{\"a\": 1}\n".utf8)
        let read = try Self.read(try ObjectRows(Self.file(bytes)))
        #expect(read.bad.count == 1 && read.bad[0].message.contains("67,108,864 bytes"))
        #expect(read.rows.map(\.place) == ["line 2"])
    }

    @Test func tablesAndQueriesOfSQLiteAreRead() throws {
        let place = try BuiltProgram()
        let made = try SQLiteFile(place.path("s.db"))
        try made.run(
            """
            CREATE TABLE "odd ""name" (i INTEGER, f REAL, t TEXT, b BLOB, n);
            INSERT INTO "odd ""name" VALUES
                (9007199254740993, 0.5, 'é', x'00ff', NULL), (-1, 1e300, '', x'', 7);
            """
        )
        let read = try Self.read(
            try SQLiteRows(place.path("s.db"), table: "odd \"name", query: nil)
        )
        #expect(read.bad.isEmpty)
        #expect(
            read.rows.map(\.members) == [
                [
                    "i": 9_007_199_254_740_993, "f": 0.5, "t": "é", "b": .bytes([0, 255]),
                    "n": .null,
                ],
                ["i": -1, "f": 1e300, "t": "", "b": .bytes([]), "n": 7],
            ]
        )
        let query = "SELECT count(*) AS many FROM \"odd \"\"name\""
        let counted = try SQLiteRows(place.path("s.db"), table: nil, query: query)
        #expect(try Self.read(counted).rows.map(\.members) == [["many": 2]])
        let words = try SQLiteRows(
            place.path("s.db"),
            table: nil,
            query: "SELECT CAST(x'ff' AS TEXT) AS t UNION ALL SELECT 'ok'"
        )
        let mixed = try Self.read(words)
        #expect(mixed.bad.map(\.place) == ["row 1"] && mixed.rows.map(\.place) == ["row 2"])
        func message(_ name: String, _ table: String?, _ query: String?) -> String {
            do {
                _ = try SQLiteRows(place.path(name), table: table, query: query)
                return "nothing is wrong"
            } catch {
                return error.message
            }
        }
        try place.write("no database, but long enough to be taken for one, or not\n", to: "no.db")
        #expect(message("no.db", "t", nil).contains("It is no file of SQLite"))
        #expect(message("none.db", "t", nil).contains("none.db"))
        #expect(message("s.db", "t", nil).contains("no such table: t"))
        #expect(message("s.db", nil, "DELETE FROM \"odd \"\"name\"").contains("gives no columns"))
        #expect(message("s.db", nil, nil).contains("needs one of"))
    }
}

/// Chance with a seed.
struct Randomized {
    private var state: UInt64

    init(_ seed: Int) { state = UInt64(seed) &* 0x9e37_79b9_7f4a_7c15 | 1 }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state &* 0x2545_f491_4f6c_dd1d
    }

    mutating func below(_ bound: Int) -> Int { Int(next() >> 33) % bound }
}
