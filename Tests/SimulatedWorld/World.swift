// The state behind a simulated disk, as one value: a copy is a world of its own that shares its
// bytes until one of the two writes.

internal import Glibc
internal import MnemeBase

struct World: Sendable {
    /// The longest file, 16 GiB: a wild offset is refused as a real disk refuses it.
    static let longestFile = 1 << 34

    var directories = Directories()
    var files: [FileState] = []
    var plan = FaultPlan()
    var history: [Step] = []
    var counts = StepCounts()
    var locks: Set<Int> = []
    /// What each file was when the disk was last told to remember.
    var remembered: [FileImage] = []
    /// The step at which the power goes.
    var lastStep: Int?
    var isOff = false
    let seed: UInt64

    init(seed: UInt64) { self.seed = seed }

    // MARK: - Steps

    func checkPower(_ path: String) throws(DiskError) {
        if isOff { throw .failed(call: "power is off", path: path, code: EIO) }
    }

    /// Numbers a step and carries it out; where the power goes, a coin says whether it still was.
    mutating func take<Result>(
        _ step: Step,
        _ body: (inout World) throws(DiskError) -> Result
    ) throws(DiskError) -> Result {
        counts.steps += 1
        history.append(step)
        guard let lastStep, counts.steps >= lastStep else { return try body(&self) }
        isOff = true
        if dice(1).below(2) == 0 { _ = try? body(&self) }
        throw .failed(call: "power is off", path: step.path, code: EIO)
    }

    /// Dice that depend on the seed, the step and the purpose alone.
    private func dice(_ purpose: UInt64) -> SeededRandomness {
        SeededRandomness(seed: seed ^ (UInt64(counts.steps) &* 0x9e37_79b9 &+ purpose << 56))
    }

    /// Whether the step under way finds no room.
    func isFull(everyWrite: Bool = false) -> Bool {
        guard let full = plan.full, counts.steps >= full.from else { return false }
        return !everyWrite || full.everyWrite
    }

    // MARK: - Paths

    static func parts(_ path: String) -> [Substring] {
        path.split(separator: "/").filter { $0 != "." }
    }

    static func start(_ path: String) -> Int {
        path.hasPrefix("/") ? Directories.root : Directories.working
    }

    /// The directory and the name in it; nil when a directory on the way is missing or the path is
    /// a root.
    func place(_ path: String) -> Place? {
        var parts = Self.parts(path)
        guard let name = parts.popLast() else { return nil }
        var directory = Self.start(path)
        for part in parts {
            let place = Place(directory: directory, name: String(part))
            guard case .directory(let next) = directories.entry(place) else { return nil }
            directory = next
        }
        return Place(directory: directory, name: String(name))
    }

    func entry(_ path: String) -> Entry? {
        if Self.parts(path).isEmpty { return .directory(Self.start(path)) }
        guard let place = place(path) else { return nil }
        return directories.entry(place)
    }

    func directory(_ path: String) throws(DiskError) -> Int {
        guard case .directory(let index) = entry(path) else { throw .notFound(path: path) }
        return index
    }

    // MARK: - Names

    mutating func createDirectory(_ path: String) throws(DiskError) {
        try checkPower(path)
        var made = path.hasPrefix("/") ? "/" : ""
        for part in Self.parts(path) {
            made += (made.isEmpty || made.hasSuffix("/") ? "" : "/") + part
            switch entry(made) {
            case .directory: continue
            case .file: throw .exists(path: made)
            case nil: break
            }
            guard let place = place(made) else { throw .notFound(path: made) }
            let step = Step(kind: .createDirectory, path: made, offset: 0, count: 0)
            try take(step) { (world) throws(DiskError) in
                if world.isFull() { throw .full(path: made) }
                let index = world.directories.makeDirectory()
                world.directories.set(place, .directory(index))
            }
        }
    }

    mutating func open(_ path: String, _ mode: OpenMode) throws(DiskError) -> Int {
        try checkPower(path)
        switch (entry(path), mode) {
        case (.some, .create): throw .exists(path: path)
        case (.file(let file), _): return file
        case (.directory, _): throw .failed(call: "open", path: path, code: EISDIR)
        case (nil, .read), (nil, .readWrite): throw .notFound(path: path)
        case (nil, .create): return try create(path)
        }
    }

    private mutating func create(_ path: String) throws(DiskError) -> Int {
        guard let place = place(path) else { throw .notFound(path: path) }
        return try take(Step(kind: .create, path: path, offset: 0, count: 0)) {
            (world) throws(DiskError) in
            if world.isFull() { throw .full(path: path) }
            world.files.append(FileState())
            world.directories.set(place, .file(world.files.count - 1))
            return world.files.count - 1
        }
    }

    mutating func rename(_ from: String, to: String) throws(DiskError) {
        try checkPower(from)
        guard let source = place(from), let moved = directories.entry(source),
            let target = place(to)
        else { throw .notFound(path: from) }
        if source == target { return }
        if Self.start(from) == Self.start(to), Self.parts(to).starts(with: Self.parts(from)) {
            throw .failed(call: "rename", path: from, code: EINVAL)
        }
        switch (moved, directories.entry(target)) {
        case (_, nil), (.file, .file): break
        case (.file, .directory): throw .failed(call: "rename", path: from, code: EISDIR)
        case (.directory, .file): throw .notFound(path: from)
        case (.directory, .directory(let replaced)):
            if !directories.names(in: replaced).isEmpty {
                throw .failed(call: "rename", path: from, code: ENOTEMPTY)
            }
        }
        try take(Step(kind: .rename, path: from, offset: 0, count: 0)) { world in
            world.directories.rename(source, to: target)
        }
    }

