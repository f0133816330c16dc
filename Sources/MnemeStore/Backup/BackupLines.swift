// The lines of a store: a restored one leaves the way of the one that was backed up and goes on by
// itself, and so do both from then on. Their forks tell which backup stands where. What a pruning
// has made anew is on no line of its own. Format: formats/backup.md#pruning.

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
    }
    /// What the files of backups say.
    private struct Facts {
        /// Each with the time of its commit.
        var forks: [Fork: Microseconds] = [:]
        /// The sequence of the last frame that gives something, 0 where there is none.
        var lastGiven: UInt64 = 0

        mutating func join(_ other: Facts) {
            forks.merge(other.forks) { first, _ in first }
            lastGiven = max(lastGiven, other.lastGiven)
        }
    }

    /// By directory.
    private var points: [String: Point] = [:]

    /// Reads the files of all backups whose chains are whole.
    ///
    /// - Throws: `.refused` with `badBackup` where a file is damaged, `.log(.disk)`.
    /// - Complexity: O(bytes of the different files).
    init(_ disk: any Disk, _ family: BackupFamily, _ vault: Vault?) throws(StoreError) {
        var known: [[UInt64]: Facts] = [:]
        for member in family.members where family.isComplete(member) {
            var facts = Facts()
            for part in family.chain(of: member) {
                for entry in part.manifest.carried {
                    let mark = [entry.number, entry.byteCount, entry.checksum]
                    if known[mark] == nil { known[mark] = try Self.read(disk, part, entry, vault) }
                    facts.join(known[mark] ?? Facts())
                }
            }
            points[member.directory] = Self.point(member.manifest, facts)
        }
    }

    /// Where a backup stands, by what its files say.
    ///
    /// A line of its own begins with the first commit behind a fork. What a pruning commits has the
    /// time of the fork, and gives nothing.
    private static func point(_ manifest: BackupManifest, _ facts: Facts) -> Point {
        var forks = facts.forks.keys.sorted { $0.stop < $1.stop }
        var end = manifest.commit > 0 ? manifest.commit : manifest.lastSequence
        while let last = forks.last, facts.lastGiven <= last.stop,
            facts.forks[last] == manifest.time
        {
            forks.removeLast()
            end = last.stop
        }
        return Point(forks: forks, end: end)
    }

    private static func read(
        _ disk: any Disk,
        _ backup: FoundBackup,
        _ entry: BackupManifest.Segment,
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
        return from.end <= (parts?.stop ?? to.end)
    }
}
