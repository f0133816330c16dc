// What somebody changes on the disk who has no key, checksums mended: it is refused by name, and
// never answered with. And nonces, over lives that end in every way.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Synchronization
import Testing

@testable import MnemeLog
@testable import MnemePages
@testable import MnemeStore

@Suite struct TamperingTests {
    private static let segment = "store/log/000000000001.log"

    /// A closed store of three records, and where its frames stand.
    private func made(_ disk: MemoryDisk) throws -> [Frame] {
        let store = try Store.open("store", options: Sealed.options(disk))
        try store.define(Kinds.schema)
        for key in ["a", "b", "c"] {
            _ = try store.commit([Kinds.put(key, ["near": .vector([1, 2, 3])])])
        }
        var frames: [Frame] = []
        try store.log.forEachBatch(through: store.snapshot().sequence) {
            (batch) throws(StoreError) in
            frames += batch.frames
        }
        try store.close()
        return frames
    }

    /// Writes a frame's checksum anew, as its bytes are.
    private func mend(_ bytes: inout [UInt8], _ frame: Frame) throws {
        let start = frame.place.offset
        let end = start + frame.byteCount
        let head = try FrameHead(Array(bytes[start..<(start + 72)]))
        let checksum = unsafe Array(bytes[start..<end]).withUnsafeBytes {
            unsafe FrameHead.checksum($0, segment: 1, sequence: head.sequence)
        }
        var writer = ByteWriter()
        writer.put(checksum)
        bytes.replaceSubrange((start + 64)..<(start + 72), with: writer.bytes)
        // The batch's hash is of the checksums; a commit frame is 96 bytes behind one frame.
        let commit = FrameHead.aligned(end)
        var columns = ByteWriter()
        columns.put(Checksum.xxh3(writer.bytes))
        bytes.replaceSubrange((commit + 80)..<(commit + 88), with: columns.bytes)
        let sum = unsafe Array(bytes[commit..<(commit + 96)]).withUnsafeBytes {
            unsafe FrameHead.checksum($0, segment: 1, sequence: head.sequence + 1)
        }
        var again = ByteWriter()
        again.put(sum)
        bytes.replaceSubrange((commit + 64)..<(commit + 72), with: again.bytes)
    }

    @Test func aChangedFrameIsForged() throws {
        let disk = MemoryDisk()
        let frames = try made(disk)
        let frame = try #require(frames.last)
        let whole = try #require(try Sealed.files(disk)[Self.segment])
        let start = frame.place.offset
        let places =
            [8, 12, 32, 40] + [72, 80, frame.byteCount - 25] + [
                frame.byteCount - 24, frame.byteCount - 16, frame.byteCount - 1,
            ]
        for place in places {
            let copy = try Sealed.copy(disk)
            var bytes = whole
            bytes[start + place] ^= 1
            try mend(&bytes, frame)
            try Sealed.overwrite(copy, Self.segment, bytes)
            // By its place.
            let store = try Store.open("store", .open, options: Sealed.options(copy))
            do {
                let found = try store.snapshot().record(Kinds.thing("c"))
                Issue.record("byte \(place): answered with \(found)")
            } catch {
                #expect(error.code == .damagedLog)
                #expect(error.cause == "authentication failed", "byte \(place): \(error)")
            }
            do {
                let find = Find("things", near: Near("near", [1, 2, 3]))
                let found = try store.snapshot().find(find)
                Issue.record("byte \(place): scored \(found)")
            } catch {}
            // When it is replayed, and nothing is cut off.
            let again = try Sealed.copy(copy)
            let before = try Sealed.files(again)[Self.segment]
            do {
                _ = try Store.open("store", .rebuild, options: Sealed.options(again))
                Issue.record("byte \(place): rebuilt")
            } catch {
                #expect(error.code == .damagedLog)
                #expect(error.cause == "authentication failed", "byte \(place): \(error)")
            }
            #expect(try Sealed.files(again)[Self.segment] == before)
        }
    }

    @Test func aFrameInTheClearIsForged() throws {
        let disk = MemoryDisk()
        let frames = try made(disk)
        let frame = try #require(frames.last)
        let copy = try Sealed.copy(disk)
        var bytes = try #require(try Sealed.files(disk)[Self.segment])
        // As a writer without a key would have it: of the same length, no trailer counted apart.
        let start = frame.place.offset
        bytes[start + 48] = 0
        try mend(&bytes, frame)
        try Sealed.overwrite(copy, Self.segment, bytes)
        try expectRefusal(.damagedLog, "somebody without the store's key") {
            _ = try Store.open("store", .rebuild, options: Sealed.options(copy))
        }
    }

