// Frames with right checksums that say what no writer does: each is corruption when the log is
// replayed, whatever number stands in it.

import MnemeBase
import MnemeModel
import Testing

@testable import MnemeLog
@testable import MnemeStore

/// Numbers that break arithmetic, and a few that merely are wrong.
enum Hostile {
    static let numbers: [UInt64] = [
        0, 1, 1 << 31, 1 << 32, 1 << 40, 1 << 47, 1 << 48, 1 << 53, 1 << 56, 1 << 62,
        1 << 63 - 1, 1 << 63, .max - 1, .max,
    ]
}

@Suite struct ForgedFrameTests {
    // `a` has ordinal 1, `b` 2, the edge between them 3; 4 is the next; `ann` is owner 1.
    private static let next: UInt64 = 4

    /// A store with a forged batch behind its own, as somebody finds it who opens it.
    private func forge(_ frames: [FrameContent]) throws -> MemoryDisk {
        let disk = MemoryDisk()
        let store = try Kinds.store(Kinds.options(disk))
        #expect(try store.log.begin(batchBytes: frames.reduce(0) { $0 + $1.byteCount }))
        for frame in frames { _ = store.log.append(frame, time: 1) }
        _ = store.log.endBatch(time: 1)
        try store.log.commit()
        let copy = MemoryDisk()
        try copy.createDirectory("store")
        try copy.createDirectory("store/log")
        for name in ["store", "log/000000000001.log"] {
            let file = try disk.open("store/" + name, .read)
            let bytes = try file.read(at: 0, count: Int(try file.byteCount()))
            try copy.open("store/" + name, .create).write(bytes, at: 0)
        }
        return copy
    }

    private func refuse(
        _ frames: FrameContent...,
        at location: SourceLocation = #_sourceLocation
    ) throws {
        let disk = try forge(frames)
        try expectRefusal(.damagedLog, at: location) {
            try Store.open("store", .open, options: Kinds.options(disk)).close()
        }
    }

    private func take(_ frames: FrameContent...) throws {
        let disk = try forge(frames)
        let store = try Store.open("store", .open, options: Kinds.options(disk))
        #expect(try store.verify().findings == [])
        _ = try store.commit([Kinds.put("z")])
        try store.close()
    }

    private func put(
        _ key: Key,
        _ ordinal: UInt64,
        owner: UInt64 = 0,
        in collection: UInt16 = 1
    ) -> FrameContent {
        let columns = PutColumns(
            ordinal: ordinal,
            previous: nil,
            expiresAt: .max,
            collection: collection,
            key: key,
            vectors: []
        ).bytes(bodyCount: 1)
        return FrameContent(
            type: StoreFrameType.put,
            owner: owner,
            columns: columns,
            body: [0xa0]
        )
    }

    private func plain(
        _ type: UInt8,
        _ ordinal: UInt64,
        _ kind: UInt16,
        from: UInt64 = 0,
        to: UInt64 = 0
    ) -> FrameContent {
        let columns = PlainColumns(
            ordinal: ordinal,
            previous: nil,
            kind: kind,
            from: from,
            to: to
        )
        return FrameContent(
            type: type,
            columns: columns.bytes,
            body: type == StoreFrameType.link ? [0xa0] : []
        )
    }

    private func joins() throws -> UInt16 {
        try Catalog().adding(Kinds.schema).edgeType("joins").number
    }

    @Test func ordinalsOfPuts() throws {
        try take(put("c", Self.next))
        try take(put("a", 1))
        for ordinal in Hostile.numbers + [2, 3, 5] {
            try refuse(put("c", ordinal))
            if ordinal != 1 { try refuse(put("a", ordinal)) }
        }
        // What is dead is not taken up again, nor is a key given twice.
        try refuse(plain(StoreFrameType.unlink, 3, try joins(), from: 1, to: 2), put("c", 3))
        try refuse(put("a", Self.next))
        try refuse(put("c", Self.next), put("c", Self.next + 1))
        // A key of another kind than the collection's, a collection that is none.
        try refuse(put(.int(7), Self.next))
        try refuse(put("c", Self.next, in: 4000))
    }

    @Test func ordinalsOfEdges() throws {
        let type = try joins()
        try take(plain(StoreFrameType.link, Self.next, type, from: 2, to: 1))
        try take(plain(StoreFrameType.unlink, 3, type, from: 1, to: 2))
        for number in Hostile.numbers + [2, 3, 5] {
            try refuse(plain(StoreFrameType.link, number, type, from: 1, to: 2))
            try refuse(plain(StoreFrameType.unlink, number == 3 ? 2 : number, type, from: 1, to: 2))
            if number == 1 || number == 2 { continue }
            try refuse(plain(StoreFrameType.link, Self.next, type, from: number, to: 2))
            try refuse(plain(StoreFrameType.link, Self.next, type, from: 1, to: number))
        }
        for (from, to) in [(2, 1), (1, 1), (1, 7), (.max, 2), (UInt64(0), UInt64(0))] {
            try refuse(plain(StoreFrameType.unlink, 3, type, from: from, to: to))
        }
        let unlink = plain(StoreFrameType.unlink, 3, type, from: 1, to: 2)
        try refuse(unlink, unlink)
        try refuse(plain(StoreFrameType.unlink, 3, type - 1, from: 1, to: 2))
        // An erase that does not say which link it means.
        var erase = plain(StoreFrameType.eraseEdge, 3, type, from: 1, to: 2)
        try refuse(erase)
        let columns = PlainColumns(ordinal: 3, previous: nil, kind: type, from: 1, to: 2)
        erase.columns = EdgeOrigin(sequence: 1, incarnation: 1).columns(columns)
        try take(erase)
        try refuse(erase, erase)
    }

    @Test func vectorsOfEdges() throws {
        let type = try joins()
        let row: [UInt8] = [0, 0, 0x80, 0x3f]
        // Vectors that no columns speak of, and columns that speak of more than there is.
        var link = plain(StoreFrameType.link, Self.next, type, from: 1, to: 2)
        try take(link)
        link.vectors = row
        try refuse(link)
        let columns = PlainColumns(ordinal: Self.next, previous: nil, kind: type, from: 1, to: 2)
        for bytes in [row, row + row, []] {
            let vector = StoredVector(field: 1, element: .float32, bytes: bytes)
            link.columns = columns.bytes(bodyCount: link.body.count, [vector])
            // The type has no vectors at all.
            try refuse(link)
        }
    }

    @Test func ordinalsOfDeletes() throws {
        let unlink = plain(StoreFrameType.unlink, 3, try joins(), from: 1, to: 2)
        try take(unlink, plain(StoreFrameType.delete, 1, 1))
        for ordinal in Hostile.numbers + [3, 5] where ordinal != 1 {
            try refuse(unlink, plain(StoreFrameType.delete, ordinal, 1))
        }
        let delete = plain(StoreFrameType.delete, 1, 1)
        try refuse(unlink, delete, delete)
        try refuse(unlink, plain(StoreFrameType.delete, 1, 2))
    }

    @Test func numbersOfOwners() throws {
        func owner(_ path: String, _ number: UInt64) -> FrameContent {
            FrameContent(
                type: StoreFrameType.owner,
                owner: number,
                columns: Array(path.utf8)
            )
        }
        try take(owner("ann", 1), owner("bob", 2))
        for number in Hostile.numbers where number != 1 {
            try refuse(owner("ann", number))
            if number > 0 { try refuse(put("c", Self.next, owner: number)) }
        }
        try refuse(owner("ann", 1), owner("ann", 2))
        try refuse(owner("ann", 1), owner("bob", 1))
    }
}
