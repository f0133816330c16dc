// Which records and edges were erased: the erase frames of backups and of stores, wherever they
// stand. A restore up to an earlier point asks for them, as what was erased must not come back.
// Format: formats/backup.md#erasures.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel
internal import MnemePages

/// Gathers what was erased.
struct ErasureScan {
    private let disk: any Disk
    private let identity: StoreIdentity
    /// The store's keys, where it is encrypted.
    private let vault: Vault?
    /// Files that need not be read: their frames are known.
    private var known: Set<FileMark>
    /// What was erased.
    private(set) var erasures = Erasures()
    /// Backups that could not be read, with the reason.
    private(set) var unread: [String] = []

    /// What tells a segment's file from others.
    private struct FileMark: Hashable {
        var number: UInt64
        var byteCount: UInt64
        var checksum: UInt64

        init(_ entry: BackupManifest.Segment) {
            number = entry.number
            byteCount = entry.byteCount
            checksum = entry.checksum
        }
    }

    /// `known`: segments whose frames the caller has all.
    init(
        _ disk: any Disk,
        _ identity: StoreIdentity,
        known: [BackupManifest.Segment] = [],
        vault: Vault?
    ) {
        self.disk = disk
        self.vault = vault
        self.identity = identity
        self.known = Set(known.map { FileMark($0) })
    }

    private var logIdentity: LogIdentity {
        LogIdentity(high: identity.high, low: identity.low)
    }

    /// Takes in what a backup has.
    ///
    /// - Throws: `.refused` with `badBackup` where a file is damaged, `.log(.disk)`.
    /// - Complexity: O(bytes of its files that no other backup had before).
    mutating func take(_ backup: FoundBackup) throws(StoreError) {
        for entry in backup.manifest.carried where !known.contains(FileMark(entry)) {
            let path = backup.paths.segment(entry.number)
            guard try scan(path, entry.number) else {
                throw .refused(.damaged(path, "a frame does not read back"))
            }
            known.insert(FileMark(entry))
        }
    }

    /// Takes in the backups of the same store that stand beside one.
    ///
    /// What cannot be read of them is noted.
    mutating func takeSiblings(of directory: String) {
        for parent in BackupLocks.parents(of: directory, disk) {
            for name in ((try? disk.list(parent)) ?? []).sorted() where name != PruneName.foundFiles
            {
                takeSibling(parent == "." ? name : parent == "/" ? "/" + name : parent + "/" + name)
            }
        }
    }

    private mutating func takeSibling(_ path: String) {
        do throws(StoreError) {
            let manifest = BackupPaths(directory: path).manifest
            guard try onDisk({ () throws(DiskError) in try disk.isThere(manifest) }) else { return }
            let found = try FoundBackup(disk, path)
            if found.manifest.identity == identity { try take(found) }
        } catch {
            unread.append("\(path): \(MnemeError(error).message)")
        }
    }

    /// Takes in what a directory has, which is a backup or a store.
    ///
    /// - Throws: `.refused` with `badRequest` where it is none, or of another store, and with
    ///   `damagedLog` where a store lacks frames that were durable; as `take`.
    mutating func take(directory: String) throws(StoreError) {
        guard try Self.identity(disk, directory) == identity else { throw Self.another(directory) }
        if disk.holds(BackupPaths(directory: directory).manifest) {
            return try take(try FoundBackup(disk, directory))
        }
        try takeLog(directory)
    }

    /// Of which store a directory is, which is a backup or a store.
    ///
    /// - Throws: `.refused` with `badRequest` where it is none, with `badBackup`, `.log(.disk)`.
    static func identity(
        _ disk: any Disk,
        _ directory: String
    ) throws(StoreError) -> StoreIdentity {
        if disk.holds(BackupPaths(directory: directory).manifest) {
            return try FoundBackup(disk, directory).manifest.identity
        }
        let opening = StoreOpening(directory: directory, options: StoreOptions(disk: disk))
        guard disk.holds(opening.paths.identity) else {
            throw .refused(
                MnemeError(
                    .badRequest,
                    "\(directory) is neither a store nor a backup; give one that knows what was "
                        + "erased"
                )
            )
        }
        return try opening.identityOnDisk().identity
    }

    static func another(_ directory: String) -> StoreError {
        .refused(
            MnemeError(
                .badRequest,
                "\(directory) is of another store; give one of the store that was backed up"
            )
        )
    }

    /// Looks into a directory so often where files go meanwhile.
    private static let attempts = 100

