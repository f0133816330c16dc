import Testing

@testable import MnemeBench

@Suite struct TimingTests {
    @Test func percentilesAreNearestRanks() {
        let hundred = (1...100).map(Int64.init)
        #expect(Latencies.percentile(50, of: hundred) == 50)
        #expect(Latencies.percentile(99, of: hundred) == 99)
        #expect(Latencies.percentile(100, of: hundred) == 100)
        #expect(Latencies.percentile(0, of: hundred) == 1)
        #expect(Latencies.percentile(50, of: [10, 20, 30]) == 20)
        #expect(Latencies.percentile(50, of: [10, 20]) == 10)
        #expect(Latencies.percentile(51, of: [10, 20]) == 20)
        #expect(Latencies.percentile(99, of: [7]) == 7)
        #expect(Latencies.percentile(99, of: []) == 0)
    }

    @Test func percentilesAreOfAllCallsInAnyOrder() {
        var left = Latencies()
        for duration in [5000, 1000, 3000] { left.add(nanoseconds: Int64(duration)) }
        var right = Latencies()
        for duration in [4000, 2000] { right.add(nanoseconds: Int64(duration)) }
        left.add(right)
        #expect(left.microseconds(50, 99, 20) == [3, 5, 1])
    }

    @Test func mediansTakeTheMiddle() {
        #expect(median([3, 1, 2]) == 2)
        #expect(median([4, 1, 3, 2]) == 2.5)
        #expect(median([]) == 0)
    }

    @Test func everyThreadAsksEveryQuestion() throws {
        let board = Asked()
        let figures = try Passes(count: 2, threads: 3).measure(questions: 7) { board.add($0) }
        #expect(board.counts == Array(repeating: 6, count: 7))
        #expect(figures.queriesPerSecond > 0)
    }

    @Test func whatAMemberThrowsIsThrown() {
        struct Broken: Error {}
        #expect(throws: Broken.self) {
            try Crew.run(4) { member in if member == 2 { throw Broken() } }
        }
        #expect(throws: Broken.self) { try Crew.run(1) { _ in throw Broken() } }
    }
}
