// Who may be in an answer, as far as it is known before anything is scored, and who they are where
// they were listed.

package import MnemePages

/// What is known of who may be in an answer, apart from the scope.
package struct NearestSelection: Equatable, Sendable {
    /// What it takes to say of one vector whether it may be in an answer.
    package enum Test: Sendable {
        /// Nothing: it may.
        case none
        /// A look at its record's ordinal: a few may not.
        case ordinal
        /// Its record has to be read.
        case record
    }

    /// About how many records can be listed so that all that may be in an answer are among them;
    /// nil where none can, and nobody knows how many these are.
    package var listed: Int?
    /// Whether all that are listed are of the scope, and their owner is known.
    package var isOwned = false
    /// What it takes to say it of any vector.
    package var test: Test
    /// What it takes to say it of one that is listed.
    package var rest: Test

    /// Everybody may, as far as a test says nothing else.
    package init(_ test: Test = .none) {
        self.test = test
        rest = test
    }

    /// Those that can be listed may, as far as a test says nothing else.
    package init(listed: Int, isOwned: Bool, test: Test, rest: Test) {
        self.listed = listed
        self.isOwned = isOwned
        self.test = test
        self.rest = rest
    }
}

/// Vectors of an index that were listed: owner above, ordinal below.
package struct NearestList: Sendable {
    /// The keys of their codes; some may have none.
    package private(set) var keys: [ColumnKey] = []

    /// A list of nobody, with room for so many.
    package init(room: Int = 0) { keys.reserveCapacity(room) }

    /// How many there are.
    package var count: Int { keys.count }

    /// Adds the vector of a record.
    ///
    /// - Precondition: it is not there yet.
    @inline(__always)
    package mutating func add(owner: UInt32, ordinal: UInt64) {
        keys.append(ColumnKey(UInt64(owner), ordinal))
    }
}
