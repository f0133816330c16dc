// Brief turns of the writer: those of a thread that others wait for, as the loop of a server is,
// which serves all its stores. What a batch comes to is known when it is decided, not before: a
// delete may take a hundred thousand records along, a patch may make a record of many megabytes
// anew. So a brief turn decides until it has looked at so much, and then gives the batch up, which
// has left no trace, to the log thread (CommitQueue.swift). A batch that is short costs no more for
// it than a test for nil.

internal import MnemeGraph
internal import MnemeModel
internal import MnemePages

/// What a batch may look at that is decided in a brief turn: some milliseconds of work.
struct BriefTurn {
    /// Bytes of a record that is read, packed and unpacked.
    static let mostRecordBytes = 64 << 10
    /// Edges that end with a record.
    static let mostEdges = 256
    /// Records that name another one which ends.
    static let mostFollowers = 256
    /// Changes of a batch.
    static let mostChanges = 4096
    /// Bytes of a batch in the log.
    static let mostBytes = 1 << 20

    /// Bytes of records that may still be read.
    var bytesLeft = 512 << 10
}

extension WriterWork {
    /// Whether it may be that it is decided in a brief turn.
    ///
    /// - Complexity: O(changes), O(1) where they are many.
    var isShort: Bool {
        guard check == nil, range == nil, requestEnds.isEmpty,
            changes.count <= BriefTurn.mostChanges, byteCount <= BriefTurn.mostBytes
        else { return false }
        return changes.allSatisfy { change in
            switch change {
            case .put, .patch, .delete, .remove, .mark, .link, .supersede, .unlink, .unlinkMade,
                .keep:
                true
            default: false
            }
        }
    }
}

extension BatchPlanner {
    /// Notes that a version was read in a brief turn.
    ///
    /// - Throws: `.long`.
    mutating func spend(_ version: OldVersion) throws(StoreError) {
        try spend(version.frameBytes + version.usageBytes)
    }

    /// Notes that so many bytes were read in a brief turn.
    ///
    /// - Throws: `.long`.
    mutating func spend(_ byteCount: Int) throws(StoreError) {
        turn?.bytesLeft -= 256 + byteCount
        if let turn, turn.bytesLeft < 0 { throw .long }
    }

    /// Expects few edges to end with a record in a brief turn.
    ///
    /// - Throws: `.long`.
    func expectFewEdges(of ordinal: UInt64) throws(StoreError) {
        if catalog.edgeTypes.isEmpty, catalog.leavingTypes.isEmpty { return }
        let adjacency = Adjacency(root: roots.adjacency)
        let isMany = try onPages { () throws(PageError) in
            try adjacency.hasMore(than: BriefTurn.mostEdges, of: ordinal, in: reader.view)
        }
        if isMany { throw .long }
    }
}
