// Arguments, and what is done for them.

internal import CrashHarness
internal import Glibc
internal import MnemeBase

enum Program {
    private static let bugs = PlantedBug.allCases.map(\.rawValue).joined(separator: ", ")

    static let usage = """
        usage: mneme-simulate [OPTION ...]
               mneme-simulate kill-loop [OPTION ...]
               mneme-simulate kill-server [OPTION ...]

        Runs workloads on a simulated disk, ends the process or cuts the power at their steps, opens
        what is left and holds everything that can be read against an oracle.

          --seeds N          so many seeds (100)
          --from N           the first of them (0); a fresh one with "fresh"
          --steps N|all      endings gone into for each seed (5)
          --outcomes N       worlds for each ending (1)
          --operations N     operations of a workload (24)
          --after N          operations after each recovery (4)
          --depth N          recoveries inside recoveries (2)
          --faults           failing syncs and writes and full disks instead of endings
          --bug NAME         plants a bug: \(bugs)
          --verbose          a line for each seed before it runs

        Exit status: 0 where all is well, 1 where a seed failed (its line says how to run it again),
        2 for wrong arguments.
        """

    static func run(_ arguments: [String]) -> Int32 {
        if arguments.first == "kill-loop" { return KillLoop.run(Array(arguments.dropFirst())) }
        if arguments.first == "kill-server" { return KillServer.run(Array(arguments.dropFirst())) }
        if arguments.contains("--help") || arguments.contains("-h") {
            print(usage)
            return 0
        }
        guard let plan = SeedPlan(arguments) else {
            print(usage)
            return 2
        }
        return plan.run() ? 0 : 1
    }

    /// Says which option makes no sense; the usage follows.
    static func misused(_ name: String, _ value: String?) {
        if let value {
            print("\(name) \(value): there is no such option, or it does not take this value.\n")
        } else {
            print("\(name): there is no such option, or its value is missing.\n")
        }
    }
}

/// Which seeds, and how.
struct SeedPlan {
    var first: UInt64 = 0
    var count: UInt64 = 100
    var options = SimulationOptions()
    var faults = false
    var bug: PlantedBug?
    var isVerbose = false

    /// Nil when the arguments make no sense.
    init?(_ arguments: [String]) {
        var rest = arguments[...]
        while let name = rest.popFirst() {
            switch name {
            case "--verbose": isVerbose = true
            case "--faults": faults = true
            default:
                let value = rest.popFirst()
                guard let value, take(name, value) else {
                    Program.misused(name, value)
                    return nil
                }
            }
        }
    }

    private mutating func take(_ name: String, _ value: String) -> Bool {
        switch (name, UInt64(value)) {
        case ("--steps", nil) where value == "all": options.endings = nil
        case ("--from", nil) where value == "fresh": first = RealRandomness().next() >> 16
        case ("--bug", _):
            guard let bug = PlantedBug(rawValue: value) else { return false }
            self.bug = bug
        case ("--seeds", let number?): count = number
        case ("--from", let number?): first = number
        case ("--steps", let number?): options.endings = Int(clamping: number)
        case ("--outcomes", let number?): options.outcomes = Int(clamping: number)
        case ("--operations", let number?): options.operations = Int(clamping: number)
        case ("--after", let number?): options.operationsAfter = Int(clamping: number)
        case ("--depth", let number?): options.depth = Int(clamping: number)
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
            do throws(HarnessFailure) {
                recoveries += try run(seed)
            } catch {
                failures += 1
                print("\(error)\n  again: mneme-simulate --from \(seed) --seeds 1 \(spelled)")
            }
            fflush(nil)
        }
        print("\(count) seeds from \(first): \(failures) failed, \(recoveries) recoveries")
        return failures == 0
    }

    private func run(_ seed: UInt64) throws(HarnessFailure) -> Int {
        if faults {
            try FaultSimulation(seed: seed, options: options).run()
            return 1
        }
        let simulation =
            bug?.simulation(seed: seed, options: options)
            ?? Simulation(seed: seed, options: options)
        try simulation.run()
        return simulation.recoveries
    }

    private var spelled: String {
        "--steps \(options.endings.map(String.init) ?? "all") --outcomes \(options.outcomes) "
            + "--operations \(options.operations) --after \(options.operationsAfter) "
            + "--depth \(options.depth)" + (faults ? " --faults" : "")
            + (bug.map { " --bug \($0.rawValue)" } ?? "")
    }
}
