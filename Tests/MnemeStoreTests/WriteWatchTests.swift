// What whoever looks after a store hears of a disk that is full, has room again, or fails.

import MnemeBase
import MnemeLog
import MnemeModel
import SimulatedWorld
import Synchronization
import Testing

@testable import MnemeStore

@Suite struct WriteWatchTests {
    /// A store with small segments that tells what it has to say.
    private final class Told: Sendable {
        private let lines = Mutex<[String]>([])

        func options(_ disk: any Disk) -> StoreOptions {
            var options = Kinds.options(disk)
            options.logLimits.smallestSegment = 16 << 10
            options.logLimits.largestSegment = 16 << 10
            options.report = { [self] notice in lines.withLock { $0.append(notice.text) } }
            return options
        }

        /// What was said since the last time.
        func take() -> [String] {
            lines.withLock { lines in
                defer { lines = [] }
                return lines
            }
        }
    }

    private static func put(_ number: Int) -> Change {
        Kinds.put("k\(number)", ["data": .bytes([UInt8](repeating: 7, count: 600))])
    }

    /// Commits until something is refused that need not be; the codes of the refusals.
    private func fill(_ store: Store, _ numbers: Range<Int>) -> [MnemeError.Code] {
        var codes: [MnemeError.Code] = []
        for number in numbers {
            do throws(MnemeError) {
                _ = try store.commit([Self.put(number)])
            } catch {
                codes.append(error.code)
            }
        }
        return codes
    }

    @Test func aFullDiskIsToldOnceAndSoIsItsEnd() throws {
        let told = Told()
        let disk = SimulatedDisk(seed: 1)
        let store = try Store.open("store", options: told.options(disk))
        try store.define(Kinds.schema)
        for round in 0..<2 {
            disk.plan.full = FullDisk(from: disk.steps, everyWrite: false)
            let codes = fill(store, (round * 200)..<(round * 200 + 60))
            #expect(codes.count > 10 && codes.allSatisfy { $0 == .diskFull })
            let lines = told.take()
            #expect(lines.count == 1, "\(lines)")
            #expect(lines.allSatisfy { $0.contains("full") && $0.contains("store/log/") })
            disk.plan.full = nil
            #expect(fill(store, (round * 200 + 60)..<(round * 200 + 120)) == [])
            #expect(told.take() == ["There is room on the disk again, and commits are taken."])
        }
        try store.close()
        #expect(told.take() == [])
    }

    @Test func theEndOfAllWritingIsToldOnce() throws {
        let told = Told()
        let disk = SimulatedDisk(seed: 1)
        let store = try Store.open("store", options: told.options(disk))
        try store.define(Kinds.schema)
        #expect(store.writeRefusal == nil)
        disk.plan.everySync = .failed(keepingSome: false)
        #expect(fill(store, 0..<4).count == 4)
        #expect(store.writeRefusal != nil)
        let lines = told.take()
        #expect(lines.count == 1, "\(lines)")
        #expect(lines.allSatisfy { $0.contains("Nothing is written any more") })
        try? store.close()
    }
}
