// Which seeds, and how; and what is said of those that fail.

internal import CrashHarness
internal import Glibc
internal import MnemeBase

struct SeedPlan {
    private var first: UInt64 = 0
    private var count: UInt64 = 100
    private var kinds = RunKind.allCases
    private var options = SimulationOptions()
    private var bug: PlantedBug?
    private var kept: Selection?
    private var shrinks = true
    private var isTraced = false
    private var isVerbose = false

    /// Nil when the arguments make no sense.
    init?(_ arguments: [String]) {
        var rest = arguments[...]
        while let name = rest.popFirst() {
            switch name {
            case "--verbose": isVerbose = true
            case "--trace": isTraced = true
            case "--whole": shrinks = false
            default:
                let value = rest.popFirst()
                guard let value, take(name, value) || takeCount(name, value) else {
                    Program.misused(name, value)
                    return nil
                }
            }
        }
        if kept != nil, count != 1 || kinds.count != 1 {
            print("--keep is of one seed and one kind; give --seed and --kind.\n")
            return nil
        }
    }

    private mutating func take(_ name: String, _ value: String) -> Bool {
        switch name {
        case "--from" where value == "fresh": first = RealRandomness().next() >> 16
        case "--seed":
            guard value == "fresh" || UInt64(value) != nil else { return false }
            first = UInt64(value) ?? RealRandomness().next() >> 16
            count = 1
        case "--seeds" where UInt64(value) == nil:
            guard let dots = value.firstRange(of: ".."),
                let low = UInt64(value[..<dots.lowerBound]),
                let high = UInt64(value[dots.upperBound...]), low <= high, high < .max
            else { return false }
            (first, count) = (low, high - low + 1)
        case "--kind":
            guard let kind = RunKind(rawValue: value) else { return false }
            kinds = [kind]
        case "--bug":
            guard let bug = PlantedBug(rawValue: value) else { return false }
            self.bug = bug
        case "--keep":
            guard let kept = Selection(value) else { return false }
            self.kept = kept
        case "--steps" where value == "all": options.endings = nil
        default: return false
        }
        return true
    }

    private mutating func takeCount(_ name: String, _ value: String) -> Bool {
        guard let number = UInt64(value) else { return false }
        switch name {
        case "--seeds": count = number
        case "--from": first = number
        case "--steps": options.endings = Int(clamping: number)
        case "--outcomes": options.outcomes = Int(clamping: number)
        case "--operations": options.operations = Int(clamping: number)
        case "--after": options.operationsAfter = Int(clamping: number)
        case "--depth": options.depth = Int(clamping: number)
        default: return false
        }
        return true
    }

    /// Whether all seeds were clean.
    func run() -> Bool {
        var recoveries = 0
        var failures = 0
        for seed in first..<(first + count) {
            if isVerbose { print("seed \(seed)") }
            for kind in kinds {
                let run = SeedRun(seed: seed, kind: kind, options: options, bug: bug)
                let outcome = run.run(trace: isTraced && kept == nil ? Self.say : Self.silent)
                recoveries += outcome.recoveries
                guard let failure = outcome.failure else { continue }
                failures += 1
                report(failure, seed, kind, outcome)
            }
            fflush(nil)
        }
        print("seeds \(first)..\(first + count - 1): \(failures) failed, \(recoveries) recoveries")
        return failures == 0
    }

    private static let silent: @Sendable (String) -> Void = { _ in }

    private static let say: @Sendable (String) -> Void = { line in
        print(line)
        fflush(nil)
    }

    private func report(
        _ failure: HarnessFailure,
        _ seed: UInt64,
        _ kind: RunKind,
        _ outcome: SeedRun.Outcome
    ) {
        let again = "mneme-simulate --seed \(seed) --kind \(kind.rawValue) \(spelled)"
        guard let script = outcome.script else {
            print("\(failure)\n  again: \(again)")
            return
        }
        if let kept {
            replay(kept, script, outcome.stage)
            return
        }
        print("\(failure)\n  again: \(again) --trace --whole")
        guard shrinks else { return }
        var shrinking = Shrinking(script, outcome.stage)
        guard let smallest = shrinking.shrink(),
            let small = script.selecting(shrinking.selection)
        else {
            print("carried out from its script alone, it does not fail.")
            return
        }
        print("of \(script.count) operations these fail too:\n\(small)\nwith: \(smallest)")
        print("  again: \(again) --trace --keep '\(shrinking.selection)'")
    }

    /// Carries out what is kept of a script.
    private func replay(_ kept: Selection, _ script: Script, _ stage: ScriptStage) {
        guard let small = script.selecting(kept) else {
            print("the seed's failing run has no such parts; is this the same commit?")
            return
        }
        do throws(HarnessFailure) {
            try stage.run(small, trace: isTraced ? Self.say : Self.silent)
            print("what is kept of the run does not fail")
        } catch {
            print("\(small)\nfails with: \(error)")
        }
    }

    private var spelled: String {
        "--steps \(options.endings.map(String.init) ?? "all") --outcomes \(options.outcomes) "
            + "--operations \(options.operations) --after \(options.operationsAfter) "
            + "--depth \(options.depth)" + (bug.map { " --bug \($0.rawValue)" } ?? "")
    }
}
