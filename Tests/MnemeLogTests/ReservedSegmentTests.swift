// Reserved segments: zeros are written behind small groups, once, and behind no others.

import MnemeBase
import SimulatedWorld
import Testing

@testable import MnemeLog

@Suite struct ReservedSegmentTests {
    private func tail(_ isReserved: Bool) throws -> Log.Tail {
        let file = MemoryFile(path: "/segment")
        file.truncate(to: 1 << 20)
        let segment = try Segment(number: 1, file: file, isReserved: isReserved)
        return Log.Tail(
            segment: segment,
            offset: 4096,
            sequence: 1,
            groupOffset: 4096,
            writtenOffset: segment.writtenOffset(from: 4096),
            committedSequence: 1
        )
    }

    /// What a group of so many bytes becomes, which is not written.
    private func grown(_ tail: inout Log.Tail, _ count: Int) -> Int {
        tail.group.bytes = [UInt8](repeating: 1, count: count)
        tail.offset = tail.groupOffset + count
        tail.addZeros()
        defer { tail.groupOffset = tail.offset }
        #expect(tail.group.bytes.prefix(count).allSatisfy { $0 == 1 })
        #expect(tail.group.bytes.dropFirst(count).allSatisfy { $0 == 0 })
        return tail.group.bytes.count
    }

    @Test func smallGroupsAreFollowedByZerosOnce() throws {
        var tail = try tail(true)
        let first = grown(&tail, 1000)
        #expect(first > 200_000 && (4096 + first) % 4096 == 0)
        // Those after it overwrite the zeros.
        while tail.groupOffset + 1000 <= 4096 + first { #expect(grown(&tail, 1000) == 1000) }
        #expect(grown(&tail, 1000) > 200_000)
    }

    @Test func largeGroupsAreWrittenAsTheyAre() throws {
        var tail = try tail(true)
        for _ in 0..<3 { #expect(grown(&tail, 100_000) == 100_000) }
        #expect(grown(&tail, 10) > 10)
    }

    @Test func zerosEndWithTheSegment() throws {
        var tail = try tail(true)
        (tail.offset, tail.groupOffset) = ((1 << 20) - 5000, (1 << 20) - 5000)
        tail.writtenOffset = tail.offset
        #expect(grown(&tail, 1000) == 5000)
        #expect(grown(&tail, 4000) == 4000)
    }

    @Test func whatWasWrittenNeedsNoZeros() throws {
        var tail = try tail(false)
        #expect(grown(&tail, 1000) == 1000)
    }
}
