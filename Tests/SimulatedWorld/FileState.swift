// One file in two layers: what readers see now, and what a power cut would find, which is the image
// of the last sync and, in order, the changes made since.
//
// Invariant: an image holds zeros from its length on.

internal import MnemeBase

/// The bytes of a file and their count.
struct FileImage: Sendable {
    var bytes = SparseBytes()
    var count = 0

    mutating func apply(_ change: FileChange) {
        switch change {
        case .write(let offset, let bytes):
            self.bytes.write(bytes, at: offset)
            count = max(count, offset + bytes.count)
        case .resize(let count):
            bytes.clear(from: count)
            self.count = count
        }
    }
}

/// What was done to a file and not synced yet.
enum FileChange: Sendable {
    case write(offset: Int, bytes: [UInt8])
    case resize(count: Int)
}

struct FileState: Sendable {
    static let sectorSize = 512
    /// What readers see.
    private(set) var now = FileImage()
    /// What the last sync made sure of.
    private(set) var durable = FileImage()
    /// Changes since the last sync, oldest first.
    private(set) var pending: [FileChange] = []
    private var regions: [RegionReference] = []

    /// Writes for the readers; `survives` is false for a write that the drive swallows.
    mutating func write(_ source: UnsafeRawBufferPointer, at offset: Int, survives: Bool) {
        unsafe now.bytes.write(source, at: offset)
        now.count = max(now.count, offset + source.count)
        for reference in regions { unsafe reference.region?.store(source, at: offset) }
        guard survives else { return }
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: source.count) { buffer, written in
            unsafe UnsafeMutableRawBufferPointer(buffer).copyMemory(from: source)
            written = source.count
        }
        pending.append(.write(offset: offset, bytes: bytes))
    }

    /// Cuts or extends with zeros.
    mutating func resize(to count: Int) {
        now.apply(.resize(count: count))
        for reference in regions { reference.region?.clear(from: count) }
        pending.append(.resize(count: count))
    }

    /// Makes every pending change durable.
    mutating func sync() {
        for change in pending { durable.apply(change) }
        pending = []
    }

    /// Forgets the pending changes, as a kernel does whose write-back failed.
    ///
    /// Readers see them on, and no later sync brings them to the disk. With dice some of their
    /// sectors get there.
    mutating func loseChanges(using dice: SeededRandomness?) {
        if let dice { durable = settled(using: dice) }
        pending = []
    }

    /// Flips bits of one byte in both layers.
    mutating func flip(_ place: Int, _ mask: UInt8) {
        let seen = now.bytes.bytes(at: place, count: 1).map { $0 ^ mask }
        now.bytes.write(seen, at: place)
        for reference in regions {
            unsafe seen.withUnsafeBytes { bytes in
                unsafe reference.region?.store(bytes, at: place)
            }
        }
        guard place < durable.count else { return }
        durable.bytes.write(durable.bytes.bytes(at: place, count: 1).map { $0 ^ mask }, at: place)
    }

    /// The file as a world starts with it: readers see the image, nothing is pending.
    mutating func restart(from image: FileImage) {
        now = image
        durable = image
        pending = []
        regions = []
    }

    /// The same file for the next process of the same machine.
    mutating func dropRegions() { regions = [] }

    /// The regions that mappings still look at.
    var liveRegions: [MappedRegion] { regions.compactMap(\.region) }

    /// The region that serves a mapping of a range inside the file, nil when there is no memory.
    ///
    /// `isShared` is false when the caller will change it.
    mutating func region(at start: Int, count: Int, isShared: Bool) -> MappedRegion? {
        regions.removeAll { $0.region == nil }
        if isShared {
            for reference in regions {
                if let region = reference.region, region.covers(start, count) { return region }
            }
        }
        guard let region = MappedRegion(start: start, count: count) else { return nil }
        let target = unsafe UnsafeMutableRawBufferPointer(start: region.base, count: count)
        unsafe now.bytes.read(into: target, at: start)
        regions.append(RegionReference(region: region))
        return region
    }
}

// MARK: - The power cut

extension FileState {
    /// One image that a power cut may leave: of each change in turn, every sector is taken over as
    /// it stood after that change, or not, or in its first bytes only; so is the length.
    ///
    /// How readily things are kept is drawn once a file, from never to always, so that worlds in
    /// which one file is new and another old are common.
    func settled(using dice: SeededRandomness) -> FileImage {
        let quarters = dice.below(5)
        if quarters == 0 || pending.isEmpty { return durable }
        // What the drive would have been given after each change: sectors are whole, so an earlier
        // change to a sector is in every later version of it.
        var running = durable
        var image = durable
        for change in pending {
            let before = running.count
            running.apply(change)
            switch change {
            case .write(let offset, let bytes):
                keepSectors(
                    of: running,
                    from: offset,
                    to: offset + bytes.count,
                    in: &image,
                    quarters,
                    dice
                )
                if running.count > before, Self.keeps(quarters, dice) {
                    image.count = Self.reached(
                        from: before,
                        to: running.count,
                        quarters == 4,
                        dice
                    )
                }
            case .resize(let count):
                if Self.keeps(quarters, dice) {
                    image.bytes.clear(from: count)
                    image.count = count
                }
            }
        }
        image.bytes.clear(from: image.count)
        return image
    }

    private func keepSectors(
        of running: FileImage,
        from start: Int,
        to end: Int,
        in image: inout FileImage,
        _ quarters: Int,
        _ dice: SeededRandomness
    ) {
        let size = Self.sectorSize
        var sector = start / size * size
        if quarters == 4 {
            image.bytes.write(running.bytes.bytes(at: start, count: end - start), at: start)
            return
        }
        while sector < end {
            if Self.keeps(quarters, dice) {
                // One in eight is torn: its first bytes are new, the rest is as it was.
                let count = dice.below(8) == 0 ? dice.below(size) : size
                image.bytes.write(running.bytes.bytes(at: sector, count: count), at: sector)
            }
            sector += size
        }
    }

    private static func keeps(_ quarters: Int, _ dice: SeededRandomness) -> Bool {
        quarters == 4 || dice.below(4) < quarters
    }

    /// The length that a growth got to: the whole way, or a sector's end on the way.
    private static func reached(
        from: Int,
        to: Int,
        _ isWhole: Bool,
        _ dice: SeededRandomness
    ) -> Int {
        let sectors = (to - 1) / sectorSize - from / sectorSize
        guard !isWhole, sectors > 0, dice.below(4) == 0 else { return to }
        return (from / sectorSize + 1 + dice.below(sectors)) * sectorSize
    }
}
