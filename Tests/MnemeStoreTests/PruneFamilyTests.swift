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
    /// What a store or a backup has, and how it came to that.
    private struct Way {
        /// The commits that led to it, and the lines, numbers below 0, that some of them began.
        var steps: [Int] = []
        /// The line that begins with what comes next: the store was restored, and has stood since
        /// where its backup ended.
        var line: Int?

        mutating func take(_ commit: Int) {
            begin()
            steps.append(commit)
        }

        /// Goes the line that it stands before.
        ///
        /// What is restored from a backup of that line is of it, commits or not.
        mutating func begin() {
            if let line { steps.append(line) }
            line = nil
        }

        var keys: Set<String> { Set(steps.filter { $0 > 0 }.map { "c\($0)" }) }
    }

    /// A store of the family.
    private struct Member {
        var name: String
        var way = Way()
        var newest: String?
    }

    private struct Made {
        var way: Way
        var base: String?

        /// Whether all that it has is on the way to another one.
        func leads(to other: Made) -> Bool { other.way.steps.starts(with: way.steps) }
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
        // The first one restores twice without a commit between.
        let seed = round == 0 ? 182_965_667_089_273 : RealRandomness().next() >> 16
        print("prune family: seed \(seed)")
        let dice = SeededRandomness(seed: seed)
        let first = try Store.open("s0", options: options)
        try first.define(Kinds.schema)
        try first.close()
        var members = [Member(name: "s0")]
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
                members[index].way.take(commits)
                try store.close()
            case 4...6:
                let store = try Store.open(name, .open, options: options)
                var base = BackupOptions()
                if dice.below(2) == 0 { base.base = members[index].newest }
                let to = "kept/b\(step)"
                _ = try store.backup(to: to, base)
                try store.close()
                made[to] = Made(way: members[index].way, base: base.base)
                members[index].newest = to
            case 7:
                guard members.count < 5, let from = made.keys.sorted().randomElement(dice) else {
                    continue
                }
                let new = "s\(members.count)"
                if dice.below(3) == 0 {
                    try copyStore(disk, from: name, to: new)
                    members.append(Member(name: new, way: members[index].way))
                } else {
                    _ = try Store.restore(chain(from, made), to: new, options: options)
                    var way = made[from]?.way ?? Way()
                    way.begin()
                    way.line = -members.count
                    members.append(Member(name: new, way: way))
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
                    let followers = left.values.filter(backup.leads)
                    #expect(!followers.isEmpty, "\(comment): nothing has all of \(name)")
                }
                // On the way to each newest one as many stay as were asked for.
                for (name, end) in made
                where !made.contains(where: {
                    $0.value.way.steps.count > end.way.steps.count && end.leads(to: $0.value)
                }) {
                    let way = made.filter { $0.value.leads(to: end) }
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
                    #expect(found == left[name]?.way.keys, "\(comment): \(name)")
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
