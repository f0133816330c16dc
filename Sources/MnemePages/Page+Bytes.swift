// Strings of bytes inside pages: compared, copied in and out. Ranges that a damaged page states are
// cut to the page; what is written is checked.

internal import Glibc

extension Page {
    /// The part of a stated range that lies inside the page.
    private func clamped(_ offset: Int, _ count: Int) -> UnsafeRawBufferPointer {
        let start = min(max(offset, 0), PageLayout.size)
        let length = min(max(count, 0), PageLayout.size - start)
        return unsafe UnsafeRawBufferPointer(start: base + start, count: length)
    }

    /// Orders bytes of the page against `other` from `start` on, bytewise, a prefix before what it
    /// is a prefix of: negative, zero or positive.
    ///
    /// - Precondition: `start` lies inside `other` or at its end.
    package func compare(
        _ offset: Int,
        _ count: Int,
        with other: [UInt8],
        from start: Int
    )
        -> Int
    {
        let own = unsafe clamped(offset, count)
        return unsafe other.withUnsafeBytes { bytes in
            let rest = bytes.count - start
            precondition(start >= 0 && rest >= 0)
            let common = min(own.count, rest)
            if common > 0, let left = own.baseAddress, let right = bytes.baseAddress {
                let order = unsafe memcmp(left, right + start, common)
                if order != 0 { return Int(order) }
            }
            return own.count - rest
        }
    }

    /// Orders bytes of the page against the first bytes of `other`, no more than there are of
    /// either.
    package func comparePrefix(_ offset: Int, _ count: Int, with other: [UInt8]) -> Int {
        let own = unsafe clamped(offset, count)
        return unsafe other.withUnsafeBytes { bytes in
            let common = min(own.count, bytes.count)
            guard common > 0, let left = own.baseAddress, let right = bytes.baseAddress else {
                return 0
            }
            return Int(unsafe memcmp(left, right, common))
        }
    }

    /// Whether all bytes of a range are zero; what would lie outside the page is left out.
    package func isZero(_ offset: Int, _ count: Int) -> Bool {
        let own = unsafe clamped(offset, count)
        guard let base = own.baseAddress, let first = unsafe own.first else { return true }
        return unsafe first == 0 && memcmp(base, base + 1, own.count - 1) == 0
    }

    /// Appends bytes of the page to an array; what would lie outside the page is left out.
    package func append(_ offset: Int, _ count: Int, to target: inout [UInt8]) {
        unsafe target.append(contentsOf: clamped(offset, count))
    }
}

extension MutablePage {
    /// Copies `count` bytes of an array in, from `start` on.
    ///
    /// - Precondition: both ranges lie inside.
    package func store(_ bytes: [UInt8], from start: Int, count: Int, at offset: Int) {
        precondition(start >= 0 && count >= 0 && start + count <= bytes.count)
        precondition(offset >= 0 && offset + count <= PageLayout.size)
        unsafe bytes.withUnsafeBytes { source in
            if count > 0, let base = source.baseAddress {
                unsafe (self.base + offset).copyMemory(from: base + start, byteCount: count)
            }
        }
    }
}
