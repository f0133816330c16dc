// A disk of the process's own memory: stores that live as long as they are open.

internal import Synchronization

/// Files in memory.
///
/// Each disk is a world of its own; nothing survives it.
package final class MemoryDisk: Disk {
    private struct State {
        var files: [String: MemoryFile] = [:]
        var locks: Set<String> = []
        /// How many share the lock of a path.
        var sharers: [String: Int] = [:]
        var directories: Set<String> = []
    }
    private let state = Mutex(State())

    /// An empty disk.
    package init() {}

    /// Makes a directory, and those above it.
    package func createDirectory(_ path: String) throws(DiskError) {
        state.withLock { state in
            state.directories.insert(path)
            for index in path.indices where path[index] == "/" && index > path.startIndex {
                state.directories.insert(String(path[..<index]))
            }
        }
    }

    package func open(_ path: String, _ mode: OpenMode) throws(DiskError) -> any DiskFile {
        let result: Result<MemoryFile, DiskError> = state.withLock { state in
            switch (mode, state.files[path]) {
            case (.create, .some): return .failure(.exists(path: path))
            case (.create, nil):
                let file = MemoryFile(path: path)
                state.files[path] = file
                return .success(file)
            case (_, .some(let file)): return .success(file)
            case (_, nil): return .failure(.notFound(path: path))
            }
        }
        return try result.get()
    }

    package func list(_ directory: String) throws(DiskError) -> [String] {
        let names: [String]? = state.withLock { state in
            guard state.directories.contains(directory) else { return nil }
            let prefix = directory + "/"
            return state.files.keys.compactMap { path in
                guard path.hasPrefix(prefix) else { return nil }
                let name = path.dropFirst(prefix.count)
                return name.contains("/") ? nil : String(name)
            }
        }
        guard let names else { throw .notFound(path: directory) }
        return names
    }

    package func rename(_ from: String, to: String) throws(DiskError) {
        let moved = state.withLock { state in
            guard let file = state.files.removeValue(forKey: from) else { return false }
            state.files[to] = file
            return true
        }
        if !moved { throw .notFound(path: from) }
    }

    package func remove(_ path: String) throws(DiskError) {
        let removed = state.withLock { $0.files.removeValue(forKey: path) != nil }
        if !removed { throw .notFound(path: path) }
    }

    package func link(_ from: String, to: String) throws(DiskError) {
        let failure: DiskError? = state.withLock { state in
            guard let file = state.files[from] else { return .notFound(path: from) }
            guard state.files[to] == nil else { return .exists(path: to) }
            state.files[to] = file
            return nil
        }
        if let failure { throw failure }
    }

    /// - Complexity: O(files of the disk).
    package func linkCount(_ path: String) throws(DiskError) -> Int {
        let count = state.withLock { state -> Int? in
            guard let file = state.files[path] else { return nil }
            return state.files.values.count { $0 === file }
        }
        guard let count else { throw .notFound(path: path) }
        return count
    }

    package func syncDirectory(_ path: String) throws(DiskError) {}

    package func lock(_ path: String) throws(DiskError) -> any DiskLock {
        let isTaken = state.withLock { state in
            state.sharers[path] != nil || !state.locks.insert(path).inserted
        }
        if isTaken { throw .busy(path: path) }
        return MemoryLock { [self] in state.withLock { _ = $0.locks.remove(path) } }
    }

    package func lockShared(_ path: String) throws(DiskError) -> any DiskLock {
        let isTaken = state.withLock { state in
            if state.locks.contains(path) { return true }
            state.sharers[path, default: 0] += 1
            return false
        }
        if isTaken { throw .busy(path: path) }
        return MemoryLock { [self] in
            state.withLock { state in
                let left = (state.sharers[path] ?? 1) - 1
                state.sharers[path] = left > 0 ? left : nil
            }
        }
    }
}

/// A lock of a disk in memory.
package final class MemoryLock: DiskLock {
    private let onRelease: @Sendable () -> Void
    private let held = Mutex(true)

    /// A held lock; `onRelease` runs once.
    package init(onRelease: @escaping @Sendable () -> Void) { self.onRelease = onRelease }

    package func release() {
        let wasHeld = held.withLock { state in
            defer { state = false }
            return state
        }
        if wasHeld { onRelease() }
    }

    deinit { release() }
}
