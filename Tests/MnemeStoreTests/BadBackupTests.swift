// Backups that cannot be made, and backups that are not what they say: each is refused with words
// that name it, and leaves no backup and no store behind.

import MnemeBase
import MnemeModel
import MnemePages
import SimulatedWorld
import Testing

@testable import MnemeLog
@testable import MnemeStore

@Suite struct BadBackupTests {
    /// A store, a full backup of it and an increment.
    private func world(_ disk: any Disk = SimulatedDisk()) throws -> GrowingStore {
        var world = try GrowingStore(disk)
        try world.grow(20)
        _ = try world.store.backup(to: "kept/one")
        try world.grow(10)
        var options = BackupOptions()
        options.base = "kept/one"
        _ = try world.store.backup(to: "kept/two", options)
        return world
    }

    private func options(base: String) -> BackupOptions {
        var options = BackupOptions()
        options.base = base
        return options
    }

    /// Every file of a backup.
    private func files(_ disk: any Disk, _ directory: String) throws -> [String] {
        let segments = try disk.list(directory + "/log").map { directory + "/log/" + $0 }
        return [directory + "/store", directory + "/manifest"] + segments.sorted()
    }

    @Test func directoriesThatCannotBeTaken() throws {
        let disk = SimulatedDisk()
        let world = try world(disk)
        let store = world.store
        try expectRefusal(.exists, "is a backup already") { _ = try store.backup(to: "kept/one") }
        try expectRefusal(.exists, "kept", "has one in it") { _ = try store.backup(to: "kept") }
        try expectRefusal(.badRequest, "inside the store") { _ = try store.backup(to: "store/x") }
        try expectRefusal(.badRequest, "inside the store") { _ = try store.backup(to: "store") }
        let other = try Store.open("other", options: world.options)
        try other.close()
        try expectRefusal(.exists, "other", "is a store") { _ = try store.backup(to: "other") }
        try disk.open("file", .create).close()
        try expectRefusal(.badRequest, "file", "no directory") { _ = try store.backup(to: "file") }
        try expectRefusal(.badRequest, "no directory") { _ = try store.backup(to: "file/x") }
        for target in ["kept/two", "other", "kept", "store"] {
            try expectRefusal(.exists, target) { _ = try world.restore(["kept/one"], to: target) }
        }
        try expectRefusal(.badRequest, "file") { _ = try world.restore(["kept/one"], to: "file") }
        try expectRefusal(.badRequest, "inside the backup") {
            _ = try world.restore(["kept/one"], to: "kept/one")
        }
        try expectRefusal(.badRequest, "inside the backup") {
            _ = try world.restore(["kept/one"], to: "kept/one/new")
        }
    }

    @Test func basesThatDoNotFit() throws {
        let disk = SimulatedDisk()
        let world = try world(disk)
        let store = world.store
        func expect(_ base: String, _ words: String) throws {
            try expectRefusal(.badBackup, base, words) {
                _ = try store.backup(to: "new", options(base: base))
            }
            #expect(!disk.holds("new"))
        }
        try expect("nowhere", "no backup")
        try expect("store", "no backup")
        // Its own base: the directory is taken.
        try expectRefusal(.exists) {
            _ = try store.backup(to: "kept/two", options(base: "kept/two"))
        }
        var clock = world.options
        clock.randomness = SeededRandomness(seed: 99)
        let other = try Store.open("other", options: clock)
        try other.define(Kinds.schema)
        _ = try other.backup(to: "kept/other")
        try expect("kept/other", "another store")
        try expectRefusal(.badBackup, "two stores") {
            _ = try world.restore(["kept/one", "kept/other"], to: "new")
        }
    }

