// Deriving the page file again from the whole log. The new file grows beside the old one, which
// stays what it was until the new one is whole and durable: a rebuild that fails, or is ended by a
// power cut, leaves a store that answers as it did. Format: formats/store.md#directory.

internal import MnemeBase
internal import MnemeLog
internal import MnemePages

extension StoreOpening {
    /// Derives a page file from the log and puts it in the place of the old one.
    ///
    /// The file is closed again: opening goes on as if it had always been there.
    ///
    /// - Returns: what could not be made sure of, for people.
    /// - Throws: what the log is refused for, `.disk`; the old page file is as it was then.
    func rebuild(_ identity: StoreIdentity) throws(StoreError) -> [String] {
        let known = knownState(identity)
        do throws(StoreError) {
            let end = try derive(
                identity,
                reaching: known?.position,
                expecting: known?.roots.cold
            )
            try onDisk { () throws(DiskError) in
                try disk.rename(paths.newPages, to: paths.pages)
                try disk.syncDirectory(directory)
            }
            let notes = end.passedOver.map(Self.passedOver)
            if known != nil { return notes }
            return notes + [Self.unknownEnd(end.position, isClosed: end.isClosed)]
        } catch {
            try? disk.remove(paths.newPages)
            throw error
        }
    }

    /// The newest checkpoint's state that can still be read, whatever became of its pages; nil
    /// where the page file is missing, or damaged there too.
    ///
    /// It says up to where the log was durable, and which cold segments count.
    func knownState(_ identity: StoreIdentity) -> StateImage? {
        guard let pages = try? ClosedPageFile(pageDisk, path: paths.pages, identity: identity)
        else {
            return nil
        }
        defer { pages.close() }
        for (index, payload) in pages.payloads.enumerated() {
            if let place = StatePayload.place(payload),
                let bytes = try? pages.bytes(of: place, namedBy: index),
                let image = try? StateImage(bytes)
            {
                return image
            }
        }
        return nil
    }

    /// What is to be said of an end that nothing but the log itself vouches for.
    static func unknownEnd(_ end: LogPosition, isClosed: Bool) -> String {
        // Before the first checkpoint no page file says anything, and there is one segment.
        if end.place.segment == 1, !isClosed {
            return "The store had not written a checkpoint before it ended without a close, as is "
                + "usual of one that is ended soon after it was made. Everything was read from "
                + "its log, up to sequence \(end.sequence - 1); nothing is missing unless "
                + "somebody took files away."
        }
        return "No page file could say how far the log had come. It ends in segment "
            + "\(end.place.segment) with sequence \(end.sequence - 1), "
            + (isClosed ? "with a close; " : "without a close; ")
            + "if segments with higher numbers were there, what they held is gone."
    }

    /// What is to be said of a cold segment without a header where no page file says whether it
    /// counts.
    static func passedOver(_ number: UInt64) -> String {
        "\(LogFile.name(number)) has no header that can be read, and others are read in its place: "
            + "if it was finished once, what was deleted since may be back. Compare with a backup."
    }

    /// Makes the new page file, durable but for its name, and says where the log ends, and which
    /// cold segments without a header were passed over.
    ///
    /// `expected`: the cold segments that must be there, where something says so. `incarnation`:
    /// the opening that its checkpoint names, where that is a later one than the log's.
    func derive(
        _ identity: StoreIdentity,
        reaching known: LogPosition?,
        expecting expected: [ColdMention]? = nil,
        incarnation: UInt64 = 0
    )
        throws(StoreError) -> (position: LogPosition, isClosed: Bool, passedOver: [UInt64])
    {
        let pages = try onPages { () throws(PageError) in
            try PageFile.create(pageDisk, path: paths.newPages, identity: identity)
        }
        let recovery = try onLog { () throws(LogError) in
            try LogRecovery(
                disk,
                directory: paths.log,
                identity: LogIdentity(high: identity.high, low: identity.low),
                limits: options.logLimits,
                from: nil,
                reaching: known,
                expecting: expected,
                vault: vault
            )
        }
        let state = try replay(recovery, onto: Self.emptyState(pages), pages)
        let log = try onLog { () throws(LogError) in try recovery.finish() }
        let end = LogPosition(place: log.end, sequence: log.nextSequence)
        _ = try CheckpointWriter(log: log, pages: pages, incarnation: incarnation).write(state, end)
        try onPages { () throws(PageError) in try pages.close() }
        return (end, recovery.endsWithClose, recovery.passedOver)
    }
}
