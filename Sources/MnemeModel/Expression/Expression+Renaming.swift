// The same expression where fields are called otherwise.

extension Expression {
    /// The expression with fields under other names.
    ///
    /// - Throws: `badExpression` where the names make it longer than an expression may be.
    /// - Complexity: O(*n*) in its bytes.
    package func renaming(_ names: [String: String]) throws(MnemeError) -> Expression {
        if fields.isDisjoint(with: names.keys) { return self }
        // Read again, it is held to the limits of every expression.
        return try Expression(Expression(root: root.renaming(names)).description)
    }
}

extension ExpressionNode {
    fileprivate func renaming(_ names: [String: String]) -> ExpressionNode {
        switch self {
        case .literal: self
        case .field(let name, let steps): .field(names[name] ?? name, steps)
        case .or(let parts): .or(parts.map { $0.renaming(names) })
        case .and(let parts): .and(parts.map { $0.renaming(names) })
        case .not(let part): .not(part.renaming(names))
        case .compare(let relation, let left, let right):
            .compare(relation, left.renaming(names), right.renaming(names))
        case .isNull(let part): .isNull(part.renaming(names))
        case .isIn(let part, let others):
            .isIn(part.renaming(names), others.map { $0.renaming(names) })
        case .between(let part, let low, let high):
            .between(part.renaming(names), low.renaming(names), high.renaming(names))
        case .like(let part, let pattern): .like(part.renaming(names), pattern)
        case .arithmetic(let operation, let left, let right):
            .arithmetic(operation, left.renaming(names), right.renaming(names))
        case .negate(let part): .negate(part.renaming(names))
        case .join(let parts): .join(parts.map { $0.renaming(names) })
        case .choice(let branches, let otherwise):
            .choice(
                branches.map { branch in
                    ExpressionBranch(
                        when: branch.condition.renaming(names),
                        then: branch.value.renaming(names)
                    )
                },
                otherwise: otherwise?.renaming(names)
            )
        case .call(let function, let arguments):
            .call(function, arguments.map { $0.renaming(names) })
        }
    }
}
