// Records that go together, by one frame: gone for every reader with its commit, and taken out of
// the indexes behind the commits, by deletes as any others, until none is left. Nothing names them
// by a reference, and no history is kept of them. Format: formats/store.md#withdrawal.

internal import MnemeBase
internal import MnemeLog
internal import MnemePages

/// The withdrawal of some records of a collection, decided.
struct PlannedWithdrawal: Sendable {
    var collection: CollectionEntry
    /// Each lives, and is of the collection.
    var ordinals: IDBitmap

    /// The frame that stands for it.
    func frame(_ schemaVersion: UInt32) -> FrameContent {
        var columns = ByteWriter(capacity: WithdrawalContent.columnSize)
        columns.put(collection.number)
        columns.pad(to: 8)
        columns.put(UInt64(ordinals.count))
        var plain = ByteWriter(capacity: ordinals.byteCount)
        ordinals.put(into: &plain)
        let (body, plainCount) = FrameBody.compress(plain.bytes)
        return FrameContent(
            type: StoreFrameType.withdrawal,
            schemaVersion: schemaVersion,
            columns: columns.bytes,
            body: body,
            plainCount: plainCount
        )
    }
}

/// What a withdrawal's frame says.
struct WithdrawalContent {
    static let columnSize = 16

    let collection: UInt16
    /// Not empty.
    let ordinals: IDBitmap

    /// Nil of a frame that does not follow the format.
    ///
    /// - Complexity: O(bytes).
    init?(_ content: FrameContent) {
        var columns = ByteReader(content.columns)
        guard content.columns.count == Self.columnSize,
            let collection = try? columns.get(UInt16.self), (try? columns.skip(6)) != nil,
            let count = try? columns.get(UInt64.self), count > 0,
            let plain = FrameBody.plain(content, limit: FrameDecoder.bodyLimit)
        else { return nil }
        var reader = ByteReader(plain)
        guard let ordinals = try? IDBitmap(&reader), reader.remaining == 0,
            UInt64(ordinals.count) == count, ordinals.first ?? 0 > 0,
            ordinals.last ?? 0 < OrdinalTable.limit
        else { return nil }
        self.collection = collection
        self.ordinals = ordinals
    }
}

extension StoreEditor {
    /// Has records be gone for every reader of the state.
    ///
    /// - Complexity: O(records); each page of the ordinal table is edited once.
    func withdraw(_ withdrawal: PlannedWithdrawal) throws(StoreError) {
        let count = try onPages { () throws(PageError) in
            try OrdinalTable.withdraw(
                withdrawal.ordinals,
                of: withdrawal.collection.number,
                in: editor
            )
        }
        guard count == withdrawal.ordinals.count else {
            throw .inconsistent(
                "\(withdrawal.ordinals.count) records were to go together, and \(count) live"
            )
        }
        roots.withdrawn.formUnion(withdrawal.ordinals)
    }
}

extension Replay {
    /// The withdrawal that a frame stands for; nil where compaction has left out all that it names.
    ///
    /// - Throws: `.malformed` where a record does not live, or is of another collection.
    func withdrawal(_ frame: Frame) throws(StoreError) -> PlannedChange? {
        guard let content = WithdrawalContent(frame.content),
            let collection = editor.catalog.collection(number: content.collection)
        else { throw .malformed(frame.place) }
        var living: [UInt64] = []
        for ordinal in content.ordinals {
            guard let entry = try entry(ordinal), entry.death == OrdinalEntry.forever else {
                if isSparse { continue }
                throw .malformed(frame.place)
            }
            guard entry.collection == content.collection else { throw .malformed(frame.place) }
            living.append(ordinal)
        }
        if isSparse, let last = content.ordinals.last { try editor.raise(nextOrdinal: last + 1) }
        if living.isEmpty { return nil }
        return .withdraw(
            PlannedWithdrawal(collection: collection, ordinals: IDBitmap(sorted: living))
        )
    }
}
