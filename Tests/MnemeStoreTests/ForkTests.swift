// An erase names the versions that its own branch ever had, and no others: against a plain model of
// stores that are restored from each other's backups, to any point, and go on side by side.

import MnemeBase
import MnemeModel
import Testing

@testable import MnemeLog
@testable import MnemeStore

@Suite struct ForkTests {
    private static let identity = LogIdentity(high: 1, low: 2)

    /// A version of a record; no two are the same, whatever branches put them.
    private struct Version: Hashable {
        var number: Int
        var ordinal: UInt64
        var origin: VersionOrigin
    }

    /// A frame of a branch's history.
    private struct Entry {
        var sequence: UInt64
        var incarnation: UInt64
        var version: Version?
        var fork: Fork?
    }

    /// A store: all that was ever written in it, or before its restore.
    private struct Branch {
        var history: [Entry] = []
        var incarnation: UInt64 = 1
        var living: [UInt64] = []

        var next: UInt64 { (history.last?.sequence ?? 0) + 1 }
        var line: [Fork] { history.compactMap(\.fork) }

        mutating func write(_ version: Version? = nil, fork: Fork? = nil) {
            history.append(
                Entry(sequence: next, incarnation: incarnation, version: version, fork: fork)
            )
        }

        func versions(of ordinal: UInt64) -> [Version] {
            history.compactMap(\.version).filter { $0.ordinal == ordinal }
        }
    }

    /// What an erase said, and what it was about.
    private struct Case {
        var erasure: Erasure
        var wanted: Set<Version>
    }

    /// Branches that grow.
    private struct World {
        let dice: SeededRandomness
        var branches = [Branch()]
        var versions: [Version] = []
        var cases: [Case] = []

        init(seed: UInt64) { dice = SeededRandomness(seed: seed) }

        /// Puts a version of a record without ending the batch.
        mutating func put(_ index: Int, _ ordinal: UInt64) {
            let isFirst = !branches[index].living.contains(ordinal)
            let version = Version(
                number: versions.count,
                ordinal: ordinal,
                origin: VersionOrigin(
                    sequence: branches[index].next,
                    incarnation: branches[index].incarnation,
                    isFirst: isFirst
                )
            )
            versions.append(version)
            branches[index].write(version)
            if isFirst { branches[index].living.append(ordinal) }
        }

