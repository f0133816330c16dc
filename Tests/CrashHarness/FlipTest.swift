// One flipped byte in a cleanly closed store. Every question is asked of the whole store first;
// asked again after a flip, it must be answered the same or with an error that names the damage.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel
internal import MnemeStore
internal import SimulatedWorld

/// What flips came to, by kind.
package struct FlipTally: Sendable, CustomStringConvertible {
    /// When the damage was named, if it was.
    package enum Kind: String, Sendable, CaseIterable {
        case answeredRightly = "answered rightly, and verified"
        case namedAtOpen = "named at open"
        case namedAtRead = "named at read"
        case namedByVerifyAlone = "named by verify alone"
    }

    package private(set) var counts: [Kind: Int] = [:]
    /// Wrong answers: which flip, and what was wrong.
    package private(set) var wrong: [String] = []

    /// Whether nothing was answered wrongly.
    package var isClean: Bool { wrong.isEmpty }

    mutating func count(_ kind: Kind) { counts[kind, default: 0] += 1 }
    mutating func note(_ finding: String) { wrong.append(finding) }

    package var description: String {
        let lines = Kind.allCases.map { "\($0.rawValue): \(counts[$0] ?? 0)" }
        return (lines + ["wrong: \(wrong.count)"] + wrong.prefix(20)).joined(separator: "\n")
    }
}

