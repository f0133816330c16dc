// Who looks at segments while compaction has them go: readers of older states see all that they
// saw, whatever becomes of the files afterwards, and a scrub takes what is gone for no damage. What
// cannot be read is left where it is.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Synchronization
import Testing

@testable import MnemeLog
@testable import MnemePages
@testable import MnemeStore

@Suite struct CompactionReadersTests {
    private func options(_ disk: any Disk) -> StoreOptions {
        var options = Kinds.options(disk)
        options.logLimits.smallestSegment = 16 << 10
        options.logLimits.largestSegment = 16 << 10
        options.compactionShare = 0.05
        return options
    }

    private func churn(_ store: Store, _ rounds: Range<Int>) throws {
        for round in rounds {
            for number in 0..<20 {
                _ = try store.commit(
                    [
                        Kinds.put(
                            "k\(number)",
                            [
                                "body": .text("words of round \(round) for \(number)"),
                                "near": .vector([Float(round), Float(number), 1]),
                            ]
                        )
                    ],
                    .none
                )
            }
            if round % 4 == 3 { _ = try store.commit([.delete(Kinds.thing("k\(round % 20)"))]) }
        }
    }

    /// What a snapshot answers, by place, by rows of vectors and by words.
    private func answers(_ snapshot: Snapshot) throws -> [Record] {
        var all: [Record] = []
        for number in 0..<20 {
            if let record = try snapshot.record(Kinds.thing("k\(number)")) { all.append(record) }
        }
        let near = Near("near", [1, 2, 3], isExact: true)
        all += try snapshot.find(Find("things", near: near, limit: 40)).rows.map(\.record)
        let match = Match("body", "words")
        let keys = try snapshot.find(Find("things", match: match, limit: 40)).rows.map(\.record)
        return all + keys.sorted { "\($0.reference)" < "\($1.reference)" }
    }

    @Test func anOldSnapshotReadsWhatCompactionHasGo() throws {
        let disk = SimulatedDisk()
        let store = try Kinds.store(options(disk))
        try churn(store, 0..<8)
        var old: Snapshot? = store.snapshot()
        let expected = try answers(try #require(old))
        // The pages move: a state of its own that shows the same.
        try store.checkpointNow()
        let first = Set(store.log.sealedSegments)
        for round in 1..<5 {
            try churn(store, (round * 8)..<(round * 8 + 8))
            try store.checkpointNow()
            try store.compactAll()
            try store.upkeep([.spare, .trim, .checkpoint])
            #expect(try answers(try #require(old)) == expected, "round \(round)")
            #expect(first.isSubset(of: store.log.sealedSegments))
        }
        #expect(store.compacting.withLock { $0.retiring.count } > 1)
        old = nil
        try store.compactAll()
        // All of them go then, and some of the files are written anew.
        #expect(first.isDisjoint(with: store.log.sealedSegments.filter { $0 < 1 << 35 }))
        let kept = store.snapshot()
        let now = try answers(kept)
        try churn(store, 40..<48)
        try store.upkeep([.spare])
        #expect(try answers(kept) == now)
        #expect(try store.verify().findings == [])
    }

    @Test func whatCannotBeReadStays() throws {
        for isCold in [false, true] {
            let disk = MemoryDisk()
            let store = try Kinds.store(options(disk))
            try churn(store, 0..<8)
            let words = (0..<500).map { String($0 * 7919, radix: 36) }.joined(separator: " ")
            _ = try store.commit([Kinds.put("long", ["body": .text(words)])])
            _ = try store.commit([Kinds.put("kept", ["body": .text("kept")])])
            try churn(store, 8..<24)
            try store.checkpointNow()
            if isCold {
                try store.compactAll()
                _ = try store.commit([.delete(Kinds.thing("long"))])
                try churn(store, 24..<40)
                try store.checkpointNow()
            }
            let ordinal = try #require(try store.snapshot().ordinal(Kinds.thing("kept")))
            let entry = try #require(
                try store.snapshot().reading { reader throws(StoreError) in
                    try reader.entry(ordinal)
                }
            )
            let place = LogPlace(bits: entry.place)
            try #require(SegmentNumber.isCold(place.segment) == isCold)
            // Zeros in front of it, as if the segment ended there.
            let path = "store/log/" + LogFile.name(place.segment)
            let file = try disk.open(path, .readWrite)
            let first = try file.read(at: 4096, count: place.offset - 4096)
            try file.write([UInt8](repeating: 0, count: first.count), at: 4096)
            try #require(!first.isEmpty)
            let dead = store.newest.state.roots.dead[place.segment]
            #expect(throws: MnemeError.self, "\(isCold), \(place), \(dead as Any)") {
                try store.compactAll()
            }
            #expect(try store.snapshot().record(Kinds.thing("kept")) != nil)
            // With the bytes it goes on.
            try file.write(first, at: 4096)
            try store.compactAll()
            #expect(try store.snapshot().record(Kinds.thing("kept")) != nil)
            #expect(try store.verify().findings == [])
        }
    }

    @Test func aScrubMeetsWhatGoes() throws {
        for steps in 0..<14 {
            let disk = SimulatedDisk()
            let store = try Kinds.store(options(disk))
            try churn(store, 0..<12)
            try store.checkpointNow()
            var pass = LogScrub(store.log)
            for _ in 0..<steps where !pass.step() { break }
            try store.compactAll()
            try churn(store, 12..<16)
            try store.upkeep([.spare])
            while pass.step() {}
            #expect(store.damage == [], "after \(steps) steps")
            store.scrubLog()
            #expect(store.damage == [])
        }
    }

    @Test func aScrubFindsDamageOfColdSegments() throws {
        for offset in [5, 70, 4096 + 40, 4096 + 200] {
            let disk = MemoryDisk()
            let store = try Kinds.store(options(disk))
            try churn(store, 0..<12)
            try store.checkpointNow()
            try store.compactAll()
            let cold = try #require(store.log.sealedSegments.last)
            let name = LogFile.name(cold)
            #expect(name.hasPrefix("cold-"))
            try disk.flip("store/log/" + name, at: offset)
            if offset < 4096 { try disk.flip("store/log/" + name, at: offset + 2048) }
            let checkpoints = store.upkeepState.withLock { $0.checkpoints }
            store.scrubLog()
            #expect(store.damage.count == 1, "\(store.damage)")
            #expect(store.damage.first?.contains("log/" + name) == true, "\(store.damage)")
            // The next opening reads it by its places alone: no checkpoint need be behind it.
            try store.upkeep([.outrun])
            #expect(store.upkeepState.withLock { $0.checkpoints } == checkpoints)
        }
    }
}
