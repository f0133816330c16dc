// What is kept of edges that joined records of a collection which is dropped: nobody comes to it
// from then on, whatever is asked to be seen, and it goes with the records.

import MnemeBase
import MnemeModel
import MnemePages
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct DropPastTests {
    private let world = PastWalkTests()

    private func note(_ key: String) -> Reference { Reference("notes", .text(key)) }

    private func person(_ key: Int64) -> Reference { Reference("people", .int(key)) }

    private func link(_ store: Store, _ from: Reference, _ to: Reference) throws -> UInt64 {
        let made = try store.commit([.link(Link("knows", from: from, to: to))])
        return try #require(made.outcomes.compactMap(\.madeEdge).first)
    }

    /// The rows that are kept of edges, without the marker.
    private func rows(_ store: Store) throws -> [PastEdge] {
        try store.snapshot().reading { state throws(StoreError) in
            var rows: [PastEdge] = []
            for number in state.state.catalog.pastRows {
                for ordinal in try state.ordinals(under: StoreKeys.records(number)) {
                    if let past = try PastEdge(state.stored(ordinal)) { rows.append(past) }
                }
            }
            return rows
        }
    }

    private func isDone(_ store: Store) -> Bool {
        let state = store.newest.state
        return !store.mayNameDropped(state.catalog) && store.dropped(state) == nil
    }

    /// Goes on until nothing is left; `look` is called before each step.
    private func finish(_ store: Store, _ look: () throws -> Void = {}) throws {
        for _ in 0..<100 {
            try look()
            if isDone(store) { return }
            try store.upkeep([.index])
        }
        Issue.record("what was dropped never goes")
    }

    @Test func nobodyComesToWhatWasDropped() throws {
        let store = try world.store(PastWalkTests.schema(notes: HistoryRule()))
        _ = try store.commit(
            world.put([1, 2, 3]) + ["a", "b", "c"].map { .put(Put("notes", .text($0), [:])) }
        )
        // One lives, one has ended, of one the record is gone, and two are between people.
        _ = try link(store, person(1), note("a"))
        let ended = try link(store, person(1), note("b"))
        _ = try link(store, note("c"), person(1))
        _ = try link(store, person(1), person(2))
        let other = try link(store, person(1), person(3))
        let then = world.instant()
        _ = try store.commit([.unlink(ended), .unlink(other), .delete(note("c"))])
        _ = world.instant()
        let walk = Walk(from: [person(1)], types: ["knows"], direction: .both)
            .known(at: then)
        #expect(try world.reached(store, walk.seeing(deleted: .include)).count == 5)
        try store.drop(.collection("notes"))
        try finish(store) { () throws in
            for sight in [walk, walk.seeing(deleted: .include, archived: .include)] {
                #expect(try Set(world.reached(store, sight)) == [person(2), person(3)])
            }
            #expect(try store.verify().findings == [])
        }
        #expect(try rows(store).map(\.edge) == [other])
    }

    @Test(arguments: [0, 7])
    func whatIsKeptOfItsEdgesGoes(living: Int) throws {
        let disk = SimulatedDisk()
        let store = try world.store(PastWalkTests.schema(), disk)
        _ = try store.commit(world.put([1, 2]))
        var own: [UInt64] = []
        for number in 0..<300 {
            _ = try store.commit([.put(Put("notes", .text("n\(number)"), [:]))], .none)
            _ = try link(store, person(1), note("n\(number)"))
            if number % 100 == 0 { own.append(try link(store, person(1), person(2))) }
        }
        world.clock.advance(by: 10)
        _ = try store.commit(own.map { .unlink($0) })
        _ = try store.commit((living..<300).map { .delete(note("n\($0)")) })
        #expect(try rows(store).count == 300 - living + 3)
        try store.drop(.collection("notes"))
        for mode in [StoreMode.open, .rebuild] {
            let copy = disk.crashKeepingAll()
            let again = try Store.open("store", mode, options: world.options(copy))
            // A crash on the way leaves the rest to the next opening.
            try again.upkeep([.index])
            #expect(try again.verify().findings == [])
            let later = copy.crashKeepingAll()
            let last = try Store.open("store", mode, options: world.options(later))
            try finish(last)
            #expect(try Set(rows(last).map(\.edge)) == Set(own))
            #expect(try last.verify().findings == [])
            // Whoever opens it again finds nothing to do.
            try last.close()
            let done = try Store.open("store", .open, options: world.options(later))
            let sequence = done.snapshot().sequence
            try finish(done)
            #expect(done.snapshot().sequence == sequence)
            try done.close()
        }
    }
}
