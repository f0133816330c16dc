// What the disk itself costs: 4 KiB written into a file of zeros, then a data sync, one after
// another. Commits are to be read beside it.

internal import MnemeBase

/// Measures data syncs.
enum SyncControl {
    private static let blockSize = 4096
    private static let blockCount = 2048

    /// So many writes with a data sync each, in a new file in a directory.
    ///
    /// - Throws: `DiskError`.
    static func measure(in directory: String, count: Int) throws(DiskError) -> Latencies {
        let disk = RealDisk()
        let path = directory + "/control"
        let file = try disk.open(path, .create)
        try file.write([UInt8](repeating: 0, count: blockSize * blockCount), at: 0)
        try file.sync()
        let block = (0..<blockSize).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        var latencies = Latencies(capacity: count)
        for number in 0..<count {
            let offset = UInt64(number % blockCount * blockSize)
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
