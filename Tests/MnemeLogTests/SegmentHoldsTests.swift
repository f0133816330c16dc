// What is held stays: whoever would remove a segment asks, and acts in the same step.

import MnemeBase
import Testing

@testable import MnemeLog

@Suite struct SegmentHoldsTests {
    @Test func whatIsHeldIsNotTaken() {
        let holds = SegmentHolds()
        let one = holds.hold([2, 3, 4])
        let other = holds.hold(Set(4...9))
        var taken: [UInt64] = []
        func take() -> [UInt64] {
            taken = []
            for number in UInt64(1)...10 {
                let ran = holds.unlessHeld(number) { taken.append(number) }
                #expect(ran == !holds.isHeld(number))
            }
            return taken
        }
        #expect(take() == [1, 10])
        one.release()
        #expect(take() == [1, 2, 3, 10])
        one.release()
        #expect(take() == [1, 2, 3, 10])
        other.release()
        #expect(take() == Array(1...10))
    }

    @Test func aHoldThatIsForgottenIsReleased() {
        let holds = SegmentHolds()
        do {
            let hold = holds.hold([1])
            withExtendedLifetime(hold) { #expect(holds.isHeld(1)) }
        }
        #expect(!holds.isHeld(1))
    }

    @Test func whatTheTakerThrowsIsThrown() {
        let holds = SegmentHolds()
        #expect(throws: DiskError.full(path: "x")) {
            _ = try holds.unlessHeld(1) { () throws(DiskError) in throw DiskError.full(path: "x") }
        }
        // The lock is free again.
        #expect(!holds.isHeld(1))
    }
}
