// Deletes and erasures while the time of day is set forth and back, beside compaction, checkpoints,
// openings, backups and prunings: whoever asks at once has what is gone out of every file, and what
// lives stays.

import MnemeBase
import MnemeLog
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct ErasureDiceTests {
    private static let hour: Microseconds = 3_600_000_000
    private let disk = SimulatedDisk()
    private let clock = SimulatedClock()

    private var options: StoreOptions {
        var options = Kinds.options(disk)
        options.clock = clock
        // No two stores that are restored draw the same.
        options.randomness = RealRandomness()
        options.logLimits.smallestSegment = 8 << 10
        options.logLimits.largestSegment = 16 << 10
        options.compactionShare = 0.3
        options.erasureDeadline = 3 * Self.hour
        return options
    }

    /// What the store and its backups must say.
    private struct Model {
        var living: [String: String] = [:]
        /// Not put again since.
        var gone: Set<String> = []
        /// Erased, and not put again since.
        var erased: Set<String> = []
        /// Deleted once and not erased: an erasure of a later record of the key does not mean what
        /// backups have of it.
        var deleted: Set<String> = []
        /// The newest backup, and what it had.
        var backups: [String] = []
    }

    private func isGone(_ store: Store, _ key: String, _ comment: Comment) throws {
        let proof = try store.erasureProof(of: Kinds.thing(key))
        #expect(proof.isErased, "\(comment): \(proof)")
    }

    private func check(_ store: Store, _ model: Model, _ comment: Comment) throws {
        #expect(try store.verify().findings == [], comment)
        let rows = try store.snapshot().find(Find("things", limit: .max)).rows
        let found = rows.reduce(into: [String: String]()) { found, row in
            guard case .text(let key) = row.record.reference.key,
                case .text(let body) = row.record.fields["body"]
            else { return }
            found[key] = body
        }
        #expect(found == model.living, comment)
    }

    @Test(arguments: 0..<6)
    func anyOrder(round: Int) throws {
        let seed = RealRandomness().next() >> 16
        print("erasure dice: seed \(seed)")
        let dice = SeededRandomness(seed: seed)
        var model = Model()
        var store = try Store.open("store", options: options)
        try store.define(Kinds.schema)
        var asked = 0
        for step in 0..<140 {
            let comment: Comment = "seed \(seed), step \(step)"
            let key = "key-\(dice.below(40))."
            switch dice.below(20) {
            case 0...6:
                let body = "words \(step) " + String(repeating: "x", count: dice.below(300))
                _ = try store.commit([Kinds.put(key, ["body": .text(body)])])
                model.living[key] = body
                model.gone.remove(key)
                model.erased.remove(key)
            case 7...9:
                guard model.living[key] != nil else { continue }
                _ = try store.commit([.delete(Kinds.thing(key))])
                model.living[key] = nil
                model.gone.insert(key)
                model.deleted.insert(key)
            case 10, 11:
                guard model.living[key] != nil else { continue }
                _ = try store.commit([.erase(Kinds.thing(key))])
                model.living[key] = nil
                model.gone.insert(key)
                model.erased.insert(key)
            case 12:
                let away = Microseconds(dice.below(1000)) * Self.hour / 10
                clock.set(clock.now() + (dice.below(2) == 0 ? away : -away))
            case 13: clock.advance(by: Microseconds(dice.below(100)) * Self.hour / 50)
            case 14: try store.upkeep()
            case 15: try store.checkpointNow()
            case 16: try store.compactAll()
            case 17:
                try store.close()
                store = try Store.open("store", .open, options: options)
            case 18:
                var base = BackupOptions()
                if dice.below(2) == 0 { base.base = model.backups.last }
                let name = "kept/b\(step)"
                do throws(MnemeError) {
                    _ = try store.backup(to: name, base)
                    model.backups.append(name)
                } catch {
                    // A chain that was made anew has no increments.
                    #expect(base.base != nil, "\(comment): \(error)")
                    model.backups = []
                }
            default:
                asked += 1
                #expect(try store.eraseNow(), comment)
                for key in model.gone { try isGone(store, key, "\(comment), \(key)") }
                try check(store, model, comment)
                if !model.backups.isEmpty { try prune(model, comment) }
            }
        }
        #expect(try store.eraseNow())
        for key in model.gone { try isGone(store, key, "seed \(seed), \(key)") }
        try check(store, model, "seed \(seed)")
        // By the upkeep alone: within its time, whatever the clock said before.
        let last = model.living.keys.sorted().first
        if let last {
            clock.set(clock.now() + 5000 * Self.hour)
            _ = try store.commit([.delete(Kinds.thing(last))])
            clock.set(clock.now() - 5000 * Self.hour)
            for _ in 0..<400 {
                clock.advance(by: Self.hour / 50)
                try store.upkeep()
            }
            try isGone(store, last, "seed \(seed), by the upkeep")
        }
        try store.close()
    }

    /// What a pruning leaves has nothing of what was erased, and can be restored.
    private func prune(_ model: Model, _ comment: Comment) throws {
        var wishes = PruneOptions()
        wishes.ledgers = ["store"]
        let pruned = try Store.pruneBackups(in: "kept", wishes, options: options)
        #expect(pruned.unread == [], "\(comment): \(pruned)")
        for name in try disk.list("kept") {
            for key in model.erased.subtracting(model.deleted) {
                #expect(
                    try frames(disk, "kept/" + name, of: key).isEmpty,
                    "\(comment): \(key) in \(name)"
                )
            }
        }
    }
}
