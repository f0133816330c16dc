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
    /// - Throws: what the log is refused for, `.disk`; the old page file is as it was then.
    func rebuild(_ identity: StoreIdentity) throws(StoreError) {
        do throws(StoreError) {
            try derive(identity)
            try onDisk { () throws(DiskError) in
                try disk.rename(paths.newPages, to: paths.pages)
                try disk.syncDirectory(directory)
            }
        } catch {
            try? disk.remove(paths.newPages)
            throw error
        }
    }

    /// Makes the new page file, durable but for its name.
    private func derive(_ identity: StoreIdentity) throws(StoreError) {
        let pages = try onPages { () throws(PageError) in
            try PageFile.create(disk, path: paths.newPages, identity: identity)
        }
        let recovery = try onLog { () throws(LogError) in
            try LogRecovery(
                disk,
                directory: paths.log,
                identity: LogIdentity(high: identity.high, low: identity.low),
                limits: options.logLimits,
                from: nil
            )
        }
        let state = try replay(recovery, onto: Self.emptyState(pages), pages)
        let log = try onLog { () throws(LogError) in try recovery.finish() }
        let end = LogPosition(place: log.end, sequence: log.nextSequence)
        _ = try CheckpointWriter(log: log, pages: pages).write(state, end)
        try onPages { () throws(PageError) in try pages.close() }
    }
}
