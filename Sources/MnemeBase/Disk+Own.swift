// A file that is to be written has one name: what a second one leads to is somebody else's too, as
// in a copy of a directory that was made of links.

extension Disk {
    /// Puts a copy of a file in its place where it has a second name; who has that keeps the old
    /// one, as it is.
    ///
    /// Whatever ends it, the name leads to either, whole. It is durable once the directory is
    /// synced; `temporary` is a name there that nobody else uses.
    ///
    /// - Returns: whether there was a second name.
    /// - Throws: what the disk does; the file is as it was then.
    /// - Complexity: O(bytes) where there is one.
    package func makeOwn(_ path: String, by temporary: String) throws(DiskError) -> Bool {
        guard try linkCount(path) > 1 else { return false }
        if try isThere(temporary) { try remove(temporary) }
        do throws(DiskError) {
            let old = try open(path, .read)
            defer { try? old.close() }
            let copy = try open(temporary, .create)
            defer { try? copy.close() }
            let byteCount = try old.byteCount()
            let isReserved = byteCount > 0 ? try copy.reserve(byteCount) : true
            for range in isReserved ? try old.dataRanges(in: 0..<byteCount) : [0..<byteCount] {
                var offset = range.lowerBound
                while offset < range.upperBound {
                    let count = Int(min(Self.copiedAtOnce, range.upperBound - offset))
                    try copy.write(try old.read(at: offset, count: count), at: offset)
                    try copy.writeBack()
                    offset += UInt64(count)
                }
            }
            try copy.sync()
            try rename(temporary, to: path)
        } catch {
            try? remove(temporary)
            throw error
        }
        return true
    }

    private static var copiedAtOnce: UInt64 { 1 << 20 }
}
