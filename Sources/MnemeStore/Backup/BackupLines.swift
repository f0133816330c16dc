// The lines of a store: a restored one leaves the way of the one that was backed up and goes on by
// itself, and so do both from then on. Their forks tell which backup stands where. A copy that was
// made file by file has no fork: what it says otherwise under the same sequences tells. What a
// pruning has made anew is on no line of its own. Format: formats/backup.md#pruning.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel
internal import MnemePages

/// Where the backups of one store stand among its lines.
struct BackupLines {
    /// The end of a backup.
    private struct Point {
        /// What it has passed.
        var forks: [Fork]
        /// The sequence of its last commit.
        var end: UInt64
        /// Its files, by their place among all.
        var files: Set<Int>
    }
    /// What the files of backups say.
    private struct Facts {
        /// Each with the time of its commit.
        var forks: [Fork: Microseconds] = [:]
        /// The sequence of the last frame that gives something, 0 where there is none.
        var lastGiven: UInt64 = 0
        /// By sequence, of frames closely before the end of some backup.
        ///
        /// Each says who wrote the frame, when, and of which type it is: the same wherever it
        /// stands.
        var marks: [UInt64: UInt64] = [:]

        mutating func join(_ other: Facts) {
            forks.merge(other.forks) { first, _ in first }
            lastGiven = max(lastGiven, other.lastGiven)
        }

        mutating func note(_ frame: MappedFrame) {
            // It has the sequence of another one.
            if frame.type == StoreFrameType.summary { return }
            var bytes = ByteWriter(capacity: 24)
            bytes.put(frame.incarnation)
            bytes.put(UInt64(bitPattern: frame.time))
            bytes.put(UInt64(frame.type))
            marks[frame.sequence] = Checksum.xxh3(bytes.bytes)
        }
    }

    /// One that stands in files.
    private struct Mark {
        let value: UInt64
        var files: [Int]
    }

    /// Frames before the end of a backup that are compared: a compaction may have left out most.
    private static let window: UInt64 = 256

    /// By directory.
    private var points: [String: Point] = [:]
    /// The marks of all files by sequence: more than one where stores went apart before it.
    private var marks: [UInt64: [Mark]] = [:]
    private var fileCount = 0

    /// Reads the files of all backups whose chains are whole.
    ///
    /// - Throws: `.refused` with `badBackup` where a file is damaged, `.log(.disk)`.
    /// - Complexity: O(bytes of the different files), and memory for some hundred frames a backup.
    init(_ disk: any Disk, _ family: BackupFamily, _ vault: Vault?) throws(StoreError) {
        var known: [[UInt64]: (file: Int, facts: Facts)] = [:]
        let ends = family.members.map { Self.end(of: $0.manifest) }.sorted()
        for member in family.members where family.isComplete(member) {
            var facts = Facts()
            var files: Set<Int> = []
            for part in family.chain(of: member) {
                for entry in part.manifest.carried {
                    let mark = [entry.number, entry.byteCount, entry.checksum]
                    if known[mark] == nil {
                        known[mark] = add(try Self.read(disk, part, entry, ends, vault))
                    }
                    guard let found = known[mark] else { continue }
                    facts.join(found.facts)
                    files.insert(found.file)
                }
            }
            points[member.directory] = Self.point(member.manifest, facts, files)
        }
    }

    /// Keeps what one more file says.
    private mutating func add(_ facts: Facts) -> (file: Int, facts: Facts) {
        let file = fileCount
        fileCount += 1
        for (sequence, value) in facts.marks {
            let known = marks[sequence]?.firstIndex { $0.value == value }
            if let known {
                marks[sequence]?[known].files.append(file)
            } else {
                marks[sequence, default: []].append(Mark(value: value, files: [file]))
            }
        }
        var facts = facts
        facts.marks = [:]
        return (file, facts)
    }

    /// Where a backup stands, by what its files say.
    ///
    /// A line of its own begins with the first commit behind a fork. What a pruning commits has the
    /// time of the fork, and gives nothing.
    private static func point(
        _ manifest: BackupManifest,
        _ facts: Facts,
        _ files: Set<Int>
    ) -> Point {
        var forks = facts.forks.keys.sorted { $0.stop < $1.stop }
        var end = end(of: manifest)
        while let last = forks.last, facts.lastGiven <= last.stop,
            facts.forks[last] == manifest.time
        {
            forks.removeLast()
            end = last.stop
        }
        return Point(forks: forks, end: end, files: files)
    }

    private static func end(of manifest: BackupManifest) -> UInt64 {
        manifest.commit > 0 ? manifest.commit : manifest.lastSequence
    }

    /// Whether a frame stands closely before one of the ends, which ascend.
    private static func isClose(_ sequence: UInt64, to ends: [UInt64]) -> Bool {
        var (low, high) = (0, ends.count)
        while low < high {
            let middle = (low + high) / 2
            if ends[middle] < sequence { low = middle + 1 } else { high = middle }
        }
        return low < ends.count && ends[low] - sequence < window
    }

    private static func read(
        _ disk: any Disk,
        _ backup: FoundBackup,
        _ entry: BackupManifest.Segment,
        _ ends: [UInt64],
        _ vault: Vault?
    ) throws(StoreError) -> Facts {
        let path = backup.paths.segment(entry.number)
        var facts = Facts()
        let isWhole = try onLog { () throws(LogError) in
            let file = try SegmentFile(
                disk,
                path: path,
                number: entry.number,
                identity: backup.identity,
                vault: vault
            )
            return try file.forEachFrame { frame throws(LogError) in
                if isClose(frame.sequence, to: ends) { facts.note(frame) }
                switch frame.type {
                case StoreFrameType.schema, StoreFrameType.owner, StoreFrameType.put,
                    StoreFrameType.link, StoreFrameType.unlink:
                    facts.lastGiven = max(facts.lastGiven, frame.sequence)
                case StoreFrameType.fork:
                    let fork = Fork(
                        frame.withColumns { $0.copied },
                        sequence: frame.sequence,
                        incarnation: frame.incarnation
                    )
                    if let fork { facts.forks[fork] = frame.time }
                default: break
                }
            }
        }
        guard isWhole else { throw .refused(.damaged(path, "a frame does not read back")) }
        return facts
    }

    /// Whether all that a backup has is on the way to another one, or is where that ends.
    func leads(_ first: FoundBackup, to other: FoundBackup) -> Bool {
        guard let from = points[first.directory], let to = points[other.directory],
            to.forks.starts(with: from.forks)
        else { return false }
        let parts = to.forks.dropFirst(from.forks.count).first
        return from.end <= (parts?.stop ?? to.end) && !haveParted(from, to)
    }

    /// Whether one says otherwise what the other one has shortly before its end.
    private func haveParted(_ from: Point, _ to: Point) -> Bool {
        let first = from.end > Self.window ? from.end - Self.window + 1 : 1
        for sequence in first..<(max(from.end, first) + 1) {
            // Almost always one, which says nothing.
            guard let marks = marks[sequence], marks.count > 1 else { continue }
            let own = marks.firstIndex { $0.files.contains(where: from.files.contains) }
            let other = marks.firstIndex { $0.files.contains(where: to.files.contains) }
            if let own, let other, own != other { return true }
        }
        return false
    }
}
