// Erasure under the harness: everything that was deleted or replaced goes at once, and the proof of
// it is asked for.

internal import MnemeBase
internal import MnemeModel
internal import MnemeStore

extension Driver {
    /// Has the store take everything out of its files that is not alive, and holds it to that.
    func eraseEverything() throws(HarnessFailure) {
        var isGone: Bool?
        // Of what it does the oracle knows nothing: no commit is durable because of it.
        try maintain(isFlush: false, retains: true) { (store) throws(MnemeError) in
            isGone = try store.eraseNow()
        }
        // Where the disk may fail, or where somebody looks at an older state, some of it stays.
        guard let isGone, let store, tolerated.isEmpty, kept.isEmpty, !isDamaged else { return }
        guard isGone else { throw HarnessFailure("not all of it is gone, and nobody holds it") }
        let state = oracle.newest
        for owner in state.lives.purged.sorted() {
            try check("owner \(owner)") { () throws(MnemeError) in
                try store.erasureProof(ofOwner: owner)
            }
        }
        guard let reference = state.gone.last(where: { state.records[$0] == nil }) else { return }
        try check("\(reference)") { () throws(MnemeError) in
            try store.erasureProof(of: reference)
        }
    }

    /// Expects a proof of erasure to find nothing.
    private func check(
        _ what: String,
        _ prove: () throws(MnemeError) -> ErasureProof
    ) throws(HarnessFailure) {
        let proof: ErasureProof
        do throws(MnemeError) { proof = try prove() } catch {
            throw HarnessFailure("the proof of erasure: \(error)")
        }
        guard proof.isErased else {
            let left = (proof.damage + proof.findings + proof.waiting).prefix(4).joined(
                separator: "; "
            )
            throw HarnessFailure("\(what) was erased, and there is still: \(left)")
        }
    }
}
