import MnemeBase

@testable import MnemeModel

/// What puts records aside, what asks for them, and ends that are said from now.
extension RandomNoun {
    func mark() -> Mark {
        Mark(
            word(),
            reference(),
            version: maybe(sequence),
            if: maybe { filter() },
            returns: maybe { word() }
        )
    }

    func putForAWhile() -> Change {
        var put = Put(name(), maybe(key), fields())
        put.expiresIn = random.below(1000)
        return .put(put)
    }

    func rememberForAWhile() -> Remember {
        var memory = remember()
        memory.expiresAt = nil
        memory.expiresIn = random.below(1000)
        return memory
    }

    /// Requests that have a sight, and changes that are marks.
    func markRequests() -> [Request] {
        let (deleted, archived): (Marked?, Marked?) = (maybe { word() }, maybe { word() })
        let walk = Walk(from: some(reference)).seeing(deleted: deleted, archived: archived)
        let path = Path(from: reference(), to: reference())
        let get = Get(some(reference), versions: flag())
        return [
            .commit([.mark(mark()), putForAWhile(), .mark(mark())], word()),
            .remember([rememberForAWhile()]),
            .find(find().seeing(deleted: deleted, archived: archived)),
            .count(figures().seeing(deleted: deleted, archived: archived)),
            .walk(walk), .path(path.seeing(deleted: deleted, archived: archived)),
            .getBy(get.seeing(deleted: .include, archived: archived)),
            .recall(recall().seeing(deleted: deleted, archived: archived)),
        ]
    }
}
