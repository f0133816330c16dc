// The directory in which a salvage makes its new store. A marker stands there until the store is
// whole, so that what is left of a salvage that was cut off is no store: opening refuses it, and
// the next salvage takes it. Format: formats/backup.md#marker.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel
internal import MnemePages

/// A directory that is to become a store.
struct SalvageTarget {
    private var opening: StoreOpening

    private var disk: any Disk { opening.disk }
    private var paths: StorePaths { opening.paths }

    /// Nothing is looked at yet.
    init(_ directory: String, _ options: StoreOptions) {
        opening = StoreOpening(directory: directory, options: options)
    }

    /// What an interrupted salvage may have left beside its marker.
    private static let leftovers: Set<String> = [
        WorkMarker.name, "log", "lock", "pages", "pages.new", "store", "store.new",
    ]

    /// Makes sure that nothing is there that is not a salvage's own.
    ///
    /// - Throws: `.refused` with `exists`.
    func check() throws(StoreError) {
        let directory = paths.directory
        guard let names = try? disk.list(directory).filter({ $0 != "lock" }), !names.isEmpty else {
            return
        }
        let marker = WorkMarker(disk, at: WorkMarker.path(in: directory))
        // Power may go as the marker is made.
        let isBare = marker == nil && WorkMarker.isBare(disk, directory, beside: ["lock"])
        if marker?.kind == .salvaged && Self.leftovers.isSuperset(of: names) || isBare { return }
        throw .refused(
            MnemeError(
                .exists,
                "\(directory) is not empty; choose a directory that is not there yet"
            )
        )
    }

    /// Takes the directory, and marks it.
    ///
    /// - Returns: its lock, which the caller keeps until the store is whole.
    /// - Throws: as `check`, `.refused` with `notAStore`, `.log(.disk)`.
    func claim(for identity: LogIdentity?) throws(StoreError) -> StoreLock {
        try onDisk { () throws(DiskError) in try disk.createDirectory(paths.directory) }
        try opening.checkListed()
        let lock = try opening.lock()
        do throws(StoreError) {
            // Another salvage may have come before the lock was had.
            try check()
            try onDisk { () throws(DiskError) in try removeContents() }
            let identity = StoreIdentity(high: identity?.high ?? 0, low: identity?.low ?? 0)
            try WorkMarker(.salvaged, identity).write(disk, in: paths.directory)
            return lock
        } catch {
            lock.release()
            throw error
        }
    }

    /// Makes the store, which is open then, under the lock of `claim`.
    mutating func make(_ lock: StoreLock) throws(StoreError) -> Store {
        try opening.create(lock, handsOver: false)
    }

    /// The store is whole, and closed.
    func finish() throws(StoreError) {
        try onDisk { () throws(DiskError) in
            try disk.remove(WorkMarker.path(in: paths.directory))
            try disk.syncDirectory(paths.directory)
        }
    }

    /// Gives back the room that a salvage took which came to nothing.
    func giveUp() {
        // Where anything of it stays, the marker does.
        guard (try? removeContents()) != nil else { return }
        try? disk.remove(WorkMarker.path(in: paths.directory))
        try? disk.syncDirectory(paths.directory)
    }

    private func removeContents() throws(DiskError) {
        for name in (try? disk.list(paths.log)) ?? [] { try disk.remove(paths.log + "/" + name) }
        for path in [paths.identity, paths.newIdentity, paths.pages, paths.newPages] {
            if try disk.isThere(path) { try disk.remove(path) }
        }
        try disk.syncDirectory(paths.directory)
    }
}
