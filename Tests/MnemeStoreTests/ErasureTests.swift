// Erasure: afterwards no file has a byte of what was deleted, and the proof says so; before, and
// whenever something is left, it says what.

import MnemeBase
import MnemeLog
import MnemeModel
import MnemePages
import SimulatedWorld
import Synchronization
import Testing

@testable import MnemeStore

@Suite struct ErasureTests {
    /// What is looked for: no compression makes anything of it.
    private static let marker = "Zq7#kP2x!vW9@mB4"

    private func options(_ disk: any Disk) -> StoreOptions {
        var options = Kinds.options(disk)
        options.logLimits.smallestSegment = 32 << 10
        options.logLimits.largestSegment = 64 << 10
        options.compactionShare = 0.9
        return options
    }

    /// A record that says the marker wherever a record can: key, index, words, vector.
    private func marked(_ version: Int) -> Change {
        .put(
            Put(
                "things",
                .text(Self.marker),
                [
                    "name": .text(Self.marker), "owner": .text("o1"),
                    "body": .text("\(Self.marker) \(version)"),
                    "near": .vector([1_234_567, Float(version), 7_654_321]),
                ]
            )
        )
    }

    private func plain(_ number: Int) -> Change {
        .put(
            Put(
                "things",
                .text("k\(number)"),
                [
                    "name": .text("n\(number)"), "owner": .text("o\(number % 3)"),
                    "body": .text("words of record \(number) and some more of them"),
                    "near": .vector([Float(number), 1, 2]),
                ]
            )
        )
    }

    private var markers: [[UInt8]] {
        [Array(Self.marker.utf8.prefix(7)), Float(1_234_567).bitPattern.littleBytes]
    }

    /// As after a scrub that found damage in another segment.
    @Test func whyNothingIsWrittenIsSaid() throws {
        let store = try Kinds.store(options(SimulatedDisk()))
        _ = try store.commit([marked(1), plain(1)])
        _ = try store.commit([.delete(Reference("things", .text(Self.marker)))])
        let refusal = MnemeError(.damagedLog, "the log is damaged in segment 7")
        store.asWriter { [writer = store.writer] in writer.refuse(refusal) }
        try expectRefusal(.damagedLog, "segment 7") { _ = try store.eraseNow() }
    }

