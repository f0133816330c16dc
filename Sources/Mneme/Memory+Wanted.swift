// Questions whose asker may go away while they are answered: those that may go through many records
// end then.

package import MnemeModel
internal import MnemeStore

extension Memory {
    /// Answers a question as long as that is wanted.
    ///
    /// `isWanted`: asked now and then by what goes through many records; once it was false, nothing
    /// else may follow.
    /// - Throws: as `perform`; `.cancelled` where it was not wanted any more.
    package func answer(
        _ request: Request,
        for asker: Asker,
        isWanted: @escaping @Sendable () -> Bool
    ) throws(MnemeError) -> Response {
        guard isAudited else {
            return try permitted(request, asker) { () throws(MnemeError) in
                try answer(request, asker, isWanted)
            }
        }
        return try audited(request, asker) { () throws(MnemeError) in
            try permitted(request, asker) { () throws(MnemeError) in
                try answer(request, asker, isWanted)
            }
        }
    }

    /// What is kept of it is committed outside of this: a thread that commits may do so for others.
    private func answer(
        _ request: Request,
        _ asker: Asker,
        _ isWanted: @escaping @Sendable () -> Bool
    ) throws(MnemeError) -> Response {
        switch request {
        case .find, .count, .pattern, .walk, .path, .paths, .checkVectors:
            let result = Wanted.$asker.withValue(WaitingAsker(isWanted)) {
                Result { () throws(MnemeError) in try execute(request, nil, for: asker) }
            }
            return try result.get()
        default: return try execute(request, nil, for: asker)
        }
    }
}
