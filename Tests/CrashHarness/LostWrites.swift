// Lost page writes, all of them: after each of some checkpoints what the page file holds is
// remembered, and each place of the last one is read as it was at each of those times.
//
// A page has its place, its id and the number of its checkpoint under its checksum, and nothing
// outside the page says which checkpoint's version should stand there. So a disk that loses the
// write of a page, reports success, and goes on showing what the same page was at the same place
// some checkpoints before, is believed. Verifying the store finds it.

internal import MnemeBase
internal import MnemeModel
internal import MnemeStore
internal import SimulatedWorld

/// Every lost write of a page in a small store.
package struct LostWrites {
    /// How many were tried.
    package private(set) var tried = 0
    /// Those that were not noticed although answers were wrong.
    package private(set) var wrong: [String] = []

    /// Tries them all.
    package init(rounds: Int) throws(HarnessFailure) {
        let pages = Driver.directory + "/pages"
        for memory in 0..<rounds {
            let disk = SimulatedDisk(seed: 1)
            let driver = Driver(disk: disk, world: disk, shape: StoreShape(seed: 1), seed: 1)
            try driver.open()
            try driver.perform(.define(HarnessSchema.first))
            for round in 0..<rounds {
                try driver.perform(.commit([Self.put(round)], .synced))
                try driver.perform(.checkpoint)
                if round == memory { disk.rememberContents() }
            }
            try driver.close()
            let count = disk.contents().first { $0.path == pages }?.bytes?.count ?? 0
            for place in 0..<UInt64(count / 8192) {
                tried += 1
                let world = disk.crashKeepingAll()
                world.plan.reads = (place * 16..<place * 16 + 16).map {
                    .stale(path: pages, sector: $0)
                }
                let next = Driver(
                    disk: world,
                    world: world,
                    shape: StoreShape(seed: 1),
                    seed: 2,
                    oracle: driver.oracle,
                    now: driver.clock.now()
                )
                next.isDamaged = true
                do throws(HarnessFailure) {
                    try next.open()
                    try next.auditCarefully(dice: SeededRandomness(seed: 1))
                } catch {
                    wrong.append("place \(place) as of checkpoint \(memory): \(error)")
                }
            }
        }
    }

    private static func put(_ number: Int) -> Change {
        .put(
            Put(
                "notes",
                .text("note"),
                ["title": .text("title \(number)"), "rank": .int(Int64(number))]
            )
        )
    }
}
