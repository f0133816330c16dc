// How much the rows of an answer may come to together, such as the tokens that a prompt has room
// for.

/// A bound on the sum of a field over the rows of an answer.
///
/// Rows are taken in their order until the next one would pass it; no later one takes the place of
/// that.
public struct Budget: Hashable, Sendable {
    /// A field of numbers, which counts as it is; or one of text, which counts as the tokens that
    /// it is estimated to have: a quarter of its bytes in UTF-8, rounded up.
    public var field: String
    /// The rows come to at most so much; 0 or more.
    public var most: Int

    /// A budget of its parts.
    public init(_ field: String, most: Int) {
        self.field = field
        self.most = most
    }

    /// So many rows are looked at where no limit is given beside a budget.
    public static let limit = 1000

    /// What the rows of an answer come to.
    public struct Spent: Hashable, Sendable {
        /// The sum over the rows: an int, or of a field of floats a float.
        public var used: Value
        /// How many rows within the limit were left out.
        public var leftOut: Int

        /// What was spent, of its parts.
        public init(used: Value, leftOut: Int) {
            self.used = used
            self.leftOut = leftOut
        }
    }
}

extension Find {
    /// The same question with a budget, which looks at so many rows at most.
    public func within(_ budget: Budget, limit: Int = Budget.limit) -> Find {
        var find = self
        find.budget = budget
        find.limit = limit
        return find
    }
}
