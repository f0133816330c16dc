import MnemeBase
import Testing

@testable import MnemeBench

@Suite struct LoadHistogramTests {
    @Test func percentilesAreNearTheExactOnes() {
        let chance = SeededRandomness(seed: 3)
        var histogram = LoadHistogram()
        var exact: [Int64] = []
        for _ in 0..<50_000 {
            // As many of each size, from nanoseconds to minutes.
            let duration = Int64(chance.next() >> UInt64(22 + chance.below(40)))
            histogram.add(duration)
            exact.append(duration)
        }
        exact.sort()
        for percent in [0, 1, 50, 90, 99, 99.9, 99.99, 100] {
            let wanted = Latencies.percentile(percent, of: exact)
            let found = histogram.percentile(percent)
            #expect(abs(Double(found - wanted)) <= 0.001 * Double(wanted), "\(percent) %")
        }
        #expect(histogram.count == 50_000)
        #expect(histogram.maximum == exact.last)
    }

    @Test func smallDurationsAreExact() {
        for duration in [0, 1, 2, 1023, 1024, 2047] as [Int64] {
            var histogram = LoadHistogram()
            histogram.add(duration)
            histogram.add(1 << 40)
            #expect(histogram.percentile(50) == duration)
        }
    }

    @Test func everyDurationIsInABucketNearIt() {
        for shift in 0..<42 {
            for duration in [(1 << shift) - 1, 1 << shift, (1 << shift) + 1] as [Int64] {
                var histogram = LoadHistogram()
                histogram.add(duration)
                histogram.add(duration)
                histogram.add(LoadHistogram.limit)
                let found = histogram.percentile(50)
                #expect(abs(Double(found - duration)) <= 0.001 * Double(duration))
            }
        }
    }

    @Test func whatIsBeyondTheBoundsCounts() {
        var histogram = LoadHistogram()
        #expect(histogram.percentile(99) == 0)
        histogram.add(-5)
        histogram.add(.max)
        #expect(histogram.percentile(50) == 0)
        #expect(histogram.percentile(100) == .max)
        #expect(histogram.count == 2)
    }

    @Test func oneTakesOverAnother() {
        var left = LoadHistogram()
        var right = LoadHistogram()
        for duration in 1...100 { left.add(Int64(duration)) }
        for duration in 101...200 { right.add(Int64(duration)) }
        left.add(right)
        #expect(left.percentile(50) == 100)
        #expect(left.percentile(99) == 198)
        #expect(left.maximum == 200)
    }
}

@Suite struct LoadScheduleTests {
    @Test func evenArrivalsDoNotDrift() {
        var schedule = LoadSchedule(rate: 3, .even, seed: 1)
        let times = (0...3000).map { _ in schedule.next() }
        #expect(times[0] == 0)
        #expect(abs(times[3000] - 1_000_000_000_000) <= 1)
        #expect(times == times.sorted())
    }

    @Test func poissonArrivalsKeepTheRateAndVary() {
        var schedule = LoadSchedule(rate: 1000, .poisson, seed: 1)
        let times = (0..<100_000).map { _ in schedule.next() }
        #expect(times == times.sorted())
        #expect(abs(Double(times.last ?? 0) * 1e-9 - 100) < 2)
        // Of an exponential distribution the share 1/e is longer than the mean.
        let gaps = zip(times.dropFirst(), times).map { $0 - $1 }
        let long = Double(gaps.count { $0 > 1_000_000 }) / Double(gaps.count)
        #expect(abs(long - 0.368) < 0.01)
    }

    @Test func theSameSeedGivesTheSameTimes() {
        var one = LoadSchedule(rate: 100, .poisson, seed: 9)
        var other = LoadSchedule(rate: 100, .poisson, seed: 9)
        #expect((0..<50).map { _ in one.next() } == (0..<50).map { _ in other.next() })
    }
}

@Suite struct ZipfianTests {
    @Test func ranksComeAsOftenAsTheLawSays() {
        let zipfian = Zipfian(1000)
        let chance = SeededRandomness(seed: 4)
        var counts = [Int](repeating: 0, count: 1000)
        for _ in 0..<200_000 { counts[zipfian.rank(chance)] += 1 }
        // 1 / (the sum of n^-0.99 for n up to 1000) is 0.1294.
        #expect(abs(Double(counts[0]) / 200_000 - 0.1294) < 0.005)
        #expect(counts[0] > counts[10] && counts[10] > counts[500])
        #expect(counts[900...].contains { $0 > 0 })
    }

    @Test func numbersStayInTheirBounds() {
        let chance = SeededRandomness(seed: 5)
        for count in [1, 2, 3, 17] {
            let zipfian = Zipfian(count)
            for _ in 0..<1000 {
                #expect((0..<count).contains(zipfian.rank(chance)))
                #expect((0..<count).contains(zipfian.spread(chance)))
            }
        }
    }
}
