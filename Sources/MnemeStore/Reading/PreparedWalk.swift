// Walks that are asked often, from one record after another: what a catalog says of them is looked
// up once.

internal import MnemeGraph
package import MnemeModel
internal import Synchronization

/// A walk that is ready to be taken from any record of a collection.
///
/// For any thread.
package final class PreparedWalk: Sendable {
    /// What a catalog says of it.
    struct Checked: Sendable {
        let catalogVersion: UInt32
        let collection: CollectionEntry
        let choice: ReadyChoice
        /// But for the instant, which comes with each question.
        let rules: StepRules
        /// Where it is of an earlier instant.
        let past: PastBound?
    }

    package let walk: Walk
    /// The collection of its start.
    package let collection: String
    private let known: Mutex<Checked>

    init(_ walk: Walk, from collection: String, _ checked: Checked) {
        self.walk = walk
        self.collection = collection
        known = Mutex(checked)
    }

    /// What the catalog of a state says of it.
    ///
    /// - Throws: as `Snapshot.walk`, where what it names is not defined any more.
    func checked(_ reader: StateReader) throws(MnemeError) -> Checked {
        let last = known.withLock { $0 }
        if last.catalogVersion == reader.state.catalog.version { return last }
        let checked = try Self.check(walk, collection, reader)
        known.withLock { if $0.catalogVersion < checked.catalogVersion { $0 = checked } }
        return checked
    }

    /// Looks up what a walk names.
    ///
    /// - Throws: `.unknownCollection`, `.unknownEdgeType`, `.badRequest`, `.noHistory`.
    static func check(
        _ walk: Walk,
        _ collection: String,
        _ reader: StateReader
    ) throws(MnemeError) -> Checked {
        try walk.checkBounds()
        let catalog = reader.state.catalog
        let choice = try catalog.edgeChoice(walk.types, walk.direction)
        var past: PastBound?
        if walk.knownAt != nil {
            do throws(StoreError) { past = try reader.pastBound(choice.types) } catch {
                throw MnemeError(error)
            }
        }
        return Checked(
            catalogVersion: catalog.version,
            collection: try catalog.readable(collection),
            choice: ReadyChoice(choice),
            rules: try catalog.rules(of: walk, choice.types),
            past: past
        )
    }
}

extension Walk {
    /// - Throws: `.badRequest` of bounds below 0.
    func checkBounds() throws(MnemeError) {
        for (name, bound) in [("hops", hops), ("limit", limit)] where bound < 0 {
            throw MnemeError(.badRequest, "\(name) is \(bound); give 0 or more")
        }
    }
}

extension Catalog {
    /// The edges that are followed of some types, all when nil.
    ///
    /// - Throws: `.unknownEdgeType`.
    func edgeChoice(
        _ types: [String]?,
        _ direction: Direction
    ) throws(MnemeError) -> EdgeChoice {
        var numbers = followedTypes
        if let types {
            var found: [UInt16] = []
            for name in types {
                let number = try edgeType(name).number
                if !found.contains(number) { found.append(number) }
            }
            numbers = found
        }
        return EdgeChoice(
            types: numbers,
            goesOut: direction != .in,
            goesIn: direction != .out,
            bothWays: undirectedTypes
        )
    }
}
