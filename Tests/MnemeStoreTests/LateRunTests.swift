// Text runs are read when they are first wanted: what is damaged in one is named then, with its
// place, and holds up nothing else. What a replay makes of documents beside itself is what it would
// make of them itself.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Synchronization
import Testing

@testable import MnemePages
@testable import MnemeStore

@Suite struct LateRunTests {
    /// A closed store with words in a run on disk, and where that run stands.
    private func closed(_ disk: SimulatedDisk) throws -> ExtentPlace {
        let store = try Kinds.store(Kinds.options(disk))
        _ = try store.commit(
            (0..<40).map { Kinds.put("k\($0)", ["body": .text("late words \($0)")]) }
        )
        try store.close()
        let run = try #require(
            store.newest.state.runs.max { $0.documentCount < $1.documentCount }
        )
        return try #require(run.extent.withLock { $0 }).place
    }

    private func matches(_ words: String, _ store: Store) throws -> [String] {
        var find = Find("things", limit: 100)
        find.match = Match("body", words)
        return Kinds.keys(try store.snapshot().find(find)).sorted()
    }

    @Test(arguments: [40, 64, 70, 200, 400])
    func damageIsNamedWhenWordsAreWanted(_ offset: Int) throws {
        let disk = SimulatedDisk(seed: 3)
        let place = try closed(disk)
        let start = place.place * 1024
        try disk.corrupt("store/pages", at: start + UInt64(offset), mask: 4)
        let store = try Store.open("store", .open, options: Kinds.options(disk))
        for _ in 0..<2 {
            let error = #expect(throws: MnemeError.self) { try matches("late", store) }
            #expect(error?.code == .corrupt)
            #expect(
                error?.message.contains("\(place.place)") == true,
                "\(String(describing: error))"
            )
        }
        // Everything else goes on, commits with words among it.
        #expect(try store.snapshot().record(Kinds.thing("k7")) != nil)
        for number in 0..<20 {
            _ = try store.commit([Kinds.put("n\(number)", ["body": "new words"])])
        }
        try store.checkpointNow()
        #expect(try !store.verify().findings.isEmpty)
        try store.close()
        // The log is the truth: the run is derived again.
        let again = try Store.open("store", .rebuild, options: Kinds.options(disk))
        #expect(try matches("late", again).count == 40)
        #expect(try matches("new", again).count == 20)
        #expect(try again.verify().findings == [])
        try again.close()
    }

    @Test func aHeadThatIsNoRunsIsRefusedAtOnce() throws {
        let disk = SimulatedDisk(seed: 4)
        let place = try closed(disk)
        try disk.corrupt("store/pages", at: place.place * 1024 + 2, mask: 1)
        let error = #expect(throws: MnemeError.self) {
            try Store.open("store", .open, options: Kinds.options(disk))
        }
        #expect(error?.code == .corrupt)
    }

    @Test func whatIsReadLateIsWhatWasWritten() throws {
        let disk = SimulatedDisk(seed: 5)
        _ = try closed(disk)
        let store = try Store.open("store", .open, options: Kinds.options(disk))
        #expect(store.newest.state.runs.reduce(0) { $0 + $1.documentCount } == 41)
        #expect(try matches("late", store).count == 40)
        #expect(try matches("17", store) == matches("late 17", store).filter { $0.contains("17") })
        #expect(try store.verify().findings == [])
        try store.close()
    }

    @Test func aThreadBesideTheReplayMakesTheSameRuns() throws {
        let disk = SimulatedDisk(seed: 6)
        let store = try Kinds.store(Kinds.options(disk))
        try store.checkpointNow()
        for batch in 0..<30 {
            _ = try store.commit(
                (0..<40).map { Kinds.put("b\(batch)n\($0)", ["body": .text("word\($0) all")]) }
            )
        }
        _ = try store.commit([.delete(Kinds.thing("b3n3"))])
        let states = try [false, true].map { hasThreads in
            var options = Kinds.options(disk.crashKeepingAll())
            options.worksInBackground = hasThreads
            let again = try Store.open("store", .open, options: options)
            #expect(try again.verify().findings == [])
            #expect(try matches("all", again).count == 100)
            let answers = try (0..<40).map { try matches("word\($0)", again) }
            #expect(answers[3].count == 29 && answers[4].count == 30)
            try again.close()
            return answers
        }
        #expect(states[0] == states[1])
    }
}
