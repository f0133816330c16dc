// Looking at backups that were made: verifying and listing them.

internal import MnemeBase
package import MnemeModel

extension Store {
    /// Reads backups, of which each goes on from the one before, and holds every file against the
    /// manifests and every frame against its checksum.
    ///
    /// One alone may be an increment.
    ///
    /// - Throws: `.badBackup` for what is damaged or missing, which names every file of it (of more
    ///   than 100 those), `.newerFormat`, `.disk`.
    /// - Complexity: O(bytes), each read twice.
    package static func verifyBackups(
        _ directories: [String],
        options: StoreOptions = StoreOptions(),
        progress: @escaping BackupWatch = { _, _, _ in }
    ) throws(MnemeError) -> [BackupSummary] {
        do throws(StoreError) {
            let disk = options.disk
            let locks = try BackupLocks.share(disk, of: directories)
            defer { locks.release() }
            var damage = BackupDamage()
            var found: [FoundBackup] = []
            for directory in directories {
                try damage.noting { () throws(StoreError) in
                    found.append(try FoundBackup(disk, directory))
                }
            }
            if directories.count > 1, damage.isEmpty {
                try damage.noting { () throws(StoreError) in
                    found = try BackupChain(disk, directories).parts
                }
            }
            let pace = Pace(options.clock, rests: false, bytesPerSecond: nil) {}
            var work = SliceWork(disk, pace, .check, progress)
            work.total = found.reduce(0) { $0 + 2 * Int(clamping: $1.byteCount) }
            for backup in found { try backup.check(&work, &damage) }
            if let error = damage.error { throw error }
            return found.map(\.summary)
        } catch {
            throw MnemeError(error)
        }
    }

    /// The backups right below a directory, oldest first; the directory itself where it is one.
    ///
    /// Where none is there those are named that are one directory deeper, as a server puts them
    /// that was given this one for the backups of all its stores.
    ///
    /// Their manifests are read and nothing else. What is unfinished is named too, with an error.
    ///
    /// - Throws: `.badRequest` where the directory cannot be listed.
    package static func backups(
        in directory: String,
        options: StoreOptions = StoreOptions()
    ) throws(MnemeError) -> [ListedBackup] {
        let disk = options.disk
        if disk.holds(BackupPaths(directory: directory).manifest) {
            return [listed(disk, directory, directory)]
        }
        guard let names = try? disk.list(directory) else {
            throw MnemeError(
                .badRequest,
                "\(directory) is no directory that can be listed; give the one with the backups"
            )
        }
        var found = names.compactMap { listed(disk, $0, below: directory + "/" + $0) }
        if found.isEmpty {
            for store in names where disk.isDirectory(directory + "/" + store) {
                for name in (try? disk.list(directory + "/" + store)) ?? [] {
                    let path = store + "/" + name
                    if let one = listed(disk, path, below: directory + "/" + path) {
                        found.append(one)
                    }
                }
            }
        }
        return found.sorted {
            ($0.made ?? .max, $0.name) < ($1.made ?? .max, $1.name)
        }
    }

    /// A directory among backups; nil where it has to do with none.
    private static func listed(
        _ disk: any Disk,
        _ name: String,
        below directory: String
    ) -> ListedBackup? {
        let own = name.split(separator: "/").last.map(String.init) ?? name
        if own == PruneName.foundFiles { return nil }
        let isThere: Bool
        do throws(DiskError) {
            isThere = try disk.isThere(BackupPaths(directory: directory).manifest)
        } catch {
            return ListedBackup(name: name, contents: .failure(MnemeError(error)))
        }
        let marker = WorkMarker(disk, directory)
        if PruneName.isOwn(own), marker != nil {
            return ListedBackup(name: name, contents: .failure(.leftover(directory)))
        }
        if isThere { return listed(disk, name, directory) }
        if marker?.kind == .salvaged { return nil }
        if marker != nil || WorkMarker.isCutOff(disk, directory) {
            return ListedBackup(name: name, contents: .failure(.unfinished(directory)))
        }
        if WorkMarker.isUnmarked(disk, directory) {
            return ListedBackup(name: name, contents: .failure(.unmarked(directory)))
        }
        return nil
    }

    private static func listed(
        _ disk: any Disk,
        _ name: String,
        _ directory: String
    ) -> ListedBackup {
        do throws(StoreError) {
            return ListedBackup(
                name: name,
                contents: .success(try FoundBackup(disk, directory).summary)
            )
        } catch {
            return ListedBackup(name: name, contents: .failure(MnemeError(error)))
        }
    }
}

extension ListedBackup {
    /// When it was made; nil where that cannot be read.
    fileprivate var made: Microseconds? { (try? contents.get())?.made.microseconds }
}

extension MnemeError {
    /// What a backup left that is being made, or was interrupted.
    static func unfinished(_ path: String) -> MnemeError {
        MnemeError(
            .badBackup,
            "\(path) is unfinished: a backup is being made there, or was interrupted; where it "
                + "was, run \"backup prune\", which removes it"
        )
    }

    /// What an interrupted backup left that had no marker.
    static func unmarked(_ path: String) -> MnemeError {
        MnemeError(
            .badBackup,
            "\(path) has segments, but neither a manifest nor a marker: it is an unfinished backup "
                + "of an earlier version, or what is left of a store; remove it where nobody needs "
                + "it, as it keeps what was erased"
        )
    }

    /// What a pruning left.
    fileprivate static func leftover(_ path: String) -> MnemeError {
        MnemeError(
            .badBackup,
            "\(path) is what a pruning makes on its way; where it was interrupted, run "
                + "\"backup prune\" again, which goes on"
        )
    }
}
