// XXH3-64 (xxHash 0.8), the one checksum of every format.

internal import CXXHash

/// Checksums of bytes.
package enum Checksum {
    /// XXH3-64 with a seed.
    package static func xxh3(_ bytes: RawSpan, seed: UInt64 = 0) -> UInt64 {
        unsafe bytes.withUnsafeBytes { unsafe mneme_xxh3($0.baseAddress, $0.count, seed) }
    }

    /// XXH3-64 with a seed.
    package static func xxh3(_ bytes: [UInt8], seed: UInt64 = 0) -> UInt64 {
        xxh3(unsafe bytes.span.bytes, seed: seed)
    }

    /// XXH3-64 of the bits of numbers.
    package static func xxh3(ofNumbers numbers: [Float]) -> UInt64 {
        xxh3(unsafe numbers.span.bytes)
    }
}
