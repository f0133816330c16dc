// Claiming where each record has a patch of its own: who claims says which records he would take
// and what would become of each, and the writer takes the first of those that are still as they
// were seen.

package import MnemeModel

/// What a claimer would take.
package struct ClaimProposal: Sendable {
    /// A patch for each record, best first, with the version that was seen.
    package var patches: [Patch]
    /// Whether there may be more records than these.
    package var hasMore: Bool

    /// A proposal of its parts.
    package init(patches: [Patch], hasMore: Bool) {
        self.patches = patches
        self.hasMore = hasMore
    }
}

extension Store {
    /// How often it is looked for more before fewer are taken.
    private static let mostProposals = 12

    /// Takes the first records of a proposal in one commit, each for one claimer.
    ///
    /// `propose` is asked for so many records of a snapshot, and again, for more, where others took
    /// what it proposed.
    ///
    /// - Throws: what `propose` throws; as patches; `conflict`.
    package func claim(
        limit: Int,
        _ durability: Durability = .synced,
        _ propose: (Snapshot, Int) throws(MnemeError) -> ClaimProposal
    ) throws(MnemeError) -> Claimed {
        try checkWritable()
        var most = 2 * limit + 32
        for attempt in 1...Self.mostProposals {
            let isLast = attempt == Self.mostProposals
            let snapshot = snapshot()
            let proposal = try propose(snapshot, most)
            let seen = proposal.patches
            if seen.isEmpty {
                return Claimed(references: [], versions: [], sequence: snapshot.sequence)
            }
            let hasMore = !isLast && proposal.hasMore
            do throws(MnemeError) {
                let committed = try commit(
                    durability,
                    once: nil,
                    seen: snapshot.catalog.version
                ) { (preparation) throws(MnemeError) in
                    var prepared: [PreparedPatch] = []
                    prepared.reserveCapacity(seen.count)
                    for patch in seen { prepared.append(try preparation.prepare(patch)) }
                    return [
                        .claim(PreparedClaim(patches: prepared, limit: limit, hasMore: hasMore))
                    ]
                }
                return Claimed(committed)
            } catch {
                guard error.code == .conflict, !isLast else { throw error }
            }
            most *= 2
        }
        throw MnemeError(.conflict, "others claim faster than can be looked; claim again")
    }
}
