// How a search is made: what each way would come to is worked out from how many codes there are,
// how many of them are in the scope, and how many of these may be in the answer.

package import MnemePages

extension VectorIndex {
    /// How to look for the nearest of a scope, where so much is known of who may be in the answer.
    ///
    /// A walk has a fallback, the better one of the other ways; it comes to it where it finds less
    /// than was asked for, or would cost more. `forced`: the way that is to be gone where it can
    /// be. `explains`: what was compared is told.
    /// - Throws: as `ColumnTree.find`.
    /// - Complexity: O(1) where there is neither a graph nor a list, else O(log² count).
    package func choice(
        _ limits: NearestLimits,
        in scope: VectorScope,
        of selection: NearestSelection,
        by forced: NearestTier? = nil,
        explains: Bool = false,
        view: PageView
    ) throws(VectorIndexError) -> NearestChoice {
        let walks = nodeCount > 0 && !limits.isExact
        guard walks || explains || selection.listed != nil else { return NearestChoice(.scan) }
        do throws(PageError) {
            let total = try tree.count(in: view)
            let costs = NearestCosts(codeByteCount: coder.shape.codeByteCount, count: total)
            // What is scanned in less time than any walk takes need not be counted well, where
            // nothing but codes is looked at.
            let isPlain =
                selection.listed == nil && selection.test == .none && forced == nil && !explains
            let enough = isPlain ? Int(min(GraphChoice.leastWorth(limits, costs), 1e9)) : 0
            let own = try estimate(scope, enough: enough, view)
            let weighing = Weighing(
                limits: limits,
                selection: selection,
                costs: costs,
                isAll: scope == .all,
                knowsOwner: scope.isOne || selection.isOwned,
                total: max(1, Double(total)),
                count: max(1, Double(own))
            )
            return weighing.choice(nodes: walks ? Int(nodeCount) : 0, by: forced, explains)
        } catch {
            throw .pages(error)
        }
    }

    /// So many owners are asked for; of more, some, and the rest is taken to be like them.
    private static let sampleCount = 32

    /// About how many codes a scope has.
    private func estimate(
        _ scope: VectorScope,
        enough: Int,
        _ view: PageView
    ) throws(PageError) -> Int {
        switch scope {
        case .all: return try tree.count(in: view)
        case .owner(let owner):
            return try tree.estimate(high: UInt64(owner), enough: enough, in: view)
        case .owners(let owners):
            let step = max(1, owners.count / Self.sampleCount)
            var (sum, asked) = (0, 0)
            for place in stride(from: 0, to: owners.count, by: step) {
                let share = enough / owners.count
                sum += try tree.estimate(high: UInt64(owners[place]), enough: share, in: view)
                asked += 1
            }
            return asked == owners.count
                ? sum : Int(Double(sum) / Double(max(asked, 1)) * Double(owners.count))
        }
    }
}

extension VectorScope {
    /// Whether it is one owner.
    fileprivate var isOne: Bool { if case .owner = self { true } else { false } }
}

/// What ways cost, in nanoseconds.
private struct Weighing {
    let limits: NearestLimits
    let selection: NearestSelection
    let costs: NearestCosts
    /// Whether everybody's vectors are meant.
    let isAll: Bool
    /// Whether the keys of listed vectors are known without a look at their records.
    let knowsOwner: Bool
    /// Codes of the index, and of the scope.
    let total: Double
    let count: Double

    /// About how many of the scope may be in the answer.
    private var passing: Double {
        guard let listed = selection.listed else { return count }
        let own = selection.isOwned ? Double(listed) : Double(listed) * count / total
        return max(1, min(own, count))
    }

    private var kept: Double { Double(max(1, limits.kept)) }
    /// About so many rows are scored, where codes tell vectors apart.
    private var rows: Double { limits.isExact ? passing : min(kept / 2, passing) }
    private var test: Double { NearestCosts.test(selection.test) }
    private var rest: Double { NearestCosts.test(selection.rest) }

