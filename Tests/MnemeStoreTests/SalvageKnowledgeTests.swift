// What a salvage can know and what it must not be fooled by: lost schemas, a lost end, files of
// other stores, frames left over from before a cut, bytes in a record that look like frames.

import MnemeBase
import MnemeModel
import Testing

@testable import MnemeLog
@testable import MnemeStore

@Suite struct SalvageKnowledgeTests {
    private func salvage(
        _ disk: MemoryDisk,
        _ source: String = "store",
        to target: String? = "new"
    ) throws -> SalvageReport {
        try Salvage(of: source, to: target, options: DamagedWorld.options(disk)).run()
    }

    private func copy(_ disk: MemoryDisk) throws -> MemoryDisk {
        let other = MemoryDisk()
        try other.createDirectory("store/log")
        for (path, bytes) in try disk.storeFiles() {
            try other.open(path, .create).write(bytes, at: 0)
        }
        return other
    }

    private func keys(_ disk: MemoryDisk, _ target: String = "new") throws -> Set<String> {
        let store = try Store.open(target, .read, options: DamagedWorld.options(disk))
        return Set(try Picture(store).records.map { $0.reference.description })
    }

    /// Numbers of deleted records are not given again, whether the log, a cold segment's summary or
    /// the page file tells them; keys that are no numbers go on as they were.
    @Test(arguments: [false, true], [false, true])
    func numbersThatWereGivenAreNotGivenAgain(compacts: Bool, losesPages: Bool) throws {
        let disk = MemoryDisk()
        var options = DamagedWorld.options(disk)
        options.worksInBackground = false
        let store = try Store.open("store", options: options)
        let fields = [
            Field("next", .int, fill: .next), Field("text", .text, isRequired: true),
            Field("mail", .text),
        ]
        let indexes = [Index("mail", on: ["mail"], isUnique: true)]
        try store.define(
            Schema(collections: [
                Collection("numbered", key: .int, fields: fields, indexes: indexes),
                Collection("named", fields: fields, history: HistoryRule()),
                Collection("plain", key: .uuid, fields: [Field("text", .text)]),
            ])
        )
        func put(_ collection: String, _ key: Key?, _ mail: String) -> Change {
            .put(Put(collection, key, ["text": "x", "mail": .text(mail)]))
        }
        for number in 1...7 {
            _ = try store.commit([
                put("numbered", nil, "a\(number)"), put("named", .text("k\(number)"), "b"),
                .put(Put("plain", nil, ["text": "x"])),
            ])
        }
        // One of each stays, and the highest go.
        for number in 2...7 {
            _ = try store.commit([
                .delete(Reference("numbered", .int(Int64(number)))),
                .delete(Reference("named", .text("k\(number)"))),
            ])
        }
        if compacts { try store.compactAll() }
        try store.close()
        if losesPages { try disk.remove("store/pages") }
        let report = try Salvage(of: "store", to: "new", options: options).run()
        #expect(report.records["numbered"] == 1 && report.records["named"] == 1)
        #expect(!report.notes.contains { $0.contains("In the new store") })
        for isFirst in [true, false] {
            let new = try Store.open("new", isFirst ? .open : .rebuild, options: options)
            #expect(try new.verify().findings == [])
            #expect(
                try new.snapshot().find(Find("numbered", limit: 9)).rows.count == (isFirst ? 1 : 2)
            )
            let done = try new.commit([
                put("numbered", nil, "new \(isFirst)"),
                put("named", .text("new \(isFirst)"), "new"),
            ])
            guard case .put(let reference) = done.outcomes[0] else { continue }
            #expect(reference.key == .int(isFirst ? 8 : 9))
            #expect(try new.snapshot().record(reference)?["next"] == .int(isFirst ? 8 : 9))
            let named = try new.snapshot().record(Reference("named", .text("new \(isFirst)")))
            #expect(named?["next"] == .int(isFirst ? 8 : 9))
            try new.close()
        }
    }

    @Test func whatALostSchemaDefinesIsListed() throws {
        let disk = MemoryDisk()
        let store = try Store.open("store", options: DamagedWorld.options(disk))
        try store.define(Schema(collections: [Collection("first", fields: [Field("a", .int)])]))
        _ = try store.commit([.put(Put("first", "one", ["a": 1]))])
        let place = store.log.end
        try store.define(
            Schema(
                collections: [
                    Collection("first", fields: [Field("a", .int), Field("b", .int)]),
                    Collection("second", fields: [Field("c", .text)]),
                ],
                edgeTypes: [EdgeType("joins")]
            )
        )
        _ = try store.commit([
            .put(Put("first", "two", ["a": 2, "b": 3])), .put(Put("second", "x", ["c": "y"])),
            .link(
                Link("joins", from: Reference("first", "two"), to: Reference("second", "x"))
            ),
        ])
        try store.close()
        try disk.flip("store/log/" + LogFile.name(place.segment), at: place.offset + 80)
        // The page file has the schema, so that nothing but the frame is lost.
        let whole = try salvage(disk, to: "whole")
        #expect(whole.records == ["first": 2, "second": 1] && whole.edges == ["joins": 1])
        #expect(whole.losses.count == 1 && whole.losses.first?.remains == "a schema")
        #expect(whole.leftOutCount == 0)
        try disk.remove("store/pages")
        let report = try salvage(disk)
        #expect(report.records == ["first": 2] && report.edges == [:])
        let left = report.leftOut.map { "\($0.what): \($0.reason)" }
        #expect(left.count == 2, "\(left)")
        #expect(left.contains { $0.hasSuffix("/x: its schema is lost") }, "\(left)")
        #expect(report.notes.contains { $0.contains("without the fields") }, "\(report.notes)")
        #expect(report.notes.contains { $0.contains("Of 2 schemas the 1 first") })
        let new = try Store.open("new", .open, options: DamagedWorld.options(disk))
        #expect(try new.snapshot().record(Reference("first", "two"))?.fields == ["a": 2])
    }

    @Test func aLostEndIsToldWhereThePagesKnowOfIt() throws {
        let world = try DamagedWorld(seed: 21)
        let last = try #require(world.segments.last)
        let names = try world.disk.list("store/log").sorted()
        try world.disk.remove("store/log/" + (names.last ?? ""))
        let lost = Set(world.items.filter { $0.frame.place.segment == last }.map(\.sequence))
        let report = try salvage(world.disk)
        let loss = try #require(report.losses.last)
        #expect(lost.allSatisfy { $0 >= loss.firstSequence })
        #expect(loss.firstSequence + loss.frameCount > lost.max() ?? 0)
        #expect(loss.reason.contains("end is missing"), "\(loss)")
        #expect(!report.deletesMayBeBack)
        let names2 = Set(world.picture.records.map { $0.reference.description })
        #expect(try keys(world.disk).isSubset(of: names2))
        let told = Set(report.leftOut.map(\.what))
        #expect(names2.subtracting(try keys(world.disk)).isSubset(of: told))
        // Without them nobody can know.
        try world.disk.remove("store/pages")
        let blind = try salvage(world.disk, to: "blind")
        #expect(blind.losses.isEmpty)
    }

    @Test func filesOfAnotherStoreAreLeftAside() throws {
        let world = try DamagedWorld(seed: 5)
        let other = try DamagedWorld(seed: 6)
        // Of one seed they would be one store.
        var options = DamagedWorld.options(MemoryDisk())
        options.randomness = SeededRandomness(seed: 99)
        let foreign = try Store.open("store", options: options)
        try foreign.define(Kinds.schema)
        _ = try foreign.commit([Kinds.put("stranger")])
        let segment = try options.disk.open("store/log/" + LogFile.name(1), .read)
        let bytes = try segment.read(at: 0, count: Int(segment.byteCount()))
        let middle = world.segments[2]
        let path = DamagedWorld.path(middle)
        try world.disk.remove(path)
        try world.disk.open(path, .create).write(bytes, at: 0)
        for loses in [false, true] {
            if loses { try world.disk.remove("store/store") }
            let report = try salvage(world.disk, to: "new\(loses)")
            #expect(report.notes.contains { $0.contains(LogFile.name(middle)) }, "\(report.notes)")
            #expect(report.losses.contains { $0.firstSegment == middle })
            #expect(!(try keys(world.disk, "new\(loses)")).contains("things/stranger"))
            try expectRefusal(.notAStore) {
                _ = try Store.open("store", .open, options: DamagedWorld.options(world.disk))
            }
        }
        #expect(other.picture != world.picture)
    }

    @Test func framesLeftFromBeforeACutStayWhereTheyAre() throws {
        let disk = MemoryDisk()
        let store = try Kinds.store(DamagedWorld.options(disk))
        let before = try copy(disk)
        for key in ["s1", "s2", "s3"] { _ = try store.commit([Kinds.put(key)]) }
        let stale = try disk.storeFiles()["store/log/" + LogFile.name(1)] ?? []
        // Another opening goes on from the same place.
        let again = try Store.open("store", .open, options: DamagedWorld.options(before))
        _ = try again.commit([Kinds.put("f1")])
        let end = again.log.end.offset
        let segment = try before.open("store/log/" + LogFile.name(1), .readWrite)
        try segment.write(Array(stale[end...]), at: UInt64(end))
        let left = try copy(before)
        try left.remove("store/pages")
        let report = try salvage(left)
        let found = try keys(left)
        #expect(found.contains("things/f1") && !found.contains("things/s1"))
        #expect(!found.contains("things/s2") && !found.contains("things/s3"), "\(report)")
        // What was left over claims nothing; that it is there is told.
        #expect(report.losses.count == 1 && report.losses.first?.frameCount == 0, "\(report)")
        #expect(report.losses.first?.firstByte == end)
    }

    @Test func bytesInADamagedRecordAreNoFrames() throws {
        let disk = MemoryDisk()
        var options = DamagedWorld.options(disk)
        options.logLimits.smallestSegment = 64 << 10
        let store = try Kinds.store(options)
        let (place, sequence) = (store.log.end, store.log.nextSequence)
        // A put that some other program might have written right behind this one, at every shift.
        let columns = PutColumns(
            ordinal: 1000,
            previous: nil,
            expiresAt: .max,
            collection: 1,
            key: "forged",
            vectors: []
        )
        let content = FrameContent(
            type: StoreFrameType.put,
            schemaVersion: 1,
            columns: columns.bytes(bodyCount: 8),
            body: [0xa1, 0x01, 0x65, 0x66, 0x6f, 0x72, 0x67, 0x65]
        )
        var forged: [UInt8] = []
        let random = SeededRandomness(seed: 4)
        for _ in 0..<8 {
            var writer = ByteWriter()
            let head = FrameHead(content, sequence: sequence, time: 1, epoch: 0, incarnation: 9)
            _ = head.append(content, segment: place.segment, to: &writer)
            forged += writer.bytes + [UInt8(truncatingIfNeeded: random.next())]
        }
        forged += (0..<3000).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        let bearer = FrameContent(
            type: StoreFrameType.put,
            schemaVersion: 1,
            columns: PutColumns(
                ordinal: 500,
                previous: nil,
                expiresAt: .max,
                collection: 1,
                key: "bearer",
                vectors: []
            ).bytes(bodyCount: forged.count),
            body: forged
        )
        #expect(try store.log.begin(batchBytes: bearer.byteCount))
        _ = store.log.append(bearer, time: 1)
        _ = store.log.endBatch(time: 1)
        try store.log.commit()
        _ = try store.commit([Kinds.put("behind")])
        try store.close()
        try disk.remove("store/pages")
        let path = "store/log/" + LogFile.name(place.segment)
        for offset in [70, 90, bearer.byteCount - 100] {
            try disk.flip(path, at: place.offset + offset)
            let report = try salvage(disk, to: "new\(offset)")
            let found = try keys(disk, "new\(offset)")
            #expect(found == ["things/a", "things/b", "things/behind"])
            #expect(report.losses.first?.firstByte == place.offset)
            #expect(report.losses.first?.remains?.hasPrefix("a put of things/") == true)
            try disk.flip(path, at: place.offset + offset)
        }
    }

    @Test func whatHasExpiredIsNotBroughtOut() throws {
        let disk = MemoryDisk()
        let clock = ScrubClock()
        var options = DamagedWorld.options(disk)
        options.clock = clock
        let store = try Kinds.store(options)
        let soon = Instant(microseconds: clock.now() + 1000)
        _ = try store.commit([
            .put(Put("numbers", 1, ["text": "x"], expiresAt: soon)),
            .link(Link("counts", from: Reference("numbers", 1), to: Kinds.thing("a"))),
        ])
        try store.close()
        clock.advance(2000)
        let report = try Salvage(of: "store", to: "new", options: options).run()
        #expect(report.records == ["things": 2] && report.edges == ["joins": 1])
        #expect(report.isComplete)
        #expect(report.notes.contains { $0.contains("1 records have expired") })
    }

    @Test func whereItMayNotGo() throws {
        let disk = MemoryDisk()
        let store = try Kinds.store(DamagedWorld.options(disk))
        try expectRefusal(.busy, "close it") { _ = try salvage(disk) }
        try store.close()
        for target in ["store", "store/new", "./store//log/new"] {
            try expectRefusal(.badRequest, "outside") { _ = try salvage(disk, to: target) }
        }
        try disk.createDirectory("full")
        try disk.open("full/letter", .create).write([1], at: 0)
        try expectRefusal(.exists, "not empty") { _ = try salvage(disk, to: "full") }
        try disk.createDirectory("empty")
        try expectRefusal(.notAStore, "empty/log") { _ = try salvage(disk, "empty") }
        let report = try salvage(disk)
        #expect(report.isComplete && report.records == ["things": 2])
        try expectRefusal(.exists, "not empty") { _ = try salvage(disk) }
    }

    /// Every file at once may be noise: nothing comes out, and nothing stops the process.
    @Test func noiseIsSurvived() throws {
        let seed = RealRandomness().next()
        print("noise: seed \(seed)")
        let random = SeededRandomness(seed: seed)
        let world = try DamagedWorld(seed: 8, batches: 30)
        for round in 0..<30 {
            let disk = try copy(world.disk)
            for (path, bytes) in try disk.storeFiles() {
                let file = try disk.open(path, .readWrite)
                for _ in 0..<random.below(40) {
                    let place = random.below(max(bytes.count, 1))
                    let count = min(bytes.count - place, 1 + random.below(200))
                    let noise = (0..<max(count, 0)).map { _ in
                        UInt8(truncatingIfNeeded: random.next())
                    }
                    try file.write(noise, at: UInt64(place))
                }
                if random.below(4) == 0 {
                    try file.truncate(to: UInt64(random.below(bytes.count + 1)))
                }
            }
            // Refused for a version that noise made, at worst.
            let report = try? salvage(disk)
            guard report != nil else { continue }
            let names = try keys(disk)
            let known = Set((0..<40).map { "things/k\($0)" })
            #expect(names.isSubset(of: known), "round \(round) of seed \(seed)")
        }
    }
}
