// One run: a memory behind its public door, the plain model of it, and random requests put to both.
// Every step has dice of its own, so that a run without some of its steps is a run too: that is how
// a failure is made smaller.

import MnemeBase
import MnemeLog
import MnemeModel
import MnemeStore
import Synchronization

@testable import Mneme

/// A clock that the test moves.
final class TurnedClock: Clock {
    private let time = Mutex<Microseconds>(TreeDice.start)

    func now() -> Microseconds { time.withLock { $0 } }
    func elapsed() -> Microseconds { time.withLock { $0 - TreeDice.start } }
    func advance(by duration: Microseconds) { time.withLock { $0 += duration } }
}

/// Where the memory and the model part.
struct Difference: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

final class TreeRun {
    /// A transaction: what it has been told, and the model as it sees it.
    struct Open {
        let id: UInt64
        var model: PlainModel
        let sequence: UInt64
        /// How many changes others had made when it began.
        let begun: Int
        var asked: [(request: Request, told: Result<Response, MnemeError>, numbers: [UInt64])] = []
        /// Its edges: the numbers that it was told, and those of the model.
        var numbers: [UInt64: UInt64] = [:]
    }
    /// What changed outside of transactions: the collections; nil where it may be anything.
    typealias Touched = Set<String>

    static let firstOwnNumber: UInt64 = 1 << 40

    let seed: UInt64
    /// Whether most of it is transactions, on few records.
    private let isContended: Bool
    /// Whether collections have quotas.
    let isBounded: Bool
    let clock = TurnedClock()
    private let options: StoreOptions
    var memory: Memory
    var base: PlainModel
    var sequence: UInt64 = 0
    var open: [Open] = []
    var done: [(key: String, request: Request, answer: Committed)] = []
    var changed: [Touched?] = []
    /// What there was at the end of earlier instants, ascending.
    var past: [(instant: Int64, items: [Reference: PlainModel.Item])] = []
    /// What records of collections with a history were.
    var histories = PlainHistories()
    /// Answers that are gone on with later.
    var pages: [OpenPage] = []
    /// What was asked, the last ones.
    private(set) var history: [Request] = []
    /// How often each kind of request was asked, and what was refused with which code.
    var asked: [String: Int] = [:]
    var refused: [MnemeError.Code: Int] = [:]
    var conflicts = 0
    var committedTransactions = 0

    /// `faults`: bugs on purpose, with which most of it is transactions.
    init(seed: UInt64, faults: TransactionFaults? = nil) throws {
        self.seed = seed
        isContended = faults != nil
        let dice = TreeDice(seed: seed)
        isBounded = !isContended && seed % 5 < 2
        var options = StoreOptions()
        options.disk = MemoryDisk()
        options.clock = clock
        options.randomness = SeededRandomness(seed: seed)
        options.worksInBackground = false
        if let faults { options.transactionFaults = faults }
        options.logLimits.smallestSegment = 64 << 10
        if seed % 3 == 0 { options.pageCacheBytes = 64 * 8192 }
        self.options = options
        memory = try Self.memory(options, .create)
        var schema = dice.schema()
        for place in schema.collections.indices where isBounded {
            dice.bound(&schema.collections[place])
        }
        base = PlainModel(schema, now: TreeDice.start)
        let result = perform(.define(schema, waits: false))
        if case .failure(let error) = result { throw Difference("the schema: \(error)") }
        try memory.store.upkeep()
    }

    private static func memory(_ options: StoreOptions, _ mode: StoreMode) throws -> Memory {
        var own = MemoryOptions()
        own.embedsText = false
        return try Memory(store: Store.open("tree", mode, options: options), options: own)
    }

    func perform(_ request: Request) -> Result<Response, MnemeError> {
        history.append(request)
        if history.count > 4000 { history.removeFirst(2000) }
        let result = Result { () throws(MnemeError) in
            try memory.perform(request, durability: nil)
        }
        if case .failure(let error) = result { refused[error.code, default: 0] += 1 }
        return result
    }

    // MARK: Steps

