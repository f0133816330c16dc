// The way to a value: a field, and members of the objects in it.

/// A field and the members to follow into it: `data`, `data.theme`, `moods.name`.
public struct FieldPath: Hashable, Sendable {
    /// The field's name.
    public var field: String
    /// The names of members, outermost first; none for the field itself.
    public var members: [String]

    /// A path of its parts, divided by dots.
    ///
    /// Names with dots in them cannot be spelled so.
    public init(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        field = parts.first ?? ""
        members = Array(parts.dropFirst())
    }

    /// The field of a path with dots.
    package static func field(of text: String) -> String {
        guard let dot = text.utf8.firstIndex(of: UInt8(ascii: ".")) else { return text }
        return String(text[..<dot])
    }

    /// Whether it goes into the field.
    public var goesInside: Bool { !members.isEmpty }
}

extension FieldPath: CustomStringConvertible, ExpressibleByStringLiteral {
    /// A path of its parts, divided by dots.
    public init(stringLiteral value: String) { self.init(value) }

    /// The parts with dots between them.
    public var description: String { ([field] + members).joined(separator: ".") }
}
