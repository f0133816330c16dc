// A file as the checks see it.

/// A file of the package.
package struct SourceFile: Sendable {
    /// The path from the root of the package, with slashes.
    package let path: String
    /// Its lines as they are.
    package let lines: [String]
    /// Its lines with comments and the text of string literals blanked; empty for other languages.
    package let code: [String]

    /// Splits a file into lines.
    package init(path: String, text: String) {
        self.path = path
        lines = Self.lines(of: text)
        code = path.hasSuffix(".swift") ? Self.lines(of: CodeText.strip(text)) : []
    }

    private static func lines(of text: String) -> [String] {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last == "" { lines.removeLast() }
        return lines
    }

    /// Whether this is Swift.
    var isSwift: Bool { path.hasSuffix(".swift") }

    /// Whether this is a test or what only tests use.
    var isTest: Bool { path.hasPrefix("Tests/") }

    /// Whether this is a part of the house, not of its tests, benchmarks or tools.
    var isSource: Bool { path.hasPrefix("Sources/") }

    /// The room that this file is in, where it is one of the house or a benchmark.
    var room: (name: String, floor: Int?)? {
        let parts = path.split(separator: "/")
        guard parts.count > 2 else { return nil }
        let name = String(parts[1])
        switch parts[0] {
        case "Sources": return (name, Floors.floor(of: name))
        case "Benchmarks": return (name, Floors.programs)
        default: return nil
        }
    }
}
