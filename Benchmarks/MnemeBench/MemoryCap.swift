// A bound on the memory of this process, and a watch over what it takes. The bound is the system's
// RLIMIT_DATA: no more than so many bytes are writable and private, in memory or not, and a process
// that asks for more ends. Mapped files are not among them: the system gives and takes their pages.

internal import Foundation
internal import Glibc
internal import Mneme
internal import MnemeCommandLine
internal import Synchronization

/// A bound on the memory of this process.
struct MemoryCap {
    /// Writable private bytes that there may be.
    let byteCount: Int

    /// Sets the bound, for good.
    ///
    /// - Throws: `Failure` where the system refuses.
    init(byteCount: Int) throws(Failure) {
        self.byteCount = byteCount
        var limit = rlimit(rlim_cur: rlim_t(byteCount), rlim_max: rlim_t(byteCount))
        guard unsafe setrlimit(__rlimit_resource_t(RLIMIT_DATA.rawValue), &limit) == 0 else {
            throw Failure("The system does not bound this process's memory to \(byteCount) bytes.")
        }
    }

    /// Index pages that are kept in memory under the bound: a quarter of it.
    var pageCacheBytes: Int { byteCount / 4 }

    /// So many records of a size make a store that is more than four times as large, whatever
    /// compression does to them.
    func recordCount(valueByteCount: Int) -> Int { 6 * byteCount / valueByteCount }
}

/// Looks at the memory of this process again and again, and keeps the most.
final class MemoryWatch: Sendable {
    private let most = Mutex<(anonymous: Int, file: Int)>((0, 0))
    private let isOver = Atomic(false)

    /// Begins to look, every 20 ms.
    init() {
        let thread = Thread { [weak self] in
            while let watch = self, !watch.isOver.load(ordering: .relaxed) {
                watch.look()
                usleep(20_000)
            }
        }
        thread.start()
    }

    /// The most bytes in memory so far: without a file behind them, and of mapped files.
    var peak: (anonymous: Int, file: Int) {
        look()
        return most.withLock { $0 }
    }

    /// Looks no more.
    func end() { isOver.store(true, ordering: .relaxed) }

    private func look() {
        let now = ProcessFigures.now()
        most.withLock { $0 = (max($0.anonymous, now.anonymousBytes), max($0.file, now.fileBytes)) }
    }
}

extension StoreRun {
    /// What memory the run took beside the size of its store.
    func memory(_ watch: MemoryWatch, _ cap: MemoryCap) -> [(String, Figure)] {
        let peak = watch.peak
        let bytes = place.byteCount
        return [
            ("event", .word("memory")), ("capBytes", .count(cap.byteCount)),
            ("storeBytes", .count(bytes)),
            ("storePerCap", .share(Double(bytes) / Double(cap.byteCount))),
            ("pageCacheBytes", .count(place.pageCacheBytes ?? 0)),
            ("peakAnonymousBytes", .count(peak.anonymous)), ("peakFileBytes", .count(peak.file)),
        ]
    }
}
