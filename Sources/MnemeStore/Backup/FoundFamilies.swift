// All backups in one directory, by store, and what is in the way of taking any of them for not
// needed: whatever cannot be read may go on from them. Format: formats/backup.md#pruning.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel
internal import MnemePages

/// The backups of a directory.
struct FoundFamilies {
    /// Something that may need what is here.
    struct Obstacle {
        var path: String
        /// Of which store; nil where it does not say, so that it may be of any.
        var identity: StoreIdentity?
        var reason: String
    }
    private(set) var families: [BackupFamily] = []
    private(set) var obstacles: [Obstacle] = []

    /// Reads all manifests.
    ///
    /// - Throws: `.refused` with `badRequest` where the directory cannot be listed.
    init(_ disk: any Disk, _ directory: String) throws(StoreError) {
        guard let names = try? disk.list(directory) else {
            throw BackupPrune.noDirectory(directory)
        }
        var stores: [StoreIdentity: [FoundBackup]] = [:]
        var links: [(path: String, found: FoundBackup)] = []
        for name in names.sorted() {
            let path = directory + "/" + name
            // What a pruning made stands for another one.
            if PruneName.isOwn(name), WorkMarker(disk, path) != nil { continue }
            do throws(StoreError) {
                if name == PruneName.foundFiles { continue }
                let manifest = BackupPaths(directory: path).manifest
                guard try onDisk({ () throws(DiskError) in try disk.isThere(manifest) }) else {
                    continue
                }
                let found = try FoundBackup(disk, path)
                if disk.isDirectory(path) {
                    stores[found.manifest.identity, default: []].append(found)
                } else {
                    links.append((path, found))
                }
            } catch {
                obstacles.append(
                    Obstacle(
                        path: path,
                        identity: Self.identity(disk, path),
                        reason: "\(path): \(MnemeError(error).message)"
                    )
                )
            }
        }
        families = stores.sorted { ($0.key.high, $0.key.low) < ($1.key.high, $1.key.low) }
            .map { BackupFamily($0.value, $0.key) }
        for (path, found) in links {
            // Another name of one that is here is no backup more.
            let members = stores[found.manifest.identity] ?? []
            if members.contains(where: { $0.manifest.id == found.manifest.id }) { continue }
            obstacles.append(
                Obstacle(
                    path: path,
                    identity: found.manifest.identity,
                    reason:
                        "\(path): it is a link to a backup that stands elsewhere; move that here, "
                        + "or the link away"
                )
            )
        }
    }

    /// Of which store a damaged backup is, as far as its own copy of the identity says.
    private static func identity(_ disk: any Disk, _ path: String) -> StoreIdentity? {
        guard let file = try? disk.open(BackupPaths(directory: path).identity, .read) else {
            return nil
        }
        defer { try? file.close() }
        guard let count = try? file.byteCount(), count <= 4096,
            let bytes = try? file.read(at: 0, count: Int(count))
        else { return nil }
        return (try? IdentityFile(bytes))?.identity
    }

    /// Whether nothing of a store may go.
    func blocks(_ identity: StoreIdentity) -> Bool {
        obstacles.contains { $0.identity == nil || $0.identity == identity }
    }

    /// Whether a directory was found to be a backup, or was told of.
    func isNamed(_ path: String) -> Bool {
        obstacles.contains { $0.path == path }
            || families.contains { $0.members.contains { $0.directory == path } }
    }

    /// As if a successor stood in the place of the backups of a chain.
    mutating func put(_ successor: FoundBackup, inPlaceOf rest: [FoundBackup]) {
        let identity = successor.manifest.identity
        let members = families.first { $0.identity == identity }?.members ?? []
        families.removeAll { $0.identity == identity }
        families.append(
            BackupFamily(members.filter { !rest.contains($0) } + [successor], identity)
        )
    }
}

extension BackupFamily {
    /// What is wrong with members, as far as manifests and names of files say, each with its
    /// directory.
    func obstacles(_ disk: any Disk) -> [String] {
        var found: [String] = []
        for member in members {
            if !isComplete(member) {
                found.append("\(member.directory): what it goes on from is not here")
            } else {
                do throws(StoreError) {
                    _ = try BackupChain(disk, chain(of: member).map(\.directory))
                    if let name = try member.foreign(disk) {
                        found.append("\(member.directory): \(name) is no part of it; move it away")
                    }
                } catch {
                    found.append("\(member.directory): \(MnemeError(error).message)")
                }
            }
        }
        return found
    }
}

extension FoundBackup {
    /// What stands in its directory and is not its own.
    func foreign(_ disk: any Disk) throws(StoreError) -> String? {
        let own: Set<String> = ["store", "log", "manifest", "manifest.new", WorkMarker.name]
        let segments = Set(manifest.carried.map { LogFile.name($0.number) })
        let names = try onDisk { () throws(DiskError) in try disk.list(directory) }
        if let name = names.sorted().first(where: { !own.contains($0) }) { return name }
        guard disk.isDirectory(paths.log) else { return "log" }
        let files = try onDisk { () throws(DiskError) in try disk.list(paths.log) }
        return files.sorted().first { !segments.contains($0) }.map { "log/" + $0 }
    }
}
