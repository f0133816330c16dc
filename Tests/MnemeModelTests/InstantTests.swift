import MnemeBase
import Testing

@testable import MnemeModel

@Suite struct InstantTests {
    @Test func theFirstAndTheLastInstantAreDescribed() {
        #expect(Instant(microseconds: .max).description == "294247-01-10T04:00:54.775807Z")
        #expect(Instant(microseconds: .min).description.hasSuffix("-12-21T19:59:05.224192Z"))
        #expect(Instant(microseconds: -1).description == "1969-12-31T23:59:59.999999Z")
    }

    @Test func whatIsDescribedIsReadBack() {
        let seed = UInt64.random(in: .min ... .max)
        let random = SeededRandomness(seed: seed)
        // From year 0 to year 9999.
        let first: Int64 = -62_167_219_200_000_000
        let span = UInt64(253_402_300_799_999_999 - first)
        for _ in 0..<5000 {
            let instant = Instant(microseconds: first + Int64(random.next() % span))
            #expect(Instant(instant.description) == instant, "seed \(seed)")
            #expect(Day(instant.day.description) == instant.day, "seed \(seed)")
        }
    }
}
