import Mneme
import Testing

@testable import MnemeProgram

@Suite struct StatisticsLayoutTests {
    @Test func ownersAreThoseThatWereEverSeen() throws {
        let memory = try Memory.inMemory()
        try memory.remember("a word", owner: "ann")
        try memory.remember("a word", owner: "bob")
        #expect(try memory.forget(Forget(owner: "ann")) == 1)
        let statistics = try memory.statistics()
        #expect(statistics.records["memories"] == 1 && statistics.owners == 2)
        let lines = StatisticsLayout.lines(statistics)
        #expect(lines.contains { $0.hasPrefix("owners ever seen") && $0.hasSuffix("2") })
    }
}