    func step(_ number: Int) throws {
        let dice = TreeDice(seed: seed &+ UInt64(number + 1) &* 0x2545_f491_4f6c_dd1d)
        switch isContended ? dice.below(70) : dice.below(100) {
        case 50..<56 where isContended && open.count < 3: try begin()
        case 56..<62 where isContended && !open.isEmpty: try finish(dice)
        case 0..<4 where open.count < 3: try begin()
        case 4..<30 where !open.isEmpty: try inside(dice)
        case 30..<34 where !open.isEmpty: try finish(dice)
        case 34..<36 where open.isEmpty: try pass(dice)
        case 36..<39 where open.isEmpty: try redefine(dice)
        case 39..<42: try once(dice)
        case 42..<45: try claim(dice)
        case 45: try forget(dice)
        case 46: try deleteWhere(dice)
        case 47..<48:
            _ = try? memory.store.upkeep()
            if dice.one(in: 2) { try memory.checkpoint() }
        case 48..<72: try change(dice.list(3) { dice.change(base) }, dice)
        case 72..<76 where !pages.isEmpty: try turnPage(dice)
        case 76..<79: try askKnown(dice)
        case 79, 80: try askHistory(dice)
        case 81 where isBounded: try askUsage(dice)
        default: try ask(question(dice, base))
        }
    }

    func question(_ dice: TreeDice, _ model: PlainModel) -> Request {
        switch dice.below(13) {
        case 12: return .pattern(dice.pattern(model))
        case 0: return .get(dice.list(3) { dice.reference(model) })
        case 1: return .getBy(dice.get(model))
        case 2..<7: return .find(dice.find(model))
        case 7, 8: return .count(dice.count(model))
        case 9: return dice.edgeFind(model).map { .find($0) } ?? .describe
        case 10: return .walk(dice.walk(model))
        default: return .path(dice.path(model))
        }
    }

    func ask(_ request: Request) throws {
        let told = perform(request)
        note(request)
        if let fault = TreeJudge.fault(&base, request, told) { throw Difference(fault) }
        if case .find(let find) = request, case .success(.found(let found)) = told {
            try turnPages(find, found)
            keepPage(find, found)
        }
    }

    func note(_ request: Request) {
        let name = "\(request)".prefix { $0 != "(" }
        asked[String(name), default: 0] += 1
    }

    func change(
        _ changes: [Change],
        _ dice: TreeDice,
        once key: String? = nil
    ) throws {
        let asked = Request.commit(changes, dice.pick([.buffered, .none, .synced]))
        let request = key.map { Request.once(key: $0, asked) } ?? asked
        let told = perform(request)
        note(asked)
        let resolved = try resolve(changes, told, base)
        var next = base
        next.edgeNumbers = TreeJudge.made(told)
        let request2 = Request.commit(resolved, .none)
        if let fault = TreeJudge.fault(&next, request2, told) { throw Difference(fault) }
        guard case .success(.committed(let committed)) = told else { return }
        if let key { done.append((key, request, committed)) }
        try absorb(next, committed, resolved, erases: erases(asked))
        forgetErased(asked)
        changed.append(touched(.commit(resolved, .none)))
    }

    /// The changes with the keys that the store has made.
    func resolve(
        _ changes: [Change],
        _ told: Result<Response, MnemeError>,
        _ model: PlainModel
    ) throws -> [Change] {
        var resolved = changes
        for (place, change) in changes.enumerated() {
            guard case .put(var put) = change, put.key == nil,
                let collection = try? model.collection(put.collection)
            else { continue }
            // Such a put may still be refused for what it demands of a record.
            if put.version ?? 0 != 0 || put.condition != nil { continue }
            let next = model.counters[collection.name] ?? 1
            var key: Key
            switch collection.key {
            case .text:
                // As long as the one that is drawn, for quotas in bytes.
                let name = "nobody has this \(place) "
                key = .text(name + String(repeating: ".", count: 36 - name.utf8.count))
            case .uuid: key = .uuid(UniqueID(high: 9, low: UInt64(place)))
            // Numbers that open transactions were told are not given to others.
            case .int: key = .int(next + Int64(place) + 1_000_000)
            }
            if case .success(.committed(let committed)) = told {
                guard let made = committed.outcomes[place].putReference else {
                    throw Difference("no key was made for change \(place)")
                }
                key = made.key
                guard model.items[made] == nil else { throw Difference("\(made) was made twice") }
                if case .int(let number) = key, number < next {
                    throw Difference("\(made) was made, and the next one is \(next)")
                }
            }
            put.key = key
            put.version = UInt64?.none
            resolved[place] = .put(put)
        }
        return resolved
    }

