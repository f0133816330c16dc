// Everything that a memory holds, as of one commit and one instant, handed out a record or an edge
// at a time: what an export is made of.

package import MnemeModel
internal import MnemeStore

extension Memory {
    /// The newest commit, to be gone through.
    package func frozen() -> FrozenMemory { FrozenMemory(snapshot: store.snapshot()) }

    /// The edges of a type from one record to some others; none where the first is not there.
    ///
    /// - Throws: `.unknownEdgeType`, `.unknownCollection`, `.wrongType`; `.corrupt`, `.disk`.
    /// - Complexity: O(edges of the type that leave the record).
    package func edges(
        _ type: String,
        from: Reference,
        to: Set<Reference>
    ) throws(MnemeError) -> [Edge] {
        try store.snapshot().edges(type, from: from, to: to)
    }
}

/// One commit of a memory, to be gone through.
///
/// Whoever takes longer than `MemoryOptions.snapshotMilliseconds`, while others commit, gets
/// `snapshotTooOld`.
package struct FrozenMemory: Sendable {
    fileprivate let snapshot: Snapshot

    /// The commit that it shows.
    package var sequence: UInt64 { snapshot.sequence }
    /// What is defined in it.
    package var schema: Schema { snapshot.schema }

    /// Hands out every record of a collection by key, of an owner and of those below it or of all,
    /// with the instant from which it is not there any more.
    ///
    /// - Throws: `.unknownCollection`, `.badOwner`; `.snapshotTooOld`, `.corrupt`, `.disk`; what
    ///   `body` throws.
    /// - Complexity: O(records of the collection + bytes handed out), in pages of about 1 MiB.
    package func forEachRecord(
        in name: String,
        owner: String? = nil,
        _ body: (Record, Instant?) throws -> Void
    ) throws {
        let collection = try snapshot.catalog.collection(name)
        let scope = try snapshot.scope(of: owner, collection)
        if case .nobody = scope { return }
        var position: [UInt8]?
        repeat {
            let page = try snapshot.page(of: collection, scope, from: position)
            for (record, expiresAt) in page.records { try body(record, expiresAt) }
            position = page.next
        } while position != nil
    }

    /// Hands out every edge by number whose ends are records of some collections (of any when nil)
    /// and of an owner (of any when nil): both ends, or one at least
    /// where `isTouching`.
    ///
    /// - Throws: as `forEachRecord`.
    /// - Complexity: O(ordinals that were ever given + bytes handed out), in pages.
    package func forEachEdge(
        in collections: [String]? = nil,
        owner: String? = nil,
        touching isTouching: Bool = false,
        _ body: (Edge) throws -> Void
    ) throws {
        var numbers: Set<UInt16>?
        if let collections {
            var found: Set<UInt16> = []
            for name in collections { found.insert(try snapshot.catalog.collection(name).number) }
            numbers = found
        }
        let scope = try snapshot.scope(of: owner)
        if case .nobody = scope { return }
        var position: UInt64? = 0
        while let from = position {
            let page = try snapshot.edgePage(
                collections: numbers,
                scope,
                isTouching ? .touching : .inside,
                from: from
            )
            for edge in page.edges { try body(edge) }
            position = page.next
        }
    }
}
