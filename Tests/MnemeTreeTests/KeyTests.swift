import MnemeBase
import Testing

@testable import MnemeTree

@Suite struct KeyTests {
    /// Values of every type in the order of keys; within a group all are one key.
    static let groups: [[KeyField]] = [
        [.null], [.bool(false)], [.bool(true)],
        [.int(.min)], [.int(-1)], [.int(0)], [.int(1)], [.int(256)], [.int(.max)],
        [.double(-.infinity)], [.double(-1e300)], [.double(-1)],
        [.double(-.leastNonzeroMagnitude)], [.double(-0.0), .double(0)],
        [.double(.leastNonzeroMagnitude)], [.double(1)], [.double(1.5)],
        [.double(.infinity)], [.double(.nan), .double(-Double.nan), .double(.signalingNaN)],
        [.number(-.infinity, excess: 0)], [.number(-0x1p63, excess: 0)],
        [.number(-0x1p63, excess: 1)], [.number(-1, excess: 0)], [.number(0, excess: 0)],
        [.number(0.5, excess: 0)], [.number(0x1p53, excess: 0)], [.number(0x1p53, excess: 1)],
        [.number(0x1p53 + 2, excess: 0)], [.number(0x1p63 - 1024, excess: 0)],
        [.number(0x1p63 - 1024, excess: 1023)], [.number(0x1p63, excess: 0)],
        [.instant(.min)], [.instant(-5)], [.instant(0)], [.instant(.max)],
        [.date(.min)], [.date(-1)], [.date(0)], [.date(.max)],
        [.uuid(high: 0, low: 1)], [.uuid(high: 1, low: 0)], [.uuid(high: .max, low: 0)],
        [.text("")], [.text("\0")], [.text("\0\0")], [.text("\0a")], [.text("\u{1}")],
        [.text("a")], [.text("a\0")], [.text("a\0b")], [.text("a\u{1}")], [.text("ab")],
        [.text("b")], [.text("e\u{301}"), .text("\u{e9}")],
        [.text("\u{1100}\u{1161}"), .text("\u{ac00}")], [.text("\u{fb01}")],
        [.text("\u{10ffff}")],
        [.bytes([])], [.bytes([0])], [.bytes([0, 0])], [.bytes([0, 1])], [.bytes([1])],
        [.bytes([0xff])], [.bytes([0xff, 0])],
    ]

    static func put(_ field: KeyField, _ writer: inout KeyWriter, descending: Bool) {
        switch field {
        case .null: writer.putNull(descending: descending)
        case .bool(let value): writer.put(value, descending: descending)
        case .int(let value): writer.put(value, descending: descending)
        case .double(let value): writer.put(value, descending: descending)
        case .number(let value, let excess):
            if excess == 0 {
                writer.put(number: value, descending: descending)
            } else {
                writer.put(number: Int64(value) + Int64(excess), descending: descending)
            }
        case .instant(let value): writer.put(instant: value, descending: descending)
        case .date(let value): writer.put(date: value, descending: descending)
        case .uuid(let high, let low): writer.put(uuid: (high, low), descending: descending)
        case .text(let value): writer.put(value, descending: descending)
        case .bytes(let value): writer.put(bytes: value, descending: descending)
        }
    }

    static func key(_ fields: [KeyField], descending: Bool) -> [UInt8] {
        var writer = KeyWriter()
        for field in fields { put(field, &writer, descending: descending) }
        return writer.bytes
    }