    @Test func chainsThatDoNotFit() throws {
        var world = try world()
        try world.grow(5)
        _ = try world.store.backup(to: "kept/three", options(base: "kept/two"))
        _ = try world.store.backup(to: "kept/side", options(base: "kept/one"))
        func expect(_ backups: [String], _ words: String...) throws {
            for isRestored in [true, false] {
                do {
                    if isRestored {
                        _ = try world.restore(backups, to: "new")
                    } else if backups.count > 1 {
                        _ = try Store.verifyBackups(backups, options: world.options)
                    } else {
                        continue
                    }
                    Issue.record("\(backups) was not refused")
                } catch let error as MnemeError {
                    #expect(error.code == .badBackup, "\(error)")
                    for word in words { #expect(error.message.contains(word), "\(error)") }
                }
            }
            #expect(!world.disk.holds("new/store"))
        }
        try expect(["kept/two"], "kept/two is an increment")
        try expect(["kept/two", "kept/three"], "kept/two is an increment")
        try expect(["kept/one", "kept/three"], "kept/three does not go on from kept/one")
        try expect(["kept/one", "kept/two", "kept/side"], "kept/side does not go on")
        try expect(["kept/one", "kept/one"], "does not go on from kept/one")
        try expect(["kept/one", "kept/two", "kept/two"], "does not go on from kept/two")
        try expect(["kept/one", "kept/two", "kept/one"], "does not go on from kept/two")
        try expectRefusal(.badRequest, "needs a backup") { _ = try world.restore([], to: "new") }
        let beyond = (world.history.last?.picture.sequence ?? 0) + 1
        try expectRefusal(.badRequest, "sequence \(beyond) is not in the backups") {
            let point = RestorePoint.sequence(beyond)
            _ = try world.restore(["kept/one", "kept/side"], to: "new", at: point)
        }
        for early in [RestorePoint.sequence(1), .time(Instant(microseconds: 5))] {
            try expectRefusal(.badRequest, "no commit that early") {
                _ = try world.restore(["kept/one"], to: "new", at: early)
            }
        }
        #expect(!world.disk.holds("new"))
    }

    @Test func everyFlippedByteIsNoticedAndNamed() throws {
        let disk = SimulatedDisk()
        let world = try world(disk)
        let dice = SeededRandomness(seed: 3)
        for name in ["kept/one", "kept/two"] {
            for path in try files(disk, name) {
                let count = Int(try disk.open(path, .read).byteCount())
                let all = count < 1000 ? Array(0..<count) : (0..<60).map { _ in dice.below(count) }
                for offset in all {
                    let place = UInt64(offset)
                    let mask = UInt8(1 << dice.below(8))
                    try disk.corrupt(path, at: place, mask: mask)
                    let told = error {
                        _ = try Store.verifyBackups([name], options: world.options)
                    }
                    #expect(told?.code == .badBackup, "\(path) at \(offset): \(told as Any)")
                    #expect(told?.message.contains(path) == true, "\(told as Any)")
                    try disk.corrupt(path, at: place, mask: mask)
                }
                // Restoring meets the same where the file counts.
                if name == "kept/two" || path.hasSuffix(Segment.name(1)) {
                    try disk.corrupt(path, at: UInt64(count / 2), mask: 1)
                    try expectRefusal(.badBackup, path) {
                        _ = try world.restore(["kept/one", "kept/two"], to: "new")
                    }
                    #expect(!disk.holds("new"))
                    try disk.corrupt(path, at: UInt64(count / 2), mask: 1)
                }
            }
        }
        let chain = ["kept/one", "kept/two"]
        #expect(try Store.verifyBackups(chain, options: world.options).count == 2)
    }

    private func error(_ body: () throws -> Void) -> MnemeError? {
        do {
            try body()
            return nil
        } catch let error as MnemeError {
            return error
        } catch {
            Issue.record("\(error)")
            return nil
        }
    }

    @Test func missingAndShortFilesAreNamed() throws {
        let disk = MemoryDisk()
        let world = try world(disk)
        for path in try files(disk, "kept/one") {
            let file = try disk.open(path, .readWrite)
            let bytes = try file.read(at: 0, count: Int(try file.byteCount()))
            try disk.remove(path)
            let isManifest = path.hasSuffix("manifest")
            try expectRefusal(.badBackup, isManifest ? "kept/one is no backup" : path) {
                _ = try Store.verifyBackups(["kept/one"], options: world.options)
            }
            for count in [0, 1, bytes.count / 2, bytes.count - 1, bytes.count + 1] {
                let short = try disk.open(path, .create)
                try short.write(Array((bytes + [0]).prefix(count)), at: 0)
                try expectRefusal(.badBackup, path) {
                    _ = try Store.verifyBackups(["kept/one"], options: world.options)
                }
                try disk.remove(path)
            }
            try disk.open(path, .create).write(bytes, at: 0)
        }
        #expect(try Store.verifyBackups(["kept/one"], options: world.options).count == 1)
    }

    @Test func everyDamagedFileIsNamed() throws {
        let disk = MemoryDisk()
        let world = try world(disk)
        let chain = ["kept/one", "kept/two"]
        let damaged = try chain.flatMap { try files(disk, $0) }.filter { !$0.hasSuffix("manifest") }
        for path in damaged.dropFirst() { try disk.flip(path, at: 30) }
        try disk.remove(damaged[0])
        try expectRefusal(.badBackup, "\(damaged.count) things", "another copy of this backup") {
            _ = try Store.verifyBackups(chain, options: world.options)
        }
        let told = error { _ = try Store.verifyBackups(chain, options: world.options) }
        for path in damaged { #expect(told?.message.contains(path + " ") == true, "\(path)") }
        #expect(damaged.count > 3)
        // A manifest that is none, and the files of the other backup.
        try disk.flip("kept/two/manifest", at: 40)
        let first = damaged.filter { $0.hasPrefix("kept/one/") }
        let both = error { _ = try Store.verifyBackups(chain, options: world.options) }
        for path in first + ["kept/two/manifest"] {
            #expect(both?.message.contains(path + " ") == true, "\(path)")
        }
    }

    @Test func soManyFindingsAndNoMoreAreTold() throws {
        var damage = BackupDamage()
        for number in 0..<(BackupDamage.limit + 7) {
            try damage.noting { () throws(StoreError) in
                throw .refused(.damaged("file \(number)", "it is missing"))
            }
        }
        guard case .refused(let error)? = damage.error else {
            Issue.record("nothing is told")
            return
        }
        #expect(error.message.hasPrefix("107 things"))
        #expect(error.message.contains("file 99 is") && !error.message.contains("file 100 is"))
        #expect(error.message.contains("; and 7 more; use another copy"))
    }

    /// Manifests whose checksum is right and whose content lies.
    @Test func manifestsThatLie() throws {
        let disk = MemoryDisk()
        let world = try world(disk)
        let dice = SeededRandomness(seed: 11)
        // What nothing else says: its number, how files were made, when it was made.
        let free = [40..<56, 144..<152]
        for name in ["kept/one", "kept/two"] {
            let path = name + "/manifest"
            let file = try disk.open(path, .readWrite)
            let whole = try file.read(at: 0, count: Int(try file.byteCount()))
            let manifest = try BackupManifest(whole)
            #expect(manifest.bytes == whole)
            var refused = 0
            for offset in 8..<whole.count {
                var bytes = whole
                bytes[offset] ^= UInt8(1 << dice.below(8))
                var sum = ByteWriter()
                sum.put(Checksum.xxh3(Array(bytes.dropFirst(8))))
                bytes.replaceSubrange(0..<8, with: sum.bytes)
                try file.write(bytes, at: 0)
                // What the base has only the chain can say.
                let chain = name == "kept/two" ? ["kept/one", name] : [name]
                let told = error {
                    _ = try Store.verifyBackups(chain, options: world.options)
                }
                let isMade = offset >= 176 + 80 && (offset - 176) % 80 < 8
                // Higher ones than any frame's are allowed: increments carry those of their base.
                let isOpening = (128..<140).contains(offset)
                let isVersion = (16..<20).contains(offset)
                if told == nil {
                    let isFree = free.contains { $0.contains(offset) }
                    #expect(isFree || isMade || isOpening, "\(name) at \(offset)")
                } else {
                    refused += 1
                    #expect(
                        told?.code == (isVersion ? .newerFormat : .badBackup),
                        "\(offset): \(told as Any)"
                    )
                    _ = error { _ = try world.storeRestore([name]) }
                }
            }
            #expect(refused > whole.count / 2)
            for count in 0..<whole.count {
                #expect(throws: ManifestError.self) {
                    _ = try BackupManifest(Array(whole.prefix(count)))
                }
            }
            try file.write(whole, at: 0)
        }
        #expect(!disk.holds("lied/store"))
    }

