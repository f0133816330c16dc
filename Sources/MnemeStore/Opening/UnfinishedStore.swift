// Directories that somebody was filling who did not come to the end: they have files of a store and
// are none. Format: formats/store.md#directory, formats/backup.md#marker.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel

extension StoreOpening {
    /// Refuses what a salvage, a restore, a backup or a pruning has left half done.
    ///
    /// `isThere`: whether the directory has an identity.
    /// - Throws: `.refused` with `notAStore`, and what to do.
    func checkFinished(_ isThere: Bool) throws(StoreError) {
        guard let what = try unfinished(isThere) else { return }
        throw .refused(MnemeError(.notAStore, "\(directory) is \(what)"))
    }

    private func unfinished(_ isThere: Bool) throws(StoreError) -> String? {
        let marker = WorkMarker(disk, at: WorkMarker.path(in: directory))
        let isBackup = try holds(BackupPaths(directory: directory).manifest)
        switch marker?.kind {
        case .salvaged:
            return
                "what a salvage that is at work, or was interrupted, has made so far; where none "
                + "is at work, run it again, and it begins anew: mneme salvage STORE --to NEW-STORE"
        case .backup where !isBackup:
            return "a backup that is being made, or was interrupted; make it again, in another "
                + "directory"
        case .leaving, .restored:
            return "what a pruning of backups has not removed yet; run it again: mneme backup prune"
        case .backup, .successor, nil: break
        }
        // Without an identity, and with this: else the restore was through.
        if isThere { return nil }
        guard try holds(paths.restoring) else { return nil }
        return "what a restore that is at work, or was interrupted, has made so far; where none is "
            + "at work, run it again: mneme restore BACKUP --to NEW-STORE"
    }

    /// Refuses what is no directory, or none that may be listed.
    ///
    /// - Throws: `.refused` with `notAStore`, `.log(.disk)`.
    func checkListed() throws(StoreError) {
        do throws(DiskError) {
            _ = try disk.list(directory)
            return
        } catch {
            if case .failed = error { throw .log(.disk(error)) }
        }
        throw .refused(
            MnemeError(
                .notAStore,
                "\(directory) is not a directory that can be listed; choose another path"
            )
        )
    }
}
