// Small encodings to begin with.

internal import MnemeBase
internal import MnemeModel
internal import MnemeTree

extension BlockTarget {
    static var seeds: [FuzzSeed] {
        let sets: [IDBitmap] = [
            IDBitmap([1, 2, 3, 70_000, 1 << 40]), IDBitmap(UInt64(5)..<9_000), IDBitmap(),
        ]
        var seeds = sets.enumerated().map { index, set in
            var writer = ByteWriter()
            set.put(into: &writer)
            return FuzzSeed("bitmap-\(index)", [0] + writer.bytes)
        }
        let plain = Array("tea, brewed twice, tea, brewed twice, tea, brewed twice".utf8)
        let length = [UInt8(plain.count), 0]
        seeds.append(FuzzSeed("packed", [1] + length + (LZ4.compress(plain) ?? [])))
        let against = LZ4Packer(dictionary).pack(plain, .middle) ?? []
        seeds.append(FuzzSeed("packed-against", [2] + length + against))
        seeds.append(FuzzSeed("key", [3] + key))
        return seeds + [FuzzSeed("zone", [4] + zone), FuzzSeed("old-zone", [4] + zoneBlock(1, 4))]
    }

    private static var key: [UInt8] {
        var writer = KeyWriter(collection: 3, index: 4)
        writer.put("a text\u{0}", descending: true)
        writer.put(7 as Int64)
        writer.put(-0.5)
        writer.put(number: 1 << 60)
        writer.put(true, descending: true)
        writer.putNull()
        writer.put(uuid: (high: 1, low: 2))
        writer.put(instant: -5)
        writer.put(date: 20_000)
        writer.put(ordinal: 77)
        return writer.bytes
    }

    /// A table with a block for readers of 32-bit times, another one, and a rule.
    private static var zone: [UInt8] {
        zoneBlock(2, 4) + zoneBlock(2, 8) + Array("\nCET-1CEST,M3.5.0,M10.5.0/3\n".utf8)
    }

    /// A block of a table: two changes between two distances, with times of so many bytes.
    private static func zoneBlock(_ version: UInt8, _ width: Int) -> [UInt8] {
        func number(_ value: Int, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * (count - 1 - $0))) }
        }
        var bytes = Array("TZif".utf8) + [UInt8(ascii: "0") + version]
        bytes += [UInt8](repeating: 0, count: 15)
        for count in [0, 0, 0, 2, 2, 9] { bytes += number(count, 4) }
        bytes += number(-1_000_000, width) + number(1_000_000_000, width) + [1, 0]
        bytes += number(3600, 4) + [0, 0] + number(7200, 4) + [1, 4]
        return bytes + Array("CET\u{0}CEST\u{0}".utf8)
    }
}