        /// `isKnown`: whether the newest version stands in a batch before.
        mutating func erase(_ index: Int, _ ordinal: UInt64, isKnown: Bool) throws {
            let branch = branches[index]
            let all = branch.versions(of: ordinal)
            let mark = ErasureMark(
                ForkTests.key(ordinal),
                1,
                isKnown ? all.last?.origin : nil,
                ForkTests.identity,
                line: branch.line
            )
            let columns = mark.columns(PlainColumns(ordinal: ordinal, previous: nil, kind: 1))
            let erasure = Erasure(
                columns,
                type: StoreFrameType.erase,
                sequence: branch.next,
                incarnation: branch.incarnation
            )
            cases.append(Case(erasure: try #require(erasure), wanted: Set(all)))
            branches[index].living.removeAll { $0 == ordinal }
            branches[index].write()
        }

        /// A new branch, of a backup that a branch made at some point, up to another point.
        mutating func restore(_ index: Int) {
            let source = branches[index].history
            let end = 1 + dice.below(source.count)
            let stop = dice.below(3) == 0 ? end : 1 + dice.below(end)
            var branch = Branch()
            branch.history = Array(source[..<stop])
            // As many as were given up to there; which of them live does not matter.
            branch.living = Array(Set(branch.history.compactMap(\.version?.ordinal))).sorted()
                .filter { _ in dice.below(4) > 0 }
            branch.incarnation = source[end - 1].incarnation + dice.next() % (1 << 32) + 1
            let kept = source[stop - 1]
            branch.write(
                fork: Fork(
                    stop: kept.sequence,
                    kept: kept.incarnation,
                    first: branch.incarnation
                )
            )
            branch.write()
            branches.append(branch)
        }

        mutating func step() throws {
            let index = dice.below(branches.count)
            let used = branches[index].history.compactMap(\.version?.ordinal).max() ?? 0
            let living = branches[index].living
            switch dice.below(20) {
            case 0..<5: put(index, used + 1)
            case 5..<11:
                if !living.isEmpty { put(index, living[dice.below(living.count)]) }
            case 11..<13:
                guard !living.isEmpty else { return }
                try erase(index, living[dice.below(living.count)], isKnown: true)
            case 13:
                // Both in one batch.
                let ordinal = living.isEmpty ? used + 1 : living[dice.below(living.count)]
                put(index, ordinal)
                try erase(index, ordinal, isKnown: false)
            case 14..<18: branches[index].incarnation += 1
            default:
                if branches.count < 12, branches[index].history.count > 1 { restore(index) }
            }
            branches[index].write()
        }
    }

    private static func key(_ ordinal: UInt64) -> Key { .text("k\(ordinal)") }

    @Test(arguments: 0..<24 as Range<UInt64>)
    func anEraseNamesWhatItsBranchHad(seed: UInt64) throws {
        var world = World(seed: seed)
        for _ in 0..<500 { try world.step() }
        var (named, spared) = (0, 0)
        for one in world.cases {
            let erasure = one.erasure
            for version in world.versions where version.ordinal == erasure.ordinal {
                let isNamed = erasure.names(
                    Self.key(version.ordinal),
                    version.origin,
                    in: Self.identity
                )
                let isWanted = one.wanted.contains(version)
                #expect(isNamed == isWanted, "seed \(seed): \(version) of \(erasure)")
                if isNamed { named += 1 }
                let newest = erasure.newest
                if !isWanted, !newest.isFirst, version.origin.sequence <= newest.sequence,
                    version.origin.incarnation <= newest.incarnation
                {
                    spared += 1
                }
            }
        }
        // There were many that only the forks tell apart.
        #expect(named > 100 && spared > 50, "seed \(seed): \(named), \(spared)")
        #expect(world.branches.contains { $0.line.count > 1 }, "seed \(seed)")
    }

    /// One that a program wrote which knew of no forks.
    @Test func withoutForksLaterVersionsOfTheOtherBranchAreNamed() throws {
        func names(_ line: [Fork], _ sequence: UInt64, _ incarnation: UInt64) throws -> Bool {
            let newest = VersionOrigin(sequence: 40, incarnation: 1000, isFirst: false)
            let mark = ErasureMark(.text("x"), 1, newest, Self.identity, line: line)
            let erasure = try #require(
                Erasure(
                    mark.columns(PlainColumns(ordinal: 7, previous: nil, kind: 1)),
                    type: StoreFrameType.erase,
                    sequence: 50,
                    incarnation: 1001
                )
            )
            let version = VersionOrigin(
                sequence: sequence,
                incarnation: incarnation,
                isFirst: false
            )
            return erasure.names(.text("x"), version, in: Self.identity)
        }
        let fork = Fork(stop: 20, kept: 3, first: 1000)
        #expect(try names([], 30, 3) && names([], 20, 3) && names([], 30, 1000))
        #expect(try !names([fork], 30, 3) && names([fork], 20, 3) && names([fork], 30, 1000))
        // Of a branch that was restored from an earlier backup, or to an earlier point.
        #expect(try !names([fork], 15, 500) && !names([fork], 25, 999))
        #expect(try !names([fork], 21, 1) && !names([fork], 20, 1000))
    }

    @Test func anEraseSaysOnlyTheForksThatMatter() {
        let line = [
            Fork(stop: 10, kept: 1, first: 50), Fork(stop: 20, kept: 52, first: 900),
            Fork(stop: 30, kept: 901, first: 7000),
        ]
        func columns(_ origin: VersionOrigin?) -> Int {
            ErasureMark(.text("x"), 1, origin, Self.identity, line: line)
                .columns(PlainColumns(ordinal: 7, previous: nil, kind: 1)).count
        }
        func version(_ sequence: UInt64, _ isFirst: Bool) -> VersionOrigin {
            VersionOrigin(sequence: sequence, incarnation: 1, isFirst: isFirst)
        }
        #expect(columns(nil) == 56 + 3 * 24)
        #expect(columns(version(40, true)) == 56)
        #expect(columns(version(40, false)) == 56 + 3 * 24)
        #expect(columns(version(30, false)) == 56 + 2 * 24)
        #expect(columns(version(10, false)) == 56)
    }

    @Test func aForkMustBeWhereItSays() {
        let fork = Fork(stop: 99, kept: 1, first: 2)
        #expect(Fork(fork.columns, sequence: 100, incarnation: 2) == fork)
        #expect(Fork(fork.columns, sequence: 101, incarnation: 2) == nil)
        #expect(Fork(fork.columns, sequence: 100, incarnation: 3) == nil)
        #expect(Fork(fork.columns + [0], sequence: 100, incarnation: 2) == nil)
        for count in 0..<24 {
            #expect(Fork(Array(fork.columns.prefix(count)), sequence: 100, incarnation: 2) == nil)
        }
        let late = Fork(stop: .max, kept: 1, first: 2)
        #expect(Fork(late.columns, sequence: 0, incarnation: 2) == nil)
        let wide = Fork(stop: 99, kept: 2, first: 2)
        #expect(Fork(wide.columns, sequence: 100, incarnation: 2) == nil)
        #expect(Fork(stop: 120, kept: 2, first: 9).follows(fork))
        #expect(!Fork(stop: 99, kept: 2, first: 9).follows(fork))
        #expect(!Fork(stop: 120, kept: 1, first: 9).follows(fork))
    }
}
