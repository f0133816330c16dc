// Import declarations, with their attributes, access modifier and kind.

/// What an import line brings in.
struct ImportLine: Equatable {
    /// The module, without a submodule or symbol.
    let module: String
    /// The access modifier, where there is one.
    let access: String?

    private static let modifiers: Set<Substring> = [
        "public", "package", "internal", "fileprivate", "private",
    ]
    private static let kinds: Set<Substring> = [
        "struct", "class", "enum", "protocol", "typealias", "func", "let", "var",
    ]

    /// Parses a line of code (without comments); nil where it is no import.
    init?(_ line: String) {
        var words = line.split(whereSeparator: \.isWhitespace)[...]
        while words.first?.hasPrefix("@") == true { words.removeFirst() }
        access = words.first.flatMap { Self.modifiers.contains($0) ? String($0) : nil }
        if access != nil { words.removeFirst() }
        guard words.popFirst() == "import" else { return nil }
        if let kind = words.first, Self.kinds.contains(kind) { words.removeFirst() }
        guard let name = words.first?.prefix(while: { $0 != "." && $0 != ";" }), !name.isEmpty
        else {
            return nil
        }
        module = String(name)
    }
}
