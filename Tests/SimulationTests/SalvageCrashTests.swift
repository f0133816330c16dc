// A power cut and a kill at every step of a salvage: what it was filling is refused, or it is
// whole; run again, it comes through.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct SalvageCrashTests {
    private static let seed: UInt64 = 31

    private static func options(_ disk: any Disk) -> StoreOptions {
        StoreOptions.stepwise(disk, seed: seed)
    }

    private static let schema = Schema(
        collections: [Collection("notes", fields: [Field("body", .text, isSearchable: true)])]
    )

    private func world() throws -> SimulatedDisk {
        let disk = SimulatedDisk(seed: Self.seed)
        let store = try Store.open("store", options: Self.options(disk))
        try store.define(Self.schema)
        for number in 0..<60 {
            let body = "alder birch \(String(repeating: "cedar ", count: number))"
            _ = try store.commit([.put(Put("notes", .text("k\(number)"), ["body": .text(body)]))])
        }
        try store.close()
        return disk
    }

    @Test("A salvage that is cut off leaves a whole store or none")
    func everyStep() throws {
        let made = try world()
        let dice = SeededRandomness(seed: Self.seed)
        var isOver = false
        var step = 0
        var (refused, whole) = (0, 0)
        while !isOver {
            step += 1
            let disk = made.crashKeepingAll()
            disk.cut(atStep: disk.steps + step)
            do throws(MnemeError) {
                _ = try Salvage(of: "store", to: "deep/new", options: Self.options(disk)).run()
                isOver = !disk.isOff
            } catch {
                #expect(disk.isOff, "\(error)")
            }
            let survivor = dice.below(3) == 0 ? disk.crashKeepingAll() : disk.crash(using: dice)
            let options = Self.options(survivor)
            let isMarked = WorkMarker(survivor, at: "deep/new/unfinished") != nil
            if isMarked {
                refused += 1
                #expect(!isOver)
                for mode in [StoreMode.open, .openOrCreate, .create, .read, .rebuild] {
                    do throws(MnemeError) {
                        _ = try Store.open("deep/new", mode, options: options)
                        Issue.record("half a salvage was opened, step \(step)")
                    } catch {
                        #expect(error.code == .notAStore, "\(error)")
                        #expect(error.message.contains("run it again"), "\(error)")
                    }
                }
            } else if survivor.holds("deep/new/store") {
                whole += 1
            }
            if isMarked || !survivor.holds("deep/new/store") {
                _ = try Salvage(of: "store", to: "deep/new", options: options).run()
            }
            let store = try Store.open("deep/new", .open, options: options)
            #expect(try store.verify().findings == [])
            #expect(try store.statistics().records == ["notes": 60], "step \(step)")
            #expect(!survivor.holds("deep/new/unfinished"))
            try store.close()
        }
        #expect(refused > 20 && whole > 0, "\(refused), \(whole)")
    }
}
