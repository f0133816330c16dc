// A power cut at every step of the first opening of a copy that was made of links: nothing that was
// acknowledged is lost, in the copy or in what it is a copy of, and no byte of the latter changes.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct LinkedOpeningCrashTests {
    private static let seed: UInt64 = 29

    private static func options(_ disk: any Disk, seed: UInt64 = seed) -> StoreOptions {
        var options = StoreOptions.stepwise(disk, seed: seed)
        options.derivesDamagedPages = true
        return options
    }

    private static func put(_ number: Int) -> Change {
        .put(Put("notes", .text("k\(number)"), ["body": .text("alder birch \(number)")]))
    }

    /// A store, and its files under second names; without `isClosed` its process was killed.
    private static func world(isClosed: Bool, withPages: Bool) throws -> SimulatedDisk {
        let disk = SimulatedDisk(seed: seed)
        let store = try Store.open("store", options: options(disk))
        try store.define(
            Schema(collections: [Collection("notes", fields: [Field("body", .text)])])
        )
        for number in 0..<40 {
            _ = try store.commit([put(number)])
            if number == 25 { try store.checkpointNow() }
        }
        try store.upkeep([.spare])
        if isClosed { try store.close() }
        let left = disk.powerCycle()
        try left.createDirectory("snap/log")
        for (path, bytes) in left.contents() where bytes != nil && path.hasPrefix("store/") {
            guard path != "store/lock", withPages || path != "store/pages" else { continue }
            try left.link(path, to: "snap" + path.dropFirst("store".count))
        }
        for name in ["snap/log", "snap", "."] { try? left.syncDirectory(name) }
        return left
    }

    private static func bytes(_ disk: SimulatedDisk, _ store: String) -> [String: [UInt8]] {
        var found: [String: [UInt8]] = [:]
        for (path, bytes) in disk.contents() where path.hasPrefix(store + "/") {
            found[path] = bytes
        }
        return found
    }

    private static func keys(_ store: Store) throws -> Set<String> {
        #expect(try store.verify().findings == [])
        let rows = try store.snapshot().find(Find("notes", limit: .max)).rows
        return Set(rows.map { $0.record.reference.key.description })
    }

    @Test(arguments: [true, false], [StoreMode.open, .rebuild])
    func everyStep(isClosed: Bool, mode: StoreMode) throws {
        for withPages in [true, false] {
            let made = try Self.world(isClosed: isClosed, withPages: withPages)
            let before = Self.bytes(made, "store")
            let all = Set((0..<40).map { "k\($0)" })
            let dice = SeededRandomness(seed: Self.seed)
            var (isOver, step) = (false, 0)
            while !isOver {
                // The first steps are those of the copying.
                step += step < 16 ? 1 : 1 + dice.below(4)
                let disk = made.crashKeepingAll()
                disk.cut(atStep: disk.steps + step)
                var acknowledged = all
                do throws(MnemeError) {
                    let options = Self.options(disk, seed: UInt64(step))
                    let store = try Store.open("snap", mode, options: options)
                    for number in 100..<103 {
                        _ = try store.commit([Self.put(number)])
                        acknowledged.insert("k\(number)")
                    }
                    try store.close()
                    isOver = !disk.isOff
                } catch {
                    #expect(disk.isOff, "\(error)")
                }
                for round in 0..<2 {
                    let cut = round == 0 ? disk.crashKeepingAll() : disk.crash(using: dice)
                    let place: Comment = "step \(step), cut \(round), pages \(withPages)"
                    #expect(Self.bytes(cut, "store") == before, place)
                    for (name, known) in [("snap", acknowledged), ("store", all)] {
                        let options = Self.options(cut, seed: UInt64(step) + 1000)
                        let store = try Store.open(name, .open, options: options)
                        let found = try Self.keys(store)
                        #expect(found.isSuperset(of: known), place)
                        // At most the commit under way beyond that.
                        #expect(found.count <= known.count + (name == "snap" ? 1 : 0), place)
                        _ = try store.commit([Self.put(200)])
                        try store.close()
                        let again = try Store.open(name, .open, options: options)
                        #expect(try Self.keys(again) == found.union(["k200"]), place)
                        try again.close()
                    }
                    let names = try cut.list("snap") + cut.list("snap/log")
                    #expect(!names.contains { $0.hasSuffix(".new") }, place)
                }
            }
            #expect(step > 12, "\(step) steps")
        }
    }
}
