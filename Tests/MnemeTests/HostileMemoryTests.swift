// Records of the memory layer are anybody's to put: with the ends of every number in every field
// that the layer reads, its calls answer or refuse, and never stop the process.

import Mneme
import Testing

@Suite struct HostileMemoryTests {
    private static let integers: [Int64] = [
        .min, .min + 1, -86_400_000_001, -1, 0, 1, 1 << 53, .max - 1, .max,
    ]
    private static let floats: [Double] = [
        .nan, .infinity, -.infinity, -1, -0.0, 0, 1e308, -1e308, .leastNonzeroMagnitude,
    ]

    private func session(_ id: String, _ fields: [String: Value]) -> Change {
        let whole: [String: Value] = [
            "owner": "ann", "slot": "open", "startedAt": .instant(Instant(microseconds: 0)),
            "lastAt": .instant(Instant(microseconds: 0)), "entryCount": 0,
        ]
        return .put(Put("sessions", .text(id), whole.merging(fields) { $1 }))
    }

    /// Runs a call that may be refused, but not by way of a trap.
    private func attempt(_ body: () throws -> Void) throws {
        do { try body() } catch is MnemeError {}
    }

    @Test func instantsOfSessions() throws {
        for number in Self.integers {
            for minutes in [1, 60, Int.max] {
                let memory = try Memory.inMemory()
                let time = Value.instant(Instant(microseconds: number))
                _ = try memory.commit([session("s", ["startedAt": time, "lastAt": time])])
                let open = try memory.openSession(owner: "ann", idleMinutes: minutes)
                // What was last used in the future is going on; what was long ago is not.
                if number > 1 << 60 || (minutes == .max && number >= 0) {
                    #expect(open.id == "s", "\(number) \(minutes)")
                }
                if number < 1 << 53, minutes < .max { #expect(open.isNew, "\(number) \(minutes)") }
                _ = try memory.append(to: open.id, [Remember("words", owner: "ann")])
                _ = try memory.endSession(open.id)
                _ = try memory.endSession("s")
                #expect(try memory.verify().findings == [])
                try memory.close()
            }
        }
    }

    @Test func countsOfSessions() throws {
        for number in Self.integers {
            let memory = try Memory.inMemory()
            _ = try memory.commit([session("s", ["entryCount": .int(number)])])
            let entries = [Remember("one", owner: "ann"), Remember("two", owner: "ann")]
            do {
                #expect(try memory.append(to: "s", entries).count == 2)
                #expect(try memory.session("s").entryCount == number + 2)
            } catch {
                #expect(error.code == .tooLarge && number > .max - 2, "\(error)")
                #expect(try memory.session("s").entryCount == number)
                #expect(try memory.find(Find("memories")).rows.isEmpty)
            }
            _ = try memory.endSession("s")
            try memory.close()
        }
    }

    /// Memories with hostile numbers, found, recalled, walked from and forgotten.
    @Test func fieldsOfMemories() throws {
        let memory = try Memory.inMemory()
        var changes: [Change] = []
        func put(_ fields: [String: Value]) {
            let whole: [String: Value] = [
                "text": "green tea", "owner": "ann", "kind": "semantic",
                "time": .instant(Instant(microseconds: 0)),
            ]
            changes.append(
                .put(Put("memories", .text("m\(changes.count)"), whole.merging(fields) { $1 }))
            )
        }
        for number in Self.integers {
            put(["time": .instant(Instant(microseconds: number))])
            put(["position": .int(number), "session": "s"])
        }
        for number in Self.floats {
            put(["importance": .float(number)])
            put(["decayRate": .float(number), "time": .instant(Instant(microseconds: .min))])
            put(["decayRate": .float(number), "time": .instant(Instant(microseconds: .max))])
        }
        _ = try memory.commit(changes)
        var recall = Recall("green tea", owner: "ann", limit: .max)
        recall.around = [.text("m0"), .text("m1")]
        recall.distinct = false
        let recalled = try memory.recall(recall)
        #expect(recalled.items.count == changes.count)
        #expect(recalled.items.allSatisfy { $0.score.isFinite })
        for (limit, tokens, hops) in [(0, 0, 0), (Int.max, Int.max, Int.max), (1, .min, 1)] {
            var other = recall
            (other.limit, other.tokens, other.hops) = (limit, tokens, hops)
            try attempt { _ = try memory.recall(other) }
        }
        for offset in [0, 1, Int.max - 1, .max] {
            for limit in [0, 1, Int.max] {
                for order in ["time", "position", "importance", "decayRate"] {
                    let find = Find(
                        "memories",
                        owner: "ann",
                        order: [Order(order)],
                        limit: limit,
                        offset: offset
                    )
                    let left = max(0, changes.count - min(offset, changes.count))
                    #expect(try memory.find(find).rows.count == min(limit, left))
                }
            }
        }
        try attempt { _ = try memory.find(Find("memories", limit: .min, offset: .min)) }
        #expect(try memory.forget(Forget(owner: "ann")) == changes.count)
        #expect(try memory.verify().findings == [])
        try memory.close()
    }

    @Test func expiries() throws {
        for number in Self.integers {
            let memory = try Memory.inMemory()
            var one = Remember("green tea", owner: "ann")
            one.expiresAt = Instant(microseconds: number)
            one.time = Instant(microseconds: number)
            let key = try #require(try memory.remember([one]).first)
            let isThere = try memory.get(Reference("memories", key)) != nil
            // 2⁵³ µs after 1970 is far off still.
            #expect(isThere == (number >= 1 << 53), "\(number)")
            _ = try memory.recall("green tea", owner: "ann")
            #expect(try memory.verify().findings == [])
            try memory.close()
        }
    }
}
