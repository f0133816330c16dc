// Small words that the tests of the world share.

@testable import MnemeBase
@testable import SimulatedWorld

extension SimulatedDisk {
    /// A new file with these bytes, synced, its name durable.
    func makeDurable(
        _ path: String,
        _ bytes: [UInt8],
        in directory: String = ""
    ) throws
        -> any DiskFile
    {
        let file = try open(path, .create)
        if !bytes.isEmpty { try file.write(bytes, at: 0) }
        try file.sync()
        try syncDirectory(directory)
        return file
    }

    /// The bytes of a file, or nil when it is not there.
    func bytes(_ path: String) throws -> [UInt8]? {
        guard let file = try? open(path, .read) else { return nil }
        return try file.read(at: 0, count: Int(file.byteCount()))
    }

    /// One number for names and bytes.
    var fingerprint: UInt64 {
        var hash: UInt64 = 0
        func mix(_ bytes: [UInt8]) {
            for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 &+ 1 }
        }
        for entry in contents() {
            mix(Array(entry.path.utf8) + [0])
            mix(entry.bytes ?? [255])
        }
        return hash
    }
}

func filled(_ byte: UInt8, _ count: Int) -> [UInt8] { [UInt8](repeating: byte, count: count) }

/// What a power cut leaves of a world, over many seeds.
func crashes(of disk: SimulatedDisk, _ count: Int = 300) -> [SimulatedDisk] {
    (0..<count).map { disk.crash(using: SeededRandomness(seed: UInt64($0))) }
}
