// How memories fade.

import MnemeRecall
import Testing

struct FadingTests {
    @Test func halfIsLeftAfterAWeek() {
        let fading = Fading()
        #expect(abs(fading.left(afterDays: 6.9315) - 0.5) < 1e-4)
        #expect(fading.left(afterDays: 0) == 1 && fading.left(afterDays: -3) == 1)
    }

    @Test func somethingIsAlwaysLeft() {
        let fading = Fading()
        #expect(fading.left(afterDays: 12) > Fading.floor)
        #expect(fading.left(afterDays: 13) == Fading.floor)
        #expect(fading.left(afterDays: .infinity) == Fading.floor)
        #expect(fading.bareLeft(afterDays: 13) < Fading.floor)
        #expect(fading.bareLeft(afterDays: .infinity) == 0)
    }

    @Test func whatIsPinnedOrHasNoRateDoesNotFade() {
        #expect(Fading(isPinned: true).left(afterDays: 10_000) == 1)
        #expect(Fading(rate: 0).left(afterDays: 10_000) == 1)
        #expect(Fading(rate: -1).left(afterDays: 10_000) == 1)
        #expect(Fading(rate: .nan).left(afterDays: 10_000) == 1)
        #expect(Fading(rate: .infinity).left(afterDays: .nan) == 1)
    }

    @Test func reinforcementSlowsIt() {
        let plain = Fading()
        for reinforcement in [1.0, 2, 9] {
            let slowed = Fading(reinforcement: reinforcement)
            for days in [0.5, 3, 8] {
                let same = plain.bareLeft(afterDays: days / (1 + reinforcement))
                #expect(abs(slowed.bareLeft(afterDays: days) - same) < 1e-12)
            }
        }
        // Less than none is none.
        #expect(Fading(reinforcement: -5).left(afterDays: 3) == plain.left(afterDays: 3))
    }

    @Test func onlyUsesAtOtherTimesReinforce() {
        #expect(Fading.gain(afterDays: 0) == 0 && Fading.gain(afterDays: -1) == 0)
        #expect(Fading.gain(afterDays: 1.0 / 1440) < 0.001)
        #expect(Fading.gain(afterDays: 7) > 0.99)
    }
}
