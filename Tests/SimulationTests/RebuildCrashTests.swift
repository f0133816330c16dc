// A power cut at every step of a rebuild: the next process finds the old pages or the new ones,
// and every record.

import MnemeBase
import MnemeModel
import MnemeStore
import SimulatedWorld
import Synchronization
import Testing

@testable import CrashHarness

@Suite struct RebuildCrashTests {
    @Test("A power cut during a rebuild leaves the old pages or the new ones")
    func everyStep() throws {
        let seed: UInt64 = 11
        let disk = SimulatedDisk(seed: seed)
        var shape = StoreShape(seed: seed)
        shape.isEncrypted = false
        let driver = Driver(disk: disk, shape: shape, seed: seed)
        try driver.open()
        try driver.perform(.define(HarnessSchema.first))
        for number in 0..<6 {
            try driver.perform(.commit([put(number)], .synced))
            if number == 3 { try driver.perform(.checkpoint) }
        }
        driver.abandon()
        let killed = disk.crashKeepingAll()
        let dice = SeededRandomness(seed: seed)
        let worlds = Mutex<[(step: String, disk: SimulatedDisk)]>([])
        var options = StoreOptions()
        options.disk = SteppingDisk(killed) { step in
            worlds.withLock { worlds in
                for _ in 0..<3 { worlds.append((step, killed.crash(using: dice))) }
            }
        }
        options.worksInBackground = false
        let rebuilt = try Store.open(Driver.directory, .rebuild, options: options)
        #expect(try rebuilt.verify().findings == [])
        let ended = worlds.withLock { $0 }
        #expect(ended.contains { $0.step.hasPrefix("rename") })
        #expect(ended.count > 20)
        for (step, disk) in ended {
            var options = StoreOptions()
            options.disk = disk
            options.worksInBackground = false
            let store = try Store.open(Driver.directory, .open, options: options)
            let rows = try store.snapshot().find(Find("notes", limit: .max)).rows
            #expect(rows.count == 6, "\(step)")
            #expect(try store.verify().findings == [], "\(step)")
            #expect(!disk.holds(Driver.directory + "/pages.new"), "\(step)")
        }
    }

    private func put(_ number: Int) -> Change {
        .put(
            Put(
                "notes",
                .text("note \(number)"),
                ["title": .text("title \(number)"), "body": "alder birch"]
            )
        )
    }
}
