import Foundation
import Testing

@testable import MnemeText

/// The example of formats/text-run.md against the code, both directions.
@Suite struct FormatPageTests {
    private func example() throws -> TextRun {
        var builder = TextRunBuilder(analyzer: TextAnalyzer())
        try builder.add(
            TextDocument(
                owner: 7,
                ordinal: 12,
                birth: 300,
                fields: [TextField(2, "Ann likes tea. Tea!"), TextField(5, "Café")]
            )
        )
        try builder.add(
            TextDocument(owner: 4, ordinal: 20, birth: 301, fields: [TextField(2, "the tea")])
        )
        return try builder.finish()
    }

    /// The bytes of one of the page's blocks that begin with "```hex".
    private func pageBytes(_ block: Int = 0) throws -> [UInt8] {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let page = try String(
            contentsOf: root.appending(path: "formats/text-run.md"),
            encoding: .utf8
        )
        let blocks = Array(page.components(separatedBy: "```hex\n").dropFirst())
        try #require(blocks.count == 2)
        let block = blocks[block]
        let lines = block.components(separatedBy: "```")[0].split(separator: "\n")
        return lines.flatMap { line in
            line.prefix { $0 != "|" }.split(separator: " ").dropFirst().compactMap {
                UInt8($0, radix: 16)
            }
        }
    }

    @Test func codeWritesWhatThePageShows() throws {
        let run = try example()
        let bytes = run.bytes.array(0..<run.byteCount)
        let page = try pageBytes()
        #expect(bytes == page)
        if bytes != page {
            for row in stride(from: 0, to: bytes.count, by: 8) {
                let part = bytes[row..<min(row + 8, bytes.count)]
                let hex = part.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
                print(String(row).leftPadded(4), hex.joined(separator: " "))
            }
        }
    }

    @Test func codeReadsWhatThePageShows() throws {
        let run = try TextRun(try pageBytes())
        try run.verify()
        let terms = try TextAnalyzer().question("tea")
        let query = TextQuery(
            terms: terms,
            fields: [TextFieldParameters(2)],
            scope: .owner(7)
        )
        let hits = TextSearch.search(query, in: [TextSource(run)])
        #expect(hits.map(\.ordinal) == [12])
        #expect(run.length(field: 2, 1) == 4)
    }

    /// A run without positions is read, and merged with one that has them.
    @Test func versionOneIsReadAndMerged() throws {
        let older = try TextRun(try pageBytes(1))
        try older.verify()
        #expect(older.layout.positionsByteCount == nil)
        var builder = TextRunBuilder(analyzer: TextAnalyzer())
        try builder.add(
            TextDocument(owner: 5, ordinal: 1, birth: 302, fields: [TextField(2, "Tea, the tea")])
        )
        let newer = try builder.finish()
        let merged = try TextRun.merge([older, newer])
        try merged.verify()
        #expect(merged.documentCount == 3)
        func found(owner: UInt32) throws -> (PositionsFound, [UInt32]) {
            var cursor = try #require(
                merged.postings(field: 2, stem: Array("tea".utf8), owner: owner)
            )
            var positions: [UInt32] = []
            let found = cursor.appendPositions(to: &positions)
            return (found, positions)
        }
        #expect(try found(owner: 5) == (.known, [0, 2]))
        #expect(try found(owner: 7) == (.unknown, []))
    }

    /// Phrases in documents whose positions no run has are counted in their texts.
    @Test func phrasesOfVersionOneAreCountedInTheTexts() throws {
        let older = try TextRun(try pageBytes(1))
        let analyzer = TextAnalyzer()
        var builder = TextRunBuilder(analyzer: analyzer)
        try builder.add(
            TextDocument(owner: 5, ordinal: 1, birth: 302, fields: [TextField(2, "tea, tea")])
        )
        let newer = try builder.finish()
        let merged = try TextRun.merge([older, newer])
        let texts: [UInt64: String] = [12: "Ann likes tea. Tea!", 20: "the tea"]
        func found(_ words: [String], _ runs: [TextRun], knows: Bool = true) throws -> [UInt64] {
            let phrase = words.enumerated().map { PhraseWord(Array($1.utf8), offset: $0) }
            let query = TextQuery(
                terms: [],
                clauses: [TextClause(.required, [TextWay(2, .phrase(phrase))])],
                fields: [TextFieldParameters(2)],
                scope: .all
            )
            let hits = TextSearch.search(
                query,
                in: runs.map { TextSource($0) },
                unknownPhrase: knows
                    ? { ordinal, birth, field, phrase in
                        #expect(birth == (ordinal == 12 ? 300 : 301))
                        #expect(field == 2)
                        guard let text = texts[ordinal] else {
                            Issue.record("the positions of document \(ordinal) are known")
                            return 0
                        }
                        let count = try? TextHighlighter.count(
                            of: phrase,
                            in: text,
                            .english,
                            analyzer
                        )
                        return count ?? 0
                    } : nil
            )
            return hits.map(\.ordinal).sorted()
        }
        for runs in [[older, newer], [merged]] {
            #expect(try found(["tea", "tea"], runs) == [1, 12])
            #expect(try found(["like", "tea"], runs) == [12])
            #expect(try found(["the", "tea"], runs) == [20])
            #expect(try found(["tea", "like"], runs).isEmpty)
            #expect(try found(["tea", "tea"], runs, knows: false) == [1])
        }
    }
}

extension String {
    fileprivate func leftPadded(_ width: Int) -> String {
        String(repeating: " ", count: max(0, width - count)) + self
    }
}
