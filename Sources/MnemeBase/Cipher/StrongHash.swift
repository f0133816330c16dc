// A hash that nobody finds another text for, and the comparison of what is secret. The checksum of
// files (Checksum) is neither.

internal import CCipher

/// SHA-256 (FIPS 180-4).
package enum StrongHash {
    /// Bytes of a hash.
    package static let byteCount = 32

    /// The hash of bytes.
    ///
    /// - Complexity: O(bytes).
    package static func of(_ bytes: [UInt8]) -> [UInt8] {
        var hash = [UInt8](repeating: 0, count: byteCount)
        let isMade = unsafe bytes.withUnsafeBytes { from in
            unsafe hash.withUnsafeMutableBufferPointer { to in
                unsafe mneme_sha256(from.baseAddress, from.count, to.baseAddress) == 1
            }
        }
        guard isMade else { preconditionFailure("no memory for a hash") }
        return hash
    }

    /// Whether two hashes are one, in a time that says nothing of where they differ.
    package static func isSame(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        return unsafe left.withUnsafeBytes { left in
            unsafe right.withUnsafeBytes { right in
                unsafe mneme_same(left.baseAddress, right.baseAddress, left.count) == 1
            }
        }
    }
}
