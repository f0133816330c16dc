import MnemeBase
import MnemePages

/// A page file on a disk in memory, and the way to open it again.
struct World {
    let disk: MemoryDisk
    let path = "pages"
    let identity = StoreIdentity(high: 7, low: 11)
    var file: PageFile

    /// Whether pages are packed and written as deltas.
    let packs: Bool

    init(packs: Bool = true) throws {
        self.packs = packs
        disk = MemoryDisk()
        file = try PageFile.create(disk, path: path, identity: identity, packs: packs)
    }

    /// Forgets what is in memory and opens the newest checkpoint.
    mutating func reopen() throws -> [UInt8]? {
        let opened = try PageFile.open(disk, path: path, identity: identity, packs: packs)
        file = opened.file
        return opened.payload
    }
}

/// A seed for this run, printed so that a failure can be had again.
func newSeed(_ name: String) -> UInt64 {
    let seed = RealRandomness().next()
    print("\(name): seed \(seed)")
    return seed
}
