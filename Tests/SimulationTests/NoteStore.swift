// Notes that the tests of interrupted compactions write: each with words, an owner and a vector, in
// a store whose segments are small and are written again soon.

import MnemeBase
import MnemeModel
import MnemeStore
import SimulatedWorld

@testable import CrashHarness

enum NoteStore {
    /// Does all that there is to compact, and goes on to what then may go.
    static let compaction = Operation.upkeep(Array(repeating: .compact, count: 60))

    static func shape(seed: UInt64, segments: ClosedRange<Int> = 5 << 10...6 << 10) -> StoreShape {
        var shape = StoreShape(seed: seed)
        shape.compactSoon(SeededRandomness(seed: seed))
        shape.smallestSegment = segments.lowerBound
        shape.largestSegment = segments.upperBound
        return shape
    }

    static func note(_ number: Int) -> Reference { Reference("notes", .text("note \(number)")) }

    /// A put of a note; each round gives it other words and another vector.
    static func put(_ number: Int, round: Int = 0) -> Change {
        .put(
            Put(
                "notes",
                .text("note \(number)"),
                [
                    "title": .text("title \(number)"), "body": .text("alder birch \(round)"),
                    "owner": "ann", "place": .vector((0..<8).map { Float($0 + number + round) }),
                ]
            )
        )
    }

    static func change(_ driver: Driver, _ round: Int) throws {
        let puts = [put(round, round: round), put(9, round: round)]
        try driver.perform(.commit(puts, .synced))
        let link = Link("cites", from: note(round), to: note(9))
        try driver.perform(.commit([.link(link)], .none))
        if round % 3 == 2 { try driver.perform(.commit([.delete(note(round))], .synced)) }
    }

    /// A store of which much is not needed, with a checkpoint.
    static func driver(
        _ disk: any Disk,
        _ world: SimulatedDisk,
        seed: UInt64
    ) throws -> Driver {
        let driver = Driver(disk: disk, world: world, shape: shape(seed: seed), seed: seed)
        try driver.open()
        try driver.perform(.define(HarnessSchema.first))
        for round in 0..<8 { try change(driver, round) }
        try driver.perform(.checkpoint)
        return driver
    }
}
