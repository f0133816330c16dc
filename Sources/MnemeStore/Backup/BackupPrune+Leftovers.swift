// What a pruning makes on its way, and ends where another one was interrupted: only directories
// with a marker, and never through a link. Format: formats/backup.md#pruning.

internal import MnemeBase
internal import MnemeModel

extension BackupPrune {
    /// Where a store is restored in a workplace.
    static let restored = "/restored"
    /// Below a workplace, the innermost first.
    private static let inner = ["/restored/log", "/restored", "/log"]

    /// The directory beside a backup in which it is restored, or goes.
    func workplace(_ path: String) -> String {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return directory + "/." + name + PruneName.workplace
    }

    /// Ends what was left.
    ///
    /// A successor that is whole, of a chain that is not whole any more, takes its place; every
    /// other rest goes, and so does an unfinished backup. A dry run says so and does nothing.
    mutating func finishEarlier(_ found: inout FoundFamilies) throws(StoreError) {
        let names = try onDisk { () throws(DiskError) in try disk.list(directory) }.sorted()
        var hasChanged = false
        for name in names {
            let path = directory + "/" + name
            guard let marker = WorkMarker(disk, path) else {
                // Power went as it was made; what else is named so is somebody's own.
                guard PruneName.isOwn(name) else {
                    if WorkMarker.isCutOff(disk, path) {
                        try end(path, .unfinished)
                    } else if WorkMarker.isUnmarked(disk, path) {
                        result.unread.append(MnemeError.unmarked(path).message)
                    }
                    continue
                }
                if WorkMarker.isBare(disk, path) {
                    try end(path, .rest)
                } else if !found.isNamed(path) {
                    result.unread.append("\(path): it has no marker of a pruning; it is left alone")
                }
                continue
            }
            let hasManifest = try onDisk { () throws(DiskError) in
                try disk.isThere(BackupPaths(directory: path).manifest)
            }
            if name.hasPrefix("."), name.hasSuffix(PruneName.workplace) {
                guard marker.kind == .restored || marker.kind == .leaving else { continue }
                try end(path, .rest)
            } else if !hasManifest {
                guard marker.kind == .backup || marker.kind == .successor else { continue }
                try end(path, marker.kind == .backup ? .unfinished : .rest)
            } else if marker.kind == .successor, name.hasSuffix(PruneName.successor) {
                hasChanged = true
                try finish(path, marker, &found)
            } else if !wishes.isDryRun {
                // It is a backup, and what it was on the way to is over.
                try onDisk { () throws(DiskError) in
                    try disk.remove(WorkMarker.path(in: path))
                    try disk.syncDirectory(path)
                }
            }
        }
        if hasChanged, !wishes.isDryRun { found = try FoundFamilies(disk, directory) }
    }

    private mutating func end(
        _ path: String,
        _ kind: PrunedBackups.Leftover.Kind
    ) throws(StoreError) {
        result.leftovers.append(PrunedBackups.Leftover(directory: path, kind: kind))
        if !wishes.isDryRun { try clear(path) }
    }

    /// A successor with its manifest: it takes its place, goes, or stays where that cannot be told.
    private mutating func finish(
        _ successor: String,
        _ marker: WorkMarker,
        _ found: inout FoundFamilies
    ) throws(StoreError) {
        let path = String(successor.dropLast(PruneName.successor.count))
        let family = found.families.first { $0.identity == marker.identity }
        let old = family?.members.first { $0.directory == path }
        let isTaken = old == nil && !isAbsent(path)
        let isAnother = old.map { $0.manifest.id != marker.backup } ?? false
        if found.blocks(marker.identity) || isTaken || isAnother {
            result.unread.append(
                "\(successor): what it stands for cannot be told as long as \(path) and the "
                    + "backups beside it are not read; it is left alone"
            )
            return
        }
        if let family, let old, family.isComplete(old) {
            // It is made anew where it is still due.
            return try end(successor, .rest)
        }
        let whole = try FoundBackup(disk, successor)
        let rest = old.flatMap { old in family?.chain(of: old) } ?? []
        for member in rest {
            guard let name = try member.foreign(disk) else { continue }
            result.unread.append("\(member.directory): \(name) is no part of it; move it away")
            return
        }
        result.leftovers.append(PrunedBackups.Leftover(directory: successor, kind: .successor))
        if wishes.isDryRun { return found.put(whole, inPlaceOf: rest) }
        for member in rest where member != old { try remove(member) }
        try replace(path, old)
        // What stood for two ends is judged by what is left.
        found = try FoundFamilies(disk, directory)
    }

    private func isAbsent(_ path: String) -> Bool {
        guard let names = try? disk.list(directory) else { return false }
        return !names.contains(String(path.dropFirst(directory.count + 1)))
    }

    /// - Throws: `.refused` with `exists` where something of this name is there.
    func checkFree(_ path: String) throws(StoreError) {
        if isAbsent(path) { return }
        throw .refused(
            MnemeError(
                .exists,
                "\(path) is in the way of the pruning, and is none of its own; move it elsewhere"
            )
        )
    }

    /// Makes a workplace, with its marker before anything else.
    func claim(_ place: String, _ marker: WorkMarker) throws(StoreError) {
        try checkFree(place)
        try onDisk { () throws(DiskError) in try disk.createDirectory(place) }
        try marker.write(disk, in: place)
        try onDisk { () throws(DiskError) in try disk.syncDirectory(directory) }
    }

    /// Removes a directory that has a marker, which goes last, or that has nothing else.
    func clear(_ path: String) throws(StoreError) {
        guard WorkMarker(disk, path) != nil || WorkMarker.isBare(disk, path) else { return }
        try onDisk { () throws(DiskError) in
            // Without what makes it one first: never a store or a backup that lacks a part.
            for name in ["/manifest", "/restored/store"] {
                let owner = path + (name.hasPrefix(Self.restored) ? Self.restored : "")
                guard disk.isDirectory(owner), try disk.isThere(path + name) else { continue }
                try disk.remove(path + name)
                try disk.syncDirectory(owner)
            }
            for below in Self.inner where disk.isDirectory(path + below) {
                let inside = Self.inner.filter { $0.hasPrefix(below + "/") }
                    .map { $0.dropFirst(below.count + 1) }
                for name in try disk.list(path + below) where !inside.contains(name[...]) {
                    try disk.remove(path + below + "/" + name)
                }
                try disk.syncDirectory(path + below)
                try disk.removeDirectory(path + below)
            }
            for name in try disk.list(path)
            where name != WorkMarker.name && !disk.isDirectory(path + "/" + name) {
                try disk.remove(path + "/" + name)
            }
            try disk.syncDirectory(path)
            guard try disk.list(path).allSatisfy({ $0 == WorkMarker.name }) else { return }
            let marker = WorkMarker.path(in: path)
            if try disk.isThere(marker) { try disk.remove(marker) }
            try disk.removeDirectory(path)
            try disk.syncDirectory(directory)
        }
    }
}
