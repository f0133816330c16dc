import MnemeBase
import Testing

@Suite struct GateTests {
    @Test func anOpenedGateLetsOnePass() {
        let gate = Gate()
        #expect(!gate.wait(atMost: 0))
        gate.open()
        gate.open()
        gate.wait()
        #expect(!gate.wait(atMost: 2000))
        for past in [-1, -999_999, -1_000_000, Microseconds.min] {
            #expect(!gate.wait(atMost: past))
        }
        gate.open()
        #expect(gate.wait(atMost: 60_000_000))
        #expect(!gate.wait(atMost: 0))
    }

    @Test func threadsTakeTurns() {
        let (there, back) = (Gate(), Gate())
        let turns = 500
        // The thread keeps all three alive until it is through.
        let shared = Turns(there: there, back: back, count: turns)
        BackgroundThread.start {
            for _ in 0..<shared.count {
                shared.there.wait()
                shared.back.open()
            }
            shared.done.open()
        }
        for turn in 0..<turns {
            there.open()
            if turn % 2 == 0 { back.wait() } else { #expect(back.wait(atMost: 60_000_000)) }
        }
        shared.done.wait()
        #expect(!back.wait(atMost: 0))
    }

    @Test func aWaitOfManySecondsEndsWhenTheGateOpens() {
        let gate = Gate()
        BackgroundThread.start { gate.open() }
        #expect(gate.wait(atMost: 60_000_000))
    }
}

private final class Turns: Sendable {
    let there: Gate
    let back: Gate
    let done = Gate()
    let count: Int

    init(there: Gate, back: Gate, count: Int) {
        self.there = there
        self.back = back
        self.count = count
    }
}
