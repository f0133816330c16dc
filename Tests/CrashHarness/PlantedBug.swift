// Bugs on purpose, to see whether the harness finds them: disks that do not do what they say, and
// faults in the log and the page file themselves.

internal import MnemeBase
internal import MnemeLog
internal import MnemePages
internal import MnemeStore
internal import SimulatedWorld
internal import Synchronization

/// A bug that the harness must find.
package enum PlantedBug: String, CaseIterable, Sendable {
    /// Syncs of the log are acknowledged and not done.
    case skippedSync = "skipped-sync"
    /// Syncs of the page file are acknowledged and not done.
    case skippedPageSync = "skipped-page-sync"
    /// Syncs of directories are acknowledged and not done.
    case skippedDirectorySync = "skipped-directory-sync"
    /// Syncs of the log are acknowledged, and done with the next write or sync.
    case lateSync = "late-sync"
    /// What follows a cut in the log is not zeroed.
    case keptTail = "kept-tail"
    /// The same, and frames of another sequence or incarnation are accepted.
    case staleFrames = "stale-frames"
    /// Commits are shown and acknowledged before the log is synced.
    case publishedEarly = "published-early"
    /// Pages are edited under the readers of an older root.
    case editedPinnedPage = "edited-pinned-page"
    /// A place of the page file is free while the durable root block still needs it.
    case reusedPlace = "reused-place"
    /// Syncs of cold segments are acknowledged and not done: the segments that they stand for are
    /// removed before they are durable.
    case skippedColdSync = "skipped-cold-sync"
    /// Segments are removed while the older root block leads into them.
    case retiredEarly = "retired-early"
    /// What was withdrawn and not swept when a checkpoint was written is not known to the next
    /// process.
    case forgottenWithdrawal = "forgotten-withdrawal"
    /// What owners have is not counted where the log is replayed.
    case usageNotReplayed = "usage-not-replayed"

    /// How many seeds may pass before it must have been found.
    package var seedsToFind: UInt64 { 200 }

    /// A run of a seed with the bug.
    package func simulation(
        seed: UInt64,
        options: SimulationOptions = SimulationOptions()
    ) -> Simulation {
        var options = options
        if isOfTails {
            options.style = .tails
            options.depth = 4
            options.operationsAfter = 8
        }
        if isOfCompaction { options.style = .compaction }
        return Simulation(seed: seed, options: options, wrapper: { wrap($0) }) { shape in
            if self == .staleFrames { shape.faults.acceptsStaleFrames = true }
            if self == .publishedEarly { shape.faults.publishesBeforeDurable = true }
            if self == .editedPinnedPage { shape.pageFaults.editsPinnedPages = true }
            if self == .reusedPlace { shape.pageFaults.reusesPlacesEarly = true }
            // A segment that ends in front of a tail shows it.
            if self == .keptTail { shape.shrinkSegments() }
            if self == .retiredEarly { shape.retiresEarly = true }
            if self == .forgottenWithdrawal { shape.storeFaults.forgetsWithdrawals = true }
            if self == .usageNotReplayed { shape.storeFaults.replaysNoUsage = true }
            if isOfCompaction { shape.compactSoon(SeededRandomness(seed: seed)) }
        }
    }

    /// Whether it shows in what a crash leaves behind the end of the log.
    private var isOfTails: Bool { self == .keptTail || self == .staleFrames }

    /// Whether it shows in stores that are compacted.
    private var isOfCompaction: Bool { self == .skippedColdSync || self == .retiredEarly }

    private func wrap(_ disk: SimulatedDisk) -> any Disk {
        switch self {
        case .skippedDirectorySync:
            disk.plan.everyDirectorySync = .skipped
            return disk
        case .publishedEarly, .editedPinnedPage, .reusedPlace, .retiredEarly,
            .forgottenWithdrawal, .usageNotReplayed:
            return disk
        default: return UnreliableDisk(disk, bug: self)
        }
    }
}

/// A disk whose files have a bug.
private final class UnreliableDisk: PassingDisk {
    let below: any Disk
    private let bug: PlantedBug

    init(_ below: any Disk, bug: PlantedBug) {
        self.below = below
        self.bug = bug
    }

    func open(_ path: String, _ mode: OpenMode) throws(DiskError) -> any DiskFile {
        let file = try below.open(path, mode)
        return isMeant(path) ? UnreliableFile(file, bug: bug) : file
    }

    private func isMeant(_ path: String) -> Bool {
        switch bug {
        case .skippedPageSync: path.hasSuffix("/pages")
        case .skippedColdSync: path.contains("/cold-")
        default: path.hasSuffix(".log")
        }
    }
}

/// A file with a bug.
private final class UnreliableFile: PassingFile {
    let below: any DiskFile
    private let bug: PlantedBug
    private let owesSync = Mutex(false)

    init(_ below: any DiskFile, bug: PlantedBug) {
        self.below = below
        self.bug = bug
    }

    func write(_ span: RawSpan, at offset: UInt64) throws(DiskError) {
        try payOwedSync()
        let isTail = bug == .keptTail || bug == .staleFrames
        if isTail, offset + UInt64(span.byteCount) <= (try below.byteCount()), isZero(span) {
            return
        }
        try below.write(span, at: offset)
    }

    private func isZero(_ span: RawSpan) -> Bool {
        unsafe span.withUnsafeBytes { bytes in unsafe bytes.allSatisfy { $0 == 0 } }
    }

    func sync() throws(DiskError) {
        switch bug {
        case .skippedSync, .skippedPageSync, .skippedColdSync: break
        case .lateSync:
            try payOwedSync()
            owesSync.withLock { $0 = true }
        default: try below.sync()
        }
    }

    private func payOwedSync() throws(DiskError) {
        let owes = owesSync.withLock { owes in
            defer { owes = false }
            return owes
        }
        if owes { try below.sync() }
    }
}
