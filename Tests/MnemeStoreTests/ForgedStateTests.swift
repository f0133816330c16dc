// A checkpoint's state with right checksums and hostile numbers in every field: whoever opens it
// gets a typed error or a store that works, never a trap.

import MnemeBase
import MnemeModel
import Testing

@testable import MnemePages
@testable import MnemeStore

@Suite struct ForgedStateTests {
    /// A store with something in every field of the state; nothing stands behind its checkpoint.
    private func files() throws -> MemoryDisk {
        let disk = MemoryDisk()
        var options = Kinds.options(disk)
        options.writerMergeLimit = 2
        let store = try Kinds.store(options)
        for number in 0..<24 {
            _ = try store.commit([
                Kinds.put(
                    "k\(number % 18)",
                    ["body": .text("many words \(number)"), "owner": .text("o\(number % 3)")]
                ),
                .put(Put("numbers", nil, ["text": "counted"])),
            ])
        }
        _ = try store.commit([
            .put(
                Put(
                    "things",
                    "late",
                    ["name": "late"],
                    expiresAt: Instant(microseconds: .max - 7)
                )
            ),
            .delete(Kinds.thing("k3")),
            .link(Link("joins", from: Kinds.thing("b"), to: Kinds.thing("a"))),
        ])
        try store.close()
        return disk
    }

    /// The page file, taken apart.
    private struct Pages {
        var bytes: [UInt8]
        var block: RootBlock
        var place: ExtentPlace
        var state: [UInt8]

        init(_ disk: MemoryDisk) throws {
            let file = try disk.open("store/pages", .read)
            let bytes = try file.read(at: 0, count: Int(try file.byteCount()))
            self.bytes = bytes
            let blocks = [0, 1].compactMap { slot in
                try? RootBlock(
                    Array(bytes[(slot * 8192)..<((slot + 1) * 8192)]),
                    slot: UInt64(slot)
                )
            }
            block = try #require(blocks.max { $0.checkpoint < $1.checkpoint })
            place = try #require(StatePayload.place(block.payload))
            let start = Int(place.place) * 1024
            state = Array(bytes[start..<(start + Int(place.byteCount))])
        }

        /// The file with another state or other numbers in its root block, its checksums right.
        func forged(
            _ state: [UInt8],
            generation: UInt64? = nil,
            checkpoint: UInt64? = nil
        ) -> [UInt8] {
            var bytes = bytes
            let start = Int(place.place) * 1024
            bytes.replaceSubrange(start..<(start + state.count), with: state)
            let payload = StatePayload.bytes(
                ExtentPlace(
                    place: place.place,
                    byteCount: place.byteCount,
                    checksum: Checksum.xxh3(state, seed: place.place)
                )
            )
            let root = RootBlock(
                identity: block.identity,
                generation: generation ?? block.generation,
                checkpoint: checkpoint ?? block.checkpoint,
                nodeCounts: block.nodeCounts,
                directoryPlaces: block.directoryPlaces,
                payload: payload
            )
            let slot = Int(block.slot)
            bytes.replaceSubrange(
                (slot * 8192)..<((slot + 1) * 8192),
                with: root.bytes(slot: block.slot)
            )
            return bytes
        }
    }

    private struct Field {
        var name: String
        var offset: Int
        var size: Int
    }

    /// Every number of a state, by the page.
    private func fields(_ state: [UInt8]) throws -> [Field] {
        var fields = [
            Field(name: "sequence", offset: 8, size: 8), Field(name: "place", offset: 16, size: 8),
            Field(name: "next sequence", offset: 24, size: 8),
            Field(name: "incarnation", offset: 32, size: 8),
            Field(name: "epoch", offset: 40, size: 4), Field(name: "tree", offset: 48, size: 8),
            Field(name: "adjacency", offset: 56, size: 8),
            Field(name: "next ordinal", offset: 64, size: 8),
            Field(name: "next owner", offset: 72, size: 4),
            Field(name: "expiring", offset: 76, size: 4),
            Field(name: "dead documents", offset: 80, size: 8),
        ]
        var offset = 88
        func count() -> Int {
            let count = state[offset..<(offset + 4)].reversed().reduce(0) { $0 << 8 | Int($1) }
            offset += 4
            return count
        }
        for list in ["vector", "key", "count"] {
            fields.append(Field(name: "\(list)s", offset: offset, size: 4))
            for entry in 0..<count() {
                fields.append(Field(name: "\(list) number \(entry)", offset: offset, size: 2))
                fields.append(Field(name: "\(list) \(entry)", offset: offset + 2, size: 8))
                offset += 10
            }
        }
        fields.append(Field(name: "runs", offset: offset, size: 4))
        for run in 0..<count() {
            for part in 0..<5 {
                fields.append(Field(name: "run \(run).\(part)", offset: offset, size: 8))
                offset += 8
            }
        }
        fields.append(Field(name: "schemas", offset: offset, size: 4))
        fields.append(Field(name: "schema", offset: offset + 4, size: 4))
        #expect(count() == 1)
        return fields
    }

    private func copy(_ disk: MemoryDisk, pages: [UInt8]) throws -> MemoryDisk {
        let copy = MemoryDisk()
        try copy.createDirectory("store")
        try copy.createDirectory("store/log")
        for name in ["store"] + (try disk.list("store/log")).map({ "log/" + $0 }) {
            let file = try disk.open("store/" + name, .read)
            let bytes = try file.read(at: 0, count: Int(try file.byteCount()))
            try copy.open("store/" + name, .create).write(bytes, at: 0)
        }
        try copy.open("store/pages", .create).write(pages, at: 0)
        return copy
    }

