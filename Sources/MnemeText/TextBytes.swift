// The bytes of a run: memory of this process, or memory that someone else keeps mapped. This is the
// room's one file with raw pointers (`Stemmer.swift` calls C and has no others). Reading never
// traps: what lies outside reads as zero, so that even bytes with a forged checksum do no harm.

internal import MnemeBase

/// Immutable bytes that are read little-endian at any offset.
///
/// SAFETY: `base` points to `count` bytes that nobody writes and that live as long as this object:
/// they were allocated by `init(_:)` and are freed by `deinit`, or `keeper` holds them. Every read
/// compares its offset with `count` first.
@safe package final class TextBytes: @unchecked Sendable {
    /// The length in bytes.
    package let count: Int
    @usableFromInline let base: UnsafeRawPointer
    private let keeper: AnyObject?

    /// Copies an array.
    package init(_ array: [UInt8]) {
        count = array.count
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: max(array.count, 1),
            alignment: 16
        )
        unsafe array.withUnsafeBytes { source in
            if let first = source.baseAddress {
                unsafe memory.copyMemory(from: first, byteCount: source.count)
            }
        }
        unsafe base = UnsafeRawPointer(memory)
        keeper = nil
    }

    /// Wraps memory that `keeper` keeps alive and unchanged.
    package init(base: UnsafeRawPointer, count: Int, keeper: AnyObject) {
        unsafe self.base = base
        self.count = count
        self.keeper = keeper
    }

    deinit {
        if keeper == nil { unsafe base.deallocate() }
    }

    /// Whether `length` bytes can be read at `offset`.
    @inline(__always)
    func holds(_ offset: Int, _ length: Int) -> Bool {
        offset >= 0 && length >= 0 && offset <= count && length <= count - offset
    }

    /// The byte at `offset`, zero outside.
    @inline(__always)
    func byte(_ offset: Int) -> UInt8 {
        guard UInt(bitPattern: offset) < UInt(bitPattern: count) else { return 0 }
        return unsafe base.load(fromByteOffset: offset, as: UInt8.self)
    }

    /// The 16-bit number at `offset`, zero outside.
    @inline(__always)
    func short(_ offset: Int) -> UInt16 {
        guard holds(offset, 2) else { return 0 }
        return unsafe UInt16(
            littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt16.self)
        )
    }

    /// The 32-bit number at `offset`, zero outside.
    @inline(__always)
    func word(_ offset: Int) -> UInt32 {
        guard holds(offset, 4) else { return 0 }
        return unsafe UInt32(
            littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
        )
    }

    /// The 64-bit number at `offset`, zero outside.
    @inline(__always)
    func long(_ offset: Int) -> UInt64 {
        guard holds(offset, 8) else { return 0 }
        return unsafe UInt64(
            littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        )
    }

    /// Reads an unsigned LEB128 number and moves `offset` behind it; nil when it does not end
    /// before `end` or has more than 63 bits.
    @inline(__always)
    func variable(_ offset: inout Int, end: Int) -> Int? {
        var value = 0
        var shift = 0
        while offset < end, shift < 63 {
            let next = byte(offset)
            offset += 1
            value |= Int(next & 0x7f) << shift
            if next < 0x80 { return value }
            shift += 7
        }
        return nil
    }

    /// A copy of a range, empty when the range does not lie inside.
    package func array(_ range: Range<Int>) -> [UInt8] {
        guard holds(range.lowerBound, range.count) else { return [] }
        return unsafe [UInt8](
            UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count)
        )
    }

    /// XXH3-64 of everything from `offset` on.
    func checksum(from offset: Int) -> UInt64 {
        guard holds(offset, 0) else { return 0 }
        return Checksum.xxh3(
            unsafe RawSpan(_unsafeStart: base + offset, byteCount: count - offset)
        )
    }

    /// Unpacks 128 numbers of `width` bits and writes their running sum.
    ///
    /// Each step is one larger than the number says; the sum starts after `previous` (−1 before the
    /// first).
    ///
    /// - Returns: the last sum, or nil where the bytes do not suffice.
    func unpackSteps(
        at offset: Int,
        width: Int,
        after previous: Int,
        into target: inout [UInt32]
    ) -> Int? {
        guard width <= 32, target.count >= 128, holds(offset, 16 * width + 8) else { return nil }
        let mask: UInt64 = (1 << UInt64(width)) - 1
        let start = unsafe base + offset
        return unsafe target.withUnsafeMutableBufferPointer { target in
            var sum = previous
            for index in 0..<128 {
                let bit = index &* width
                let word = unsafe UInt64(
                    littleEndian: start.loadUnaligned(fromByteOffset: bit >> 3, as: UInt64.self)
                )
                sum &+= 1 &+ Int(truncatingIfNeeded: (word >> UInt64(bit & 7)) & mask)
                unsafe target[index] = UInt32(truncatingIfNeeded: sum)
            }
            return sum
        }
    }

    /// Unpacks 128 numbers of `width` bits, each stored one too small.
    ///
    /// - Returns: false where the bytes do not suffice.
    func unpackCounts(at offset: Int, width: Int, into target: inout [UInt16]) -> Bool {
        guard width <= 16, target.count >= 128, holds(offset, 16 * width + 8) else { return false }
        let mask: UInt64 = (1 << UInt64(width)) - 1
        let start = unsafe base + offset
        unsafe target.withUnsafeMutableBufferPointer { target in
            for index in 0..<128 {
                let bit = index &* width
                let word = unsafe UInt64(
                    littleEndian: start.loadUnaligned(fromByteOffset: bit >> 3, as: UInt64.self)
                )
                let value = UInt16(truncatingIfNeeded: (word >> UInt64(bit & 7)) & mask)
                unsafe target[index] = value == .max ? value : value &+ 1
            }
        }
        return true
    }
}
