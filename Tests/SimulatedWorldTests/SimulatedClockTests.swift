import Testing

@testable import MnemeBase
@testable import SimulatedWorld

@Suite struct SimulatedClockTests {
    @Test func movesWhenToldTo() {
        let clock = SimulatedClock(start: 100, step: 5)
        #expect(clock.now() == 100)
        #expect(clock.now() == 105)
        #expect(clock.elapsed() == 10)
        clock.set(50)
        clock.advance(by: 7)
        #expect(clock.now() == 57)
        #expect(clock.elapsed() == 22)
    }
}
