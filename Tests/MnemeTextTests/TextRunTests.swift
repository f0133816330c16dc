import Foundation
import MnemeBase
import Testing

@testable import MnemeText

@Suite struct TextRunTests {
    /// 140 documents of three owners: one word in all of them, so that there is a packed block, a
    /// tail in a directory, and short lists.
    private func small() throws -> TextRun {
        var builder = TextRunBuilder(analyzer: TextAnalyzer())
        for index in 0..<140 {
            let text = "every " + String(repeating: "w\(index % 7) ", count: 1 + index % 3)
            try builder.add(
                TextDocument(
                    owner: UInt32(index % 3),
                    ordinal: UInt64(index),
                    birth: 9,
                    fields: [TextField(1, text), TextField(2, index % 50 == 0 ? "rare" : "")]
                )
            )
        }
        return try builder.finish()
    }

    /// Asks everything of a run; nothing may trap, whatever the answers are.
    private func exercise(_ run: TextRun) {
        for (stem, scope) in [
            ("everi", TextScope.all), ("everi", .owner(1)), ("w0", .owners([0, 2])),
            ("rare", .all), ("", .all),
        ] {
            _ = TextSearch.search(
                TextQuery(
                    terms: [
                        TextTerm(stem: Array(stem.utf8), weight: 1),
                        TextTerm(stem: Array("w1".utf8), weight: 2),
                    ],
                    fields: [TextFieldParameters(1), TextFieldParameters(2, k1: 0)],
                    scope: scope,
                    limit: 4,
                    wantsParts: true
                ),
                in: [TextSource(run)]
            )
            _ = TextSearch.termStatistics(
                [run],
                owner: 1,
                field: 1,
                stems: [Array(stem.utf8)]
            )
            if var cursor = run.postings(field: 1, stem: Array(stem.utf8), owner: 2) {
                var positions: [UInt32] = []
                for _ in 0..<1_000 where cursor.ordinal != nil {
                    _ = cursor.appendPositions(to: &positions)
                    cursor.advance()
                }
            }
        }
        try? run.verify()
        if let merged = try? TextRun.merge([run, run]) { try? merged.verify() }
    }

    @Test func wholeRunVerifies() throws {
        let run = try small()
        try run.verify()
        #expect(run.documentCount == 140)
        #expect(run.fields == [1, 2])
        let again = try TextRun(run.bytes.array(0..<run.byteCount))
        try again.verify()
        exercise(again)
    }

    @Test func everyFlippedByteIsNoticed() throws {
        let bytes = try small().bytes
        let array = bytes.array(0..<bytes.count)
        for index in array.indices {
            var broken = array
            broken[index] ^= UInt8(1 << (index % 8))
            #expect(throws: TextError.self) { try TextRun(broken) }
        }
    }

    @Test func everyTruncationIsNoticed() throws {
        let bytes = try small().bytes
        for count in 0..<bytes.count {
            #expect(throws: TextError.self) { try TextRun(bytes.array(0..<count)) }
        }
        #expect(throws: TextError.self) { try TextRun(bytes.array(0..<bytes.count) + [0]) }
    }

    /// Bytes with a checksum that fits, so that all other checks stand alone.
    @Test func forgedBytesDoNoHarm() throws {
        let bytes = try small().bytes
        let array = bytes.array(0..<bytes.count)
        var opened = 0
        for index in RunLayout.checksumStart..<array.count {
            var broken = array
            broken[index] ^= index % 2 == 0 ? 0xff : UInt8(1 << (index / 2 % 8))
            RunSeal.seal(&broken)
            guard let run = try? TextRun(broken) else { continue }
            opened += 1
            exercise(run)
        }
        #expect(opened > 0)
    }