/// A closed store that bytes are flipped in.
package struct FlipTest: CustomStringConvertible {
    /// A byte of a file.
    private struct Target {
        var path: String
        var range: Range<Int>
    }

    private static let directory = "store"
    private let disk: SimulatedDisk
    private let dice: SeededRandomness
    private let questions: [FlipQuestion]
    private let answers: [UInt64]
    private let isEncrypted: Bool
    /// Where the store has bytes that it needs.
    private var log: [Target] = []
    private var cold: [Target] = []
    private var pages: [Target] = []

    /// Makes a store, asks it everything, and closes it.
    ///
    /// - Throws: when it does not answer as it should while it is whole.
    package init(
        records: Int,
        seed: UInt64,
        isEncrypted: Bool = false
    ) throws(HarnessFailure) {
        self.isEncrypted = isEncrypted
        let key = isEncrypted ? StoreShape.masterKey : nil
        dice = SeededRandomness(seed: seed)
        let content = FlipContent(records: records, dice: dice)
        let made = SimulatedDisk(seed: seed)
        questions = content.questions
        do throws(MnemeError) {
            let store = try Store.open(
                Self.directory,
                .create,
                options: Self.options(made, key)
            )
            try content.fill(store)
            try store.close()
            disk = made.powerCycle()
            let again = disk.crashKeepingAll()
            let whole = try Store.open(
                Self.directory,
                .open,
                options: Self.options(again, key)
            )
            let verification = try whole.verify()
            guard verification.findings.isEmpty else {
                throw MnemeError(.corrupt, "\(verification.findings.prefix(3))")
            }
            let snapshot = whole.snapshot()
            var answers: [UInt64] = []
            for question in questions { answers.append(try question.answer(snapshot)) }
            self.answers = answers
            let size = isEncrypted ? 1056 : 1024
            pages = whole.pagePlacesInUse.map { place in
                Target(
                    path: Self.directory + "/pages",
                    range: Int(place) * size..<Int(place + 1) * size
                )
            }
        } catch {
            throw HarnessFailure("the whole store: \(error)")
        }
        try findTargets()
        try content.check(Self.directory, Self.options(disk.crashKeepingAll(), key))
    }

    package var description: String {
        func bytes(_ targets: [Target]) -> Int { targets.reduce(0) { $0 + $1.range.count } }
        return "\(bytes(log)) live bytes of the log, \(bytes(cold)) of cold segments and "
            + "\(bytes(pages)) of the page file, "
            + "\(questions.count) questions a flip"
    }

    /// What of the files is looked at: of segments all up to the last frame's end, of the page
    /// file the places in use that lie in it.
    private mutating func findTargets() throws(HarnessFailure) {
        var length = 0
        for (path, bytes) in disk.contents() {
            guard let bytes else { continue }
            if path.hasSuffix("/pages") { length = bytes.count }
            guard path.hasSuffix(".log"), let last = bytes.lastIndex(where: { $0 != 0 }) else {
                continue
            }
            if path.contains("/cold-") {
                cold += [0..<128, 2048..<2176, 4096..<(last + 1)].map {
                    Target(path: path, range: $0)
                }
            } else {
                log += [0..<64, 2048..<2112, 4096..<(last + 1)].map {
                    Target(path: path, range: $0)
                }
            }
            if isEncrypted {
                log += [128..<168, 2176..<2216].map { Target(path: path, range: $0) }
            }
        }
        pages.removeAll { $0.range.upperBound > length }
        guard !log.isEmpty, !cold.isEmpty, !pages.isEmpty else {
            throw HarnessFailure("nothing can be flipped")
        }
    }

    private static func options(_ disk: SimulatedDisk, _ key: MasterKey?) -> StoreOptions {
        var options = StoreOptions()
        options.disk = disk
        options.clock = SimulatedClock()
        options.randomness = SeededRandomness(seed: 1)
        options.masterKey = key
        options.worksInBackground = false
        options.logLimits.smallestSegment = 16 << 10
        options.logLimits.largestSegment = 16 << 10
        options.compactionShare = 0.02
        options.graphLeast = 32
        return options
    }

    /// Flips so many bytes, one in each store: in the log, the page file and the cold
    /// segments by turns.
    package func run(_ count: Int) -> FlipTally {
        var tally = FlipTally()
        for number in 0..<count {
            let targets = [log, pages, cold][number % 3]
            var place = dice.below(targets.reduce(0) { $0 + $1.range.count })
            guard
                let target = targets.first(where: { target in
                    if place < target.range.count { return true }
                    place -= target.range.count
                    return false
                })
            else { continue }
            let mask = UInt8(1 + dice.below(255))
            flip(target.path, target.range.lowerBound + place, mask, &tally)
        }
        return tally
    }

    private func flip(_ path: String, _ offset: Int, _ mask: UInt8, _ tally: inout FlipTally) {
        let damaged = disk.crashKeepingAll()
        let name = "byte \(offset) of \(path) by \(mask)"
        do throws(DiskError) {
            try damaged.corrupt(path, at: UInt64(offset), mask: mask)
        } catch {
            tally.note("\(name): \(error)")
            return
        }
        let store: Store
        do throws(MnemeError) {
            store = try Store.open(
                Self.directory,
                .open,
                options: Self.options(damaged, isEncrypted ? StoreShape.masterKey : nil)
            )
        } catch {
            if isNamed(error, name, &tally) { tally.count(.namedAtOpen) }
            return
        }
        guard let wasNamed = ask(store.snapshot(), name, &tally) else { return }
        if wasNamed {
            tally.count(.namedAtRead)
            return
        }
        do throws(MnemeError) {
            let isWhole = try store.verify().findings.isEmpty
            tally.count(isWhole ? .answeredRightly : .namedByVerifyAlone)
        } catch {
            if isNamed(error, name, &tally) { tally.count(.namedByVerifyAlone) }
        }
    }

    /// Asks everything: whether an answer named the damage; nil when one was wrong.
    private func ask(_ snapshot: Snapshot, _ name: String, _ tally: inout FlipTally) -> Bool? {
        var wasNamed = false
        var isRight = true
        for (question, answer) in zip(questions, answers) {
            do throws(MnemeError) {
                if try question.answer(snapshot) != answer {
                    tally.note("\(name): another answer to \(question.name)")
                    isRight = false
                }
            } catch {
                wasNamed = true
                isRight = isNamed(error, name, &tally)
            }
            if !isRight { return nil }
        }
        return wasNamed
    }

    /// Whether an error names damage; it is noted where it does not.
    private func isNamed(_ error: MnemeError, _ name: String, _ tally: inout FlipTally) -> Bool {
        if Audit.damageCodes.contains(error.code) { return true }
        tally.note("\(name): \(error)")
        return false
    }
}
