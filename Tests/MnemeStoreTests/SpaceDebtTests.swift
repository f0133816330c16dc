// The debt of space: what follows from it has no step and no end, commits are held up near its
// bound and never for good, and a debt that presses is paid.

import MnemeBase
import MnemeLog
import MnemeModel
import SimulatedWorld
import Synchronization
import Testing

@testable import MnemeStore

@Suite struct SpaceDebtTests {
    private let segment = 64 << 20

    private func debt(live: Int, idle: Int) -> SpaceDebt {
        SpaceDebt(liveBytes: live, idleBytes: idle, segmentBytes: segment)
    }

    // MARK: The ramps

    @Test(arguments: [0, 100 << 20, 100 << 30]) func theRampHasNoStep(live: Int) {
        let bound = 2 * live + 6 * segment
        let comfortable = live + 2 * segment
        #expect(debt(live: live, idle: comfortable).level == 0)
        #expect(debt(live: live, idle: bound).level == 1)
        #expect(debt(live: live, idle: 2 * bound).level > 1)
        var before = debt(live: live, idle: 0)
        let steps = 1000
        for step in 1...steps {
            let next = debt(live: live, idle: bound * 5 / 4 / steps * step)
            let most = 64 << 20
            let (low, high) = (before.level, next.level)
            #expect(low <= high && high - low < 0.006)
            #expect(before.rate(most: most) <= next.rate(most: most))
            if live > 0 {
                #expect(next.rate(most: most) - before.rate(most: most) < most / 50)
            }
            let urgency = SpaceDebt.urgency(at: high)
            let strain = SpaceDebt.strain(at: high)
            #expect((0...1).contains(urgency) && (0...1).contains(strain))
            #expect(urgency - SpaceDebt.urgency(at: low) < 0.012)
            #expect(strain - SpaceDebt.strain(at: low) < 0.012)
            // Nobody is held up before compaction does all that it can.
            #expect(strain == 0 || urgency == 1)
            before = next
        }
        #expect(before.rate(most: 1000) == 1000)
    }

    @Test(arguments: [1, 2000, 16 << 20, 1 << 40]) func delaysGrowAndEnd(byteCount: Int) {
        #expect(SpaceDebt.delay(byteCount, strain: 0) == 0)
        var before: Microseconds = 0
        for step in 0...1000 {
            let delay = SpaceDebt.delay(byteCount, strain: Double(step) / 1000)
            #expect(before <= delay && delay <= 1_000_000)
            before = delay
        }
        #expect(before == SpaceDebt.longestDelay(byteCount) && before >= 50_000)
        // At first it is next to nothing.
        #expect(SpaceDebt.delay(2000, strain: 0.1) < 10)
    }

    @Test func whoComesTogetherGoesOneAfterAnother() {
        var state = SpaceBrake.State(isOff: false)
        var due: [Microseconds] = []
        for _ in 0..<10 { due.append(SpaceBrake.reserve(1 << 20, 0.5, 1000, &state)) }
        let delay = SpaceDebt.delay(1 << 20, strain: 0.5)
        #expect(due[0] == 1000 + delay)
        #expect(zip(due, due.dropFirst()).allSatisfy { $0 <= $1 })
        #expect(due[1] == 1000 + 2 * delay)
        // However many there are, nobody waits longer than alone at the most.
        for _ in 0..<100 {
            let last = SpaceBrake.reserve(1 << 20, 1, 1000, &state)
            #expect(last <= 1000 + SpaceDebt.longestDelay(1 << 20))
        }
        // And what was held up is through after a while.
        let later = 1000 + SpaceDebt.longestDelay(1 << 20)
        #expect(SpaceBrake.reserve(1, 0.5, later, &state) <= later + 1)
    }

    // MARK: The brake

    /// A brake under a strain that is set.
    private func brake(_ strain: Double, isOn: Bool = true) -> SpaceBrake {
        SpaceBrake(isOn: isOn, SteadyClock(SimulatedClock())) { strain }
    }

    @Test func whatIsParkedKeepsItsOrderAndGoes() {
        let strain = Mutex(1.0)
        let brake = SpaceBrake(isOn: true, SteadyClock(RealClock())) { strain.withLock { $0 } }
        let done = Mutex<[Int]>([])
        let last = Gate()
        for number in 0..<4 {
            brake.pass(1000) { isParked in
                done.withLock { $0.append(number) }
                #expect(isParked)
            }
        }
        // Nobody overtakes them once the strain is gone.
        strain.withLock { $0 = 0 }
        brake.pass(1000) { _ in
            done.withLock { $0.append(4) }
            last.open()
        }
        last.wait()
        #expect(done.withLock { $0 } == [0, 1, 2, 3, 4])
        brake.wait(1000)
        brake.pass(1000) { #expect(!$0) }
    }

    @Test func waitsEndAlsoWhereTheClockStands() {
        let brake = brake(1)
        for _ in 0..<3 { brake.wait(1000) }
        let done = Gate()
        brake.pass(1000) { _ in done.open() }
        done.wait()
        #expect(brake.waiting == 0)
    }

    @Test func theEndLetsEverybodyGo() {
        let brake = brake(1)
        let done = Mutex(0)
        let sleeper = Gate()
        BackgroundThread.start(niceness: 0) {
            brake.wait(1 << 30)
            sleeper.open()
        }
        for _ in 0..<3 { brake.pass(1 << 30) { _ in done.withLock { $0 += 1 } } }
        brake.end()
        #expect(done.withLock { $0 } == 3)
        sleeper.wait()
        brake.wait(1 << 30)
        brake.pass(1) { isParked in #expect(!isParked) }
        #expect(brake.waiting == 0)
    }

    @Test func whereNobodyWorksBehindNobodyWaits() {
        let brake = brake(1, isOn: false)
        brake.wait(1 << 30)
        brake.pass(1 << 30) { isParked in #expect(!isParked) }
        #expect(brake.waiting == 0)
    }
}
