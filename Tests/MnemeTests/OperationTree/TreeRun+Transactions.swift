// Transactions of a run. A transaction that commits has to be one that could have been asked all at
// once at its end: everything that it was told is true of the newest state. One that conflicts must
// have met somebody else's changes.

import MnemeModel

@testable import Mneme

extension TreeRun {
    func begin() throws {
        guard case .success(.began(let id, let at)) = perform(.begin) else {
            throw Difference("no transaction began")
        }
        note(.begin)
        var model = base
        model.holdsQuotas = false
        open.append(Open(id: id, model: model, sequence: at, begun: changed.count))
    }

    func inside(_ dice: TreeDice) throws {
        let place = dice.below(open.count)
        var request: Request
        if dice.one(in: 2) {
            request = .commit(dice.list(3) { dice.change(open[place].model) }, .none)
        } else {
            request = question(dice, open[place].model)
        }
        if case .pattern(let pattern) = request { request = .pattern(pattern.unnamed) }
        // The numbers of versions that a transaction has made are its own.
        if request.speaksOfVersions { request = .describe }
        let transaction = open[place]
        var told = perform(.inside(transaction: transaction.id, translated(request, transaction)))
        note(request)
        var numbers: [UInt64] = []
        if case .commit(let changes, let durability) = request {
            for made in TreeJudge.made(told) {
                let own = Self.firstOwnNumber + UInt64(open[place].numbers.count)
                open[place].numbers[made] = own
                numbers.append(own)
            }
            request = .commit(try resolve(changes, told, transaction.model), durability)
        }
        told = TreeJudge.translated(told, open[place].numbers)
        open[place].model.edgeNumbers = numbers
        if let fault = TreeJudge.fault(&open[place].model, request, told) {
            throw Difference("inside a transaction: \(fault)")
        }
        open[place].asked.append((request, told, numbers))
    }

    /// A request with the numbers of edges that the transaction was told.
    private func translated(_ request: Request, _ transaction: Open) -> Request {
        guard case .commit(let changes, let durability) = request else { return request }
        let changed = changes.map { change in
            guard case .unlink(let id) = change, id >= Self.firstOwnNumber,
                let told = transaction.numbers.first(where: { $0.value == id })?.key
            else { return change }
            return .unlink(told)
        }
        return .commit(changed, durability)
    }

    func finish(_ dice: TreeDice) throws {
        let transaction = open.remove(at: dice.below(open.count))
        if dice.one(in: 4) {
            guard case .success(.done) = perform(.rollback(transaction.id)) else {
                throw Difference("no rollback")
            }
            guard case .failure(let error) = perform(.commitTransaction(transaction.id, .none)),
                error.code == .noTransaction
            else { throw Difference("a transaction that has ended was committed") }
            return
        }
        let told = perform(.commitTransaction(transaction.id, .buffered))
        note(.commitTransaction(0, .none))
        var next = base
        next.holdsQuotas = false
        var fault: String?
        for (request, told, numbers) in transaction.asked where fault == nil {
            next.edgeNumbers = numbers
            fault = TreeJudge.fault(&next, request, told, takesAnyRefusal: true).map {
                "\(request.json()): \($0)"
            }
        }
        switch told {
        case .failure(let error) where error.code == .quotaExceeded:
            if let fault { throw Difference("\(error), and it is not so any more: \(fault)") }
            do throws(Refusal) {
                _ = try next.holdQuotas(since: base)
            } catch {
                return
            }
            throw Difference("a commit ended with \(error)")
        case .failure(let error):
            conflicts += 1
            guard error.code == .conflict else { throw Difference("a commit ended with \(error)") }
            try checkConflict(transaction, error)
        case .success(.committed(let committed)):
            committedTransactions += 1
            // One without changes has seen what was there when it began, and never conflicts.
            let isIdle = committed.outcomes.isEmpty
            if let fault, !isIdle {
                throw Difference("committed, and it is not so any more: \(fault)")
            }
            if !isIdle { try holdQuotas(&next, committed) }
            try absorb(next, committed, transaction)
        default: throw Difference("a commit was answered with \(told)")
        }
    }

