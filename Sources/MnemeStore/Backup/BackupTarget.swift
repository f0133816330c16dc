// The directory that a new backup, or a store that is restored, is to stand in.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel

/// Directories that are to be filled.
enum NewDirectory {
    /// Makes sure that a directory is not there, or that nothing is in it but an empty `log`.
    ///
    /// `leftover`: what may be there too, beside a file `restoring`; `takesCutOff`: whether that
    /// may be a marker that power cut off.
    /// - Throws: `.refused` with `exists` or `badRequest`.
    static func check(
        _ disk: any Disk,
        _ directory: String,
        leftover: Set<String> = [],
        takesCutOff: Bool = false
    ) throws(StoreError) {
        if takesCutOff, WorkMarker.isCutOff(disk, directory) { return }
        guard let names = try Self.names(disk, directory) else {
            guard !disk.holds(directory) else { throw isNone(directory) }
            return
        }
        let isLeftover = names.contains("restoring") && leftover.contains("restoring")
        let own = isLeftover ? leftover : leftover.intersection(["lock"])
        let foreign = names.filter { $0 != "log" && !own.contains($0) }.sorted()
        if let name = foreign.first { throw isTaken(directory, name) }
        let below = (try? disk.list(directory + "/log")) ?? []
        if !isLeftover, let name = below.sorted().first { throw isTaken(directory, "log/" + name) }
    }

    /// What was made of a directory and the `log` in it.
    struct Claim {
        let directory: String
        let madeDirectory: Bool
        let madeLog: Bool

        /// Removes it again, as far as it is empty.
        func giveUp(_ disk: any Disk) {
            if madeLog { try? disk.removeDirectory(directory + "/log") }
            if madeDirectory { try? disk.removeDirectory(directory) }
            try? disk.syncDirectory(madeDirectory ? BackupLocks.parent(of: directory) : directory)
        }
    }

    /// Makes a directory and `log` in it, both empty but for a marker that power cut off.
    ///
    /// - Throws: as `check`, `.log(.disk)`; then nothing was made.
    static func claim(_ disk: any Disk, _ directory: String) throws(StoreError) -> Claim {
        try check(disk, directory, takesCutOff: true)
        let before = try names(disk, directory)
        do throws(DiskError) {
            try disk.createDirectory(directory)
        } catch {
            switch error {
            case .exists, .notFound: throw isNone(directory)
            default: throw .log(.disk(error))
            }
        }
        guard try names(disk, directory) != nil else { throw isNone(directory) }
        let claim = Claim(
            directory: directory,
            madeDirectory: before == nil,
            madeLog: before?.contains("log") != true
        )
        do throws(DiskError) {
            try disk.createDirectory(directory + "/log")
        } catch {
            claim.giveUp(disk)
            throw .log(.disk(error))
        }
        return claim
    }

    /// Makes the directory that one is to stand in.
    ///
    /// - Throws: as `check`, `.log(.disk)`.
    static func makeParent(_ disk: any Disk, _ directory: String) throws(StoreError) {
        try check(disk, directory, takesCutOff: true)
        let parent = BackupLocks.parent(of: directory)
        if disk.isDirectory(parent) || disk.holds(directory) { return }
        do throws(DiskError) {
            try disk.createDirectory(parent)
        } catch {
            switch error {
            case .exists, .notFound: throw isNone(directory)
            default: throw .log(.disk(error))
            }
        }
    }

    /// Whether a path is a directory's own or leads into it, as far as their words say.
    static func isInside(_ path: String, _ directory: String) -> Bool {
        func parts(_ path: String) -> [Substring] {
            path.split(separator: "/").filter { $0 != "." }
        }
        return path.hasPrefix("/") == directory.hasPrefix("/")
            && parts(path).starts(with: parts(directory))
    }

    /// Nil where there is no directory that may be listed; a disk that fails is told.
    private static func names(
        _ disk: any Disk,
        _ directory: String
    ) throws(StoreError) -> [String]? {
        do throws(DiskError) {
            return try disk.list(directory)
        } catch {
            if case .failed = error { throw .log(.disk(error)) }
            return nil
        }
    }

    private static func isNone(_ directory: String) -> StoreError {
        .refused(
            MnemeError(
                .badRequest,
                "\(directory) is no directory, and none can be made there; choose another path"
            )
        )
    }

    private static func isTaken(_ directory: String, _ name: String) -> StoreError {
        let what =
            switch name {
            case "manifest": "is a backup already"
            case "store", "pages", "lock": "is a store, or a part of a backup"
            case WorkMarker.name: "has an unfinished backup in it, or one that is being made"
            default: "has \(name) in it"
            }
        return .refused(
            MnemeError(
                .exists,
                "\(directory) \(what); choose a new or an empty directory, or remove what an "
                    + "interrupted attempt left there"
            )
        )
    }
}

extension Disk {
    /// Makes a directory's own name durable, and those of the directories above it, which may have
    /// been made just now.
    func syncAncestors(of directory: String) throws(DiskError) {
        var path = directory[...]
        while path != "/", path != "." {
            while path.count > 1, path.last == "/" { path.removeLast() }
            path = path.lastIndex(of: "/").map { path[...$0] } ?? "."
            do throws(DiskError) {
                try syncDirectory(String(path))
            } catch {
                // What may not be looked into was there before.
                guard case .denied = error else { throw error }
            }
        }
    }
}
