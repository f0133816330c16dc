// The crash harness as a program.

import CrashHarness

for seed in 0..<UInt64(CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 10) {
    let simulation = Simulation(seed: seed)
    do {
        try simulation.run()
        print("seed \(seed): \(simulation.recoveries) recoveries")
    } catch {
        print("FAILED \(error)")
    }
}
