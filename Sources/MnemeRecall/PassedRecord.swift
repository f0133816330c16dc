// Records that are not looked at any more, as what they say is over: what a question is held
// against to tell that one of them would have been found. Their words alone count.

/// A record that is not true any more, or whose time is over.
package struct PassedRecord: Sendable {
    /// Its ordinal.
    package let ordinal: UInt64
    /// Whether its time is over; else it is not true any more.
    package let isExpired: Bool
    private let stems: Set<UInt32>

    /// A record of its digest.
    package init(_ ordinal: UInt64, _ digest: Digest, isExpired: Bool) {
        self.ordinal = ordinal
        self.isExpired = isExpired
        stems = Set(digest.terms.map(\.stem))
    }

    /// The share of the words' weight that it says.
    fileprivate func share(of asked: AskedWords) -> Float {
        let total = asked.terms.reduce(0) { $0 + $1.weight }
        guard total > 0 else { return 0 }
        return asked.terms.reduce(0) { $0 + (stems.contains($1.stem) ? $1.weight : 0) } / total
    }
}

extension Timeline {
    /// So many passed records are kept with a timeline.
    package static let passedLimit = 256
    /// From which share of a question's words on one would have come near.
    private static let nearShare: Float = 0.5

    /// Passed records that say much of a question, the most first.
    ///
    /// - Complexity: O(passed records · words).
    package func passed(_ question: [AskedWord]) -> [(record: PassedRecord, share: Float)] {
        if passedRecords.isEmpty { return [] }
        let asked = AskedWords(question, self)
        var near: [(record: PassedRecord, share: Float)] = []
        for record in passedRecords {
            let share = record.share(of: asked)
            if share >= Self.nearShare { near.append((record, share)) }
        }
        return near.sorted { left, right in
            left.share != right.share
                ? left.share > right.share : left.record.ordinal < right.record.ordinal
        }
    }

    /// The words of a question without those of names that no record has, as long as any are left.
    ///
    /// `names`: the words of names that other ones stand for.
    package func without(_ names: [AskedWord], _ question: [AskedWord]) -> [AskedWord] {
        if names.isEmpty { return question }
        let holding = counts(of: names.map(\.stem))
        let unsaid = Set(zip(names, holding).filter { $0.1 == 0 }.map(\.0.stem))
        let rest = question.filter { !unsaid.contains($0.stem) }
        return rest.isEmpty ? question : rest
    }
}
