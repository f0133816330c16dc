// A disk that forgets as real ones do, in memory and under a seed.
//
// Each file has two layers: what readers see now, and what the platter holds, which is the image of
// its last sync and the list of changes since. Names have the same two layers, by directory. A
// crash makes a new world of the platter: of every unsynced change each 512-byte sector is kept, in
// any version it ever had, dropped, or torn (first bytes new, rest old); a growth or cut of the
// file is kept or not, and a kept growth whose bytes were dropped reads as zeros; each unsynced
// name is kept or lost on its own, but a rename never loses the file between its names. A file
// without a durable name is gone, synced or not. Nothing unsynced has an order.
//
// Every operation that changes something is a numbered step. A harness runs a workload once to
// count the steps, then again for each number, with the power cut there, and opens what `crash`
// leaves. A world is a value behind a lock: crashes of one world share its bytes, any number of
// them may be taken, and the old world stays as it was. With one thread all follows from the seeds.

package import MnemeBase
internal import Synchronization

/// A world of files that can lose power.
///
/// Beyond what `Disk` says: parent directories must exist, as on a real disk; `/` and the directory
/// of relative paths always do; `..` is not followed; `list` is sorted.
package final class SimulatedDisk: Disk {
    let world: Mutex<World>
    /// Locks of directories; no crash leaves one.
    private let directoryLocks = MemoryDisk()

    /// An empty disk; the seed decides what becomes of the step at which the power is cut, and of
    /// syncs that fail halfway.
    package convenience init(seed: UInt64 = 0, plan: FaultPlan = FaultPlan()) {
        var world = World(seed: seed)
        world.plan = plan
        self.init(world)
    }

    init(_ world: World) { self.world = Mutex(world) }

    // MARK: - Disk

    package func createDirectory(_ path: String) throws(DiskError) {
        try world.withLock { (world) throws(DiskError) in try world.createDirectory(path) }
    }

    package func open(_ path: String, _ mode: OpenMode) throws(DiskError) -> any DiskFile {
        let file = try world.withLock { (world) throws(DiskError) in try world.open(path, mode) }
        return SimulatedFile(disk: self, file: file, path: path, isReadOnly: mode == .read)
    }

    package func list(_ directory: String) throws(DiskError) -> [String] {
        try world.withLock { (world) throws(DiskError) in
            try world.checkPower(directory)
            return world.directories.names(in: try world.directory(directory))
        }
    }

    package func rename(_ from: String, to: String) throws(DiskError) {
        try world.withLock { (world) throws(DiskError) in try world.rename(from, to: to) }
    }

    package func remove(_ path: String) throws(DiskError) {
        try world.withLock { (world) throws(DiskError) in try world.remove(path) }
    }

    package func removeDirectory(_ path: String) throws(DiskError) {
        try world.withLock { (world) throws(DiskError) in try world.removeDirectory(path) }
    }

    package func link(_ from: String, to: String) throws(DiskError) {
        try world.withLock { (world) throws(DiskError) in try world.link(from, to: to) }
    }

    package func linkCount(_ path: String) throws(DiskError) -> Int {
        try world.withLock { (world) throws(DiskError) in
            try world.checkPower(path)
            guard case .file(let file) = world.entry(path) else { throw .notFound(path: path) }
            return world.directories.walk().count { $0.file == file }
        }
    }

    package func syncDirectory(_ path: String) throws(DiskError) {
        try world.withLock { (world) throws(DiskError) in try world.syncDirectory(path) }
    }

    /// Takes the lock; the file that stands for it is made when it is not there, which is a step.
    package func lock(_ path: String) throws(DiskError) -> any DiskLock {
        let file = try world.withLock { (world) throws(DiskError) in
            let isThere = world.entry(path) != nil
            let file = try world.open(path, isThere ? .readWrite : .create)
            if !world.locks.insert(file).inserted { throw .busy(path: path) }
            return file
        }
        return MemoryLock { [self] in world.withLock { _ = $0.locks.remove(file) } }
    }

    /// Takes the lock of a directory, which is no step.
    package func lockDirectory(
        _ path: String,
        isShared: Bool
    ) throws(DiskError) -> any DiskLock {
        try world.withLock { (world) throws(DiskError) in
            try world.checkPower(path)
            _ = try world.directory(path)
        }
        return try directoryLocks.lockDirectory(path, isShared: isShared)
    }
}

