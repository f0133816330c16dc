// Questions that are asked often, of one owner after another: checked once, and planned once for
// each owner as long as neither the schema nor who the owners are changes.

package import MnemeModel
internal import MnemeTree
internal import Synchronization

/// A plain question that is ready to be asked.
///
/// For any thread.
package final class PreparedQuestion: Sendable {
    /// How an owner's records are come by.
    enum Way: Sendable {
        /// There is no such owner.
        case nobody
        /// All entries of a range, in their order.
        case range(TreeRange, isReversed: Bool)
        /// By an answer to the question as it was asked.
        case answer
    }

    private struct Known {
        var catalogVersion: UInt32 = 0
        var nextOwner: UInt32 = 0
        var ways: [String: Way] = [:]
    }

    /// No more owners are remembered.
    private static let limit = 4096

    /// The question without an owner, its filter's values as the fields keep them.
    let find: Find
    /// What views of its records have.
    package let shape: RecordShape
    private let known = Mutex(Known())

    init(_ find: Find, _ shape: RecordShape) {
        self.find = find
        self.shape = shape
    }

    /// The way to an owner's records in a state.
    func way(to owner: String, _ state: StoreState) -> Way? {
        known.withLock { known in
            guard known.catalogVersion == state.catalog.version,
                known.nextOwner == state.roots.nextOwner
            else { return nil }
            return known.ways[owner]
        }
    }

    /// Remembers a way; an older state than the last one's leaves nothing.
    func note(_ way: Way, to owner: String, _ state: StoreState) {
        known.withLock { known in
            let (version, next) = (state.catalog.version, state.roots.nextOwner)
            guard version >= known.catalogVersion, next >= known.nextOwner else { return }
            if version > known.catalogVersion || next > known.nextOwner
                || known.ways.count >= Self.limit
            {
                known = Known(catalogVersion: version, nextOwner: next)
            }
            known.ways[owner] = way
        }
    }
}
