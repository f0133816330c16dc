// The whole tree of operations, through the public door, against a plain model: random schemas,
// records, questions, batches and transactions, with closing, reopening and rebuilding between.
//
// A seed that fails is printed with what is left of it once all steps are taken out without which
// it fails too. MNEME_TREE_SEED=seed runs one seed alone, and MNEME_TREE_SEED=fresh others than the
// fixed ones, which begin with MNEME_TREE_FIRST; MNEME_TREE_STEPS=count does so many steps.

import Foundation
import MnemeBase
import MnemeModel
import MnemeStore
import Testing

@testable import Mneme

@Suite struct OperationTreeTests {
    private static let stepsPerRun = 500
    private static let firstSeed: UInt64 =
        ProcessInfo.processInfo.environment["MNEME_TREE_FIRST"].flatMap { UInt64($0) } ?? 1000

    @Test func everyAnswerIsTheModels() throws {
        let variable = { (name: String) in ProcessInfo.processInfo.environment[name] }
        let steps = variable("MNEME_TREE_STEPS").flatMap { Int($0) } ?? 100_000
        let given = variable("MNEME_TREE_SEED").flatMap { UInt64($0) }
        let isFresh = variable("MNEME_TREE_SEED") == "fresh"
        let first = given ?? (isFresh ? Self.freshSeed : Self.firstSeed)
        guard let sums = Self.run(from: first, steps: given == nil ? steps : 1) else { return }
        guard given == nil, steps >= 100_000 else { return }
        // Chance comes everywhere.
        for name in [
            "commit", "find", "count", "get", "getBy", "walk", "path", "begin", "claim",
            "forget", "deleteWhere", "define", "drop", "commitTransaction", "pattern", "history",
            "usage",
        ] {
            #expect(sums.asked[name, default: 0] > 50, "\(name): \(sums)")
        }
        let codes: [MnemeError.Code] = [
            .unknownCollection, .unknownField, .wrongType, .missingField, .danglingEdge,
            .badFilter, .tooLarge, .notFound, .badRequest, .schemaConflict, .duplicate,
            .checkFailed, .missingReference, .referenced, .conditionFailed, .conflict, .keyReused,
            .noHistory, .quotaExceeded,
        ]
        for code in codes { #expect(sums.refused[code, default: 0] > 5, "\(code): \(sums)") }
        #expect(sums.committedTransactions > 50, "\(sums)")
    }

    private static var freshSeed: UInt64 { RealRandomness().next() >> 16 }

    /// Runs seeds one after another; nil where one has failed.
    private static func run(from first: UInt64, steps: Int) -> TreeSums? {
        print("operation tree: first seed \(first), \(steps) steps")
        var sums = TreeSums()
        for run in 0..<max(1, steps / stepsPerRun) {
            let seed = first &+ UInt64(run)
            let all = Array(0..<stepsPerRun)
            guard let failure = TreeSearch.failure(seed, all, &sums) else { continue }
            Issue.record("\(TreeSearch.smallest(seed, failure))")
            return nil
        }
        print("operation tree: \(sums)")
        return sums
    }

    /// What nobody holds a transaction against is seen in what it was told.
    @Test(arguments: PlantedFault.allCases)
    func aPlantedBugIsFound(bug: PlantedFault) {
        var sums = TreeSums()
        for seed in UInt64(1)...200 {
            let all = Array(0..<Self.stepsPerRun)
            guard let failure = TreeSearch.failure(seed, all, &sums, bug.faults) else { continue }
            #expect(failure.message.hasPrefix("committed, and it is not so"), "\(failure.message)")
            return
        }
        Issue.record("no run shows the bug")
    }

    /// Without a bug the same runs find nothing.
    @Test func contentionIsNoDifference() {
        var sums = TreeSums()
        for seed in UInt64(1)...20 {
            let failure = TreeSearch.failure(seed, Array(0..<500), &sums, TransactionFaults())
            #expect(failure == nil, "seed \(seed): \(failure?.message ?? "")")
        }
        #expect(sums.conflicts > 20 && sums.committedTransactions > 50, "\(sums)")
    }
}

/// A bug on purpose in what transactions are held against.
enum PlantedFault: String, CaseIterable {
    case records, ranges, scopes, edges, outcomes

    var faults: TransactionFaults {
        var faults = TransactionFaults()
        switch self {
        case .records: faults.forgetsRecords = true
        case .ranges: faults.forgetsRanges = true
        case .scopes: faults.forgetsScopes = true
        case .edges: faults.forgetsEdges = true
        case .outcomes: faults.forgetsOutcomes = true
        }
        return faults
    }
}

/// How often what was asked and refused.
struct TreeSums: CustomStringConvertible {
    var asked: [String: Int] = [:]
    var refused: [MnemeError.Code: Int] = [:]
    var conflicts = 0
    var committedTransactions = 0

    mutating func add(_ run: TreeRun) {
        asked.merge(run.asked) { $0 + $1 }
        refused.merge(run.refused) { $0 + $1 }
        conflicts += run.conflicts
        committedTransactions += run.committedTransactions
    }

    var description: String {
        let asked = asked.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        let refused = refused.sorted { $0.key.rawValue < $1.key.rawValue }
            .map { "\($0.key) \($0.value)" }
        return
            "asked \(asked.joined(separator: ", ")); refused \(refused.joined(separator: ", ")); "
            + "transactions committed \(committedTransactions), in conflict \(conflicts)"
    }
}

/// Runs, and the smallest one that fails.
enum TreeSearch {
    struct Failure {
        /// The steps that were taken, the last of which failed.
        let steps: [Int]
        let message: String
        let requests: [Request]
    }

    static func failure(
        _ seed: UInt64,
        _ steps: [Int],
        _ sums: inout TreeSums,
        _ faults: TransactionFaults? = nil
    ) -> Failure? {
        var taken: [Int] = []
        var run: TreeRun?
        do {
            let made = try TreeRun(seed: seed, faults: faults)
            run = made
            for step in steps {
                taken.append(step)
                try made.step(step)
            }
            try made.reopen(seed % 2 == 0 ? .openOrCreate : .rebuild)
            try made.memory.close()
            sums.add(made)
            return nil
        } catch {
            return Failure(steps: taken, message: "\(error)", requests: run?.history ?? [])
        }
    }

    /// Takes out steps as long as the run fails without them.
    static func smallest(_ seed: UInt64, _ failure: Failure) -> String {
        var best = failure
        var size = max(1, best.steps.count / 2)
        var tries = 0
        var sums = TreeSums()
        while size > 0, tries < 400 {
            var start = 0
            var isSmaller = false
            while start < best.steps.count, tries < 400 {
                var fewer = best.steps
                fewer.removeSubrange(start..<min(start + size, fewer.count))
                tries += 1
                if let other = self.failure(seed, fewer, &sums) {
                    best = other
                    isSmaller = true
                } else {
                    start += size
                }
            }
            size = size == 1 && isSmaller ? 1 : size / 2
        }
        let requests = best.requests.suffix(40).map { $0.json() }.joined(separator: "\n")
        return """
            seed \(seed), step \(failure.steps.last ?? -1): \(failure.message)
            smallest: steps \(best.steps): \(best.message)
            \(requests)
            """
    }
}
