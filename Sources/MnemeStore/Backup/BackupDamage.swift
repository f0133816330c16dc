// Everything that is the matter with backups, told at once: who has another copy of them wants to
// know which files to take from it.

internal import MnemeModel

/// What is damaged or missing in backups that are read.
struct BackupDamage {
    /// Findings that are told.
    static let limit = 100

    private var refusals: [MnemeError] = []
    private var count = 0

    /// Nothing yet.
    init() {}

    var isEmpty: Bool { count == 0 }

    /// Runs `body`, and notes what it refuses.
    ///
    /// - Throws: everything but a refusal, as of a disk.
    mutating func noting(_ body: () throws(StoreError) -> Void) throws(StoreError) {
        do throws(StoreError) {
            try body()
        } catch {
            guard case .refused(let refusal) = error else { throw error }
            count += 1
            if refusals.count < Self.limit { refusals.append(refusal) }
        }
    }

    /// All of it; nil where nothing is the matter.
    var error: StoreError? {
        guard let first = refusals.first else { return nil }
        if count == 1 { return .refused(first) }
        let rest = count - refusals.count
        let more = (rest > 0 ? "; and \(rest) more" : "") + MnemeError.otherCopy
        let findings = refusals.map { refusal in
            refusal.message.hasSuffix(MnemeError.otherCopy)
                ? String(refusal.message.dropLast(MnemeError.otherCopy.count)) : refusal.message
        }
        return .refused(
            MnemeError(
                first.code,
                "\(count) things are the matter with what was read: "
                    + findings.joined(separator: "; ") + more
            )
        )
    }
}

extension FoundBackup {
    /// Holds every file that is here against the manifest, and where all are whole the frames
    /// against each other.
    ///
    /// - Throws: `.log(.disk)`.
    /// - Complexity: O(bytes), each read twice.
    func check(_ work: inout SliceWork, _ damage: inout BackupDamage) throws(StoreError) {
        var own = BackupDamage()
        try own.noting { () throws(StoreError) in try checkIdentity(&work) }
        for segment in manifest.carried {
            try own.noting { () throws(StoreError) in try checkFile(segment, &work) }
        }
        if own.isEmpty {
            try own.noting { () throws(StoreError) in try checkFrames(&work) }
        }
        damage.add(own)
    }
}

extension BackupDamage {
    /// What another one has too.
    fileprivate mutating func add(_ other: BackupDamage) {
        count += other.count
        refusals += other.refusals.prefix(Self.limit - refusals.count)
    }
}