    /// Takes in the log of a store, which somebody may have open.
    ///
    /// - Throws: `.refused` with `damagedLog` where something of it is missing or damaged that was
    ///   durable, `.log(.newerFrame)`, `.log(.disk)`.
    private mutating func takeLog(_ directory: String) throws(StoreError) {
        var opening = StoreOpening(directory: directory, options: StoreOptions(disk: disk))
        opening.vault = vault
        let log = opening.paths.log
        var reason = ""
        for _ in 0..<Self.attempts {
            let before = try onDisk { () throws(DiskError) in Set(try disk.list(log)) }
            let pages = SalvagePages(opening, identity)
            defer { pages?.close() }
            let survey = try onLog { () throws(LogError) in
                try LogSurvey(disk, directory: log, identity: logIdentity, vault: vault)
            }
            survey.named = Set(pages?.cold.map(\.number) ?? [])
            let known = max(survey.durableByHeaders, (pages?.position.sequence ?? 1) - 1)
            var reading = LedgerReading(known)
            let end = try survey.walk { event throws(StoreError) in try reading.take(event) }
            let aside = survey.setAside.first(where: \.isSegment)
            guard let found = aside.map({ "\($0.name) \($0.reason)" }) ?? reading.finish(at: end)
            else { return erasures.formUnion(reading.erasures) }
            reason = found
            // Another segment may stand for one that has gone.
            if try onDisk({ () throws(DiskError) in Set(try disk.list(log)) }) == before { break }
        }
        throw .refused(
            MnemeError(
                .damagedLog,
                "\(log) does not say all that was erased: \(reason); give a backup that was made "
                    + "of that store later, or leave it out and erase again what must not come back"
            )
        )
    }

    /// Reads a segment; whether all of it could be read.
    private mutating func scan(_ path: String, _ number: UInt64) throws(StoreError) -> Bool {
        var met = Erasures()
        let isWhole: Bool
        do throws(LogError) {
            let file = try SegmentFile(
                disk,
                path: path,
                number: number,
                identity: logIdentity,
                vault: vault
            )
            isWhole = try file.forEachFrame { frame throws(LogError) in
                guard frame.type <= StoreFrameType.last else {
                    throw .newerFrame(place: frame.place, what: "type \(frame.type)")
                }
                guard Erasures.areIn(frame.type) else { return }
                met.take(
                    frame.withColumns { $0.copied },
                    type: frame.type,
                    sequence: frame.sequence,
                    incarnation: frame.incarnation
                )
            }
        } catch {
            throw .log(error)
        }
        erasures.formUnion(met)
        return isWhole
    }
}

/// What is read of the log of a store that somebody may have open.
private struct LedgerReading {
    private(set) var erasures = Erasures()
    /// Up to which sequence everything was durable, as far as anything says so.
    private var durable: UInt64
    private var losses: [LogLoss] = []

    init(_ durable: UInt64) { self.durable = durable }

    mutating func take(_ event: SurveyEvent) throws(StoreError) {
        switch event {
        case .frame(let frame), .cold(let frame, _):
            guard frame.content.type <= StoreFrameType.last else { throw .unexpected(frame) }
            erasures.take(
                frame.content.columns,
                type: frame.content.type,
                sequence: frame.sequence,
                incarnation: frame.incarnation
            )
        case .end(let end): durable = max(durable, end.durable)
        case .newer(let place, _, let what): throw .log(.newerFrame(place: place, what: what))
        case .lost(let loss): losses.append(loss)
        }
    }

    /// What is missing that was durable, for people; nil where nothing is.
    ///
    /// Damage between frames of which none is missing is none; what stands behind may be a write
    /// that never ended.
    func finish(at end: LogPosition) -> String? {
        let lost = losses.first { loss in
            loss.sequences.lowerBound <= durable && (!loss.sequences.isEmpty || loss.mayHideMore)
        }
        if let loss = lost {
            let file = LogFile.name(loss.segments.lowerBound)
            return "\(file), at sequence \(loss.sequences.lowerBound): \(loss.reason)"
        }
        guard end.sequence <= durable else { return nil }
        return "it ends before sequence \(end.sequence), and had come to \(durable)"
    }
}

extension Span<UInt8> {
    /// As an array.
    var copied: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        for index in indices { bytes.append(self[index]) }
        return bytes
    }
}

extension StoreOptions {
    /// The usual ones on a disk.
    fileprivate init(disk: any Disk) {
        self.init()
        self.disk = disk
    }
}

extension Store {
    /// Erases records and edges that were erased elsewhere and are here, and has no file carry them
    /// any more.
    ///
    /// `compacts`: whether everything that is not needed goes from the files also where there is
    /// none.
    /// - Returns: how many there were.
    /// - Throws: what a commit or a compaction does.
    func eraseAgain(
        _ erasures: Erasures,
        compacts: Bool
    ) throws(MnemeError) -> Int {
        var living: [(ordinal: UInt64, change: PreparedChange)] = []
        do throws(StoreError) {
            let view = newest.state.root.view
            let reader = WriterReader(
                view: view,
                frames: log,
                catalog: newest.state.catalog,
                instant: 0
            )
            for erasure in erasures.records where try reader.lives(erasure.ordinal) {
                living.append((erasure.ordinal, .eraseAgain(erasure)))
            }
            for erasure in erasures.edges where try reader.holds(erasure) {
                living.append((erasure.ordinal, .eraseEdgeAgain(erasure)))
            }
        } catch {
            throw MnemeError(error)
        }
        guard !living.isEmpty || compacts else { return 0 }
        living.sort { $0.ordinal < $1.ordinal }
        var count = 0
        let endings = living.map { Ending(ordinal: $0.ordinal, change: $0.change) }
        try end(endings[...], .synced) { committed in
            count += committed.outcomes.count { $0 == .deleted(true) || $0 == .unlinked(true) }
        }
        if try eraseNow() { return count }
        throw MnemeError(StoreError.inconsistent("what was erased is still in use"))
    }
}
