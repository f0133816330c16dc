// Stands in for the expression language until it is merged.

/// An expression.
public struct Expression: Hashable, Sendable, CustomStringConvertible {
    /// Its text.
    public let description: String
    /// Takes any text.
    public init(_ text: String) throws(MnemeError) { description = text }
    /// The fields that it names.
    public var fields: Set<String> { [] }
    package func evaluate(_ value: (String) -> Value) -> Value { .null }
    package func holds(_ value: (String) -> Value) -> Bool? { nil }
}
