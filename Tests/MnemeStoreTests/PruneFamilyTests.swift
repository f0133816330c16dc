// Prunings of the backups of a store, of copies of it and of what was restored, held against a
// plain model: what every backup has, as the commits that led to it. None goes unless one stays
// that has all of it and more, and as many stay on the way to the newest as were asked for.

import MnemeBase
import MnemeLog
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct PruneFamilyTests {
    /// A store of the family.
    private struct Member {
        var name: String
        /// The commits that led to what it has.
        var history: [Int]
        var newest: String?
    }

    private struct Made {
        var history: [Int]
        var base: String?
    }

    private let disk = SimulatedDisk()
    private let clock = SimulatedClock()

    private var options: StoreOptions {
        var options = Kinds.options(disk)
        options.clock = clock
        // No two stores that are restored draw the same.
        options.randomness = RealRandomness()
        options.logLimits.smallestSegment = 16 << 10
        options.logLimits.largestSegment = 16 << 10
        return options
    }

    private func chain(_ name: String, _ made: [String: Made]) -> [String] {
        var chain = [name]
        while let base = made[chain[0]]?.base { chain.insert(base, at: 0) }
        return chain
    }

    private func keys(_ chain: [String], _ name: String) throws -> Set<String> {
        _ = try Store.restore(chain, to: name, ledger: .none, options: options)
        let store = try Store.open(name, .open, options: options)
        #expect(try store.verify().findings == [])
        let rows = try store.snapshot().find(Find("things", limit: .max)).rows
        try store.close()
        return Set(rows.map { $0.record.reference.key.description })
    }

    @Test(arguments: 0..<8)
    func aFamily(round: Int) throws {
        let seed = RealRandomness().next() >> 16
        print("prune family: seed \(seed)")
        let dice = SeededRandomness(seed: seed)
        let first = try Store.open("s0", options: options)
        try first.define(Kinds.schema)
        try first.close()
        var members = [Member(name: "s0", history: [])]
        var made: [String: Made] = [:]
        var (commits, restores) = (0, 0)
        for step in 0..<60 {
            let comment: Comment = "seed \(seed), step \(step)"
            clock.advance(by: 1_000_000)
            let index = dice.below(members.count)
            let name = members[index].name
            switch dice.below(10) {
            case 0...3:
                let store = try Store.open(name, .open, options: options)
                commits += 1
                _ = try store.commit([Kinds.put("c\(commits)")])
                members[index].history.append(commits)
                try store.close()
            case 4...6:
                let store = try Store.open(name, .open, options: options)
                var base = BackupOptions()
                if dice.below(2) == 0 { base.base = members[index].newest }
                let to = "kept/b\(step)"
                _ = try store.backup(to: to, base)
                try store.close()
                made[to] = Made(history: members[index].history, base: base.base)
                members[index].newest = to
            case 7:
                guard members.count < 5, let from = made.keys.sorted().randomElement(dice) else {
                    continue
                }
                let new = "s\(members.count)"
                if dice.below(3) == 0 {
                    try copyStore(disk, from: name, to: new)
                    members.append(Member(name: new, history: members[index].history))
                } else {
                    _ = try Store.restore(chain(from, made), to: new, options: options)
                    members.append(Member(name: new, history: made[from]?.history ?? []))
                }
            default:
                if made.isEmpty { continue }
                let keep = 1 + dice.below(3)
                var wishes = PruneOptions()
                wishes.keep = keep
                let pruned = try Store.pruneBackups(in: "kept", wishes, options: options)
                #expect(pruned.unread == [] && pruned.rewritten.isEmpty, comment)
                let gone = Set(pruned.removed.map(\.directory))
                let left = made.filter { !gone.contains($0.key) }
                for (name, backup) in made {
                    let followers = left.filter { $0.value.history.starts(with: backup.history) }
                    #expect(!followers.isEmpty, "\(comment): nothing has all of \(name)")
                }
                // On the way to each newest one as many stay as were asked for.
                for (name, end) in made
                where !made.contains(where: {
                    $0.value.history.count > end.history.count
                        && $0.value.history.starts(with: end.history)
                }) {
                    let way = made.filter { end.history.starts(with: $0.value.history) }
                    let stay = way.count { !gone.contains($0.key) }
                    #expect(stay >= min(keep, way.count), "\(comment): \(stay) on \(name)")
                }
                // Whatever stays is whole.
                for name in left.keys {
                    #expect(
                        chain(name, made).allSatisfy { !gone.contains($0) },
                        "\(comment): \(name) lacks what it goes on from"
                    )
                }
                if let name = left.keys.sorted().randomElement(dice) {
                    restores += 1
                    let found = try keys(chain(name, left), "r\(restores)")
                    let expected = Set((left[name]?.history ?? []).map { "c\($0)" })
                    #expect(found == expected, "\(comment): \(name)")
                }
                made = left
                for index in members.indices {
                    if let newest = members[index].newest, gone.contains(newest) {
                        members[index].newest = nil
                    }
                }
            }
        }
    }
}

extension [String] {
    fileprivate func randomElement(_ dice: SeededRandomness) -> String? {
        isEmpty ? nil : self[dice.below(count)]
    }
}
