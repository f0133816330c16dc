// What a world becomes when the power goes, the process ends, or the machine is started anew.

internal import MnemeBase

extension World {
    /// The world after a power cut; each unsynced part decided by dice.
    func crashed(using dice: SeededRandomness) -> World {
        var next = World(seed: dice.next())
        next.directories = directories.settled(using: dice)
        next.files = [FileState](repeating: FileState(), count: files.count)
        // Files that no name leads to are not drawn for: they are gone with what was in them.
        for index in next.reachableFiles() {
            next.files[index].restart(from: files[index].settled(using: dice))
        }
        return next
    }

    /// The world after a power cut that took everything unsynced.
    func crashedDroppingAll() -> World {
        var next = World(seed: seed &+ 1)
        next.directories = directories.restarted()
        next.files = [FileState](repeating: FileState(), count: files.count)
        for index in next.reachableFiles() { next.files[index].restart(from: files[index].durable) }
        return next
    }

    /// The world that the next process of the same machine finds: readers see all that was
    /// written, and what is unsynced stays so.
    func killed() -> World {
        var next = World(seed: seed &+ 1)
        next.directories = directories
        next.files = files
        next.remembered = remembered
        for index in next.files.indices { next.files[index].dropRegions() }
        return next
    }

    /// The world after an orderly restart of the machine: everything was synced before.
    func restarted() -> World {
        var next = killed()
        for index in next.files.indices { next.files[index].sync() }
        for index in 0..<next.directories.count { next.directories.sync(index) }
        return next.crashedDroppingAll()
    }

    private func reachableFiles() -> [Int] {
        Set(directories.walk().compactMap(\.file)).sorted()
    }
}
