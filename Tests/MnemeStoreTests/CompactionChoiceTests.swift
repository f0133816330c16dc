// Which segments are written again next: the choice alone, on made-up segments, and that it comes
// to an end whatever they hold.

import MnemeBase
import Testing

@testable import MnemeStore

@Suite struct CompactionChoiceTests {
    private func segment(
        _ segments: ClosedRange<UInt64>,
        kib: Int = 64,
        asOf: UInt64? = .max,
        dead: Int = 0,
        passing: Int = 0
    ) -> CompactionCandidate {
        CompactionCandidate(
            segments: segments,
            asOf: asOf,
            byteCount: kib << 10,
            dead: dead > 0 ? DeadBytes(byteCount: UInt64(dead) << 10, since: 0) : nil,
            passing: passing * 112
        )
    }

    /// Of a segment n the last sequence is 100 · n.
    private func next(_ candidates: [CompactionCandidate]) -> ClosedRange<UInt64>? {
        CompactionChoice(
            candidates: candidates,
            share: 0.5,
            largestSegment: 64 << 10,
            fewBytes: 32 << 10,
            lastSequence: { $0.segments.upperBound * 100 }
        )
        .next()
    }

    @Test func whatHoldsDeadBytesComesFirst() {
        #expect(next([]) == nil)
        #expect(next([segment(1...1), segment(2...2, dead: 20)]) == nil)
        #expect(next([segment(1...1), segment(2...2, dead: 40)]) == 2...2)
        // A neighbour goes along where one segment holds all.
        #expect(next([segment(1...1, dead: 20), segment(2...2, dead: 39)]) == 2...2)
        #expect(next([segment(1...1, dead: 20), segment(2...2, dead: 40)]) == 1...2)
    }

    @Test func deletesThatNothingHoldsBackGoAlone() {
        let full = segment(2...2, passing: 500)
        #expect(next([segment(1...1), full]) == 2...2)
        #expect(next([segment(1...1, kib: 512), full]) == nil)
        // What stands before may hold what they end, and they are not a quarter of the log.
        let plain = segment(1...1, kib: 512, asOf: nil, dead: 8)
        #expect(next([plain, full]) == nil)
        #expect(next([segment(1...1), segment(2...2, passing: 200)]) == nil)
    }

    @Test func whatHoldsDeletesBackGoesBefore() {
        let full = segment(4...4, passing: 580)
        let judged = segment(2...2, asOf: 400, dead: 8)
        let early = segment(3...3, kib: 60, asOf: 399, dead: 8)
        #expect(next([segment(1...1), judged, early, full]) == 3...3)
        let plain = segment(1...1, asOf: nil, dead: 8)
        #expect(next([plain, judged, early, full]) == 1...1)
        #expect(next([segment(1...1), judged, segment(3...3, kib: 60), full]) == 4...4)
        // Without frames there is nothing in the way, and nothing to write.
        var empty = plain
        (empty.isEmpty, empty.dead) = (true, nil)
        #expect(next([empty, judged, segment(3...3, kib: 60), full]) == 4...4)
        // What is missing cannot be written again.
        #expect(next([segment(2...3), full]) == nil)
    }

    @Test func smallOnesAreMergedWhenTheyAreAlike() {
        func all(_ sizes: [Int]) -> [CompactionCandidate] {
            sizes.enumerated().map { segment(UInt64($0 + 1)...UInt64($0 + 1), kib: $1) }
        }
        #expect(next(all([8, 8, 8])) == nil)
        #expect(next(all([64, 8, 8, 8, 8])) == 2...5)
        #expect(next(all([40, 8, 8, 8])) == nil)
        #expect(next(all([20, 20, 20, 20])) == nil)
        #expect(next(all([16, 16, 16, 16])) == 1...4)
        var plain = all([8, 8, 8, 8])
        plain[1].asOf = nil
        #expect(next(plain) == nil)
    }

    /// Segments come, things in them die, deletes are kept as compaction keeps them: at every
    /// moment there is an end to what is to be done, and then few deletes are left.
    @Test(arguments: [1, 2, UInt64.random(in: 3...(.max))])
    func itEnds(seed: UInt64) {
        print("compaction choice: seed \(seed)")
        let random = SeededRandomness(seed: seed)
        var segments: [CompactionCandidate] = []
        var (written, added) = (0, 0)
        for number in UInt64(1)...300 {
            let ends = random.below(500)
            added += ends * PlannedDelete.frameSize
            segments.append(segment(number...number, asOf: nil, passing: ends))
            for _ in 0..<random.below(4) {
                let index = random.below(segments.count)
                var dead = segments[index].dead ?? DeadBytes(byteCount: 0, since: 0)
                dead.byteCount += UInt64(random.below(4000))
                segments[index].dead = dead
            }
            var steps = 0
            while let run = next(segments) {
                steps += 1
                if steps > 2 * segments.count + 4 {
                    Issue.record("seed \(seed): no end at \(number)")
                    return
                }
                written += rewrite(run, asOf: number * 100, &segments)
            }
            let kept = segments.reduce(0) { $0 + $1.keptBytes }
            let all = segments.reduce(0) { $0 + $1.byteCount }
            #expect(kept <= max(32 << 10, all / 4), "seed \(seed), segment \(number)")
        }
        print("compaction choice: \(added) bytes of deletes, \(written) written")
    }

    /// Writes segments again as compaction does; the bytes that are left.
    private func rewrite(
        _ run: ClosedRange<UInt64>,
        asOf: UInt64,
        _ segments: inout [CompactionCandidate]
    ) -> Int {
        let members = segments.indices.filter { run.contains(segments[$0].segments.lowerBound) }
        guard let first = members.first, let end = members.last else { return 0 }
        let settled = segments[..<first].map { $0.asOf ?? 0 }.min() ?? .max
        var made = segment(run, asOf: asOf)
        var bytes = 4096
        for segment in segments[first...end] {
            let goes = segment.segments.upperBound * 100 <= settled
            if !goes { made.passing += segment.passing }
            bytes += max(0, segment.contentBytes - (goes ? segment.passing : 0))
        }
        made.byteCount = (bytes + 4096) & ~4095
        segments.replaceSubrange(first...end, with: [made])
        return made.byteCount
    }
}
