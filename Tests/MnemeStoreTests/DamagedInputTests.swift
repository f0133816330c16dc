// Whatever stands in the files of a store, opening it gives everything that was there, or refuses
// with an error that says what to do: never something else, and never a crash.

import Glibc
import MnemeBase
import MnemeModel
import Testing

@testable import MnemeLog
@testable import MnemeStore

@Suite struct DamagedInputTests {
    private func options(_ disk: any Disk) -> StoreOptions {
        var options = DamagedWorld.options(disk)
        options.derivesDamagedPages = true
        return options
    }

    private func copy(_ disk: MemoryDisk) throws -> MemoryDisk {
        let other = MemoryDisk()
        try other.createDirectory("store/log")
        for (path, bytes) in try disk.storeFiles() {
            try other.open(path, .create).write(bytes, at: 0)
        }
        return other
    }

    /// What a reader may be told; a flip in a frame's version makes it a newer one.
    private static let told: Set<MnemeError.Code> = [.corrupt, .damagedLog, .newerFormat]

    /// What a store shows, nil where reading it is refused, as it is said.
    private func shown(_ store: Store) throws -> Picture? {
        do throws(MnemeError) {
            _ = try store.verify()
        } catch {
            #expect(Self.told.contains(error.code), "\(error)")
        }
        do {
            return try Picture(store)
        } catch let error as MnemeError {
            #expect(Self.told.contains(error.code), "\(error)")
            return nil
        }
    }

    @Test func aByteFlippedAnywhereIsToldOrHarmless() throws {
        let seed = RealRandomness().next()
        print("flips: seed \(seed)")
        let random = SeededRandomness(seed: seed)
        let world = try DamagedWorld(seed: 31, batches: 40)
        var refused: Set<String> = []
        for (path, bytes) in try world.disk.storeFiles().sorted(by: { $0.key < $1.key }) {
            for _ in 0..<(path == "store/store" ? 40 : 25) {
                let disk = try copy(world.disk)
                let place = random.below(bytes.count)
                try disk.flip(path, at: place, mask: UInt8(1 << random.below(8)))
                let comment: Comment = "byte \(place) of \(path), seed \(seed)"
                do throws(MnemeError) {
                    let store = try Store.open("store", .open, options: options(disk))
                    if let picture = try? shown(store) {
                        #expect(picture.records == world.picture.records, comment)
                        #expect(picture.edges == world.picture.edges, comment)
                    }
                    try? store.close()
                } catch {
                    let codes: Set<MnemeError.Code> = [
                        .damagedLog, .notAStore, .newerFormat, .corrupt,
                    ]
                    #expect(codes.contains(error.code), "\(comment): \(error)")
                    refused.insert("\(error.code)")
                    if error.code == .damagedLog {
                        #expect(error.message.contains("salvage"), "\(error)")
                        #expect(error.message.contains("backup"), "\(error)")
                    }
                }
            }
        }
        #expect(refused.contains("notAStore"))
    }

    @Test func aPageFileOfALaterTimeThanTheLogIsRefused() throws {
        let disk = MemoryDisk()
        let store = try Kinds.store(options(disk))
        let early = try disk.storeFiles()
        for number in 0..<200 { _ = try store.commit([Kinds.put("k\(number)")]) }
        try store.close()
        for name in try disk.list("store/log") { try disk.remove("store/log/" + name) }
        for (path, bytes) in early where path.hasPrefix("store/log/") {
            try disk.open(path, .create).write(bytes, at: 0)
        }
        let before = try disk.storeFiles()
        for mode in [StoreMode.open, .rebuild, .read] {
            try expectRefusal(.damagedLog, "salvage") {
                _ = try Store.open("store", mode, options: options(disk))
            }
        }
        #expect(try disk.storeFiles() == before)
    }

    @Test func damagedPagesAreDerivedAgainAndThatIsSaid() throws {
        let world = try DamagedWorld(seed: 41, batches: 30)
        let pages = try world.disk.open("store/pages", .readWrite)
        try pages.write([UInt8](repeating: 7, count: 8192 * 3), at: 0)
        try expectRefusal(.corrupt, "mneme rebuild") {
            _ = try Store.open("store", .open, options: DamagedWorld.options(world.disk))
        }
        var steps = 0
        let store = try Store.open("store", .open, options: options(world.disk)) { done, total in
            #expect(done <= total)
            steps += 1
        }
        #expect(try Picture(store) == world.picture)
        #expect(store.notes.first?.contains("derived again") == true, "\(store.notes)")
        #expect(store.damageAtOpening == store.notes.first)
        #expect(try store.verify().findings == [])
        try store.close()
        let again = try Store.open("store", .open, options: options(world.disk))
        #expect(again.notes == [] && again.damageAtOpening == nil)
        #expect(try Picture(again) == world.picture)
    }

