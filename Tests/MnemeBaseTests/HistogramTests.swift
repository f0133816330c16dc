import MnemeBase
import Testing

@Suite struct HistogramTests {
    @Test(arguments: [
        (-7, 0), (0, 0), (1, 0), (2, 1), (3, 2), (4, 2), (5, 3), (1024, 10), (1025, 11),
        (33_554_432, 25), (33_554_433, 26), (Int64.max, 26),
    ])
    func aDurationIsInTheFirstBucketThatHasIt(_ duration: Int64, _ bucket: Int) {
        let histogram = Histogram()
        histogram.note(duration)
        let reading = histogram.reading
        #expect(reading.counts.firstIndex(of: 1) == bucket)
        #expect(reading.count == 1)
        #expect(reading.sum == UInt64(max(0, duration)))
        if bucket < Histogram.boundCount { #expect(duration <= Histogram.bound(bucket)) }
    }

    @Test func sharesEndInTheirBuckets() {
        let histogram = Histogram()
        #expect(histogram.reading.bound(of: 0.5) == nil)
        for _ in 0..<90 { histogram.note(10) }
        for _ in 0..<9 { histogram.note(1000) }
        histogram.note(.max)
        let reading = histogram.reading
        #expect(reading.bound(of: 0.5) == 16)
        #expect(reading.bound(of: 0.9) == 16)
        #expect(reading.bound(of: 0.99) == 1024)
        #expect(reading.bound(of: 1) == nil)
    }

    @Test func threadsCountTogether() async {
        let histogram = Histogram()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask { for duration in 0..<1000 { histogram.note(Int64(duration)) } }
            }
        }
        #expect(histogram.reading.count == 8000)
        #expect(histogram.reading.sum == 8 * 999 * 500)
    }
}
