import MnemeModel
import Testing

@testable import MnemeStore

@Suite struct LogGrowthTests {
    private func put(_ byteCount: Int) -> LogGrowth.Step {
        var step = LogGrowth.Step()
        step.puts = 1
        step.byteCount = byteCount
        return step
    }

    @Test func nothingHasNoSteps() {
        var growth = LogGrowth()
        #expect(growth.steps.isEmpty && growth.total == LogGrowth.Step())
        growth.note(put(7), at: 0)
        #expect(growth.steps.isEmpty && growth.timeless.byteCount == 7)
        #expect(growth.total.byteCount == 7)
    }

    /// However long it takes and whatever the order, nothing is lost and the steps are few.
    @Test func stepsWidenAndKeepAll() {
        let second: Int64 = 1_000_000
        for span in [1, 119, 120, 121, 3600, 86_400 * 400] as [Int64] {
            var growth = LogGrowth()
            let times = [0, span / 2, span, span / 3, 1, span - 1].map { 1_700_000_000 + $0 }
            for (place, time) in times.enumerated() {
                growth.note(put(1 << place), at: time * second)
            }
            let steps = growth.steps
            #expect(steps.count <= LogGrowth.limit, "\(span)")
            #expect(growth.total.byteCount == 63 && growth.total.puts == 6, "\(span)")
            #expect(steps.reduce(0) { $0 + $1.step.byteCount } == 63, "\(span)")
            let first = steps[0].start.microseconds
            #expect(first <= times[0] * second && first + growth.width > times[0] * second)
            for (place, step) in steps.enumerated() {
                #expect(step.start.microseconds == first + Int64(place) * growth.width)
            }
            let last = steps[steps.count - 1]
            #expect(last.step.byteCount >= 4, "\(span)")
        }
    }
}
