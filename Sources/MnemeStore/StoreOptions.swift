// How a store is opened: its disk, clock and source of chance, its bounds, and how often it does
// what it does behind the commits.

internal import Glibc
package import MnemeBase
package import MnemeLog
package import MnemeModel
package import MnemePages
internal import MnemeVectors

/// How a store is opened.
package struct StoreOptions: Sendable {
    /// The files.
    package var disk: any Disk
    /// The time.
    package var clock: any Clock
    /// Chance.
    package var randomness: any Randomness
    /// Whether threads of its own do upkeep; without them `upkeep` is the caller's to call.
    package var worksInBackground = true
    /// What an encrypted store's own key is kept under; a store that is made with one is encrypted.
    package var masterKey: MasterKey?
    /// Where keys, salts and nonces are drawn from; tests alone have another than the system's.
    package var secrets: any Randomness = RealRandomness()
    /// Told of everything that is enciphered; for tests.
    package var watchesSealing: (@Sendable (Sealing) -> Void)?
    /// Sizes of the log.
    package var logLimits = LogLimits()
    /// Bugs on purpose in the page file; none but in the crash harness's tests of itself.
    package var pageFaults = PageFaults()
    /// A bug on purpose, for the same tests: segments are removed that the older of the two root
    /// blocks still leads into.
    package var retiresEarly = false
    /// More bugs on purpose, for the same tests.
    package var faults = StoreFaults()
    /// A checkpoint is due when the log since the last one would take about so long to replay.
    package var replayBudget: Microseconds = 30_000
    /// Or when so many vectors were put since.
    ///
    /// A vector of 256 takes 1.5 µs, one of 1,024 four times as long.
    package var checkpointVectors = 10_000
    /// The most bytes of pages in memory, beside those that snapshots hold: a quarter of the
    /// machine's memory, at most 1 GiB, unless it is set.
    ///
    /// Commits wait where pages that no checkpoint has written would take more.
    package var pageCacheBytes = StoreOptions.usualPageCacheBytes
    /// The most bytes of unpacked records in memory, so that what is read again is not unpacked
    /// again: a sixteenth of the machine's memory, at most 256 MiB, unless it is set.
    ///
    /// What stands in it is right, whatever befalls the disk behind it: such damage is found by
    /// scrubs and `verify`, which do not look here. What is erased goes from it too.
    package var recordCacheBytes = StoreOptions.machineBytes.map { min($0 / 16, 256 << 20) } ?? 0
    /// How long snapshots may look at a state that newer commits have replaced; nil for as long as
    /// they are held.
    ///
    /// What only such a snapshot needs cannot be used again: of the memory, the page file and the
    /// log.
    package var snapshotAge: Microseconds? = 60_000_000
    /// Whether a page file that is damaged is derived again from the log when the store is opened;
    /// without it such a store is refused, and `rebuild` does that.
    package var derivesDamagedPages = false
    /// How fast the files are read again behind everything else, to find damage early; 0 for never.
    ///
    /// At 1 MiB/s 100 GB take a day.
    package var scrubBytesPerSecond = 1 << 20
    /// When the first pass of it begins, after opening.
    package var scrubDelay: Microseconds = 60_000_000
    /// A pass begins so long after the one before began, or when that has ended.
    package var scrubInterval: Microseconds = 24 * 3600 * 1_000_000
    /// Told of damage when it is found, when a full disk has commits refused and when that is over,
    /// when nothing is written any more, and when what was deleted is still in the files after
    /// `erasureDeadline` as compaction fails; on any thread, and must not wait.
    package var report: (@Sendable (StoreNotice) -> Void)?
    /// The share of a segment's bytes from which on it is written again without what it does not
    /// need.
    ///
    /// Deletes are needed as long as anything is left that they end; where those that
    /// were kept take half of this share of the log, they go too.
    package var compactionShare = 0.5
    /// Bytes of deletes that are kept in peace, however small the log is.
    package var keptDeleteBytes = 64 << 10
    /// What was deleted or replaced is gone from the files so long afterwards at the latest, but
    /// for the time that its compaction takes.
    package var erasureDeadline: Microseconds = 7 * 24 * 3600 * 1_000_000
    /// How many vectors a field has at least for a graph over them; below, a scan is as fast.
    package var graphLeast = GraphKeeper.usualLeast
    /// Threads that build a graph of many vectors.
    package var graphThreads = 2
    /// How many bytes a second of segments are written again at most.
    ///
    /// That is when half of the log is not needed; the less it is, the slower. Where what is not
    /// needed grows faster, commits come to be slower (SpaceDebt.swift).
    package var compactionBytesPerSecond = 64 << 20
    /// How long a transaction may be idle before it is ended.
    package var transactionIdle: Microseconds = 60_000_000
    /// The most transactions at once.
    package var transactionLimit = 1000
    /// Bugs on purpose in what transactions are held against; none but in tests of the tests.
    package var transactionFaults = TransactionFaults()
    /// The most bytes of what others committed that are kept for transactions to be held against;
    /// beyond it, those that began longest ago end in a conflict.
    package var transactionHistoryBytes = 32 << 20
    /// After so many commits that are kept for nobody they are not kept any more, until somebody
    /// begins again.
    package var transactionHistoryIdle = 1024
    /// How long what was done under an idempotency key is known.
    package var idempotencyAge: Microseconds = 24 * 3600 * 1_000_000
    /// The most bytes of the answer to a batch; one whose answer would have more is refused.
    ///
    /// It is below what a server sends and a client takes, so that no commit is made of which
    /// nobody hears.
    package var answerBytes = StoreOptions.usualAnswerBytes
    /// A commit that has more bytes than these to tell to who watches is told in parts.
    ///
    /// With one more event, and what else an answer may have, that is less than `answerBytes`.
    package var watchPartBytes = 24 << 20
    /// The writer itself merges runs of the text index up to so many documents; larger ones are
    /// left to upkeep.
    package var writerMergeLimit = 1024
    /// How long it takes at most until it is looked again for what is not kept any longer.
    package var retentionInterval: Microseconds = 3600 * 1_000_000
    /// A new index over more records than these is built behind the commits.
    package var recordsAtOnce = 4096
    /// So many ordinals are looked at for one part of such an index.
    package var ordinalsPerPart = 16_384
    /// A field that comes to be searched later is indexed together with runs of about so many
    /// documents at a time.
    package var documentsPerPass = 65_536

    /// Real files, time and chance.
    package init() {
        disk = RealDisk()
        clock = RealClock()
        randomness = RealRandomness()
    }

    /// A little less than servers send.
    static let usualAnswerBytes = 63 << 20

    private static let usualPageCacheBytes = machineBytes.map { min($0 / 4, 1 << 30) } ?? 1 << 30

    /// The machine's memory, nil where it is not known.
    private static let machineBytes: Int? = {
        let memory = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
        return memory > 0 ? memory : nil
    }()
}
