// README.md says what is so: its program is one that is compiled here, with each of the lines that
// open, and prints what the page shows whichever of them it has.

import Doors
import Foundation
import Testing

@Suite struct ReadmeTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private func text(_ path: String) throws -> String {
        try String(contentsOf: Self.root.appending(path: path), encoding: .utf8)
    }

    /// The first block of a language in README.md.
    private func block(_ language: String) throws -> String {
        let parts = try text("README.md").components(separatedBy: "```\(language)\n")
        try #require(parts.count > 1)
        return parts[1].components(separatedBy: "```")[0]
    }

    /// The lines that open, as the page's table has them.
    private func openings() throws -> [String] {
        try text("README.md").components(separatedBy: "\n").compactMap { line in
            guard line.hasPrefix("| "), line.hasSuffix("` |") else { return nil }
            let cell = line.dropLast(3).components(separatedBy: " | `").last ?? ""
            return cell.hasPrefix("let memory: any Door = ") ? cell : nil
        }
    }

    /// What stands between the marks, with the page's indentation.
    private func compiled() throws -> [String] {
        let source = try text("Tests/ConformanceTests/ReadmeExample.swift")
        let parts = source.components(separatedBy: "        // The program begins.\n").dropFirst()
        return parts.map { part in
            part.components(separatedBy: "        // The program ends.\n")[0]
                .split(separator: "\n", omittingEmptySubsequences: false)
                .map { $0.hasPrefix("        ") ? String($0.dropFirst(8)) : String($0) }
                .joined(separator: "\n")
        }
    }

    @Test func theProgramIsCompiledWithEachLineThatOpens() throws {
        let program = try block("swift")
        let openings = try openings()
        #expect(openings.count == 3)
        let first = try #require(openings.first)
        #expect(program.components(separatedBy: first).count == 2)
        let variants = openings.map { program.replacing(first, with: $0) }
        let imports = "import Mneme\nimport MnemeClient\n\n"
        #expect(try compiled().map { imports + $0 } == variants)
        let source = try text("Tests/ConformanceTests/ReadmeExample.swift")
        for line in ["import Mneme\n", "import MnemeClient\n"] { #expect(source.contains(line)) }
    }

    private func printed(
        _ program: (_ print: (String) -> Void) async throws -> Void
    ) async throws
        -> String
    {
        var printed = ""
        try await program { printed += $0 + "\n" }
        return printed
    }

    @Test func itPrintsWhatIsShownWhereverTheStoreIs() async throws {
        let shown = try block("text")
        let directory = "/tmp/mneme-example"
        Directories.remove(directory)
        defer { Directories.remove(directory) }
        // Run again, it finds what the first run remembered.
        for _ in 0..<2 { #expect(try await printed(ReadmeExample.inDirectory) == shown) }
        #expect(try await printed(ReadmeExample.inMemory) == shown)
        let house = try House(.client)
        try await ReadmeExample.Client.$address.withValue(house.address) {
            for _ in 0..<2 {
                let text = try await printed(ReadmeExample.behindServer)
                #expect(text == shown)
            }
        }
        await house.remove()
    }
}
