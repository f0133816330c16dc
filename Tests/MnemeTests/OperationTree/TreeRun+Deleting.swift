// Deletes of all that a condition holds for, and what the model has of them.

import MnemeModel
import Testing

@testable import Mneme

extension TreeRun {
    func deleteWhere(_ dice: TreeDice) throws {
        let collection = dice.collection(base)
        var delete = DeleteWhere(collection.name, erases: dice.one(in: 4))
        if !dice.one(in: 3) { delete.filter = dice.filter(collection, 1) }
        if collection.roles.owner != nil, dice.one(in: 3) {
            delete.owner = dice.pick(TreeDice.owners)
        }
        let told = perform(.deleteWhere(delete))
        note(.deleteWhere(delete))
        var next = base
        if let fault = TreeJudge.fault(&next, delete, told) { throw Difference(fault) }
        guard case .success(.deletedWhere(let deleted)) = told else { return }
        forgetErased(.deleteWhere(delete))
        changed.append(touched(.deleteWhere(delete)))
        try absorb(
            next,
            Committed(sequence: deleted.sequence, outcomes: []),
            [],
            erases: delete.erases
        )
    }
}

extension TreeJudge {
    static func fault(
        _ model: inout PlainModel,
        _ delete: DeleteWhere,
        _ told: Result<Response, MnemeError>
    ) -> String? {
        do throws(Refusal) {
            _ = try model.collection(delete.collection)
            guard delete.owner != nil || delete.filter != nil else { throw Refusal(.badRequest) }
            let gone = try model.matching(
                delete.collection,
                delete.owner,
                delete.filter,
                seeing: Sight?.none
            )
            _ = try model.commit(gone.map { .delete($0.reference) })
            guard case .success(.deletedWhere(let deleted)) = told, deleted.count == gone.count
            else { return "\(told), wanted \(gone.count)" }
            return nil
        } catch {
            if case .failure(let told) = told, told.code == error.code { return nil }
            return "\(told), wanted the refusal \(error.code)"
        }
    }
}
