// A failing run becomes a small one that fails again, and can be named on a command line.

import CrashHarness
import Synchronization
import Testing

@Suite struct ShrinkingTests {
    @Test("A failing seed is made small, and what is left fails again")
    func shrinks() throws {
        let bug = PlantedBug.reusedPlace
        let found = try #require(
            (0..<bug.seedsToFind).lazy.map {
                SeedRun(seed: $0, kind: .endings, bug: bug).run()
            }.first { $0.failure != nil }
        )
        let script = try #require(found.script)
        let whole = #expect(throws: HarnessFailure.self) { try found.stage.run(script) }
        var shrinking = Shrinking(script, found.stage, budget: 400)
        let left = shrinking.shrink()
        #expect(left != nil && left?.kind == whole?.kind)
        let selection = shrinking.selection
        let small = try #require(script.selecting(selection))
        #expect(small.count < script.count)
        #expect(Selection(selection.description) == selection)
        let lines = Mutex<[String]>([])
        #expect(throws: HarnessFailure.self) {
            try found.stage.run(small) { line in lines.withLock { $0.append(line) } }
        }
        #expect(lines.withLock { $0.count } > small.count)
    }

    @Test("A run that does not fail is not made small")
    func nothingToShrink() throws {
        let bug = PlantedBug.reusedPlace
        let found = try #require(
            (0..<bug.seedsToFind).lazy.map {
                SeedRun(seed: $0, kind: .endings, bug: bug).run()
            }.first { $0.failure != nil }
        )
        let script = try #require(found.script)
        let whole = Simulation(seed: 0).stage
        var shrinking = Shrinking(script, whole, budget: 10)
        #expect(shrinking.shrink() == nil)
    }

    @Test func selectionsThatAreNoneAreRefused() {
        for text in ["", "x", "0", "0:a", "0:1[", "0:1[2", "0:1@2", "0:1@2.3.kill.x", "0:1!x"] {
            #expect(Selection(text) == nil, "\(text)")
        }
        #expect(Selection("0:@-1.3.kill.0/2:1,4[0.2]!1.2") != nil)
    }

    @Test("A seed does the same each time")
    func sameAgain() {
        let bug = PlantedBug.skippedDirectorySync
        let all = (0..<2).map { _ in
            (0..<6 as Range<UInt64>).map { seed in
                SeedRun(seed: seed, kind: .endings, bug: bug).run().failure?.description
            }
        }
        #expect(all[0] == all[1])
        #expect(all[0].contains { $0 != nil })
    }
}
