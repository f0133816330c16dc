// Expressions over the fields of one record: formats/expressions.md. They serve checks, generated
// fields and the conditions of partial indexes. An expression says the same of the same fields
// always: nothing in it depends on the time or on chance.

/// An expression: literals, fields, operators and functions.
///
/// Two expressions are equal when they are the same tree, however they were spelled.
public struct Expression: Hashable, Sendable {
    /// The tree.
    package var root: ExpressionNode

    /// The expression of a text, as on the page `formats/expressions.md`.
    ///
    /// - Throws: `badExpression`, with the column, counted in bytes from 1: for what is none, for
    ///   more than 4,096 bytes, 1,024 nodes or 64 levels.
    /// - Complexity: O(*n*) in the text.
    public init(_ text: String) throws(MnemeError) {
        var parser = try ExpressionParser(text)
        root = try parser.parse()
        let byteCount = description.utf8.count
        guard byteCount <= ExpressionLimit.byteCount else {
            throw MnemeError(
                .badExpression,
                "The expression has \(byteCount) bytes when it is spelled with its blanks and "
                    + "brackets; at most \(ExpressionLimit.byteCount) are allowed. Make it shorter."
            )
        }
    }

    /// An expression of its tree.
    ///
    /// - Precondition: the tree is in normal form and within the limits.
    package init(root: ExpressionNode) { self.root = root }

    /// The fields that it names, not what lies inside them.
    ///
    /// - Complexity: O(*n*) in the nodes.
    public var fields: Set<String> {
        var names: Set<String> = []
        root.addFields(to: &names)
        return names
    }

    /// The value for fields that are looked up by name; a field without a value is null.
    ///
    /// It is total: what cannot be computed is null, and no result is a float that is not finite,
    /// unless it was one in a field.
    ///
    /// - Complexity: O(*n*) in the nodes and in the sizes of the values that they see.
    package func evaluate(_ value: (String) -> Value) -> Value { root.evaluate(value) }

    /// Whether it holds for fields that are looked up by name; nil when that is not known.
    ///
    /// A check that is not known holds; a record for which a condition is not known is not among
    /// those that it chooses.
    package func holds(_ value: (String) -> Value) -> Bool? { root.holds(value) }
}

extension Expression: CustomStringConvertible {
    /// The canonical spelling; the expression of it is this one.
    ///
    /// - Complexity: O(*n*) in its bytes.
    public var description: String {
        var writer = ExpressionWriter()
        writer.write(root, at: .or)
        return writer.text
    }
}
