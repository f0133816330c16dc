// Real kills of a real process on a real directory: a writer is started, killed at a random moment,
// and the store is opened and held against what the writer said was acknowledged.

internal import Glibc
internal import MnemeBase
internal import MnemeModel
internal import MnemeStore

/// The loop.
struct KillLoop {
    static let usage = """
        usage: mneme-simulate kill-loop [OPTION ...]

        Starts a process that imports, or writes a mixed workload with four threads, kills it with
        SIGKILL at a random moment, opens the store, and checks that everything acknowledged is
        there, nothing is there by halves, and verify finds nothing. Both workloads take turns.

          --rounds N         kills (20)
          --directory PATH   where the stores are made (a new directory under /tmp, removed when
                             all went well)
          --seed N           of workloads and moments (drawn, and printed)
          --longest N        milliseconds until a kill at most (1200)
        """

    private var rounds = 20
    private var directory: String?
    private var seed = RealRandomness().next() >> 16
    private var longest = 1200

    static func run(_ arguments: [String]) -> Int32 {
        if arguments.first == "write" { return KillWriter.run(Array(arguments.dropFirst())) }
        if arguments.contains("--help") || arguments.contains("-h") {
            print(usage)
            return 0
        }
        guard let loop = KillLoop(arguments) else {
            print(usage)
            return 2
        }
        do throws(LoopFailure) {
            try loop.run()
            return 0
        } catch {
            print("FAILED: \(error.description)\n  again: --seed \(loop.seed)")
            return 1
        }
    }

    private init?(_ arguments: [String]) {
        var rest = arguments[...]
        while let name = rest.popFirst() {
            guard let value = rest.popFirst() else {
                Program.misused(name, nil)
                return nil
            }
            switch (name, UInt64(value)) {
            case ("--directory", _): directory = value
            case ("--rounds", let number?): rounds = Int(clamping: number)
            case ("--seed", let number?): seed = number
            case ("--longest", let number?): longest = Int(clamping: number)
            default:
                Program.misused(name, value)
                return nil
            }
        }
    }

    private func run() throws(LoopFailure) {
        let directory = directory ?? "/tmp/mneme-kill-loop-\(getpid())"
        print("seed \(seed), in \(directory)")
        let dice = SeededRandomness(seed: seed)
        var victims = LoopKind.allCases.map {
            KillVictim(kind: $0, directory: "\(directory)/\($0.rawValue)", seed: seed)
        }
        for round in 0..<rounds {
            let index = round % victims.count
            let delay = 20 + dice.below(max(longest - 20, 1))
            try victims[index].run(round: round, milliseconds: delay)
        }
        for index in victims.indices { try victims[index].check(all: true) }
        if self.directory == nil { for victim in victims { victim.remove() } }
        unsafe rmdir(directory)
        print("\(rounds) kills: nothing acknowledged was lost, nothing was there by halves")
    }
}

/// What went wrong.
struct LoopFailure: Error {
    var description: String
}
