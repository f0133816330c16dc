// The articles say what is so: each of their blocks is compiled here, and they print what is said
// of them, against a server or in this process.

import Doors
import Foundation
import Mneme
import MnemeClient
import Testing

@Suite struct ArticleTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private func text(_ path: String) throws -> String {
        try String(contentsOf: Self.root.appending(path: path), encoding: .utf8)
    }

    private func isThere(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: Self.root.appending(path: path).path)
    }

    /// The catalogs' pages, as paths.
    private func pages() throws -> [String] {
        let files = FileManager.default
        return try ["Mneme", "MnemeClient", "MnemeModel"].flatMap { room in
            let catalog = "Sources/\(room)/\(room).docc"
            return try files.contentsOfDirectory(atPath: Self.root.appending(path: catalog).path)
                .filter { $0.hasSuffix(".md") }.sorted().map { catalog + "/" + $0 }
        }
    }

    /// The Swift blocks of a page, each with what it imports.
    private func blocks(_ page: String) throws -> [(imports: [String], code: String)] {
        try text(page).components(separatedBy: "```swift\n").dropFirst().map { part in
            var lines = part.components(separatedBy: "```")[0].components(separatedBy: "\n")
            let imports = Array(lines.prefix { $0.hasPrefix("import ") })
            lines.removeFirst(imports.count)
            if !imports.isEmpty, lines.first == "" { lines.removeFirst() }
            return (imports, lines.joined(separator: "\n"))
        }
    }

    /// What stands between the marks of a source, with the page's indentation.
    private func compiled(_ source: String) -> [String] {
        source.components(separatedBy: "        // The page begins.\n").dropFirst().map { part in
            part.components(separatedBy: "        // The page ends.\n")[0]
                .components(separatedBy: "\n")
                .map { $0.hasPrefix("        ") ? String($0.dropFirst(8)) : $0 }
                .joined(separator: "\n")
        }
    }

    @Test func everyBlockIsCompiled() throws {
        var count = 0
        for page in try pages() {
            var blocks = try blocks(page)
            // A manifest is held against that of the example, which is built.
            let manifest = try text("tools/example/Package.swift")
            for block in blocks where block.code.hasPrefix("// Package.swift\n") {
                for line in block.code.split(separator: "\n").dropFirst() {
                    let said = line.trimmingCharacters(in: .whitespaces)
                    #expect(manifest.contains(said), "\(page): \(said)")
                }
            }
            blocks.removeAll { $0.code.hasPrefix("// Package.swift\n") }
            let name = page.split(separator: "/").last?.dropLast(3) ?? ""
            let path = "Tests/ConformanceTests/Articles/Articles+\(name).swift"
            guard isThere(path) else {
                #expect(blocks.isEmpty, "nothing compiles \(page)")
                continue
            }
            let source = try text(path)
            #expect(source.contains(page), "\(path) is of another page")
            #expect(compiled(source) == blocks.map(\.code), "\(page)")
            for line in blocks.flatMap(\.imports) { #expect(source.contains(line + "\n")) }
            count += blocks.count
        }
        #expect(count > 15)
    }

    private typealias Article = (_ print: (String) -> Void) async throws -> Void

    private func output(of article: Article) async throws -> [String] {
        var printed: [String] = []
        try await article { printed.append($0) }
        return printed
    }

    /// What an article prints against a server without anything.
    private func said(_ article: Article) async throws -> [String] {
        let house = try House(.client)
        let place = Articles.Place(address: house.address)
        let printed = try await Articles.$place.withValue(place) { try await output(of: article) }
        await house.remove()
        return printed
    }

    @Test func gettingStarted() async throws {
        let printed = try await said(Articles.gettingStarted)
        #expect(printed == ["Ann keeps bees behind the old mill", "2 memories"])
    }

    @Test func recordsAsYourOwnTypes() async throws {
        let printed = try await said(Articles.recordsAsYourOwnTypes)
        #expect(printed == ["Bees", "4 stars", "2 notes"])
    }

    @Test func findingAndWatching() async throws {
        let printed = try await said(Articles.findingAndWatching)
        #expect(printed == ["5 Bees", "2 The train", "0 Rain", "Bees", "New: The roof"])
    }

    @Test func cancellationDeadlinesAndRetries() async throws {
        let printed = try await said(Articles.cancellationDeadlinesAndRetries)
        #expect(printed == ["It was cancelled.", "2 memories"])
    }

    @Test func errors() async throws {
        #expect(try await said(Articles.errors) == ["Refused: duplicate (200)"])
    }

    @Test func tokensAndTLS() async throws {
        let certificates = try Certificates()
        let server = try SecureServer(
            certificates.make("server"),
            authorities: certificates.authority
        )
        try server.know(Permit("ann", .write, owners: ["ann"]))
        let place = Articles.Place(
            address: server.address,
            files: ["ca.pem": certificates.authority, "ann.pem": try certificates.make("ann")],
            token: try server.give(Permit("everything", .admin))
        )
        let printed = try await Articles.$place.withValue(place) {
            try await output(of: Articles.tokensAndTLS)
        }
        #expect(printed == ["bees", "forbidden"])
        server.remove()
        certificates.remove()
    }

    @Test func storesInYourOwnProcess() async throws {
        let place = Articles.Place(directory: "/tmp/mneme-articles-\(UUID().uuidString)")
        Directories.remove(place.directory)
        defer { Directories.remove(place.directory) }
        let printed = try await Articles.$place.withValue(place) {
            try await output(of: Articles.storesInYourOwnProcess)
        }
        #expect(
            printed == ["Ann keeps bees behind the old mill", "2 memories", "forbidden"]
        )
    }
}