// MARK: - The end of the world

extension SimulatedDisk {
    /// The disk as a power cut now would leave it: a fresh world without locks, cut or faults.
    ///
    /// This one stays as it is.
    ///
    /// - Complexity: O(names + unsynced bytes + chunk references of the files that have some).
    package func crash(using randomness: some Randomness) -> SimulatedDisk {
        let dice = SeededRandomness(seed: randomness.next())
        return SimulatedDisk(world.withLock { $0.crashed(using: dice) })
    }

    /// The disk after `kill -9` of the process: everything written is seen, locks are gone, and
    /// what was not synced is still not synced.
    package func crashKeepingAll() -> SimulatedDisk {
        SimulatedDisk(world.withLock { $0.killed() })
    }

    /// The disk after a power cut that took everything unsynced.
    package func crashDroppingAll() -> SimulatedDisk {
        SimulatedDisk(world.withLock { $0.crashedDroppingAll() })
    }

    /// The disk after an orderly restart of the machine: everything was synced, locks are gone.
    ///
    /// What a failed or lost write kept from the disk is gone too.
    package func powerCycle() -> SimulatedDisk {
        SimulatedDisk(world.withLock { $0.restarted() })
    }

    /// Lets the power go at a step, counted from 1.
    ///
    /// That step is carried out or not, by the seed; it and every later operation throw
    /// `.failed(call: "power is off", …)`. Mappings stay readable. A step that has passed means the
    /// next one.
    package func cut(atStep step: Int) { world.withLock { $0.lastStep = step } }

    /// Lets the power go now.
    package func cutPower() { world.withLock { $0.isOff = true } }

    /// Whether the power is gone.
    package var isOff: Bool { world.withLock { $0.isOff } }

    /// How many steps have been taken, the one at the cut included.
    package var steps: Int { world.withLock { $0.counts.steps } }

    /// How many operations of each kind that faults are numbered by.
    package var counts: StepCounts { world.withLock { $0.counts } }

    /// The steps taken, in order; the step numbered n is at n - 1.
    package var history: [Step] { world.withLock { $0.history } }

    /// The faults; may be changed at any time, the numbers go on counting from the beginning.
    package var plan: FaultPlan {
        get { world.withLock { $0.plan } }
        set { world.withLock { $0.plan = newValue } }
    }

    /// Remembers what every file holds now, for stale reads.
    package func rememberContents() {
        world.withLock { $0.remembered = $0.files.map(\.now) }
    }

    /// Has the mappings of a file meet the read faults of the plan, as if their pages were read
    /// again.
    package func damageMappings(of path: String) {
        world.withLock { $0.damageMappings(of: path) }
    }

    /// What a reader sees of every file, by path in ascending order, without faults; directories
    /// come with nil.
    ///
    /// - Complexity: O(bytes of all files).
    package func contents() -> [(path: String, bytes: [UInt8]?)] {
        world.withLock { world in
            world.directories.walk().map { entry in
                guard let file = entry.file else { return (entry.path, nil) }
                let image = world.files[file].now
                return (entry.path, image.bytes.bytes(at: 0, count: image.count))
            }
        }
    }

    /// Flips the bits of `mask` in one byte of a file for good, in both layers: damage of what was
    /// durable, found by whoever reads it.
    ///
    /// - Throws: `.notFound`, or `.short` when the file ends before.
    package func corrupt(_ path: String, at offset: UInt64, mask: UInt8) throws(DiskError) {
        try world.withLock { (world) throws(DiskError) in
            guard case .file(let file) = world.entry(path) else { throw .notFound(path: path) }
            guard let place = Int(exactly: offset), place < world.files[file].now.count else {
                throw .short(path: path, offset: offset)
            }
            world.files[file].flip(place, mask)
        }
    }
}
