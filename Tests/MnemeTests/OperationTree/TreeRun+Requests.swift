// Requests of a run that find their records themselves: claims, and what is forgotten.

import MnemeModel

@testable import Mneme

extension TreeRun {
    func claim(_ dice: TreeDice) throws {
        let collection = dice.collection(base)
        var claim = Claim(collection.name, edits: [dice.edit(collection, base)])
        claim.filter = dice.filter(collection, 1)
        claim.order = dice.order(collection)
        claim.limit = 1 + dice.below(3)
        claim.returns = dice.one(in: 2) ? .new : Returns?.none
        let told = perform(.claim(claim))
        note(.claim(claim))
        var next = base
        if let fault = TreeJudge.fault(&next, claim, told) { throw Difference(fault) }
        guard case .success(.claimed(let claimed)) = told else { return }
        changed.append(touched(.claim(claim)))
        let committed = Committed(
            sequence: claimed.sequence,
            outcomes: claimed.references.map {
                .patched(Committed.Patched(reference: $0, isNew: false))
            },
            versions: claimed.versions
        )
        try absorb(next, committed, [])
    }

    func forget(_ dice: TreeDice) throws {
        let collection = dice.collection(base)
        var forget = Forget(collection: collection.name, erases: dice.one(in: 3))
        if dice.one(in: 2) { forget.keys = dice.list(3) { dice.key(collection, base) } }
        if dice.one(in: 3) {
            forget.filter = .and([dice.filter(collection, 0), dice.filter(collection, 0)])
        }
        if collection.roles.owner != nil, dice.one(in: 5) {
            forget.owner = dice.pick(TreeDice.owners)
        }
        let told = perform(.forget(forget))
        note(.forget(forget))
        var next = base
        if let fault = TreeJudge.fault(&next, forget, told) { throw Difference(fault) }
        guard case .success(.forgotten(let forgotten)) = told else { return }
        forgetErased(.forget(forget))
        changed.append(touched(.forget(forget)))
        let committed = Committed(sequence: forgotten.sequence, outcomes: [])
        try absorb(next, committed, [], erases: forget.erases)
    }
}
