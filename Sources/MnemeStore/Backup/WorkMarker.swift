// The file that tells a directory that is being made or removed from one that only has such a name:
// it comes before anything else, and goes last. Format: formats/backup.md#marker.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel
internal import MnemePages

/// Who made a directory, and what for.
struct WorkMarker: Equatable {
    enum Kind: UInt32 {
        case backup = 1
        case restored = 2
        case leaving = 3
        case successor = 4
        case salvaged = 5
    }
    static let name = "unfinished"
    static let byteCount = 64
    private static let magic: UInt64 = 0x314b_5745_4d45_4e4d  // "MNEMEWK1"
    private static let version: UInt32 = 1

    var kind: Kind
    var identity: StoreIdentity
    /// The backup that a pruning is about.
    var backup = UniqueID(high: 0, low: 0)

    static func path(in directory: String) -> String { directory + "/" + name }

    var bytes: [UInt8] {
        var body = ByteWriter(capacity: Self.byteCount)
        body.put(Self.magic)
        body.put(Self.version)
        body.put(kind.rawValue)
        for half in [identity.high, identity.low, backup.high, backup.low, 0] { body.put(half) }
        var writer = ByteWriter(capacity: Self.byteCount)
        writer.put(Checksum.xxh3(body.bytes))
        writer.put(body.bytes)
        return writer.bytes
    }

    /// Nil for bytes that are no marker.
    init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        var reader = ByteReader(bytes)
        guard let checksum = try? reader.get(UInt64.self),
            checksum == Checksum.xxh3(Array(bytes.dropFirst(8))),
            let magic = try? reader.get(UInt64.self), magic == Self.magic,
            let version = try? reader.get(UInt32.self), version == Self.version,
            let number = try? reader.get(UInt32.self), let kind = Kind(rawValue: number),
            let high = try? reader.get(UInt64.self), let low = try? reader.get(UInt64.self),
            let idHigh = try? reader.get(UInt64.self), let idLow = try? reader.get(UInt64.self),
            let rest = try? reader.get(UInt64.self), rest == 0
        else { return nil }
        self.kind = kind
        identity = StoreIdentity(high: high, low: low)
        backup = UniqueID(high: idHigh, low: idLow)
    }

    init(_ kind: Kind, _ identity: StoreIdentity, _ backup: UniqueID? = nil) {
        self.kind = kind
        self.identity = identity
        self.backup = backup ?? UniqueID(high: 0, low: 0)
    }

    /// The marker of a directory; nil where it has none, is none, or is a link.
    init?(_ disk: any Disk, _ directory: String) {
        guard disk.isDirectory(directory) else { return nil }
        self.init(disk, at: Self.path(in: directory))
    }

    /// The marker in a file, wherever links lead to it; nil where it is none.
    init?(_ disk: any Disk, at path: String) {
        guard let file = try? disk.open(path, .read) else { return nil }
        defer { try? file.close() }
        guard (try? file.byteCount()) == UInt64(Self.byteCount),
            let bytes = try? file.read(at: 0, count: Self.byteCount)
        else { return nil }
        self.init(bytes)
    }

    /// Writes it into a directory that is there, in the place of another one; durable with its
    /// name.
    func write(_ disk: any Disk, in directory: String) throws(StoreError) {
        try onDisk { () throws(DiskError) in
            let path = Self.path(in: directory)
            if try disk.isThere(path) { try disk.remove(path) }
            let file = try disk.open(path, .create)
            try file.write(bytes, at: 0)
            try file.sync()
            try file.close()
            try disk.syncDirectory(directory)
        }
    }

    /// Whether power went as the marker of a directory was written: nothing is in it but that, and
    /// an empty `log`.
    static func isCutOff(_ disk: any Disk, _ directory: String) -> Bool {
        guard isBare(disk, directory), (try? disk.list(directory).contains(name)) == true else {
            return false
        }
        return WorkMarker(disk, directory) == nil
    }

    /// Whether a directory is as if power had gone while it was made: nothing in it but what may be
    /// a marker, and files of the names `others`.
    static func isBare(
        _ disk: any Disk,
        _ directory: String,
        beside others: Set<String> = []
    ) -> Bool {
        guard disk.isDirectory(directory), let names = try? disk.list(directory) else {
            return false
        }
        for other in names where other != name && !others.contains(other) {
            let path = directory + "/" + other
            guard other == "log", disk.isDirectory(path), (try? disk.list(path)) == [] else {
                return false
            }
        }
        guard names.contains(name) else { return true }
        guard let file = try? disk.open(path(in: directory), .read) else { return false }
        defer { try? file.close() }
        return ((try? file.byteCount()) ?? .max) <= UInt64(byteCount)
    }
}

