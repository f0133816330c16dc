// Asking for memory before it is looked at. Whoever is to look at many places one after the other
// asks for all of them first, so that the waits for memory overlap. An address is a hint and no
// more: nothing is read there, and it may be anything, also what is not there any more.

internal import CKernels

/// Has the processor fetch memory that is about to be looked at.
package enum Prefetch {
    private static let line: UInt = 64

    /// Asks for the lines on which so many bytes from an address on stand.
    ///
    /// - Complexity: O(lines).
    package static func lines(_ address: UInt, _ byteCount: Int) {
        let start = address & ~(line - 1)
        guard byteCount > 0, let first = unsafe UnsafeRawPointer(bitPattern: start) else { return }
        unsafe mneme_prefetch(first, byteCount + Int(address - start))
    }

    /// Where the elements of an array stand now; 0 of none.
    package static func address<Element>(of elements: [Element]) -> UInt {
        unsafe elements.withUnsafeBytes { bytes in
            unsafe bytes.isEmpty ? 0 : UInt(bitPattern: bytes.baseAddress)
        }
    }
}
