// The checksum of a run.

internal import MnemeBase

/// Puts the checksum into a run's bytes.
enum RunSeal {
    /// Writes XXH3-64 of everything behind the checksum's own place.
    ///
    /// - Precondition: the bytes hold a whole header.
    static func seal(_ bytes: inout [UInt8]) {
        let sum = Checksum.xxh3(Array(bytes[RunLayout.checksumStart...]))
        for index in 0..<8 {
            bytes[8 + index] = UInt8(truncatingIfNeeded: sum >> UInt64(8 * index))
        }
    }
}
