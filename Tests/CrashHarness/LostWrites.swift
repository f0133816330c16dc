// Lost page writes, all of them: after each of some checkpoints what the page file holds is
// remembered, and each run of places of the last one is read as it was at each of those times.
//
// A run that was written some checkpoints before may have held an older version of the same page,
// with a right checksum: only what names the run can tell that another version should stand there.

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
            for (place, length) in Self.runs(UInt64(count / 1024)) {
                tried += 1
                let world = disk.crashKeepingAll()
                world.plan.reads = (place * 2..<(place + length) * 2).map {
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
                    wrong.append(
                        "\(length) places from \(place) on as of checkpoint \(memory): \(error)"
                    )
                }
            }
        }
    }

    /// Every run that may stand in so many places; most are of one or two places or of eight.
    private static func runs(_ count: UInt64) -> [(place: UInt64, length: UInt64)] {
        (0..<count).flatMap { place in
            [1, 2, 8].filter { place + $0 <= count }.map { (place, $0) }
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
