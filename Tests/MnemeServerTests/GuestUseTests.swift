import Testing

@testable import MnemeServer

/// What is counted of a guest's use fades.
@Suite struct GuestUseTests {
    @Test func whatWasUsedFadesByHalf() {
        let use = GuestUse()
        #expect(use.add(8000, now: 1_000_000) == 8000)
        #expect(abs(use.add(0, now: 1_250_000) - 4000) < 1)
        #expect(abs(use.add(1000, now: 1_500_000) - 3000) < 1)
    }

    @Test func whoAsksAllTheTimeAsksMuchAndNotForEver() {
        let use = GuestUse()
        #expect(!use.isMuch(at: 5_000_000))
        for time in 0..<200 { use.add(100, now: 5_000_000 + Int64(time) * 100) }
        #expect(use.isMuch(at: 5_020_000))
        #expect(!use.isMuch(at: 6_000_000))
    }

    @Test func whoAsksNowAndThenAsksLittle() {
        let use = GuestUse()
        for time in 0..<1000 { use.add(150, now: Int64(time) * 30_000) }
        #expect(!use.isMuch(at: 30_000_000))
    }

    /// Clocks of several threads may be a little apart.
    @Test func anEarlierTimeFadesNothing() {
        let use = GuestUse()
        use.add(500, now: 2_000_000)
        #expect(use.add(500, now: 1_999_000) == 1000)
        #expect(use.add(0, now: 2_000_000) == 1000)
    }
}