    /// How many of so many entries are tested.
    private func tests(of all: Double) -> Double {
        limits.isExact ? all : GraphChoice.tests(kept: kept, passing: passing, of: all)
    }

    private var scan: Double {
        count * costs.scanned + tests(of: count) * test + rows * NearestCosts.row
    }

    /// A scan that tests by a set.
    private func marked(_ listed: Double) -> Double {
        let tests = tests(of: count)
        return listed * (NearestCosts.listed + NearestCosts.member) + count * costs.scanned
            + tests * (NearestCosts.setTest + rest * passing / count) + rows * NearestCosts.row
    }

    private func survivors(_ listed: Double) -> Double {
        let looked = knowsOwner ? 0 : NearestCosts.owned
        return listed * (NearestCosts.listed + looked + costs.gathered)
            + tests(of: listed) * rest + rows * NearestCosts.row
    }

    func choice(nodes: Int, by forced: NearestTier?, _ explains: Bool) -> NearestChoice {
        var choice = NearestChoice(.scan)
        var best = scan
        if let listed = selection.listed.map(Double.init) {
            let marked = marked(listed)
            let survivors = survivors(listed)
            choice.marks = marked < best
            best = min(best, marked)
            if explains {
                choice.considered.append(candidate(.scan, count, best))
                choice.considered.append(candidate(.survivors, listed, survivors))
            }
            if forced == .survivors || forced != .scan && survivors < best {
                choice.fallback = .survivors
                best = survivors
            }
        } else if explains {
            choice.considered.append(candidate(.scan, count, best))
        }
        choice.tier = choice.fallback
        if nodes > 0 { weigh(&choice, best, nodes: nodes, by: forced, explains) }
        return choice
    }

    /// Takes the walk where it costs less than the best of the others.
    private func weigh(
        _ choice: inout NearestChoice,
        _ best: Double,
        nodes: Int,
        by forced: NearestTier?,
        _ explains: Bool
    ) {
        let share = passing / total
        let beam = Double(GraphChoice.beam(for: limits))
        let wide = beam / min(1, share)
        choice.testsOnWay = !isAll && selection.test != .record && share < 0.3
        choice.beam = Int(choice.testsOnWay ? beam : min(wide, Double(GraphChoice.widest)))
        let scores = GraphChoice.scores(beam: wide)
        let found = max(kept, beam / Double(GraphChoice.keptShare))
        let tests =
            choice.testsOnWay
            ? 3 * wide * (NearestCosts.setTest + test) : found * count / passing * test
        let cost = scores * costs.walked + tests + rows * NearestCosts.row
        if explains { choice.considered.append(candidate(.walk, scores, cost)) }
        let isNarrow = wide <= Double(GraphChoice.widest) && limits.kept <= GraphChoice.widest
        if forced == .walk {
            choice.tier = .walk
            choice.most = .max
            return
        }
        guard forced == nil, isNarrow else { return }
        // Who asks for a beam over everything wants a walk, as long as it does not come to all.
        // Behind a filter it is asked for what costs least, how wide the beam may be.
        let isFiltered = selection.listed != nil || selection.test == .record
        let isAsked = isAll && limits.beam != nil && !limits.isGuess && !isFiltered
        let most = max(nodes, GraphChoice.asked)
        if isAsked, choice.fallback == .scan || cost < best, scores < Double(most) {
            choice.tier = .walk
            choice.most = most
        } else if !isAsked, cost < best {
            choice.tier = .walk
            choice.most = Int(min(best / costs.walked + scores, 1e9))
        }
    }

    private func candidate(
        _ tier: NearestTier,
        _ codes: Double,
        _ cost: Double
    ) -> NearestChoice.Candidate {
        NearestChoice.Candidate(
            tier: tier,
            codes: Int(min(codes, 1e15)),
            cost: cost / costs.scanned
        )
    }
}