    @Test func randomForgeriesDoNoHarm() throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        let random = SeededRandomness(seed: seed)
        let bytes = try small().bytes
        let array = bytes.array(0..<bytes.count)
        for _ in 0..<300 {
            var broken = array
            for _ in 0..<(1 + random.below(6)) {
                broken[16 + random.below(array.count - 16)] = UInt8(
                    truncatingIfNeeded: random.next()
                )
            }
            broken[24..<32] = array[24..<32]
            RunSeal.seal(&broken)
            if let run = try? TextRun(broken) { exercise(run) }
        }
    }

    @Test func unknownVersionsAreRefused() throws {
        let bytes = try small().bytes
        var array = bytes.array(0..<bytes.count)
        array[18] = 2
        RunSeal.seal(&array)
        #expect(throws: TextError.unknownAnalysis(version: 2)) { try TextRun(array) }
        array[20] = 3
        RunSeal.seal(&array)
        #expect(throws: TextError.unknownFormat(version: 2, flags: 3)) { try TextRun(array) }
        array[16] = 9
        RunSeal.seal(&array)
        #expect(throws: TextError.unknownFormat(version: 9, flags: 3)) { try TextRun(array) }
        (array[16], array[20]) = (1, 1)
        RunSeal.seal(&array)
        #expect(throws: TextError.unknownFormat(version: 1, flags: 1)) { try TextRun(array) }
    }

    @Test func wrappedMemoryIsReadInPlace() throws {
        let bytes = try small().bytes
        let wrapped = unsafe TextBytes(base: bytes.base, count: bytes.count, keeper: bytes)
        try TextRun(wrapped).verify()
    }

    @Test func emptyRunsAreRuns() throws {
        let empty = try TextRunBuilder(analyzer: TextAnalyzer()).finish()
        try empty.verify()
        exercise(empty)
        let dropped = try TextRun.merge([try small(), empty]) { _, _ in true }
        try dropped.verify()
        #expect(dropped.documentCount == 0 && dropped.termCount == 0 && dropped.fields.isEmpty)
        #expect(try TextRun.merge([]).documentCount == 0)
    }

    @Test func equalDocumentsAreKeptOnce() throws {
        let run = try small()
        let merged = try TextRun.merge([run, run, try small()])
        #expect(merged.bytes.array(0..<merged.byteCount) == run.bytes.array(0..<run.byteCount))
    }

    @Test func mergedIsTheSameAsBuiltAtOnce() throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        let random = SeededRandomness(seed: seed)
        let analyzer = TextAnalyzer()
        var whole = TextRunBuilder(analyzer: analyzer)
        var parts: [TextRun] = []
        for part in 0..<5 {
            var builder = TextRunBuilder(analyzer: analyzer)
            for index in 0..<300 {
                let document = TextModel.document(
                    random,
                    ordinal: UInt64(random.below(400)),
                    birth: UInt64(part * 300 + index),
                    owners: 4
                ).document
                if random.below(10) == 0 {
                    // Born to be dropped: odd births stay behind.
                    try builder.add(
                        TextDocument(
                            owner: document.owner,
                            ordinal: document.ordinal,
                            birth: document.birth + 1 << 40,
                            fields: document.fields
                        )
                    )
                }
                try builder.add(document)
                try whole.add(document)
            }
            parts.append(try builder.finish())
        }
        let merged = try TextRun.merge(parts) { _, birth in birth >= 1 << 40 }
        let built = try whole.finish()
        #expect(
            merged.bytes.array(0..<merged.byteCount) == built.bytes.array(0..<built.byteCount),
            "seed \(seed)"
        )
    }

    @Test func cursorGivesOneOwnersDocuments() throws {
        let run = try small()
        var cursor = try #require(run.postings(field: 1, stem: Array("w3".utf8), owner: 2))
        var ordinals: [UInt64] = []
        while let ordinal = cursor.ordinal {
            ordinals.append(ordinal)
            #expect(cursor.frequency == UInt16(1 + ordinal % 3))
            #expect(run.length(field: 1, cursor.local) == 2 + Int(ordinal % 3))
            cursor.advance()
        }
        #expect(ordinals == (0..<140).filter { $0 % 7 == 3 && $0 % 3 == 2 })
        let none = run.postings(field: 1, stem: Array("none".utf8), owner: 2)
        #expect(none?.count == nil)
        #expect(run.postings(field: 1, stem: Array("w3".utf8), owner: 77)?.ordinal == nil)
    }

    @Test func longTextsSaturate() throws {
        var builder = TextRunBuilder(analyzer: TextAnalyzer())
        try builder.add(
            TextDocument(
                owner: 1,
                ordinal: 1,
                birth: 1,
                fields: [TextField(1, String(repeating: "again ", count: 70_000))]
            )
        )
        let run = try builder.finish()
        try run.verify()
        #expect(run.length(field: 1, 0) == 65_535)
        #expect(run.postings(field: 1, stem: Array("again".utf8), owner: 1)?.frequency == 65_535)
    }
}