    @Test func aFullDiskLeavesNoBackupAndNoStore() throws {
        let made = SimulatedDisk()
        made.plan.allowsLinks = false
        let world = try world(made)
        let used = made.contents().reduce(0) { $0 + ($1.bytes?.count ?? 0) }
        try world.store.close()
        var refusals = 0
        for room in stride(from: 0, through: 400_000, by: 9_999) {
            let disk = made.crashKeepingAll()
            disk.plan.allowsLinks = false
            disk.plan.capacity = UInt64(used + 200_000)
            let options = GrowingStore.options(disk, world.clock)
            let store = try Store.open("store", .open, options: options)
            let now = disk.contents().reduce(0) { $0 + ($1.bytes?.count ?? 0) }
            disk.plan.capacity = UInt64(now + room)
            if let told = error({ _ = try store.backup(to: "new") }) {
                refusals += 1
                #expect(told.code == .diskFull && told.message.contains("make room"), "\(told)")
                #expect(!disk.holds("new/manifest") && !disk.holds("new/store"))
                #expect(!disk.holds("new"))
                // The room is there again, and so is the name.
                disk.plan.capacity = nil
                _ = try store.backup(to: "new")
            }
            disk.plan.capacity = UInt64(now + room)
            let told = error {
                _ = try Store.restore(["kept/one", "kept/two"], to: "r", options: options)
            }
            if let told {
                #expect(told.code == .diskFull, "\(told)")
                #expect(!disk.holds("r/store") && !disk.holds("r/restoring"))
            }
            disk.plan.capacity = nil
            if told != nil {
                _ = try Store.restore(["kept/one", "kept/two"], to: "r", options: options)
            }
            let restored = try Store.open("r", .open, options: options)
            #expect(
                try world.history.last?.picture.isShown(restored: restored) == true
            )
        }
        #expect(refusals > 5)
    }

    @Test func aDamagedStoreIsNotBackedUp() throws {
        let disk = SimulatedDisk()
        let world = try world(disk)
        let path = "store/log/" + Segment.name(1)
        try disk.corrupt(path, at: 5000, mask: 4)
        for copies in [true, false] {
            var options = BackupOptions()
            options.copies = copies
            try expectRefusal(.damagedLog, "no backup was made") {
                _ = try world.store.backup(to: "new", options)
            }
            #expect(!disk.holds("new/manifest"))
        }
        try disk.remove(path)
        try expectRefusal(.damagedLog, "segment 1") { _ = try world.store.backup(to: "new") }
    }
}

extension GrowingStore {
    fileprivate func storeRestore(_ backups: [String]) throws(MnemeError) -> RestoreSummary {
        try Store.restore(backups, to: "lied", options: options)
    }
}
