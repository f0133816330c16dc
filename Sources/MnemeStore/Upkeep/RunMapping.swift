// Text runs that a checkpoint has written are read from the file from then on, as they are after an
// opening: what the process keeps of the text index in memory of its own is what was written since,
// and small runs.

internal import MnemeBase
internal import MnemePages
internal import MnemeText
internal import Synchronization

extension Store {
    /// Runs of fewer bytes stay in memory: they are few, and soon part of larger ones.
    private static let leastMappedBytes = 256 << 10

    /// Puts runs that are read from the page file in the place of those in memory that stand there.
    ///
    /// One that cannot be read back stays in memory.
    func mapWrittenRuns() {
        // Of an encrypted file there would be a copy in memory, as there is now.
        guard pages.mapsExtents else { return }
        for run in newest.state.runs where !run.isMapped {
            guard let made = try? run.run, made.byteCount >= Self.leastMappedBytes,
                let mapped = try? run.mapped()
            else { continue }
            asWriter { [writer] in
                _ = writer.rearrange { $0.replacing([run], by: mapped, dropped: 0) }
            }
        }
    }
}

extension StoredRun {
    /// The same run, read from where it stands in the file; nil where it stands nowhere yet.
    ///
    /// - Throws: `.pages` where it does not read back, `.inconsistent`.
    /// - Complexity: O(bytes), for the checksum.
    fileprivate func mapped() throws(StoreError) -> StoredRun? {
        guard let extent = extent.withLock({ $0 }) else { return nil }
        let mapped = try StoredRun(
            standing: extent,
            births: births,
            cleanThrough: cleanThrough
        )
        _ = try mapped.run
        return mapped
    }
}
