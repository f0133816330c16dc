// Reading, with the damage that the plan puts in the way.

internal import Glibc
internal import MnemeBase

extension World {
    mutating func read(
        into target: UnsafeMutableRawBufferPointer,
        at offset: UInt64,
        of file: Int,
        _ path: String
    ) throws(DiskError) {
        try checkPower(path)
        counts.reads += 1
        if plan.failedReads.contains(counts.reads) {
            throw .failed(call: "pread", path: path, code: EIO)
        }
        if plan.shortReads.contains(counts.reads) { throw .short(path: path, offset: offset) }
        let length = files[file].now.count
        guard let start = Int(exactly: offset), start <= length,
            target.count <= length - start
        else {
            throw .short(path: path, offset: max(offset, UInt64(length)))
        }
        unsafe files[file].now.bytes.read(into: target, at: start)
        unsafe try damage(target, at: start, of: file, path, call: "pread")
    }

    mutating func map(
        at offset: UInt64,
        count: Int,
        of file: Int,
        _ path: String
    ) throws(DiskError) -> Mapping {
        try checkPower(path)
        let length = files[file].now.count
        guard let start = Int(exactly: offset), start <= length, count > 0,
            count <= length - start
        else { throw .short(path: path, offset: offset) }
        guard start % SparseBytes.chunkSize == 0 else {
            throw .failed(call: "mmap", path: path, code: EINVAL)
        }
        let isDamaged = plan.reads.contains { Self.same($0.path, path) }
        guard
            let region = files[file].region(at: start, count: count, isShared: !isDamaged)
        else { throw .failed(call: "mmap", path: path, code: ENOMEM) }
        let target = unsafe UnsafeMutableRawBufferPointer(start: region.base, count: region.count)
        if isDamaged { unsafe try damage(target, at: start, of: file, path, call: "mmap") }
        let base = unsafe UnsafeRawPointer(region.base + (start - region.start))
        return unsafe Mapping(base: base, count: count, path: path, faults: false) {
            withExtendedLifetime(region) {}
        }
    }

    /// Lets the mappings of a file that are there already meet the read faults of the plan, as if
    /// the system had dropped their pages and read them again; reads that fail are left out.
    mutating func damageMappings(of path: String) {
        guard case .file(let file)? = entry(path) else { return }
        for region in files[file].liveRegions {
            let target = unsafe UnsafeMutableRawBufferPointer(
                start: region.base,
                count: region.count
            )
            _ = try? unsafe damage(target, at: region.start, of: file, path, call: "mmap")
        }
    }

    /// Applies the read faults of the plan to bytes that were just read from `start`.
    private func damage(
        _ target: UnsafeMutableRawBufferPointer,
        at start: Int,
        of file: Int,
        _ path: String,
        call: String
    ) throws(DiskError) {
        let end = start + target.count
        for fault in plan.reads where Self.same(fault.path, path) {
            switch fault {
            case .flipped(_, let offset, let mask):
                guard let place = Int(exactly: offset), (start..<end).contains(place) else { break }
                unsafe target[place - start] ^= mask
            case .zeroed(_, let sector):
                let zeros = [UInt8](repeating: 0, count: FileState.sectorSize)
                unsafe Self.replace(sector, by: zeros, in: target, at: start)
            case .misdirected(_, let sector, let other, let source):
                guard let place = Self.offset(ofSector: other) else { break }
                var image = files[file].now
                if let source, case .file(let index)? = entry(source) { image = files[index].now }
                let bytes = image.bytes.bytes(at: place, count: FileState.sectorSize)
                unsafe Self.replace(sector, by: bytes, in: target, at: start)
            case .stale(_, let sector):
                guard let place = Self.offset(ofSector: sector) else { break }
                let image = file < remembered.count ? remembered[file] : FileImage()
                let bytes = image.bytes.bytes(at: place, count: FileState.sectorSize)
                unsafe Self.replace(sector, by: bytes, in: target, at: start)
            case .failed(_, let range):
                if range.overlaps(UInt64(start)..<UInt64(end)) {
                    throw .failed(call: call, path: path, code: EIO)
                }
            }
        }
    }

    private static func replace(
        _ sector: UInt64,
        by bytes: [UInt8],
        in target: UnsafeMutableRawBufferPointer,
        at start: Int
    ) {
        guard let place = offset(ofSector: sector) else { return }
        let from = max(start, place)
        let to = min(start + target.count, place + bytes.count)
        guard from < to else { return }
        for index in from..<to { unsafe target[index - start] = bytes[index - place] }
    }

    private static func offset(ofSector sector: UInt64) -> Int? {
        sector < UInt64(longestFile / FileState.sectorSize)
            ? Int(sector) * FileState.sectorSize : nil
    }

    private static func same(_ left: String, _ right: String) -> Bool {
        left == right || (start(left) == start(right) && parts(left) == parts(right))
    }
}
