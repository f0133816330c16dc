// Patterns inside a transaction: each node is a question over its collection, and where edges are
// followed, any edge that comes or goes may change the answer.

package import MnemeModel

extension StoreTransaction {
    /// Looks for records that stand to each other as a pattern says.
    ///
    /// - Throws: as `Snapshot.pattern`; `.noTransaction`, `.snapshotTooOld`.
    package func pattern(_ asked: Pattern) throws(MnemeError) -> Matched {
        try using { (state, branch) throws(MnemeError) in
            let snapshot = snapshot(branch)
            let pattern = try snapshot.checked(asked)
            for node in pattern.nodes {
                var find = node.find
                if let keys = node.keys {
                    let isOne = Filter.compare(
                        field: PseudoField.key,
                        .isIn(keys.map(\.value))
                    )
                    find.filter = find.filter.map { .and([$0, isOne]) } ?? isOne
                }
                state.reads.note(find, node.collection)
                note(made: node.collection, &state)
            }
            for step in pattern.steps {
                guard case .edges(let edges) = step.way else { continue }
                state.reads.noteAllEdges()
                noteFollowed(&state, branch)
                // What is passed through may come to be another owner's, or not to be true.
                guard edges.hops > 1, asked.owner != nil || asked.asOf != nil else { continue }
                for collection in branch.catalog.visibleCollections {
                    state.reads.note(allOf: collection)
                }
            }
            return try snapshot.pattern(asked)
        }
    }
}
