// The files of a backup: their paths, the directory that a new one may take, and how bytes get
// there: in slices, with rests between them, so that those who commit meanwhile do not notice.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel

/// The paths of a backup's files.
struct BackupPaths {
    let directory: String
    var log: String { directory + "/log" }
    var identity: String { directory + "/store" }
    var manifest: String { directory + "/manifest" }
    var newManifest: String { directory + "/manifest.new" }

    func segment(_ number: UInt64) -> String { log + "/" + LogFile.name(number) }
}

/// Rests between slices.
struct Pace {
    private let clock: any Clock
    /// Whether there are rests at all.
    private let rests: Bool
    /// How many bytes a second may be read, nil for as many as there can be.
    private let bytesPerSecond: Int?
    /// Called between slices; what it throws ends the work.
    private let check: () throws(StoreError) -> Void
    /// Longer rests while others commit.
    private let courtesy: Courtesy?
    private let start: Microseconds
    private var sliceStart: Microseconds
    private var done = 0

    /// Bytes between two rests.
    static let slice = 64 << 10
    /// A rest is cut into pieces, as whoever waits for the end of the work shall not wait long.
    private static let longestRest: Microseconds = 50_000

    init(
        _ clock: any Clock,
        rests: Bool,
        bytesPerSecond: Int?,
        courtesy: Courtesy? = nil,
        check: @escaping () throws(StoreError) -> Void
    ) {
        self.clock = clock
        self.rests = rests
        self.bytesPerSecond = bytesPerSecond
        self.check = check
        self.courtesy = courtesy
        start = clock.elapsed()
        sliceStart = start
    }

    /// So many bytes have left for the disk.
    func wrote(_ byteCount: Int) { if rests { courtesy?.pause(byteCount) } }

    /// Rests after a slice, for as long as it took, and longer where the rate wants that; with
    /// courtesy only while others commit.
    mutating func rest(after byteCount: Int) throws(StoreError) {
        try check()
        guard rests else { return }
        done += byteCount
        var now = clock.elapsed()
        var end = now
        if let courtesy {
            courtesy.pause(0)
            now = clock.elapsed()
        } else {
            end += min(max(now - sliceStart, 0), 1_000_000)
        }
        if let bytesPerSecond {
            let due = Double(done) * 1_000_000 / Double(max(bytesPerSecond, 1))
            end = max(end, start + Microseconds(min(due, 1e15)))
        }
        var left = end - now
        let gate = Gate()
        while left > 0 {
            _ = gate.wait(atMost: min(left, Self.longestRest))
            left -= Self.longestRest
            try check()
        }
        sliceStart = clock.elapsed()
    }
}

/// Reads and copies files, and says how far it has come.
struct SliceWork {
    let disk: any Disk
    var pace: Pace
    /// Bytes of the whole work.
    var total = 0
    private(set) var done = 0
    private let step: BackupStep
    private let progress: BackupWatch

    init(_ disk: any Disk, _ pace: Pace, _ step: BackupStep, _ progress: @escaping BackupWatch) {
        self.disk = disk
        self.pace = pace
        self.step = step
        self.progress = progress
    }

    /// The checksum of a file of so many bytes.
    ///
    /// - Throws: `.refused` with `badBackup` where the file has another length, `.log(.disk)`.
    mutating func checksum(_ path: String, byteCount: UInt64) throws(StoreError) -> UInt64 {
        let file = try onDisk { () throws(DiskError) in try disk.open(path, .read) }
        defer { try? file.close() }
        let found = try onDisk { () throws(DiskError) in try file.byteCount() }
        guard found == byteCount else {
            throw .refused(.damaged(path, "it has \(found) bytes and not \(byteCount)"))
        }
        let stream = ChecksumStream()
        try slices(of: file, byteCount) { (bytes, _) throws(StoreError) in
            stream.add(bytes)
        }
        return stream.value
    }

    /// Copies the first bytes of a file into a new one, and zeros behind them up to a length;
    /// durable but for its name.
    ///
    /// - Returns: the checksum of what was copied, without the zeros.
    mutating func copy(
        _ from: String,
        to path: String,
        byteCount: UInt64,
        filledTo length: UInt64 = 0
    ) throws(StoreError) -> UInt64 {
        let source = try onDisk { () throws(DiskError) in try disk.open(from, .read) }
        defer { try? source.close() }
        let file = try onDisk { () throws(DiskError) in try disk.open(path, .create) }
        defer { try? file.close() }
        let stream = ChecksumStream()
        let pace = pace
        try slices(of: source, byteCount) { (bytes, offset) throws(StoreError) in
            stream.add(bytes)
            try onDisk { () throws(DiskError) in
                try file.write(bytes, at: offset)
                try file.writeBack()
            }
            pace.wrote(bytes.count)
        }
        var offset = byteCount
        while offset < length {
            let zeros = [UInt8](repeating: 0, count: Int(min(length - offset, UInt64(Pace.slice))))
            try onDisk { () throws(DiskError) in
                try file.write(zeros, at: offset)
                try file.writeBack()
            }
            pace.wrote(zeros.count)
            offset += UInt64(zeros.count)
            try self.pace.rest(after: zeros.count)
        }
        try onDisk { () throws(DiskError) in try file.sync() }
        return stream.value
    }

    /// So many bytes were read.
    mutating func advance(by byteCount: UInt64) throws(StoreError) {
        skip(byteCount)
        try pace.rest(after: Int(clamping: byteCount))
    }

    /// So many bytes need not be read.
    mutating func skip(_ byteCount: UInt64) {
        done += Int(clamping: byteCount)
        progress(step, done, total)
    }

    private mutating func slices(
        of file: any DiskFile,
        _ byteCount: UInt64,
        _ body: ([UInt8], UInt64) throws(StoreError) -> Void
    ) throws(StoreError) {
        var offset: UInt64 = 0
        while offset < byteCount {
            let count = Int(min(byteCount - offset, UInt64(Pace.slice)))
            let bytes = try onDisk { () throws(DiskError) in
                try file.read(at: offset, count: count)
            }
            try body(bytes, offset)
            offset += UInt64(count)
            try advance(by: UInt64(count))
        }
    }
}

extension MnemeError {
    /// A file of a backup that is not what it should be.
    static func damaged(_ path: String, _ what: String) -> MnemeError {
        MnemeError(
            .badBackup,
            "\(path) is not what the backup was made of: \(what)" + Self.otherCopy
        )
    }

    /// What helps where a backup is damaged.
    static let otherCopy = "; use another copy of this backup, or another backup"
}