    /// Makes the model what it is after a commit, with the versions that were told.
    ///
    /// `erases`: whether anything of it was erased.
    func absorb(
        _ next: PlainModel,
        _ committed: Committed,
        _ changes: [Change],
        erases: Bool = false
    ) throws {
        let before = sequence
        guard committed.sequence >= before else { throw Difference("the sequence went back") }
        base = next
        base.edgeNumbers = []
        keepVersions(erases: erases)
        sequence = committed.sequence
        var last = before
        for (place, version) in committed.versions.enumerated() where version != 0 {
            guard version > last, version <= committed.sequence else {
                throw Difference("version \(version) after \(last), of \(committed.sequence)")
            }
            last = version
            var reference = committed.outcomes[place].putReference
            switch committed.outcomes[place] {
            case .patched(let patched): reference = patched.reference
            case .superseded(let superseded): reference = superseded.reference
            default:
                if place < changes.count, case .mark(let mark) = changes[place] {
                    reference = try? base.reference(mark.reference)
                }
            }
            guard let reference else { throw Difference("a version of no put") }
            let isPlain = base.items[reference].map { $0.isOwn && !$0.isFollowed }
            if isPlain ?? false { base.items[reference]?.version = version }
        }
        try learn(after: before)
    }

    /// Finds out the versions that nobody was told.
    func learn(after before: UInt64) throws {
        var unknown: [Reference] = []
        for (reference, item) in base.items {
            base.items[reference]?.isOwn = false
            base.items[reference]?.isFollowed = false
            if item.version == nil { unknown.append(reference) }
        }
        if unknown.isEmpty { return }
        var get = Get(unknown, versions: true)
        get.sight = .everything
        guard case .success(.records(let records)) = perform(.getBy(get)) else {
            throw Difference("the versions of \(unknown) were refused")
        }
        for (reference, record) in zip(unknown, records) {
            guard let version = record?.version, version > before else {
                throw Difference("\(reference) was changed, and its version is not new")
            }
            base.items[reference]?.version = version
            sequence = max(sequence, version)
        }
    }

    // MARK: The rest

    /// Lets time pass, and what has expired be swept.
    private func pass(_ dice: TreeDice) throws {
        keepPast()
        clock.advance(by: Int64(1 + dice.below(4)) * 1_000_000)
        base.now = clock.now()
        do {
            try base.sweep()
        } catch {
            throw Difference("the model's sweep was refused: \(error)")
        }
        keepVersions(erases: false)
        let before = sequence
        try memory.store.upkeep([.sweep])
        try learn(after: before)
        changed.append(Touched?.none)
    }

    private func once(_ dice: TreeDice) throws {
        guard !done.isEmpty, dice.one(in: 2) else {
            return try change([dice.change(base)], dice, once: "key \(done.count)")
        }
        let known = dice.pick(done)
        if dice.one(in: 3) {
            let other = Request.once(key: known.key, .commit([.unlink(77)], .none))
            guard case .failure(let error) = perform(other), error.code == .keyReused else {
                throw Difference("a key was used for another request")
            }
            return
        }
        var wanted = known.answer
        wanted.isRepeated = true
        let told = perform(known.request)
        guard case .success(.committed(wanted)) = told else {
            throw Difference("asked again: \(told), wanted \(wanted)")
        }
    }

    private func redefine(_ dice: TreeDice) throws {
        let request = dice.definition(base, name: "z\(changed.count)")
        let told = perform(request)
        note(request)
        var next = base
        if let fault = TreeJudge.fault(&next, request, told) { throw Difference(fault) }
        try memory.store.upkeep()
        guard case .success = told else { return }
        for old in base.schema.collections
        where next.schema.collections.first(where: { $0.name == old.name })?.fields != old.fields {
            histories.redefine(old.name)
        }
        base = next
        changed.append(Touched?.none)
        // What was before is told by what is defined now.
        past = []
    }

    // MARK: The whole

    /// Closes the memory, opens it again, and looks at everything.
    func reopen(_ mode: StoreMode) throws {
        while let transaction = open.popLast() { _ = perform(.rollback(transaction.id)) }
        try memory.close()
        memory = try Self.memory(options, mode)
        try checkWhole()
    }

    /// Holds all that there is against the model.
    func checkWhole() throws {
        try ask(.describe)
        for collection in base.schema.collections {
            let references = base.records(of: collection.name).map(\.reference)
            var get = Get(references, versions: true)
            get.sight = .everything
            try ask(.getBy(get))
            var find = Find(collection.name, limit: 100_000)
            find.sight = PlainModel.everything(collection)
            try ask(.find(find))
            try ask(.count(Count(collection.name)))
        }
        for type in base.schema.edgeTypes { try ask(.find(Find(edges: type.name, limit: 100_000))) }
        let findings = try memory.verify().findings
        if !findings.isEmpty { throw Difference("verify: \(findings)") }
    }
}
