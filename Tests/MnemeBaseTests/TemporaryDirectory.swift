import Glibc
import MnemeBase

/// A directory of the real disk that goes with this value.
final class TemporaryDirectory {
    let path: String

    init() throws {
        let random = RealRandomness().next()
        let parent = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
        path = parent + "/mneme-test-\(random)"
        try RealDisk().createDirectory(path)
    }

    deinit {
        let disk = RealDisk()
        for name in (try? disk.list(path)) ?? [] { try? disk.remove(path + "/" + name) }
        _ = unsafe rmdir(path)
    }
}

/// A seed for this run, printed so that a failure can be had again.
func newSeed(_ name: String) -> UInt64 {
    let seed = RealRandomness().next()
    print("\(name): seed \(seed)")
    return seed
}
