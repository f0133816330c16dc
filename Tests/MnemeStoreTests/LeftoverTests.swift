// Files of the log that count for nothing: an erasure is not proven as long as one is there, and
// the next round of compaction zeroes and removes them, whatever became of the page file.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeLog
@testable import MnemeStore

@Suite struct LeftoverTests {
    private static let secret = Kinds.thing("secret")

    private func options(_ disk: any Disk) -> StoreOptions {
        var options = Kinds.options(disk)
        options.logLimits.smallestSegment = 32 << 10
        options.logLimits.largestSegment = 32 << 10
        return options
    }

    /// A store whose compaction ended before the segments went that carry what was erased.
    private func world() throws -> MemoryDisk {
        let disk = MemoryDisk()
        let store = try Kinds.store(options(disk))
        _ = try store.commit([Kinds.put("secret"), Kinds.put("other")])
        _ = try store.commit([.erase(Self.secret)])
        try store.checkpointNow()
        let names = try disk.list("store/log").filter { !$0.hasPrefix("cold-") }.sorted()
        let path = "store/log/" + (try #require(names.first))
        let bytes = try #require(try disk.storeFiles()[path])
        #expect(try store.eraseNow())
        try store.close()
        try? disk.remove(path)
        try disk.open(path, .create).write(bytes, at: 0)
        return disk
    }

    private func isCarried(_ disk: MemoryDisk) throws -> Bool {
        let marker = Array("secret".utf8)
        return try disk.storeFiles().contains { path, bytes in
            path.hasPrefix("store/log/")
                && bytes.indices.contains { bytes[$0...].starts(with: marker) }
        }
    }

    private func expectUnproven(_ store: Store) throws {
        let proof = try store.erasureProof(of: Self.secret)
        #expect(!proof.isErased && !proof.isAlive)
        #expect(proof.findings.contains { $0.contains("000001.log carries it") }, "\(proof)")
        #expect(proof.waiting.contains { $0.contains("000001.log is not needed") }, "\(proof)")
    }

    private func expectProven(_ store: Store, _ disk: MemoryDisk) throws {
        let proof = try store.erasureProof(of: Self.secret)
        #expect(proof.isErased, "\(proof)")
        #expect(try !isCarried(disk))
        #expect(try store.snapshot().record(Kinds.thing("other")) != nil)
        #expect(try store.verify().findings == [])
    }

    /// What becomes of the page file.
    enum Pages: CaseIterable { case stay, go, derivedAgain }

    @Test(arguments: Pages.allCases)
    func aLeftoverIsNamedAndGoes(pages: Pages) throws {
        for asks in [true, false] {
            let disk = try world()
            if pages == .go { try disk.remove("store/pages") }
            #expect(try isCarried(disk))
            let reader = try Store.open("store", .read, options: options(disk))
            try expectUnproven(reader)
            try reader.close()
            let mode: StoreMode = pages == .derivedAgain ? .rebuild : .open
            let store = try Store.open("store", mode, options: options(disk))
            try expectUnproven(store)
            if asks {
                #expect(try store.eraseNow())
            } else {
                // By the upkeep alone; pages that were derived again are clean.
                try store.compactAll()
                #expect(try !isCarried(disk))
                #expect(
                    try store.erasureProof(of: Self.secret).findings.allSatisfy {
                        !$0.contains("log/")
                    }
                )
                #expect(try store.eraseNow())
            }
            try expectProven(store, disk)
            try store.close()
            let again = try Store.open("store", .open, options: options(disk))
            try expectProven(again, disk)
            try again.close()
        }
    }

    @Test func whateverStandsInTheLogIsLookedAt() throws {
        let disk = MemoryDisk()
        let store = try Kinds.store(options(disk))
        #expect(try store.eraseNow())
        #expect(try store.erasureProof(of: Self.secret).isErased)
        // A cold segment that never got its header, with bytes of no frame; and no segment at all.
        for name in ["cold-000000000007.log", "notes.txt"] {
            let file = try disk.open("store/log/" + name, .create)
            try file.write([UInt8](repeating: 0, count: 8192), at: 0)
            #expect(try store.erasureProof(of: Self.secret).isErased)
            try file.write([1], at: 6000)
            let proof = try store.erasureProof(of: Self.secret)
            #expect(!proof.isErased && proof.findings.contains { $0.contains(name) }, "\(proof)")
            try disk.remove("store/log/" + name)
        }
        #expect(try store.erasureProof(of: Self.secret).isErased)
    }
}
