// Backups of a store that goes on: its log up to one durable sequence. What stands before it never
// changes again, so that segments are linked or copied without holding anybody up
// (`BackupMaker.swift`). Here is what asks for one, on the thread that it is made on.
// Format: formats/backup.md.

internal import MnemeBase
package import MnemeModel
internal import Synchronization

/// How a backup is made.
package struct BackupOptions: Sendable {
    /// The directory of the backup that it goes on from; nil for a full one.
    package var base: String?
    /// Whether segments are copied also where they could be linked.
    package var copies = false
    /// How many bytes a second may be read, nil for no limit.
    package var bytesPerSecond: Int?
    /// The backup that a pruning has this one stand for; it has the locks, and the marker stays.
    var successorOf: UniqueID?
    /// When the backup that it stands for was made; nil for now.
    var made: Microseconds?

    /// A full backup with links.
    package init() {}
}

extension Store {
    /// Makes a backup in a directory that is not there or is empty.
    ///
    /// Commits go on meanwhile; those after the call began may be in it or not. Where the store
    /// works in the background, the backup is made on a thread of the lowest priority that rests
    /// half of the time; else the caller's own thread makes it, without rests.
    ///
    /// - Throws: `.busy` while another one is made, `.exists` and `.badRequest` for a directory
    ///   that cannot be taken, `.badBackup` for a base that does not fit, `.damagedLog`,
    ///   `.diskFull`, `.denied`, `.disk`, `.closed`. No backup is there then, and what was made
    ///   is removed again.
    /// - Complexity: O(bytes of the segments that the base lacks).
    package func backup(
        to directory: String,
        _ options: BackupOptions = BackupOptions(),
        progress: @escaping BackupWatch = { _, _, _ in }
    ) throws(MnemeError) -> BackupSummary {
        guard self.options.worksInBackground else {
            return try backupAlone(directory, options, progress).get()
        }
        let outcome = Mutex<Result<BackupSummary, MnemeError>?>(nil)
        let done = Gate()
        BackgroundThread.start { [self] in
            let result = backupAlone(directory, options, progress)
            outcome.withLock { $0 = result }
            done.open()
        }
        done.wait()
        guard let result = outcome.withLock({ $0 }) else { preconditionFailure("no outcome") }
        return try result.get()
    }

    private func backupAlone(
        _ directory: String,
        _ options: BackupOptions,
        _ progress: @escaping BackupWatch
    ) -> Result<BackupSummary, MnemeError> {
        let result = backingUp.withLockIfAvailable { _ -> Result<BackupSummary, MnemeError> in
            do throws(StoreError) {
                // Under the lock: closing waits for it before it gives the files to somebody else.
                try checkStillOpen()
                let maker = BackupMaker(self, directory, options, progress)
                return .success(try maker.make())
            } catch {
                return .failure(MnemeError(error))
            }
        }
        return result
            ?? .failure(
                MnemeError(.busy, "a backup of this store is being made; wait until it is done")
            )
    }

    /// - Throws: `.refused` with `closed`.
    func checkStillOpen() throws(StoreError) {
        do throws(MnemeError) { try opening.check() } catch { throw .refused(error) }
    }
}
