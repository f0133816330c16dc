// The verbs, and what to say where they are misused.

internal import CrashHarness

enum Program {
    private static let bugs = PlantedBug.allCases.map(\.rawValue).joined(separator: ", ")
    private static let kinds = RunKind.allCases.map(\.rawValue).joined(separator: ", ")

    static let usage = """
        usage: mneme-simulate [OPTION ...]
               mneme-simulate flips [--count N] [--records N] [--seed N]
               mneme-simulate kill-loop [OPTION ...]
               mneme-simulate kill-server [OPTION ...]

        Runs workloads on a simulated disk, ends the process or cuts the power at their steps, has
        the disk fail and read back what was not written, opens what is left and holds everything
        that can be read against an oracle. Clock, chance and the order of background work follow
        from the seed: a seed and the commit say what happens. A seed that fails is made small.

          --seeds A..B       these seeds, B among them; or so many (100)
          --seed N           this one seed; a fresh one with "fresh"
          --from N           the first of so many seeds (0); a fresh one with "fresh"
          --kind NAME        one kind of run in place of all: \(kinds)
          --trace            says what is done, before it is done
          --keep TEXT        only what TEXT says of the one seed's failing run; see what it prints
          --whole            does not make failing runs small
          --steps N|all      endings gone into for each seed (5)
          --outcomes N       worlds for each ending (1)
          --operations N     operations of a workload (24)
          --after N          operations after each recovery (4)
          --depth N          recoveries inside recoveries (2)
          --bug NAME         plants a bug: \(bugs)
          --verbose          a line for each seed before it runs

        flips: flips one byte among those that a cleanly closed store needs, half of them in the
        log and half in the page file, COUNT times (5000) in a store of so many records (10000),
        and counts whether everything was answered rightly or the damage was named, and when.

        Exit status: 0 where all is well, 1 where a seed failed (its lines say how to run it again),
        2 for wrong arguments.
        """

    static func run(_ arguments: [String]) -> Int32 {
        switch arguments.first {
        case "kill-loop": return KillLoop.run(Array(arguments.dropFirst()))
        case "kill-server": return KillServer.run(Array(arguments.dropFirst()))
        case "flips": return FlipsVerb.run(Array(arguments.dropFirst()))
        default: break
        }
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
