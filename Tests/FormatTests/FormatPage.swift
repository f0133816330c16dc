// The examples of the pages in formats/: blocks that begin with "```hex NAME", with lines of an
// offset, bytes and, after a bar, what they are.

import Foundation
import Testing

/// A page of formats/.
struct FormatPage {
    private let text: String

    init(_ name: String) throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        text = try String(contentsOf: root.appending(path: "formats/" + name), encoding: .utf8)
    }

    /// The bytes of an example.
    ///
    /// Each line's offset must be the number of bytes before it.
    func example(_ name: String) throws -> [UInt8] {
        let parts = text.components(separatedBy: "```hex \(name)\n")
        try #require(parts.count == 2, "the page has one example called \(name)")
        let lines = parts[1].components(separatedBy: "```")[0].split(separator: "\n")
        var bytes: [UInt8] = []
        for line in lines {
            let words = line.prefix { $0 != "|" }.split(separator: " ")
            #expect(words.first.flatMap { Int($0) } == bytes.count, "\(name): \(line)")
            bytes += words.dropFirst().compactMap { UInt8($0, radix: 16) }
        }
        return bytes
    }

    /// Holds bytes against an example, and prints them when they differ.
    func expect(_ bytes: [UInt8], _ name: String) throws {
        let shown = try example(name)
        #expect(bytes == shown, "\(name) is not what its page shows")
        guard bytes != shown else { return }
        print("```hex \(name)")
        for row in stride(from: 0, to: bytes.count, by: 8) {
            let offset = String(row)
            let hex = bytes[row..<min(row + 8, bytes.count)].map {
                ($0 < 16 ? "0" : "") + String($0, radix: 16)
            }
            print(
                String(repeating: " ", count: max(0, 4 - offset.count)) + offset,
                hex.joined(separator: " "),
                "|"
            )
        }
        print("```")
    }
}