    /// Opens, reads, writes, merges, checkpoints, verifies and closes; what is found wrong.
    private func use(_ disk: MemoryDisk) throws -> [String] {
        let store = try Store.open("store", .open, options: Kinds.options(disk))
        _ = try store.verify()
        _ = try store.statistics()
        let found = try store.snapshot().find(Find("things", limit: 100))
        for row in found.rows {
            _ = try store.snapshot().edges(of: row.record.reference, .both, types: nil)
        }
        _ = try store.snapshot().find(Find("things", match: Match("body", "words"), limit: 100))
        for number in 0..<12 {
            _ = try store.commit([
                Kinds.put(
                    "n\(number)",
                    ["body": "new words", "owner": .text("new \(number % 2)")]
                ),
                Kinds.put("k\(number)", ["body": "other words", "near": .vector([0, 1, 0])]),
                .put(Put("numbers", nil, ["text": "counted"])),
                .link(Link("joins", from: Kinds.thing("a"), to: Kinds.thing("n\(number)"))),
            ])
        }
        _ = try store.commit([.delete(Kinds.thing("a")), .delete(Kinds.thing("k1"))])
        try store.upkeep()
        try store.checkpointNow()
        let findings = try store.verify().findings
        try store.close()
        let again = try Store.open("store", .open, options: Kinds.options(disk))
        _ = try again.commit([Kinds.put("last")])
        try again.close()
        return findings
    }

    @Test func everyFieldMayBeHostile() throws {
        let disk = try files()
        let pages = try Pages(disk)
        #expect(pages.forged(pages.state) == pages.bytes)
        #expect(try use(try copy(disk, pages: pages.bytes)) == [])
        var taken: [String] = []
        for field in try fields(pages.state) {
            for number in Hostile.numbers + [2, 3, 5, 17] {
                guard field.size == 8 || number < 1 << UInt64(8 * field.size) else { continue }
                var state = pages.state
                for index in 0..<field.size {
                    state[field.offset + index] = UInt8(truncatingIfNeeded: number >> (8 * index))
                }
                if state == pages.state { continue }
                let forged = try copy(disk, pages: pages.forged(state))
                do {
                    let findings = try use(forged)
                    taken.append(field.name)
                    let isCounted = ["dead documents", "count"].contains {
                        field.name.hasPrefix($0)
                    }
                    #expect(findings == [] || isCounted, "\(field.name) \(number)")
                } catch let error as MnemeError {
                    // A place in a segment that is not there may be the segment's fault.
                    let isLog = field.name == "place" && error.code == .damagedLog
                    let isTold = isLog || [.corrupt, .tooLarge].contains(error.code)
                    #expect(isTold, "\(field.name): \(error)")
                }
            }
        }
        // What cannot be told from the right number without going through everything.
        let known = [
            "incarnation", "epoch", "expiring", "dead documents", "key ", "count ", "run ",
        ]
        for name in Set(taken).sorted() {
            #expect(known.contains { name.hasPrefix($0) }, "\(name)")
        }
    }

    /// A state of before head pages names trees of codes; everything is derived again, unasked.
    @Test func aStateOfCodesWithoutHeadsIsDerivedAgain() throws {
        let disk = try files()
        #expect(try use(disk) == [])
        let pages = try Pages(disk)
        #expect(pages.state[0] == 10)
        var state = pages.state
        state[0] = 7
        let older = try copy(disk, pages: pages.forged(state))
        let store = try Store.open("store", .open, options: Kinds.options(older))
        #expect(store.notes.contains { $0.contains("version 7") }, "\(store.notes)")
        #expect(try store.verify().findings == [])
        let near = try store.snapshot().find(
            Find("things", near: Near("near", [0, 1, 0]), limit: 100)
        )
        #expect(store.damage.isEmpty && near.rows.count > 5)
        try store.close()
        let again = try Store.open("store", .open, options: Kinds.options(older))
        #expect(!again.notes.contains { $0.contains("version 7") })
        #expect(
            try again.snapshot().find(Find("things", near: Near("near", [0, 1, 0]), limit: 100))
                .rows.map(\.record.reference) == near.rows.map(\.record.reference)
        )
        try again.close()
        // Read only, it is derived in memory.
        let read = try copy(disk, pages: pages.forged(state))
        let reader = try Store.open("store", .read, options: Kinds.options(read))
        #expect(try reader.verify().findings == [])
        try reader.close()
    }

    @Test func rootBlocksMayBeHostile() throws {
        let disk = try files()
        let pages = try Pages(disk)
        for number in Hostile.numbers {
            for bytes in [
                pages.forged(pages.state, generation: number),
                pages.forged(pages.state, checkpoint: number),
            ] {
                do {
                    #expect(try use(try copy(disk, pages: bytes)) == [])
                } catch let error as MnemeError {
                    #expect(error.code == .corrupt, "\(number): \(error)")
                }
            }
        }
    }

    @Test func whatIsOutOfOrderIsRefused() throws {
        let disk = try files()
        let pages = try Pages(disk)
        for field in try fields(pages.state) where field.name.hasSuffix("number 1") {
            // The same number twice.
            var state = pages.state
            for index in 0..<2 {
                state[field.offset + index] = state[field.offset - 10 + index]
            }
            let forged = try copy(disk, pages: pages.forged(state))
            try expectRefusal(.corrupt) {
                _ = try Store.open("store", .open, options: Kinds.options(forged))
            }
        }
    }
}
