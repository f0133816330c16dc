// How memories are recalled where a call does not say: what a collection says of it.

/// How scores of several signals become one.
public enum RecallFusion: String, Hashable, Sendable, CaseIterable {
    /// The strengths themselves, by their weights.
    case weighted
    /// 61 / (60 + place) in each signal's own list, by their weights.
    case reciprocalRank
    /// Each signal's strengths stretched over 0…1 among the memories that are looked at, by their
    /// weights.
    case relativeScore
}

/// How the memories of a collection are recalled where a call does not say; what is nil is as the
/// engine has it.
public struct RecallRule: Hashable, Sendable {
    /// How much each signal counts.
    public var weights: RecallWeights?
    /// How the signals become one score.
    public var fusion: RecallFusion?
    /// Whether anything is guessed from the wording of a question.
    public var hints: Bool?
    /// Only memories whose best cosine is at least this.
    public var minimumSimilarity: Double?
    /// The type of edges whose `name` is another name of the record that they lead to.
    public var aliases: String?

    /// A rule of its parts.
    public init(
        weights: RecallWeights? = nil,
        fusion: RecallFusion? = nil,
        hints: Bool? = nil,
        minimumSimilarity: Double? = nil,
        aliases: String? = nil
    ) {
        self.weights = weights
        self.fusion = fusion
        self.hints = hints
        self.minimumSimilarity = minimumSimilarity
        self.aliases = aliases
    }
}

extension RecallRule {
    /// Checks the rule by itself.
    ///
    /// - Throws: `badSchema`, with the place.
    func validate(in collection: String) throws(MnemeError) {
        let place = "collection \"\(collection)\", recall"
        if let fault = weights?.fault { throw MnemeError(.badSchema, "\(place): \(fault)") }
        if let minimumSimilarity, !minimumSimilarity.isFinite {
            throw MnemeError(
                .badSchema,
                "\(place): minimumSimilarity is \(minimumSimilarity); give a finite number, or "
                    + "leave it out"
            )
        }
        if let aliases { try checkNames([aliases], of: "edge type", in: place) }
    }
}

extension RecallWeights {
    /// What is wrong with the weights: one that is not finite, or all of them together; nil where
    /// nothing is.
    package var fault: String? {
        let named = bySignal.sorted { $0.key.rawValue < $1.key.rawValue }
        for (name, weight) in named where !weight.isFinite {
            return "the weight of \(name.rawValue) is \(weight); give a finite number"
        }
        return named.reduce(0, { $0 + abs($1.value) }).isFinite
            ? nil : "the weights add up beyond all numbers; give smaller ones"
    }
}
