// README.md says what is so: its program is one that is compiled here, and prints what it shows.

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

    @Test func theProgramIsTheOneThatIsCompiled() throws {
        let source = try text("Tests/MnemeTests/ReadmeExample.swift")
        let body = source.components(separatedBy: "    // The program begins.\n")[1]
            .components(separatedBy: "    // The program ends.\n")[0]
        let program = body.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.hasPrefix("    ") ? String($0.dropFirst(4)) : String($0) }
            .joined(separator: "\n")
        #expect(try block("swift") == "import Mneme\n\n" + program)
    }

    @Test func itPrintsWhatIsShown() throws {
        let directory = "/tmp/mneme-example"
        try? FileManager.default.removeItem(atPath: directory)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        for run in ["first", "second"] {
            var printed = ""
            try readmeExample { printed += $0 + "\n" }
            #expect(try block("text") == printed, "the \(run) time it prints:\n\(printed)")
        }
    }
}