    /// What a transaction comes to is held against quotas when it is committed.
    private func holdQuotas(_ next: inout PlainModel, _ committed: Committed) throws {
        let evicted: [Reference]
        do throws(Refusal) {
            evicted = try next.holdQuotas(since: base)
        } catch {
            throw Difference("committed, wanted the refusal \(error.code)")
        }
        next.holdsQuotas = true
        guard committed.evicted == evicted else {
            throw Difference("\(committed.evicted) gave way, wanted \(evicted)")
        }
    }

    /// Whether somebody else may have changed what a transaction has seen.
    private func checkConflict(_ transaction: Open, _ error: MnemeError) throws {
        var own: Touched? = []
        for (request, _, _) in transaction.asked {
            guard let one = touched(request) else { own = nil; break }
            own?.formUnion(one)
        }
        let others = changed[transaction.begun...]
        if others.isEmpty { throw Difference("a conflict with nobody: \(error)") }
        guard let own else { return }
        for one in others {
            guard let one, one.isDisjoint(with: own) else { return }
        }
        throw Difference("a conflict over \(own), which nobody has changed: \(error)")
    }

    private func absorb(
        _ next: PlainModel,
        _ committed: Committed,
        _ transaction: Open
    ) throws {
        var outcomes: [Committed.Outcome] = []
        for case .success(.committed(let told)) in transaction.asked.map(\.told) {
            outcomes += told.outcomes
        }
        guard outcomes.count == committed.outcomes.count else {
            throw Difference("\(committed.outcomes.count) outcomes, told \(outcomes.count)")
        }
        var numbers: [UInt64: UInt64] = [:]
        for (told, made) in zip(outcomes, committed.outcomes) {
            guard told.isSame(as: made) else { throw Difference("outcome \(made), told \(told)") }
            if let own = told.madeEdge, let number = made.madeEdge { numbers[own] = number }
        }
        var next = next
        for place in next.edges.indices {
            next.edges[place].id = numbers[next.edges[place].id] ?? next.edges[place].id
        }
        if outcomes.isEmpty { return }
        for (request, _, _) in transaction.asked {
            guard case .commit = request else { continue }
            forgetErased(request)
            changed.append(touched(request))
        }
        var changes: [Change] = []
        for (request, told, _) in transaction.asked {
            guard case .commit(let asked, _) = request, case .success = told else { continue }
            changes += asked
        }
        let erases = transaction.asked.contains { self.erases($0.request) }
        try absorb(next, committed, changes, erases: erases)
    }

    /// The collections that a request may look at or change; nil for any.
    func touched(_ request: Request) -> Touched? {
        var names: Set<String> = []
        switch request {
        case .describe: break
        case .get(let references): names = Set(references.map(\.collection))
        case .getBy(let get): names = Set(get.references.map(\.collection))
        case .find(let find):
            if find.edges != nil { return nil }
            names = [find.collection]
        case .count(let count):
            if count.edges != nil { return nil }
            names = [count.collection]
        case .claim(let claim): names = [claim.collection]
        case .forget(let forget): names = [forget.collection]
        case .deleteWhere(let delete): names = [delete.collection]
        case .commit(let changes, _):
            for change in changes {
                switch change {
                case .put(let put): names.insert(put.collection)
                case .patch(let patch): names.insert(patch.collection)
                case .delete(let reference), .erase(let reference):
                    names.insert(reference.collection)
                case .remove(let removal): names.insert(removal.reference.collection)
                case .link, .unlink, .eraseEdge, .mark, .supersede: return nil
                }
            }
        default: return nil
        }
        // What references lead to, both ways.
        var count = 0
        while count != names.count {
            count = names.count
            for collection in base.schema.collections {
                for rule in collection.references
                where names.contains(collection.name) || names.contains(rule.to) {
                    names.formUnion([collection.name, rule.to])
                }
            }
        }
        return names
    }
}

extension Request {
    /// Whether a filter or a row speaks of versions.
    fileprivate var speaksOfVersions: Bool { json().contains("$version") }
}
