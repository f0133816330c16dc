// What keeps others out of a store: a lock on its directory itself, which nobody can remove while
// the store is open, and one on the file `lock`, which versions without the first one look at.
// Nothing waits for either, so that no two of them ever wait for each other.
// Format: formats/store.md#directory.

internal import MnemeBase
internal import MnemeLog

/// The locks of one opening.
final class StoreLock: DiskLock {
    private let held: [any DiskLock]

    fileprivate init(_ held: [any DiskLock]) { self.held = held }

    func release() { for lock in held.reversed() { lock.release() } }

    /// Of the directory, where that could be locked.
    var isInPlace: Bool { held.first?.isInPlace ?? true }
}

/// Stands for a lock that somebody else holds longer.
final class KeptLock: DiskLock {
    init() {}

    func release() {}
}

extension StoreOpening {
    /// The locks of who writes; the file is made where it is not there.
    ///
    /// - Throws: `.log(.disk)` with `.busy` while the store is open, also to be read.
    func lock() throws(StoreError) -> StoreLock {
        let whole = try onDisk { () throws(DiskError) in try lockDirectory(isShared: false) }
        do throws(DiskError) {
            return StoreLock((whole.map { [$0] } ?? []) + [try disk.lock(paths.lock)])
        } catch {
            whole?.release()
            throw .log(.disk(error))
        }
    }

    /// The locks of who reads, as far as they can be had: a store without a lock file is open to
    /// nobody of an older version, as whoever writes makes one first.
    ///
    /// - Throws: as `lock`, while the store is open to be written.
    func lockShared() throws(StoreError) -> StoreLock {
        let whole = try onDisk { () throws(DiskError) in try lockDirectory(isShared: true) }
        do throws(DiskError) {
            return StoreLock((whole.map { [$0] } ?? []) + [try disk.lockShared(paths.lock)])
        } catch {
            if case .notFound = error { return StoreLock(whole.map { [$0] } ?? []) }
            whole?.release()
            throw .log(.disk(error))
        }
    }

    /// Nil where the file system locks no directories, as some of a network do not, and where the
    /// directory may not be opened.
    private func lockDirectory(isShared: Bool) throws(DiskError) -> (any DiskLock)? {
        do throws(DiskError) {
            return try disk.lockDirectory(directory, isShared: isShared)
        } catch {
            switch error {
            case .denied, .notFound, .failed(call: "flock", _, _): return nil
            default: throw error
            }
        }
    }
}
