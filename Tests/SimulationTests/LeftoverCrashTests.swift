// A cold segment that nobody mentions, as a compaction left it that ended too soon: it counts where
// there is no state, for as long as it has a header. So whatever ends the process while it is being
// removed, the log alone says what the store said, and a salvage finds nothing lost.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import CrashHarness
@testable import MnemeStore

@Suite struct LeftoverCrashTests {
    private static let seed: UInt64 = 5
    private static let cold = Driver.directory + "/log/cold-000000000001.log"

    /// The first world in which a compaction has made a cold segment and told nobody.
    private static func interrupted() throws -> (disk: SimulatedDisk, oracle: Oracle, by: Driver) {
        let disk = SimulatedDisk(seed: seed)
        let worlds = StepWorlds(disk)
        let driver = try NoteStore.driver(worlds.disk, disk, seed: seed)
        var oracle = driver.oracle
        oracle.hasLostPower = true
        _ = worlds.take()
        try driver.perform(NoteStore.compaction)
        let ended = worlds.take()
        let header = try #require(
            ended.firstIndex { $0.step == "write 4096 bytes at 0 of \(cold)" }
        )
        #expect(ended[header + 1].step == "sync \(cold)")
        return (ended[header + 1].disk, oracle, driver)
    }

    @Test("The removal of a cold segment that nobody mentions ends at every step")
    func everyStep() throws {
        let (left, oracle, before) = try Self.interrupted()
        let worlds = StepWorlds(left)
        let driver = Driver(
            disk: worlds.disk,
            world: left,
            shape: NoteStore.shape(seed: Self.seed),
            seed: Self.seed + 1,
            oracle: oracle,
            now: before.clock.now()
        )
        try driver.open()
        for _ in 0..<2 { try driver.perform(.checkpoint) }
        _ = worlds.take()
        try driver.perform(.upkeep([.compact]))
        let ended = worlds.take().filter { $0.step.hasSuffix(Self.cold) }
        #expect(ended.last?.step == "remove \(Self.cold)")
        let dice = SeededRandomness(seed: Self.seed)
        for (step, world) in ended {
            for round in 0..<12 {
                let cut = round == 0 ? world.crashKeepingAll() : world.crash(using: dice)
                let place = "\(step), cut \(round)"
                let salvage = Salvage(
                    of: Driver.directory,
                    to: nil,
                    options: driver.options(cut.crashKeepingAll(), seed: 1)
                )
                let report = try salvage.run()
                #expect(report.leftOutCount == 0, "\(place)")
                #expect(report.losses.allSatisfy { $0.frameCount == 0 }, "\(place)")
                try NextProcess(
                    shape: NoteStore.shape(seed: Self.seed),
                    seed: Self.seed,
                    then: [NoteStore.compaction]
                ).check(cut, driver.oracle, driver.clock.now(), place)
            }
        }
    }
}
