// How good a ranking is, where a list of what is relevant is known. Relevance is binary.

internal import Glibc

/// A ranking, best first, against what is relevant.
struct Relevance {
    private let hits: [Bool]
    private let relevantCount: Int

    /// A ranking of distinct ids against the ids that are relevant.
    init<ID: Hashable>(of ranked: [ID], against relevant: Set<ID>) {
        hits = ranked.map { relevant.contains($0) }
        relevantCount = relevant.count
    }

    /// The part of what is relevant that stands among the first `k`; 0 where nothing is relevant.
    func recall(at k: Int) -> Double {
        guard relevantCount > 0 else { return 0 }
        return Double(hits.prefix(k).count { $0 }) / Double(relevantCount)
    }

    /// Discounted cumulative gain of the first `k` over that of the best ranking there could be:
    /// place *i*, from 1, counts 1 / log2(*i* + 1) (Järvelin and Kekäläinen 2002).
    func discountedGain(at k: Int) -> Double {
        let best = (0..<min(k, relevantCount)).reduce(0.0) { $0 + Self.discount($1) }
        guard best > 0 else { return 0 }
        let gain = hits.prefix(k).enumerated().reduce(0.0) { sum, place in
            place.element ? sum + Self.discount(place.offset) : sum
        }
        return gain / best
    }

    /// One over the place of the first relevant one, from 1; 0 where none is in the ranking.
    var reciprocalRank: Double {
        guard let place = hits.firstIndex(of: true) else { return 0 }
        return 1 / Double(place + 1)
    }

    private static func discount(_ offset: Int) -> Double { 1 / log2(Double(offset + 2)) }
}

/// The mean of something over rankings; 0 of nothing.
func mean(_ rankings: [Relevance], _ figure: (Relevance) -> Double) -> Double {
    guard !rankings.isEmpty else { return 0 }
    return rankings.reduce(0) { $0 + figure($1) } / Double(rankings.count)
}

/// Rankings put together by reciprocal rank.
///
/// An id's score is the sum of 1 / (60 + place) over the
/// rankings that hold it (Cormack, Clarke and Büttcher 2009). Ties keep the order of appearance.
func fusedByRank<ID: Hashable>(_ rankings: [[ID]], constant: Double = 60) -> [ID] {
    var scores: [ID: Double] = [:]
    var order: [ID] = []
    for ranking in rankings {
        for (offset, id) in ranking.enumerated() {
            if scores[id] == nil { order.append(id) }
            scores[id, default: 0] += 1 / (constant + Double(offset + 1))
        }
    }
    let appearance = Dictionary(uniqueKeysWithValues: zip(order, order.indices))
    return order.sorted { left, right in
        let (a, b) = (scores[left] ?? 0, scores[right] ?? 0)
        return a == b ? (appearance[left] ?? 0) < (appearance[right] ?? 0) : a > b
    }
}
