// One of several who use a store at the same time: transactions of some steps, and requests by
// themselves, on few records. What they do and are told is noted.

import Glibc
import MnemeModel
import Synchronization

@testable import Mneme

/// What all of them have done.
final class HistoryBoard: Sendable {
    private struct State {
        var deeds: [Deed] = []
        var faults: [String] = []
        var lost = 0
        var numbers = 0
    }
    private let state = Mutex(State())

    func note(_ deed: Deed) { state.withLock { $0.deeds.append(deed) } }
    func note(fault: String) { state.withLock { $0.faults.append(fault) } }
    func noteLost() { state.withLock { $0.lost += 1 } }
    func number() -> Int {
        state.withLock { state in
            state.numbers += 1
            return state.numbers
        }
    }
    var deeds: [Deed] { state.withLock { $0.deeds } }
    var faults: [String] { state.withLock { $0.faults } }
    /// How many transactions ended in a conflict.
    var lost: Int { state.withLock { $0.lost } }
    /// How many of them met somebody: who lost, and who changed something and found that another
    /// had too, since the commit that they saw.
    var met: Int {
        let writers = deeds.filter { !$0.isLook }
        let others = Set(writers.map(\.sequence))
        return lost
            + writers.count { deed in
                deed.base > 0
                    && others.contains { $0 > deed.base && $0 < deed.sequence }
            }
    }
}

struct HistoryThread {
    let door: any BlockingDoor
    let dice: TreeDice
    /// Knows the schema alone.
    let model: PlainModel
    let board: HistoryBoard

    func run(_ count: Int) throws {
        for _ in 0..<count {
            switch dice.below(8) {
            case 0: try alone(.commit(changes([]), .none))
            case 1: try alone(question(besidesPaths: true))
            case 2: try alone(.claim(claim()))
            default: try transaction()
            }
        }
    }

    // MARK: What is asked

    /// Changes that every clock and every source of chance makes the same of.
    private func changes(_ edges: [UInt64]) -> [Change] {
        dice.list(3) {
            switch dice.change(model) {
            case .put(var put):
                put.expiresAt = Instant?.none
                put.key = put.key ?? dice.key(keyType(put.collection))
                put.version = put.version.map { _ in 0 }
                return .put(put)
            case .patch(var patch):
                patch.expiry = .kept
                return .patch(patch)
            case .mark(var mark):
                mark.version = mark.version.map { _ in 0 }
                return .mark(mark)
            case .unlink where !edges.isEmpty: return .unlink(dice.pick(edges))
            case let change: return change
            }
        }
    }

    private func keyType(_ collection: String) -> KeyType {
        model.schema.collections.first { $0.name == collection }?.key ?? .text
    }

    private func question(besidesPaths: Bool = false) -> Request {
        switch dice.below(besidesPaths ? 8 : 11) {
        case 0..<3: return .find(dice.find(model))
        case 3, 4: return .count(dice.count(model))
        case 5 where dice.one(in: 2): return .pattern(dice.pattern(model).unnamed)
        case 5: return dice.edgeFind(model).map { .find($0) } ?? .describe
        case 6, 7: return .walk(dice.walk(model))
        case 8, 9: return .get(dice.list(3) { dice.reference(model) })
        default: return .path(dice.path(model))
        }
    }

    private func claim() -> Claim {
        let collection = dice.collection(model)
        var claim = Claim(collection.name, edits: [dice.edit(collection, model)])
        claim.filter = dice.filter(collection, 1)
        claim.order = dice.order(collection)
        claim.limit = 1 + dice.below(3)
        claim.returns = dice.one(in: 2) ? .new : Returns?.none
        return claim
    }

    // MARK: What is done

    private func ask(_ request: Request) -> Deed.Told {
        Result { () throws(MnemeError) in try door.perform(request, durability: nil) }
    }

    /// The numbers of versions are another thing inside and outside.
    private func isFit(_ request: Request) -> Bool { !request.json().contains("$version") }

    private func alone(_ request: Request) throws {
        guard isFit(request) else { return }
        let told = ask(request)
        var deed = Deed(board.number(), seeing: 0)
        deed.add(alone: request, told)
        switch told {
        case .success(.committed(let committed)):
            if committed.outcomes.isEmpty { return }
            deed.come(to: committed.outcomes, at: committed.sequence)
        case .success(.claimed(let claimed)):
            if claimed.references.isEmpty { return }
            deed.come(to: claimed.references.map { .put($0) }, at: claimed.sequence)
        case .success(.found(let found)): deed.come(to: [], at: found.sequence)
        case .success(.counted(let counted)): deed.come(to: [], at: counted.sequence)
        case .success(.walked(let walked)): deed.come(to: [], at: walked.sequence)
        case .success(.matched(let matched)): deed.come(to: [], at: matched.sequence)
        // Of what is refused nobody is told at which commit.
        default: return
        }
        board.note(deed)
    }

    private func transaction() throws {
        guard case .began(let id, let sequence) = try ask(.begin).get() else {
            return board.note(fault: "no transaction began")
        }
        var deed = Deed(board.number(), seeing: sequence)
        var edges: [UInt64] = []
        for _ in 0...(1 + dice.below(4)) {
            let request = dice.one(in: 2) ? .commit(changes(edges), .none) : question()
            guard isFit(request) else { continue }
            let told = ask(.inside(transaction: id, deed.asked(request)))
            deed.add(request, told)
            if case .success(.found(let found)) = deed.steps.last?.told {
                edges += found.edges.map(\.id)
            }
            edges += deed.steps.last?.numbers ?? []
            if dice.one(in: 4) { usleep(UInt32(dice.below(400))) }
        }
        if dice.one(in: 12) {
            _ = try ask(.rollback(id)).get()
            return
        }
        switch ask(.commitTransaction(id, dice.one(in: 2) ? .buffered : .none)) {
        case .success(.committed(let committed)):
            if let fault = deed.commit(committed) { return board.note(fault: fault) }
            board.note(deed)
        case .failure(let error) where error.code == .conflict: board.noteLost()
        case let other: board.note(fault: "a commit was answered with \(other)")
        }
    }
}