extension WorkMarker {
    /// Whether a directory has the files of an unfinished backup and no marker, as versions without
    /// one left them; it may as well be what is left of a store.
    static func isUnmarked(_ disk: any Disk, _ directory: String) -> Bool {
        guard disk.isDirectory(directory), let names = try? disk.list(directory),
            names.allSatisfy({ ["log", "store", "manifest.new"].contains($0) })
        else { return false }
        let segments = (try? disk.list(directory + "/log")) ?? []
        return segments.contains { SegmentNumber.number(ofFile: $0) != nil }
    }
}

/// Names that only a pruning gives.
enum PruneName {
    static let successor = ".pruned"
    static let workplace = ".pruning"
    /// The file system's own directory, which nobody else may look into.
    static let foundFiles = "lost+found"

    static func isOwn(_ name: String) -> Bool {
        name.hasSuffix(successor) || name.hasPrefix(".") && name.hasSuffix(workplace)
    }
}

/// The locks of directories that backups stand in.
struct BackupLocks {
    private var held: [any DiskLock] = []

    /// Shares those of the directories that backups stand in, where these are there.
    ///
    /// - Throws: `.refused` with `busy` while a pruning is at work, `.log(.disk)`.
    static func share(_ disk: any Disk, of backups: [String]) throws(StoreError) -> BackupLocks {
        var locks = BackupLocks()
        for directory in Set(backups.flatMap { parents(of: $0, disk) }).sorted() {
            do throws(DiskError) {
                locks.held.append(try disk.lockDirectory(directory, isShared: true))
            } catch {
                switch error {
                case .busy: throw busy(directory, "pruned")
                // What is not there is told by who reads it; what may not be opened has no lock.
                case .notFound, .denied: continue
                default: throw .log(.disk(error))
                }
            }
        }
        return locks
    }

    /// Takes that of a directory alone.
    static func take(_ disk: any Disk, _ directory: String) throws(StoreError) -> BackupLocks {
        do throws(DiskError) {
            var locks = BackupLocks()
            locks.held = [try disk.lockDirectory(directory, isShared: false)]
            return locks
        } catch {
            guard case .busy = error else { throw .log(.disk(error)) }
            throw busy(directory, "made, read or pruned")
        }
    }

    func release() { for lock in held { lock.release() } }

    private static func busy(_ directory: String, _ what: String) -> StoreError {
        .refused(
            MnemeError(.busy, "backups in \(directory) are being \(what); try again after that")
        )
    }

    /// The directory that a backup stands in as it is named, and where a link leads to it, that
    /// which it really stands in.
    static func parents(of path: String, _ disk: any Disk) -> [String] {
        let (named, real) = (parent(of: path), parent(of: disk.realPath(path)))
        return disk.realPath(named) == disk.realPath(real) ? [named] : [named, real]
    }

    /// The directory that a backup stands in.
    static func parent(of path: String) -> String {
        var path = path[...]
        while path.count > 1, path.last == "/" { path.removeLast() }
        guard let last = path.split(separator: "/").last else { return "/" }
        if last == "." || last == ".." { return path + "/.." }
        let parent = path.dropLast(last.count)
        if parent.isEmpty { return "." }
        var trimmed = parent
        while trimmed.count > 1, trimmed.last == "/" { trimmed.removeLast() }
        return String(trimmed)
    }
}
