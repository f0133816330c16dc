// Where a pruning is of no use, which is said: in a directory that has no backups, as that of a
// server has none which puts them one deeper, in a store, in a backup itself.

internal import MnemeBase
internal import MnemeModel
internal import MnemePages

extension BackupPrune {
    /// Directories that a refusal names.
    private static let namedLimit = 20

    static func noDirectory(_ directory: String) -> StoreError {
        refusal("\(directory) is no directory that can be listed; give the one with the backups")
    }

    /// - Throws: `.refused` with `badRequest` for a directory that is a backup or a store itself.
    static func checkIsNone(_ disk: any Disk, _ directory: String) throws(StoreError) {
        if disk.holds(BackupPaths(directory: directory).manifest) {
            throw refusal(
                "\(directory) is a backup itself, and nothing was pruned; give the directory that "
                    + "it stands in"
            )
        }
        let paths = StorePaths(directory: directory)
        if disk.holds(paths.identity), disk.isDirectory(paths.log) {
            throw refusal(
                "\(directory) is a store, and nothing was pruned; give the directory that its "
                    + "backups stand in"
            )
        }
    }

    /// - Throws: `.refused` with `badRequest` where there is nothing to look at; it names the
    ///   directories below that have backups.
    func checkPlace(_ found: FoundFamilies) throws(StoreError) {
        guard found.families.isEmpty, result.leftovers.isEmpty, result.unread.isEmpty else {
            return
        }
        let names = try onDisk { () throws(DiskError) in try disk.list(directory) }.sorted()
        let deeper = names.map { directory + "/" + $0 }.filter { path in
            guard disk.isDirectory(path) else { return false }
            return ((try? disk.list(path)) ?? []).contains { name in
                let place = path + "/" + name
                return disk.holds(BackupPaths(directory: place).manifest)
                    || WorkMarker(disk, place) != nil
            }
        }
        guard !deeper.isEmpty else {
            throw Self.refusal(
                "\(directory) has no backups, and nothing was pruned; give the directory that "
                    + "they stand in"
            )
        }
        let rest = deeper.count - min(deeper.count, Self.namedLimit)
        throw Self.refusal(
            "\(directory) has no backups of its own, and nothing was pruned; those below it stand "
                + "in " + deeper.prefix(Self.namedLimit).joined(separator: ", ")
                + (rest > 0 ? " and \(rest) more" : "") + ": prune each of these"
        )
    }

    private static func refusal(_ message: String) -> StoreError {
        .refused(MnemeError(.badRequest, message))
    }
}
