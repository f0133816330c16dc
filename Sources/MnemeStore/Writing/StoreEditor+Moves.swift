// What compaction changes of a state: where frames stand, what is not needed of the segments, which
// segments are cold. None of it is in the log: it follows from which files there are.

internal import MnemeBase
internal import MnemeLog
internal import MnemePages
internal import MnemeVectors

/// A frame that was written again.
struct MovedFrame: Sendable {
    var ordinal: UInt64
    /// Its sequence.
    var birth: UInt64
    /// Where it stands now.
    var place: LogPlace
    /// The vectors of a put or a link: their fields, and where they stand now.
    var vectors: [(field: UInt16, address: UInt64)] = []
}

extension StoreEditor {
    /// Notes that the newest version of an ordinal is needed no more.
    ///
    /// `usageBytes`: what counts of a record, where it was archived.
    func noteDead(
        _ ordinal: UInt64,
        _ byteCount: Int,
        _ usageBytes: Int = 0
    ) throws(StoreError) {
        let view = view
        let entry = try onPages { () throws(PageError) in
            try OrdinalTable.entry(ordinal, in: view)
        }
        guard let entry else { return }
        let place = LogPlace(bits: entry.place)
        let isPacked = place.numberInPack != nil
        addDead(isPacked ? LogPlace.packedBytes : byteCount, of: place.segment)
        addDead(byteCount, of: DeadBytes.pageFile)
        if entry.flags & OrdinalFlags.archived != 0 { noteUnarchived(entry, usageBytes) }
    }

    private func addDead(_ byteCount: Int, of segment: UInt64) {
        var dead =
            roots.dead[segment]
            ?? DeadBytes(
                byteCount: 0,
                since: min(max(time, -DeadBytes.limit), DeadBytes.limit - 1)
            )
        dead.byteCount += UInt64(byteCount)
        roots.dead[segment] = dead
    }

    /// Counts a frame of a segment if it is a delete or an unlink.
    func notePassing(_ frame: FrameContent, at place: LogPlace) {
        if StoreFrameType.isMereEnd(frame.type) { addPassing(frame.byteCount, of: place.segment) }
    }

    /// Counts bytes of deletes, unlinks and commits of a segment.
    func addPassing(_ byteCount: Int, of segment: UInt64) {
        if byteCount > 0 { roots.passing[segment, default: 0] += UInt64(byteCount) }
    }

    /// Sets which cold segments count; when one is complete, nobody who looks at the state that
    /// comes of this, or at later ones, needs what it stands for.
    func setCold(_ cold: [ColdMention], dead: [UInt64: DeadBytes], endsLease: Bool) {
        roots.cold = cold
        roots.dead = dead
        if endsLease { endLease() }
    }

    /// Has a frame looked for where it stands now, if it still is what counts.
    ///
    /// - Returns: whether it is.
    func move(_ frame: MovedFrame) throws(StoreError) -> Bool {
        let view = view
        let found = try onPages { () throws(PageError) in
            try OrdinalTable.entry(frame.ordinal, in: view)
        }
        guard var entry = found, entry.birth == frame.birth,
            entry.death == OrdinalEntry.forever
        else { return false }
        entry.place = frame.place.bits
        try onPages { () throws(PageError) in
            try OrdinalTable.set(entry, of: frame.ordinal, in: editor)
        }
        let collection =
            catalog.collection(number: entry.collection)
            ?? catalog.edgeType(number: entry.collection)?.searched
        for vector in frame.vectors {
            guard let field = collection?.vector(numbered: vector.field),
                let index = try vectorIndex(field)
            else { continue }
            _ = try onPages { () throws(PageError) in
                try index.move(
                    owner: entry.owner,
                    ordinal: frame.ordinal,
                    to: vector.address,
                    in: editor
                )
            }
        }
        return true
    }
}
