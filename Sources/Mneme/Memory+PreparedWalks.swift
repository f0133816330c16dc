// Walks for programs in this process that take the same one from record after record: what would be
// checked each time is checked once, and nothing is made of what is only counted.

public import MnemeModel
internal import MnemeStore

/// A walk that is taken often, from one record of a collection after another.
///
/// Made by `Memory.prepare`, for that memory; any thread may take it.
public struct PreparedSteps: Sendable {
    fileprivate let walk: PreparedWalk
}

extension Memory {
    /// Makes a walk ready: what `walk` would check each time is done once.
    ///
    /// Its start is left out, and given when it is taken.
    ///
    /// - Throws: as `walk`; `.badRequest` where it has starts.
    public func prepare(
        _ walk: Walk,
        from collection: String
    ) throws(MnemeError) -> PreparedSteps {
        PreparedSteps(walk: try store.prepare(walk, from: collection))
    }

    /// How many records a prepared walk reaches from the record of a key, nil when that is not
    /// there.
    ///
    /// - Throws: `.wrongType` of a key that no record of the collection has; `.corrupt`, `.disk`.
    /// - Complexity: O(edges of what is within `hops` − 1); nothing is allocated where the store
    ///   has looked at them lately.
    public func count(_ steps: PreparedSteps, from key: Key) throws(MnemeError) -> Int? {
        guard isAudited else { return try store.count(steps.walk, from: key) }
        var walk = steps.walk.walk
        walk.from = [Reference(steps.walk.collection, key)]
        walk.isCountOnly = true
        do throws(MnemeError) {
            return try door.walk(walk).count
        } catch {
            if error.code == .notFound { return nil }
            throw error
        }
    }
}
