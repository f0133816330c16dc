// Opening a store whose files are not written: the lock is shared, the tail of the log is replayed
// in memory and stays as it is, and so does a page file that is damaged or was never there.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel
internal import MnemePages

extension StoreOpening {
    /// Opens a store to be read.
    mutating func openToRead() throws(StoreError) -> Store {
        let lock = try lockShared()
        do throws(StoreError) {
            let identity = try readIdentity()
            do throws(StoreError) {
                let start = try openPages(identity, .read)
                return try open(start, identity, .read, lock: lock, notes: [])
            } catch {
                guard let what = error.damageOfPages else { throw error }
                let known = knownState(identity)
                let note = "The page file is damaged, and everything was derived anew: \(what)"
                let start = startWithoutPages(identity)
                return try open(
                    start,
                    identity,
                    .read,
                    knowing: known,
                    lock: lock,
                    notes: [note],
                    damage: note
                )
            }
        } catch {
            lock.release()
            throw error
        }
    }
}

extension StoreError {
    /// What is wrong with the page file, nil when something else is: everything in it can be
    /// derived again.
    var damageOfPages: String? {
        switch self {
        case .inconsistent(let what): what
        case .olderState(let version): "its state's version \(version) is not read any more"
        case .pages(.older(let version)): "its format \(version) is not read any more"
        case .pages(.corrupt(_, let place, let reason)): "\(reason), at place \(place)"
        case .pages(.disk(.short(_, let offset))): "it ends before byte \(offset)"
        case .pages(.disk(.failed("pread", _, let code))): "it cannot be read (error \(code))"
        case .pages(.disk(.failed(SealedDisk.failure, _, _))):
            "a part of it was not written with the store's key"
        case .pages(.disk(.failed("read of a mapping", _, _))): "it cannot be read"
        default: nil
        }
    }
}