    @Test func aSegmentInTheClearIsNoneOfTheStore() throws {
        let (plain, sealed) = (MemoryDisk(), MemoryDisk())
        _ = try made(sealed)
        let store = try Store.open("store", options: Sealed.options(plain, nil))
        try store.define(Kinds.schema)
        try store.close()
        var bytes = try #require(try Sealed.files(plain)[Self.segment])
        // With the identity of the store that it is put into.
        let identity = try IdentityFile(try #require(try Sealed.files(sealed)["store/store"]))
            .identity
        let header = SegmentHeader(
            identity: LogIdentity(high: identity.high, low: identity.low),
            number: 1,
            firstSequence: 1,
            byteCount: UInt64(bytes.count)
        )
        bytes.replaceSubrange(0..<4096, with: header.bytes)
        try Sealed.overwrite(sealed, Self.segment, bytes)
        try expectRefusal(.notAStore) {
            _ = try Store.open("store", .rebuild, options: Sealed.options(sealed))
        }
    }

    @Test func aChangedPageIsDerivedAgain() throws {
        let disk = MemoryDisk()
        _ = try made(disk)
        let pages = try #require(try Sealed.files(disk)["store/pages"])
        let places = pages.count / 1056
        #expect(places > 16)
        var refused = 0
        for place in 16..<places {
            let copy = try Sealed.copy(disk)
            var bytes = pages
            bytes[place * 1056 + 500] ^= 1
            try Sealed.overwrite(copy, "store/pages", bytes)
            do {
                let store = try Store.open("store", .open, options: Sealed.options(copy))
                let verification = try store.verify()
                // A place that nobody needs; the copy verifies.
                if !verification.findings.isEmpty { refused += 1 }
            } catch {
                #expect(error.code == .corrupt, "\(error)")
                refused += 1
            }
            let again = try Sealed.copy(copy)
            let store = try Store.open("store", .rebuild, options: Sealed.options(again))
            #expect(try store.verify().findings == [])
            try store.close()
        }
        #expect(refused > 0)
    }

    /// What every key was used for, over all lives of a disk.
    private final class Ledger: Sendable {
        private struct Use: Hashable {
            var key: UInt64
            var nonce: Nonce
        }
        private let uses = Mutex<(seen: [Use: UInt64], twice: Int, count: Int)>(([:], 0, 0))

        func note(_ sealing: Sealing) {
            uses.withLock { uses in
                let use = Use(key: sealing.key, nonce: sealing.nonce)
                uses.count += 1
                if let plain = uses.seen[use], plain != sealing.plain { uses.twice += 1 }
                uses.seen[use] = sealing.plain
            }
        }

        var counts: (twice: Int, count: Int) { uses.withLock { ($0.twice, $0.count) } }
    }

    @Test(arguments: [UInt64(1), 2, 3, RealRandomness().next()])
    func noNonceComesTwice(seed: UInt64) throws {
        let random = SeededRandomness(seed: seed)
        let ledger = Ledger()
        var disk = SimulatedDisk(seed: seed)
        var (incarnations, torn): (Set<UInt64>, Int) = ([], 0)
        for life in 0..<30 {
            var options = Sealed.options(disk)
            options.watchesSealing = { ledger.note($0) }
            options.secrets = SeededRandomness(seed: seed &* 1000 &+ UInt64(life))
            let store = try Store.open("store", options: options)
            // A life whose frames are all cut off leaves its number to the next one.
            if !incarnations.insert(store.log.incarnation).inserted { torn += 1 }
            if life == 0 { try store.define(Kinds.schema) }
            for number in 0..<(1 + random.below(4)) {
                let put = Kinds.put("k\(random.below(9))", ["count": .int(Int64(life + number))])
                let durability: Durability = random.below(3) == 0 ? .synced : .none
                _ = try store.commit([put], durability)
                if random.below(5) == 0 { try store.checkpointNow() }
            }
            switch random.below(4) {
            case 0:
                try store.close()
                disk = disk.crashKeepingAll()
            case 1: disk = disk.crashKeepingAll()
            case 2: disk = disk.crashDroppingAll()
            default: disk = disk.crash(using: SeededRandomness(seed: random.next()))
            }
        }
        let counts = ledger.counts
        #expect(counts.count > 100)
        #expect(counts.twice == 0, "seed \(seed)")
        // The lives of these were such that the number of an opening alone would not have done.
        #expect(torn > 0 || seed > 3, "seed \(seed): no opening had the number of one before")
    }
}
