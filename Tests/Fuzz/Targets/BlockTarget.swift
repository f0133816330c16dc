// Small encodings of strangers: bitmaps, packed blocks, keys of indexes, tables of time zones. The
// first byte chooses which.

internal import MnemeBase
internal import MnemeModel
internal import MnemeTree

/// What is decoded in one piece.
enum BlockTarget {
    static func run(_ input: [UInt8]) -> String? {
        guard let first = input.first else { return nil }
        let bytes = Array(input.dropFirst())
        switch first % 5 {
        case 0: return bitmap(bytes)
        case 1: return packed(bytes)
        case 2: return packedAgainst(bytes)
        case 3: return key(bytes)
        default: return zone(bytes)
        }
    }

    private static func bitmap(_ bytes: [UInt8]) -> String? {
        var reader = ByteReader(bytes)
        guard let bitmap = try? IDBitmap(&reader) else { return nil }
        let length = bytes.count - reader.remaining
        var writer = ByteWriter()
        bitmap.put(into: &writer)
        guard writer.bytes == Array(bytes[..<length]), bitmap.byteCount == length else {
            return "a bitmap does not come back"
        }
        var count = 0
        var last: UInt64?
        for member in bitmap {
            if let last, last >= member { return "members do not ascend" }
            guard bitmap.contains(member) else { return "a member is none" }
            last = member
            count += 1
        }
        guard count == bitmap.count, bitmap.last == last else { return "members are not counted" }
        guard bitmap.union(bitmap) == bitmap, bitmap.subtracting(bitmap).isEmpty else {
            return "a bitmap is not itself"
        }
        return nil
    }

    /// A length of up to 64 KiB, then a block.
    private static func packed(_ bytes: [UInt8]) -> String? {
        guard bytes.count >= 2 else { return nil }
        let count = Int(bytes[0]) | Int(bytes[1]) << 8
        guard let plain = LZ4.decompress(Array(bytes.dropFirst(2)), count: count) else {
            return nil
        }
        guard plain.count == count else { return "a block has another length than was asked for" }
        guard let again = LZ4.compress(plain) else { return nil }
        return LZ4.decompress(again, count: count) == plain ? nil : "a block does not come back"
    }

    static let dictionary: [UInt8] = Array("tea, brewed twice, and then once more".utf8)

    private static func packedAgainst(_ bytes: [UInt8]) -> String? {
        guard bytes.count >= 2 else { return nil }
        let count = Int(bytes[0]) | Int(bytes[1]) << 8
        let block = Array(bytes.dropFirst(2))
        var plain: [UInt8] = []
        guard
            LZ4.decompress(block.span, against: dictionary, count: count, into: &plain)
        else { return nil }
        guard plain.count >= count else { return "a block is shorter than was asked for" }
        plain.removeLast(plain.count - count)
        guard let again = LZ4Packer(dictionary).pack(plain, .middle) else { return nil }
        var back: [UInt8] = []
        guard
            LZ4.decompress(again.span, against: dictionary, count: count, into: &back),
            back == plain
        else { return "a block against a dictionary does not come back" }
        return nil
    }

    private static func key(_ bytes: [UInt8]) -> String? {
        var reader = KeyReader(bytes)
        guard (try? reader.getIndex()) != nil else { return nil }
        while reader.remaining > 8 {
            let before = reader.remaining
            guard (try? reader.getField()) != nil else { return nil }
            guard reader.remaining < before else { return "a field of a key takes no byte" }
        }
        _ = try? reader.getOrdinal()
        return nil
    }

    private static func zone(_ bytes: [UInt8]) -> String? {
        guard let table = ZoneTable(bytes) else { return nil }
        for seconds: Int64 in [.min, -1 << 40, -1, 0, 1_700_000_000, 1 << 33, 1 << 45, .max] {
            let distance = table.distance(at: seconds)
            guard abs(Int(distance)) < 8 * 86_400 else { return "clocks that are a week off" }
        }
        return nil
    }
}