    mutating func link(_ from: String, to: String) throws(DiskError) {
        try checkPower(from)
        guard let moved = entry(from), let target = place(to) else { throw .notFound(path: from) }
        guard case .file = moved else { throw .denied(path: to) }
        if directories.entry(target) != nil { throw .exists(path: to) }
        if !plan.allowsLinks { throw .failed(call: "link", path: to, code: EXDEV) }
        try take(Step(kind: .link, path: to, offset: 0, count: 0)) { world in
            world.directories.set(target, moved)
        }
    }

    mutating func remove(_ path: String) throws(DiskError) {
        try checkPower(path)
        guard let place = place(path), let entry = directories.entry(place) else {
            throw .notFound(path: path)
        }
        if case .directory = entry { throw .failed(call: "unlink", path: path, code: EISDIR) }
        try take(Step(kind: .remove, path: path, offset: 0, count: 0)) { world in
            world.directories.set(place, nil)
        }
    }

    mutating func removeDirectory(_ path: String) throws(DiskError) {
        try checkPower(path)
        guard let place = place(path), case .directory(let index)? = directories.entry(place),
            directories.names(in: index).isEmpty
        else { return }
        try take(Step(kind: .remove, path: path, offset: 0, count: 0)) { world in
            world.directories.set(place, nil)
        }
    }

    mutating func syncDirectory(_ path: String) throws(DiskError) {
        try checkPower(path)
        let index = try directory(path)
        try take(Step(kind: .syncDirectory, path: path, offset: 0, count: 0)) {
            (world) throws(DiskError) in
            world.counts.directorySyncs += 1
            let number = world.counts.directorySyncs
            switch world.plan.directorySyncs[number] ?? world.plan.everyDirectorySync {
            case nil: world.directories.sync(index)
            case .skipped: break
            case .failed:
                throw .failed(call: "fsync of a directory", path: path, code: EIO)
            }
        }
    }

    // MARK: - Files

    mutating func write(
        _ source: UnsafeRawBufferPointer,
        at offset: UInt64,
        of file: Int,
        _ path: String
    ) throws(DiskError) {
        try checkPower(path)
        guard source.count > 0 else { return }
        guard let start = Int(exactly: offset), start <= Self.longestFile,
            source.count <= Self.longestFile - start
        else { throw .failed(call: "pwrite", path: path, code: EFBIG) }
        let step = Step(kind: .write, path: path, offset: offset, count: source.count)
        try take(step) { (world) throws(DiskError) in
            world.counts.writes += 1
            var kept = source.count
            var failure: DiskError?
            let fault = world.plan.writes[world.counts.writes]
            switch fault {
            case .full(let count):
                kept = min(kept, count)
                failure = .full(path: path)
            case .failed(let count):
                kept = min(kept, count)
                failure = .failed(call: "pwrite", path: path, code: EIO)
            case .lost, nil: break
            }
            let room = world.isFull(everyWrite: true) ? 0 : world.room(for: file)
            if start + kept > room {
                kept = max(0, room - start)
                failure = failure ?? .full(path: path)
            }
            if kept > 0 {
                let part = unsafe UnsafeRawBufferPointer(rebasing: source[..<kept])
                unsafe world.files[file].write(part, at: start, survives: fault != .lost)
            }
            if let failure { throw failure }
        }
    }

    mutating func truncate(
        to byteCount: UInt64,
        of file: Int,
        _ path: String
    ) throws(DiskError) {
        try checkPower(path)
        guard let count = Int(exactly: byteCount), count <= Self.longestFile else {
            throw .failed(call: "ftruncate", path: path, code: EFBIG)
        }
        let step = Step(kind: .truncate, path: path, offset: byteCount, count: 0)
        try take(step) { (world) throws(DiskError) in
            if count > world.room(for: file) { throw .full(path: path) }
            world.files[file].resize(to: count)
        }
    }

    mutating func sync(_ file: Int, _ path: String) throws(DiskError) {
        try checkPower(path)
        try take(Step(kind: .sync, path: path, offset: 0, count: 0)) {
            (world) throws(DiskError) in
            world.counts.syncs += 1
            switch world.plan.syncs[world.counts.syncs] ?? world.plan.everySync {
            case nil: world.files[file].sync()
            case .skipped: break
            case .failed(let keepsSome):
                world.files[file].loseChanges(using: keepsSome ? world.dice(2) : nil)
                throw .failed(call: "fdatasync", path: path, code: EIO)
            }
        }
    }

    /// The length that a file may grow to; never below what it has.
    private func room(for file: Int) -> Int {
        if isFull() { return files[file].now.count }
        guard let capacity = plan.capacity else { return .max }
        var counted: Set<Int> = [file]
        var used = 0
        for case (_, let other?) in directories.walk() where counted.insert(other).inserted {
            used += files[other].now.count
        }
        return max(files[file].now.count, Int(clamping: capacity) - used)
    }
}
