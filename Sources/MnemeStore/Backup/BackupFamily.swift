// The backups of one store in one directory: who goes on from whom, which of them are wanted, and
// which have something that was erased since. Format: formats/backup.md#pruning.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel
internal import MnemePages

/// The backups of one store that stand in one directory.
struct BackupFamily {
    let identity: StoreIdentity
    /// Oldest first.
    private(set) var members: [FoundBackup]

    init(_ members: [FoundBackup], _ identity: StoreIdentity) {
        self.identity = identity
        self.members = members.sorted {
            ($0.manifest.made, $0.manifest.lastSequence, $0.directory)
                < ($1.manifest.made, $1.manifest.lastSequence, $1.directory)
        }
    }

    /// The backup that one goes on from, where it is here.
    func base(of member: FoundBackup) -> FoundBackup? {
        member.manifest.base.flatMap { base in members.first { $0.manifest.id == base.id } }
    }

    /// A backup and those that it goes on from, as far as they are here: the first one first.
    func chain(of member: FoundBackup) -> [FoundBackup] {
        var chain = [member]
        while let base = base(of: chain[0]), !chain.contains(where: { $0 == base }) {
            chain.insert(base, at: 0)
        }
        return chain
    }

    /// Whether everything is here that a backup goes on from.
    func isComplete(_ member: FoundBackup) -> Bool {
        chain(of: member)[0].manifest.base == nil
    }

    /// Those that no other one goes on from.
    var tips: [FoundBackup] {
        members.filter { member in
            !members.contains { $0.manifest.base?.id == member.manifest.id }
        }
    }

    /// Those that nobody wants and nobody needs, in the order in which they can go.
    ///
    /// The newest `keep` of each line are wanted, and those that were made from `before` on; all
    /// where neither is given, and the newest one of each line always. What a wanted one goes on
    /// from is needed. One whose chain is not whole does not count, and is needed by nobody knows
    /// whom.
    func unwanted(keep: Int?, before: Instant?, _ lines: BackupLines) -> [FoundBackup] {
        guard keep != nil || before != nil else { return [] }
        let newest = newest(max(keep ?? 1, 1), lines)
        let later = members.filter { member in
            before.map { member.manifest.made >= $0.microseconds } ?? false
        }
        let incomplete = members.filter { !isComplete($0) }
        let needed = Set((newest + later + incomplete).flatMap { chain(of: $0).map(\.directory) })
        return members.filter { !needed.contains($0.directory) }
            .sorted { chain(of: $0).count > chain(of: $1).count }
    }

    /// So many of the newest of each line, those whose chains are whole.
    ///
    /// The newest of a line leads to no other one; of several that end alike, the last one counts.
    private func newest(_ count: Int, _ lines: BackupLines) -> [FoundBackup] {
        let whole = members.filter { isComplete($0) }
        let ends = whole.indices.filter { index in
            !whole.indices.contains { other in
                other != index && lines.leads(whole[index], to: whole[other])
                    && (other > index || !lines.leads(whole[other], to: whole[index]))
            }
        }
        return ends.flatMap { end in
            whole.indices.filter { $0 != end && lines.leads(whole[$0], to: whole[end]) }
                .suffix(count - 1).map { whole[$0] } + [whole[end]]
        }
    }

    mutating func remove(_ gone: [FoundBackup]) {
        members.removeAll { member in gone.contains { $0 == member } }
    }

    /// Backups that hang together: each goes on from another one of them, but the first.
    var trees: [[FoundBackup]] {
        var trees: [String: [FoundBackup]] = [:]
        for member in members { trees[chain(of: member)[0].directory, default: []].append(member) }
        return trees.sorted { $0.key < $1.key }.map(\.value)
    }
}

extension FoundBackup: Equatable {
    static func == (left: FoundBackup, right: FoundBackup) -> Bool {
        left.directory == right.directory
    }
}

/// Finds out which backups have frames of records and edges that were erased.
struct CarrierSearch {
    private let disk: any Disk
    private let erasures: [UInt64: [Erasure]]
    private let edges: [UInt64: [EdgeErasure]]
    private let vault: Vault?
    /// What is known of files, by number, byte count and checksum.
    private var known: [[UInt64]: Bool] = [:]

    init(_ disk: any Disk, _ erasures: Erasures, _ vault: Vault?) {
        self.disk = disk
        self.vault = vault
        self.erasures = Dictionary(grouping: erasures.records, by: \.ordinal)
        edges = Dictionary(grouping: erasures.edges, by: \.ordinal)
    }

    /// Whether a backup has the frame of a put or a link that was erased.
    ///
    /// - Throws: `.refused` with `badBackup` where a file is damaged, `.log(.disk)`.
    /// - Complexity: O(bytes of its files that were not looked at before).
    mutating func carries(_ backup: FoundBackup) throws(StoreError) -> Bool {
        if erasures.isEmpty, edges.isEmpty { return false }
        for entry in backup.manifest.carried {
            let mark = [entry.number, entry.byteCount, entry.checksum]
            let carries: Bool
            if let found = known[mark] {
                carries = found
            } else {
                carries = try self.carries(backup, entry)
                known[mark] = carries
            }
            if carries { return true }
        }
        return false
    }

    private func carries(
        _ backup: FoundBackup,
        _ entry: BackupManifest.Segment
    ) throws(StoreError) -> Bool {
        let path = backup.paths.segment(entry.number)
        var carries = false
        let isWhole: Bool
        do throws(LogError) {
            let file = try SegmentFile(
                disk,
                path: path,
                number: entry.number,
                identity: backup.identity,
                vault: vault
            )
            isWhole = try file.forEachFrame { frame throws(LogError) in
                if carries { return }
                if frame.type == StoreFrameType.link { carries = wasErased(frame) }
                guard frame.type == StoreFrameType.put else { return }
                carries = frame.withColumns { span -> Bool in
                    guard let name = PutColumns.name(in: span),
                        let met = erasures[name.ordinal],
                        let key = try? PutColumns.key(in: span)
                    else { return false }
                    let origin = VersionOrigin(
                        sequence: frame.sequence,
                        incarnation: frame.incarnation,
                        isFirst: name.isFirst
                    )
                    return met.contains {
                        $0.collection == name.collection
                            && $0.names(key, origin, in: backup.identity)
                    }
                }
            }
        } catch {
            throw .log(error)
        }
        guard isWhole else { throw .refused(.damaged(path, "a frame does not read back")) }
        return carries
    }

    /// Whether a link was erased.
    private func wasErased(_ link: MappedFrame) -> Bool {
        if edges.isEmpty { return false }
        guard let columns = try? PlainColumns(link.withColumns { $0.copied }),
            let met = edges[columns.ordinal]
        else { return false }
        let origin = EdgeOrigin(sequence: link.sequence, incarnation: link.incarnation)
        return met.contains { $0.names(columns, origin) }
    }
}

extension PutColumns {
    /// The ordinal and the collection alone, and whether no version was before.
    fileprivate static func name(
        in bytes: Span<UInt8>
    ) -> (ordinal: UInt64, collection: UInt16, isFirst: Bool)? {
        guard bytes.count >= 26 else { return nil }
        var ordinal: UInt64 = 0
        for index in (0..<8).reversed() { ordinal = ordinal << 8 | UInt64(bytes[index]) }
        var previous: UInt8 = 0
        for index in 8..<16 { previous |= bytes[index] }
        return (ordinal, UInt16(bytes[24]) | UInt16(bytes[25]) << 8, previous == 0)
    }
}
