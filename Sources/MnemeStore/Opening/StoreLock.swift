// What keeps others out of a store: a lock on its directory itself, which nobody can remove while
// the store is open; one on the file `lock`, which versions without the first one look at; and one
// on the directory of the log, to which another directory may have a link. Nothing waits for any,
// so that no two of them ever wait for each other. Format: formats/store.md#directory.

internal import MnemeBase
internal import MnemeLog
internal import Synchronization

/// The locks of one opening.
final class StoreLock: DiskLock {
    private let whole: (any DiskLock)?
    private let file: (any DiskLock)?
    private let log = Mutex<(any DiskLock)?>(nil)

    fileprivate init(whole: (any DiskLock)?, file: (any DiskLock)?) {
        self.whole = whole
        self.file = file
    }

    func release() {
        log.withLock { $0 }?.release()
        file?.release()
        whole?.release()
    }

    /// Of the directories, as far as they could be locked.
    var isInPlace: Bool {
        whole?.isInPlace ?? true && log.withLock { $0 }?.isInPlace ?? true
    }

    /// Takes that of the log too, unless it has been taken; `lock`: takes it, nil where it cannot.
    fileprivate func addLog(
        _ lock: () throws(StoreError) -> (any DiskLock)?
    ) throws(StoreError) {
        guard log.withLock({ $0 == nil }), let taken = try lock() else { return }
        log.withLock { $0 = taken }
    }
}

/// Stands for a lock that somebody else holds longer.
final class KeptLock: DiskLock {
    init() {}

    func release() {}
}

extension StoreOpening {
    /// The locks of who writes; the file is made where it is not there.
    ///
    /// - Throws: `.log(.disk)` with `.busy` while the store is open, also to be read, and while its
    ///   log is another directory's too, by a link, that is open.
    func lock() throws(StoreError) -> StoreLock {
        try locks(isShared: false) { () throws(DiskError) in try disk.lock(paths.lock) }
    }

    /// The locks of who reads, as far as they can be had: a store without a lock file is open to
    /// nobody of an older version, as whoever writes makes one first.
    ///
    /// - Throws: as `lock`, while the store is open to be written.
    func lockShared() throws(StoreError) -> StoreLock {
        try locks(isShared: true) { () throws(DiskError) in
            do throws(DiskError) {
                return try disk.lockShared(paths.lock)
            } catch {
                if case .notFound = error { return nil }
                throw error
            }
        }
    }

    /// Locks the directory of a log that was not there before.
    ///
    /// - Throws: as `lock`.
    func lockLog(_ lock: StoreLock, isShared: Bool = false) throws(StoreError) {
        try lock.addLog { () throws(StoreError) in
            try lockDirectory(paths.log, isShared: isShared)
        }
    }

    private func locks(
        isShared: Bool,
        _ file: () throws(DiskError) -> (any DiskLock)?
    ) throws(StoreError) -> StoreLock {
        let whole = try lockDirectory(directory, isShared: isShared)
        let lock: StoreLock
        do throws(DiskError) {
            lock = StoreLock(whole: whole, file: try file())
        } catch {
            whole?.release()
            throw .log(.disk(error))
        }
        do throws(StoreError) {
            try lockLog(lock, isShared: isShared)
        } catch {
            lock.release()
            throw error
        }
        return lock
    }

    /// Nil where it is not there, where the file system locks no directories, as some of a network
    /// do not, and where the directory may not be opened.
    private func lockDirectory(
        _ directory: String,
        isShared: Bool
    ) throws(StoreError) -> (any DiskLock)? {
        do throws(DiskError) {
            return try disk.lockDirectory(directory, isShared: isShared)
        } catch {
            switch error {
            case .denied, .notFound, .failed(call: "flock", _, _): return nil
            default: throw .log(.disk(error))
            }
        }
    }
}
