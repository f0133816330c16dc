// The rest of a field where it stands in memory: reads the few kinds of items that fields of fixed
// size are made of. What is malformed is nil, as what is of another type.

internal import MnemeBase

/// Where the rest of a field stands.
struct ItemBytes {
    var offset: Int
    let end: Int

    @inline(__always)
    init(_ range: Range<Int>) { (offset, end) = (range.lowerBound, range.upperBound) }

    @inline(__always)
    mutating func head(
        _ bytes: Span<UInt8>
    ) -> (major: UInt8, information: UInt8, argument: UInt64)? {
        guard offset < end else { return nil }
        let initial = bytes[offset]
        let information = initial & 0x1f
        offset += 1
        if information < 24 { return (initial >> 5, information, UInt64(information)) }
        guard information < 28 else { return nil }
        let size = 1 << (Int(information) - 24)
        guard end - offset >= size else { return nil }
        var argument: UInt64 = 0
        for index in offset..<(offset + size) { argument = argument << 8 | UInt64(bytes[index]) }
        offset += size
        return (initial >> 5, information, argument)
    }

    @inline(__always)
    mutating func int(_ bytes: Span<UInt8>) -> Int64? {
        guard let head = head(bytes), head.major < 2, let number = Int64(exactly: head.argument)
        else { return nil }
        return head.major == 0 ? number : -1 - number
    }

    @inline(__always)
    mutating func float(_ bytes: Span<UInt8>) -> Double? {
        guard let head = head(bytes), head.major == 7 else { return nil }
        switch head.information {
        case 25: return Double(Float16(bitPattern: UInt16(truncatingIfNeeded: head.argument)))
        case 26: return Double(Float(bitPattern: UInt32(truncatingIfNeeded: head.argument)))
        case 27: return Double(bitPattern: head.argument)
        default: return nil
        }
    }

    @inline(__always)
    mutating func bool(_ bytes: Span<UInt8>) -> Bool? {
        guard let head = head(bytes), head.major == 7 else { return nil }
        return head.information == 20 ? false : (head.information == 21 ? true : nil)
    }

    @inline(__always)
    mutating func instant(_ bytes: Span<UInt8>) -> Instant? {
        guard let tag = head(bytes), tag.major == 6, tag.argument == ValueTag.instant,
            let map = head(bytes), map.major == 5, int(bytes) == 1, let seconds = int(bytes)
        else { return nil }
        var microseconds: Int64 = 0
        if map.argument == 2 {
            guard int(bytes) == -6, let part = int(bytes) else { return nil }
            microseconds = part
        }
        let (product, isOver) = seconds.multipliedReportingOverflow(by: 1_000_000)
        let (sum, isOverToo) = product.addingReportingOverflow(microseconds)
        return isOver || isOverToo ? nil : Instant(microseconds: sum)
    }

    /// Where the bytes of a string stand; goes on behind them.
    @inline(__always)
    mutating func string(_ bytes: Span<UInt8>, major: UInt8) -> Range<Int>? {
        guard let head = head(bytes), head.major == major, let count = Int(exactly: head.argument),
            count <= end - offset
        else { return nil }
        let start = offset
        offset += count
        return start..<offset
    }

    /// Goes on behind a number, a truth value or a string; false for what has items in it.
    @inline(__always)
    mutating func skipPlain(_ bytes: Span<UInt8>) -> Bool {
        guard let head = head(bytes) else { return false }
        switch head.major {
        case 0, 1, 7: return true
        case 2, 3:
            guard let count = Int(exactly: head.argument), count <= end - offset else {
                return false
            }
            offset += count
            return true
        default: return false
        }
    }
}