    @Test func nothingIsLeft() throws {
        let disk = SimulatedDisk()
        var store = try Kinds.store(options(disk))
        let reference = Reference("things", .text(Self.marker))
        for round in 0..<6 {
            for number in 0..<40 { _ = try store.commit([plain(round * 40 + number)]) }
            _ = try store.commit([marked(round)])
            _ = try store.commit([
                .link(Link("joins", from: reference, to: Reference("things", .text("k1"))))
            ])
            if round % 2 == 1 { try store.checkpointNow() }
        }
        #expect(try disk.files(with: markers[0]).contains("pages"))
        for marker in markers { #expect(try disk.files(with: marker).count > 1) }
        #expect(try store.erasureProof(of: reference).isAlive)
        _ = try store.commit([.delete(reference)])
        try store.checkpointNow()
        var proof = try store.erasureProof(of: reference)
        #expect(!proof.isAlive && !proof.isErased && !proof.findings.isEmpty)
        let before = try Picture(store)

        #expect(try store.eraseNow())
        proof = try store.erasureProof(of: reference)
        #expect(proof.isErased, "\(proof)")
        for marker in markers { #expect(try disk.files(with: marker) == []) }
        #expect(try Picture(store) == before)
        #expect(try store.verify().findings == [])

        try store.close()
        store = try Store.open("store", .open, options: options(disk))
        proof = try store.erasureProof(of: reference)
        #expect(proof.isErased, "\(proof)")
        #expect(try Picture(store) == before)
        #expect(try store.verify().findings == [])
    }

    @Test func itIsDoneWithinItsTime() throws {
        let disk = SimulatedDisk()
        let clock = SimulatedClock()
        var options = options(disk)
        options.clock = clock
        options.erasureDeadline = 1_000_000_000
        let store = try Kinds.store(options)
        let reference = Reference("things", .text(Self.marker))
        _ = try store.commit([marked(1)])
        for number in 0..<40 { _ = try store.commit([plain(number)]) }
        _ = try store.commit([.delete(reference)])
        for _ in 0..<200 {
            try store.upkeep()
            clock.advance(by: 2_400_000)
        }
        #expect(try !store.erasureProof(of: reference).isErased)
        for _ in 0..<200 {
            try store.upkeep()
            clock.advance(by: 2_400_000)
        }
        let proof = try store.erasureProof(of: reference)
        #expect(proof.isErased, "\(proof)")
    }

    /// Whether compaction fails that is due; it goes on by a step in each round.
    private func fails(_ store: Store) -> Bool {
        (0..<20).contains { _ in (try? store.upkeep()) == nil }
    }

    /// Damage in the segment that holds what was deleted keeps it there: that is said as soon as it
    /// fails, and once more when the time is over.
    @Test func whatIsOverdueIsTold() throws {
        let disk = SimulatedDisk()
        let clock = SimulatedClock()
        let told = Mutex<[String]>([])
        var options = options(disk)
        options.clock = clock
        options.erasureDeadline = 1_000_000_000
        options.report = { notice in told.withLock { $0.append(notice.text) } }
        func overdue() -> [String] { told.withLock { $0.filter { $0.contains("overdue") } } }
        let store = try Kinds.store(options)
        let reference = Reference("things", .text(Self.marker))
        let ordinal: UInt64
        _ = try store.commit([marked(1), plain(1)])
        ordinal = try #require(try store.snapshot().ordinal(Kinds.thing("k1")))
        for number in 2..<150 { _ = try store.commit([plain(number)]) }
        let since = clock.now()
        _ = try store.commit([.delete(reference)])
        try store.checkpointNow()
        let place = LogPlace(bits: try #require(try store.reader().entry(ordinal)).place)
        try #require(place.segment < store.log.end.segment)
        let path = "store/log/" + LogFile.name(place.segment)
        try disk.corrupt(path, at: UInt64(place.offset + 90), mask: 4)
        try store.upkeep()
        #expect(store.upkeepFailure == nil)

        clock.advance(by: 600_000_000)
        #expect(fails(store))
        for _ in 0..<3 {
            let failure = try #require(try store.statistics().upkeepFailure)
            #expect(failure.contains("segment \(place.segment) at \(place.offset)"), "\(failure)")
            #expect(!failure.contains("overdue"), "\(failure)")
            // Nothing is tried again so soon, and the failure stays.
            try store.upkeep()
        }
        #expect(overdue() == [])

        clock.advance(by: 300_000_000)
        #expect(fails(store))
        #expect(overdue() == [])
        for _ in 0..<3 {
            clock.advance(by: 120_000_000)
            #expect(fails(store))
            try store.upkeep()
        }
        let instant = "\(Instant(microseconds: since))"
        let lines = [try store.statistics().upkeepFailure ?? ""] + overdue()
        #expect(lines.count == 2, "\(lines)")
        for line in lines {
            #expect(line.contains("since \(instant) is not gone"), "\(line)")
            #expect(line.contains("segment \(place.segment) at \(place.offset)"), "\(line)")
        }

        // The segment is put back as it was.
        try disk.corrupt(path, at: UInt64(place.offset + 90), mask: 4)
        for _ in 0..<200 {
            clock.advance(by: 2_400_000)
            try store.upkeep()
        }
        #expect(try store.statistics().upkeepFailure == nil)
        let proof = try store.erasureProof(of: reference)
        #expect(proof.isErased, "\(proof)")
        #expect(overdue().count == 1)
    }

    /// A page that cannot be read is said in words, and is no finding that a compaction would mend.
    @Test func damagedPagesAreSaidInWords() throws {
        let disk = MemoryDisk()
        let store = try Kinds.store(Kinds.options(disk))
        for start in stride(from: 0, to: 400, by: 50) {
            _ = try store.commit((start..<(start + 50)).map(plain))
        }
        #expect(try store.eraseNow())
        try store.close()
        let files = try disk.storeFiles()
        let places = (files["store/pages"]?.count ?? 0) / 1024
        var (opened, said): (Int, [String]) = (0, [])
        for place in stride(from: 16, to: places, by: max(1, places / 120)) {
            let copy = MemoryDisk()
            try copy.createDirectory("store/log")
            for (path, bytes) in files { try copy.open(path, .create).write(bytes, at: 0) }
            try copy.flip("store/pages", at: place * 1024 + 500)
            // Where it is read at once the store is refused.
            let options = Kinds.options(copy)
            guard let store = try? Store.open("store", .open, options: options) else { continue }
            opened += 1
            guard let proof = try? store.erasureProof(of: Kinds.thing("gone")) else { continue }
            for line in proof.findings + proof.damage {
                #expect(!line.contains("corrupt(") && !line.contains("reason"), "\(line)")
            }
            #expect(proof.damage.isEmpty || !proof.isErased)
            said += proof.damage
        }
        let named = said.filter { $0.hasPrefix("pages is damaged at byte ") }
        #expect(named.contains { $0.contains(", in the ") }, "\(opened) of \(places): \(said)")
        #expect(named.allSatisfy { $0.contains(": ") }, "\(named)")
    }

    @Test func aReaderKeepsWhatItLooksAt() throws {
        let disk = SimulatedDisk()
        let store = try Kinds.store(options(disk))
        let reference = Reference("things", .text(Self.marker))
        for number in 0..<200 { _ = try store.commit([plain(number)]) }
        _ = try store.commit([marked(1)])
        var snapshot: Snapshot? = store.snapshot()
        _ = try store.commit([.delete(reference)])
        #expect(try !store.eraseNow())
        #expect(try snapshot?.record(reference)?.fields["name"] == .text(Self.marker))
        #expect(try !store.erasureProof(of: reference).isErased)
        snapshot = nil
        #expect(try store.eraseNow())
        let proof = try store.erasureProof(of: reference)
        #expect(proof.isErased, "\(proof)")
    }
}

extension UInt32 {
    fileprivate var littleBytes: [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: self >> (8 * $0)) }
    }
}
