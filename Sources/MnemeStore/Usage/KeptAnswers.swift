// Answers under idempotency keys that tell of an owner: a purge takes them, and the proof that an
// owner is gone looks for them. Whose an answer is says only the batch that it is of; what it hands
// out may have been somebody else's.

internal import MnemeModel
internal import MnemePages

extension StateReader {
    /// Answers under idempotency keys that name one of some records, or hand out a record that was
    /// an owner's or of those below; but for those that are of `owners` themselves.
    ///
    /// - Complexity: O(bytes of all answers that are kept).
    func keptAnswers(
        about owner: String,
        _ owners: Set<UInt32>,
        naming gone: Set<Reference>
    ) throws(StoreError) -> [(ordinal: UInt64, entry: OrdinalEntry)] {
        guard let once = state.catalog.once else { return [] }
        var answers: [(ordinal: UInt64, entry: OrdinalEntry)] = []
        for ordinal in try ordinals(under: StoreKeys.records(once.number)) {
            guard let entry = try self.entry(ordinal), !owners.contains(entry.owner) else {
                continue
            }
            let kept = OnceKey.kept(try stored(ordinal), once)
            // Who cannot read it cannot tell whom it is about: it counts.
            let isAbout =
                kept.map { kept in
                    kept.evicted.contains(where: gone.contains)
                        || kept.outcomes.contains { outcome in
                            outcome.references.contains(where: gone.contains)
                                || outcome.record.map { isOf(owner, $0) } ?? false
                        }
                } ?? true
            if isAbout { answers.append((ordinal, entry)) }
        }
        return answers
    }

    /// Whether a record that was handed out is an owner's or of those below; of a collection that
    /// is not there any more nobody can tell, and it counts.
    private func isOf(_ owner: String, _ record: Record) -> Bool {
        guard let collection = try? state.catalog.collection(record.reference.collection) else {
            return true
        }
        guard let field = collection.schema.roles.owner, let path = record[field].text else {
            return false
        }
        return path == owner || path.hasPrefix(owner + "/")
    }
}

extension Committed.Outcome {
    /// The record that it names.
    private var named: Reference? {
        switch self {
        case .put(let reference): reference
        case .putReturning(let put): put.reference
        case .patched(let patched): patched.reference
        case .deletedReturning(let record): record.reference
        case .superseded(let superseded): superseded.reference
        case .deleted, .linked, .linkedReturning, .unlinked: nil
        }
    }

    /// The records that it names; of an edge its ends.
    fileprivate var references: [Reference] {
        if case .linkedReturning(_, let edge?) = self { return [edge.from, edge.to] }
        return named.map { [$0] } ?? []
    }

    /// The record that it hands out.
    var record: Record? {
        switch self {
        case .putReturning(let made), .patched(let made): made.record
        case .deletedReturning(let record): record
        case .put, .deleted, .linked, .linkedReturning, .unlinked, .superseded: nil
        }
    }

    /// The edge that it hands out.
    var edge: Edge? {
        if case .linkedReturning(_, let edge) = self { edge } else { nil }
    }
}
