// What the disk itself costs: 2,560 bytes, about a record, appended to what was written of a file
// of zeros, then a data sync, one after another. Commits are to be read beside it.

internal import MnemeBase

/// Measures data syncs.
enum SyncControl {
    private static let blockSize = 2560

    /// So many writes with a data sync each, in a new file in a directory.
    ///
    /// - Throws: `DiskError`.
    static func measure(in directory: String, count: Int) throws(DiskError) -> Latencies {
        let disk = RealDisk()
        let path = directory + "/control"
        let file = try disk.open(path, .create)
        let zeros = [UInt8](repeating: 0, count: 1 << 20)
        for start in stride(from: 0, to: count * blockSize, by: zeros.count) {
            try file.write(zeros, at: UInt64(start))
        }
        try file.sync()
        let block = (0..<blockSize).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        var latencies = Latencies(capacity: count)
        for number in 0..<count {
            let offset = UInt64(number * blockSize)
            let start = Ticks.now()
            try file.write(block, at: offset)
            try file.sync()
            latencies.add(nanoseconds: Ticks.now() - start)
        }
        try file.close()
        try disk.remove(path)
        return latencies
    }
}
