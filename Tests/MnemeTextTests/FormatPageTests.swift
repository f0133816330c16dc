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

    /// The bytes of the page's block that begins with "```hex".
    private func pageBytes() throws -> [UInt8] {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let page = try String(
            contentsOf: root.appending(path: "formats/text-run.md"),
            encoding: .utf8
        )
        let block = try #require(page.components(separatedBy: "```hex\n").dropFirst().first)
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
}

extension String {
    fileprivate func leftPadded(_ width: Int) -> String {
        String(repeating: " ", count: max(0, width - count)) + self
    }
}