    @Test func numbersOfBothKindsAreOneWhereTheyAreEqual() {
        func key(_ int: Int64) -> [UInt8] {
            var writer = KeyWriter()
            writer.put(number: int)
            return writer.bytes
        }
        func key(_ double: Double) -> [UInt8] {
            var writer = KeyWriter()
            writer.put(number: double)
            return writer.bytes
        }
        let ints: [Int64] = [.min, .min + 1, -3, 0, 7, 1 << 53, (1 << 53) + 1, .max - 1, .max]
        for int in ints {
            if let double = Double(exactly: int) { #expect(key(int) == key(double)) }
            let above = Double(int).nextUp.nextUp
            let below = Double(int).nextDown.nextDown
            #expect(key(int).lexicographicallyPrecedes(key(above)))
            #expect(key(below).lexicographicallyPrecedes(key(int)))
            if int < .max { #expect(key(int).lexicographicallyPrecedes(key(int + 1))) }
        }
    }

    @Test func foldedTextsAreOneWhateverTheirCase() {
        for (left, right) in [
            ("Fuji", "fUJI"), ("CAF\u{c9}", "cafe\u{301}"), ("Stra\u{df}e", "STRASSE"),
            ("\u{3a3}\u{39f}\u{3a6}\u{39f}\u{3a3}", "\u{3c3}\u{3bf}\u{3c6}\u{3bf}\u{3c2}"),
            ("\u{1c5}", "\u{1c4}"), ("\u{212a}", "k"), ("", ""),
        ] {
            #expect(KeyText.folded(left) == KeyText.folded(right), "\(left) \(right)")
        }
        #expect(KeyText.folded("a") != KeyText.folded("\u{e4}"))
        #expect(KeyText.folded("ab") != KeyText.folded("a"))
    }

    @Test(arguments: [false, true])
    func bytesCompareAsValues(descending: Bool) {
        var sorted = Self.groups.sorted { left, right in
            Self.key([left[0]], descending: descending).lexicographicallyPrecedes(
                Self.key([right[0]], descending: descending)
            )
        }
        if descending { sorted.reverse() }
        #expect("\(sorted)" == "\(Self.groups)")
        for group in Self.groups {
            let keys = Set(group.map { Self.key([$0], descending: descending) })
            #expect(keys.count == 1)
        }
    }

    @Test(arguments: [false, true])
    func fieldsFollowOneAnother(descending: Bool) {
        let randomness = SeededRandomness(seed: newSeed("keys"))
        func order(_ left: [Int], _ right: [Int]) -> Bool {
            descending
                ? right.lexicographicallyPrecedes(left) : left.lexicographicallyPrecedes(right)
        }
        let groups = Self.groups
        for _ in 0..<3000 {
            let left = (0..<3).map { _ in randomness.below(groups.count) }
            var right = left
            right[randomness.below(3)] = randomness.below(groups.count)
            right[2] = randomness.below(groups.count)
            let leftKey = Self.key(left.map { groups[$0][0] }, descending: descending)
            let rightKey = Self.key(right.map { groups[$0][0] }, descending: descending)
            #expect(leftKey.lexicographicallyPrecedes(rightKey) == order(left, right))
            #expect((leftKey == rightKey) == (left == right))
        }
    }

    @Test(arguments: [false, true])
    func keysReadBack(descending: Bool) throws {
        for group in Self.groups {
            var writer = KeyWriter(collection: 513, index: 7)
            Self.put(group[0], &writer, descending: descending)
            Self.put(.int(-3), &writer, descending: !descending)
            writer.put(ordinal: 1 << 63 | 5)
            var reader = KeyReader(writer.bytes)
            let head = try reader.getIndex()
            #expect(head == (513, 7))
            let field = try reader.getField()
            if case .double(let value) = field, value.isNaN {
                #expect("\(group[0])".contains("nan"))
            } else {
                #expect(field == group[0])
            }
            #expect(try reader.getField() == .int(-3))
            #expect(try reader.getOrdinal() == 1 << 63 | 5)
            #expect(reader.remaining == 0)
        }
    }

    @Test func damagedKeysAreRefused() {
        let randomness = SeededRandomness(seed: newSeed("damaged keys"))
        for group in Self.groups {
            let key = Self.key([group[0]], descending: randomness.below(2) == 0)
            for end in 0..<key.count {
                var reader = KeyReader(Array(key.prefix(end)))
                #expect(throws: TreeError.self) { try reader.getField() }
            }
            for _ in 0..<20 {
                var damaged = key
                damaged[randomness.below(key.count)] ^= 1 << UInt8(randomness.below(8))
                var reader = KeyReader(damaged)
                _ = try? reader.getField()
            }
        }
    }

    @Test func prefixesOfTextMakeRanges() {
        var prefix = KeyWriter()
        prefix.put(textPrefix: "ab")
        let range = TreeRange.prefix(prefix.bytes)
        let texts = [
            ("ab", true), ("abc", true), ("ab\0", true), ("a", false), ("ac", false),
        ]
        for (text, isMeant) in texts {
            let key = Self.key([.text(text)], descending: false)
            let isAbove = !key.lexicographicallyPrecedes(range.lower)
            #expect((isAbove && key.lexicographicallyPrecedes(range.upper ?? [])) == isMeant)
        }
        #expect(TreeRange.afterPrefix([1, 0xff, 0xff]) == [2])
        #expect(TreeRange.afterPrefix([0xff]) == nil)
    }

    @Test func bytesAreAsWrittenDown() {
        var writer = KeyWriter(collection: 0x0102, index: 3)
        writer.put("a\0b")
        writer.put(Int64(-2), descending: true)
        writer.put(-1.5)
        writer.put(ordinal: 9)
        let expected: [UInt8] = [
            1, 2, 0, 3, 0x30, 0x61, 0, 0xff, 0x62, 0, 1,
            0xef, 0x80, 0, 0, 0, 0, 0, 0, 1,
            0x18, 0x40, 0x07, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
            0, 0, 0, 0, 0, 0, 0, 9,
        ]
        #expect(writer.bytes == expected)
    }
}
