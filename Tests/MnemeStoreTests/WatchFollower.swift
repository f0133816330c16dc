// Somebody who watches and keeps nothing but what he is told, and what a store shows, to hold one
// against the other.

import MnemeModel
import Testing

@testable import MnemeStore

/// What somebody has who watches.
struct WatchFollower {
    var after: UInt64 = 0
    var filter = Watch()
    private(set) var records: [Reference: Record] = [:]
    private(set) var edges: [UInt64: Edge] = [:]
    private var last: UInt64 = 0

    /// One who begins with an empty store.
    init() {}

    /// One who has what a store had at a sequence, as far as the filter tells it.
    init(after: UInt64, _ filter: Watch, _ records: [Reference: Record], _ edges: [UInt64: Edge]) {
        (self.after, self.filter, last) = (after, filter, after)
        (self.records, self.edges) = (records, edges)
    }

    /// Takes one answer; waits so many milliseconds.
    mutating func step(_ store: Store, limit: Int, waiting: Int = 0) throws -> Watched {
        var watch = filter
        (watch.after, watch.limit, watch.waitMilliseconds) = (after, limit, waiting)
        let answer = try store.watch(watch)
        #expect(answer.next >= after)
        for event in answer.events { try take(event) }
        after = answer.next
        return answer
    }

    /// Takes all there is.
    mutating func follow(_ store: Store, limit: Int) throws {
        while true {
            let before = after
            if try step(store, limit: limit).events.isEmpty, after == before { return }
        }
    }

    private mutating func take(_ event: Watched.Event) throws {
        // None twice, and none of a commit that was told before.
        #expect(event.sequence > last && event.commit > after && event.commit > event.sequence)
        last = event.sequence
        switch event.what {
        case .put(let record, let isNew):
            if filter.owner == nil { #expect((records[record.reference] == nil) == isNew) }
            #expect(record.version == event.sequence)
            records[record.reference] = record
        case .delete(let gone), .erase(let gone):
            let old = records.removeValue(forKey: gone)
            #expect(old != nil, "\(gone)")
            edges = edges.filter { $0.value.from != gone && $0.value.to != gone }
        case .link(let edge):
            let old = edges.updateValue(edge, forKey: edge.id)
            #expect(old == nil)
        case .unlink(let gone):
            let edge = edges.removeValue(forKey: gone.id)
            // A record that went over to another owner took its edges along; one of a collection
            // that is not told took them along without a word.
            if filter.owner != nil || filter.collections != nil { return }
            #expect(edge?.type == gone.type && edge?.from == gone.from && edge?.to == gone.to)
        case .define, .drop, .switchVector: break
        }
    }
}