    /// Blocks of zeros, and a file that has none, say no more of the log's end than no file does.
    @Test(arguments: [0, 100, nil] as [Int?])
    func noCheckpointVouchesForNoEnd(byteCount: Int?) throws {
        let world = try DamagedWorld(seed: 42, batches: 30)
        let pages = try world.disk.open("store/pages", .readWrite)
        if let byteCount {
            try pages.truncate(to: UInt64(byteCount))
        } else {
            try pages.write([UInt8](repeating: 0, count: 8192 * 2), at: 0)
        }
        for mode in [StoreMode.read, .open] {
            let store = try Store.open("store", mode, options: options(world.disk))
            #expect(store.notes.contains { $0.contains("how far the log") }, "\(store.notes)")
            #expect(try Picture(store) == world.picture)
            try store.close()
        }
        let again = try Store.open("store", .open, options: options(world.disk))
        #expect(again.notes == [])
    }

    // MARK: What stands where a file should be

    /// A store on the real disk, with a short path.
    private func realStore(_ directory: String) throws {
        var options = StoreOptions()
        options.worksInBackground = false
        let store = try Store.open(directory, .create, options: options)
        try store.define(Kinds.schema)
        _ = try store.commit([Kinds.put("a")])
        try store.close()
    }

    private func open(_ directory: String, _ mode: StoreMode = .open) throws -> Int {
        var options = StoreOptions()
        options.worksInBackground = false
        options.derivesDamagedPages = true
        let store = try Store.open(directory, mode, options: options)
        defer { try? store.close() }
        return try Picture(store).records.count
    }

    private static func temporary() -> String { "/tmp/mneme-input-\(RealRandomness().next())" }

    private func remove(_ directory: String) {
        let disk = RealDisk()
        for name in (try? disk.list(directory)) ?? [] {
            let path = directory + "/" + name
            if (try? disk.remove(path)) == nil { remove(path) }
        }
        _ = unsafe rmdir(directory)
    }

    @Test func linksAreFollowed() throws {
        let root = Self.temporary()
        defer { remove(root) }
        try RealDisk().createDirectory(root)
        try realStore(root + "/store")
        #expect(unsafe symlink("store", root + "/link") == 0)
        #expect(try open(root + "/link") == 1)
        // A segment or the page file may stand elsewhere, too.
        let segment = root + "/store/log/" + LogFile.name(1)
        for path in [segment, root + "/store/pages"] {
            let moved = root + "/moved-" + String(path.split(separator: "/").last ?? "")
            try RealDisk().rename(path, to: moved)
            #expect(unsafe symlink(moved, path) == 0)
            #expect(try open(root + "/store") == 1)
            #expect(try open(root + "/store", .read) == 1)
        }
        // One that leads nowhere is no file.
        try RealDisk().remove(segment)
        #expect(unsafe symlink(root + "/nowhere", segment) == 0)
        try expectRefusal(.notAStore, segment) { _ = try open(root + "/store") }
    }

    @Test func whatIsNoFileIsRefused() throws {
        for name in ["store", "pages", "lock", "log/" + LogFile.name(1)] {
            for isPipe in [true, false] {
                let root = Self.temporary()
                defer { remove(root) }
                try realStore(root)
                let path = root + "/" + name
                try RealDisk().remove(path)
                #expect(unsafe isPipe ? mkfifo(path, 0o600) == 0 : mkdir(path, 0o700) == 0)
                // A pipe can be locked as well as a file, and holds nothing here either.
                if name == "lock", isPipe { continue }
                for mode in [StoreMode.open, .openOrCreate, .read] {
                    if name == "lock", mode == .read { continue }
                    let location = "\(name), pipe \(isPipe), \(mode)"
                    do {
                        _ = try open(root, mode)
                        Issue.record("\(location) was opened")
                    } catch let error as MnemeError {
                        #expect(error.message.contains(path), "\(location): \(error)")
                    }
                }
                _ = unsafe rmdir(path)
            }
        }
    }

    @Test func aFileIsNoDirectory() throws {
        let root = Self.temporary()
        defer { remove(root) }
        try RealDisk().createDirectory(root)
        let file = try RealDisk().open(root + "/letter", .create)
        try file.write(Array("Dear Ann".utf8), at: 0)
        for mode in [StoreMode.open, .openOrCreate, .create, .rebuild, .read] {
            try expectRefusal(.notAStore, root + "/letter") { _ = try open(root + "/letter", mode) }
        }
        #expect(try file.byteCount() == 8)
    }
}
