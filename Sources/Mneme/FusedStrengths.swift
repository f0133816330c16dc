// What becomes of the strengths of one signal when the signals are put together, so that the parts
// of a score add up whichever way that is done. Pure.

internal import MnemeModel

extension RecallFusion {
    /// What is added to a place: the higher, the less the first ones stand out.
    private static let places: Float = 60

    /// The strengths of a signal, 0…1, as they are added up: [memories].
    ///
    /// By places, those that are equal share one, and what has no strength has none.
    ///
    /// - Complexity: O(memories · log memories).
    func strengths(_ values: [Float]) -> [Float] {
        switch self {
        case .weighted: return values
        case .reciprocalRank:
            let order = values.indices.filter { values[$0] > 0 }.sorted { values[$0] > values[$1] }
            var fused = [Float](repeating: 0, count: values.count)
            var place: Float = 1
            for (index, number) in order.enumerated() {
                if index > 0, values[number] < values[order[index - 1]] {
                    place = Float(index + 1)
                }
                fused[number] = (1 + Self.places) / (place + Self.places)
            }
            return fused
        case .relativeScore:
            guard let least = values.min(), let most = values.max(), most > least else {
                return values.map { $0 > 0 ? 1 : 0 }
            }
            return values.map { ($0 - least) / (most - least) }
        }
    }

    /// Candidates with their scores put together in this way, best first.
    func fused(_ scored: [Scored]) -> [Scored] {
        if self == .weighted { return scored }
        var parts = scored.map(\.parts)
        for signal in Signal.allCases {
            var places: [(candidate: Int, part: Int)] = []
            for candidate in parts.indices {
                if let part = parts[candidate].firstIndex(where: { $0.signal == signal }) {
                    places.append((candidate, part))
                }
            }
            let known = places.map { Float(parts[$0.candidate][$0.part].strength) }
            for (place, strength) in zip(places, strengths(known)) {
                parts[place.candidate][place.part].strength = Double(strength)
            }
        }
        return zip(scored, parts).map { Scored($0.candidate, $1) }.sorted(by: Scored.isBetter)
    }
}
