// How segments go that cold ones stand for: their bytes are zeroed in slices, and their files
// become spares where they fit, else their names are removed. A file that has a second name is a
// backup's too: it keeps its bytes, and loses this name. Format: formats/log.md#cold-segments.

internal import MnemeBase
internal import Synchronization

/// The segments that one cold segment stands for, while they go.
///
/// One thread at a time.
package final class SegmentRetirement {
    /// What a step came to.
    package enum Step: Sendable {
        /// So many bytes were zeroed, or none where a name was removed.
        case went(Int)
        /// Somebody holds those that are left.
        case held
        /// All are gone.
        case done
    }

    private struct Zeroing {
        let number: UInt64
        let file: any DiskFile
        let byteCount: Int
        var offset = 0
    }

    private let log: Log
    private let run: ColdRun
    /// Those that are not gone yet.
    package private(set) var numbers: [UInt64]
    private var zeroing: Zeroing?

    fileprivate init(_ log: Log, _ run: ColdRun) {
        self.log = log
        self.run = run
        let older = log.cold.withLock { all in
            all.values.filter { other in
                other.number < run.number && run.segments.contains(other.segments.lowerBound)
            }
        }
        numbers = log.segments.withLock { $0.keys.filter(run.segments.contains) }.sorted()
        numbers += older.map(\.number).sorted()
    }

    /// Goes on by a slice; `pause` is called now and then, with the bytes that were zeroed since.
    ///
    /// - Throws: `.disk`; what is still there is removed by the next opening.
    package func step(
        _ limit: Int,
        pause: (Int) -> Void = { _ in }
    ) throws(LogError) -> Step {
        do throws(DiskError) {
            if zeroing != nil { return .went(try zero(limit, pause)) }
            for (index, number) in numbers.enumerated() {
                let file = take(number)
                if case .held = file { continue }
                numbers.remove(at: index)
                if case .taken(let segment) = file { try begin(segment) }
                return .went(0)
            }
            return numbers.isEmpty ? .done : .held
        } catch {
            zeroing = nil
            throw .disk(error)
        }
    }

    private enum Taking {
        case held, gone
        case taken(Segment)
    }

    /// Takes a segment out of the log, unless somebody holds it.
    private func take(_ number: UInt64) -> Taking {
        var taken: Segment?
        let isFree = log.holds.unlessHeld(number) {
            taken = log.segments.withLock { $0.removeValue(forKey: number) }
        }
        guard isFree else { return .held }
        if SegmentNumber.isCold(number) { log.cold.withLock { $0[number] = nil } }
        return taken.map { .taken($0) } ?? .gone
    }

    private func begin(_ segment: Segment) throws(DiskError) {
        let path = Segment.path(log.directory, segment.number)
        guard try log.disk.linkCount(path) == 1 else { return try remove(path) }
        zeroing = Zeroing(
            number: segment.number,
            file: segment.file,
            byteCount: segment.byteCount
        )
    }

    private func zero(_ limit: Int, _ pause: (Int) -> Void) throws(DiskError) -> Int {
        guard var now = zeroing else { return 0 }
        let end = min(now.byteCount, now.offset + limit)
        let count = end - now.offset
        try Log.zero(now.file, from: now.offset, to: end, pause: pause)
        // Durable in the end: until then it is still named, and zeroed again by the next opening.
        if end == now.byteCount { try now.file.sync() }
        now.offset = end
        zeroing = now
        if end == now.byteCount {
            zeroing = nil
            let path = Segment.path(log.directory, now.number)
            if !log.keep(ZeroedFile(path: path, byteCount: now.byteCount)) { try remove(path) }
        }
        return count
    }

    private func remove(_ path: String) throws(DiskError) {
        try log.disk.remove(path)
        try log.disk.syncDirectory(log.directory)
    }
}

/// A file of zeros under a name that no segment needs any more.
struct ZeroedFile {
    let path: String
    let byteCount: Int
}

extension Log {
    /// Begins to have the segments go that a cold one stands for.
    ///
    /// Nobody may read by their places any more, now or after the next opening.
    package func retirement(of run: ColdRun) -> SegmentRetirement { SegmentRetirement(self, run) }

    /// Whether a file of zeros is kept to be the next spare.
    package var keepsZeroes: Bool { zeroed.withLock { $0 != nil } }

    /// Keeps a file to be the next spare; false when there is one already or it does not fit.
    fileprivate func keep(_ file: ZeroedFile) -> Bool {
        guard file.byteCount == limits.largestSegment else { return false }
        return zeroed.withLock { kept in
            guard kept == nil else { return false }
            kept = file
            return true
        }
    }

    /// Removes a file of the log that is needed no more, zeroed unless it has a second name.
    ///
    /// - Throws: what the disk does; the file may be zeros in part, and is to be removed again.
    static func remove(_ disk: any Disk, _ path: String) throws(DiskError) {
        if try disk.linkCount(path) == 1 {
            let file = try disk.open(path, .readWrite)
            defer { try? file.close() }
            let end = Int(clamping: try file.byteCount())
            // Where there is no state every cold segment counts that has a header, and none that
            // has none: this one ceases to be whole at once, before any frame of it goes, and then
            // to be one that may have lost its header, before the frames in front of the last go.
            let last = max(min(SegmentHeader.size, end), end - lastPart)
            for part in [0..<min(SegmentHeader.size, end), last..<end] {
                try zero(file, from: part.lowerBound, to: part.upperBound)
                try file.sync()
            }
            try zero(file, from: 0, to: last)
            try file.sync()
        }
        try disk.remove(path)
    }

    /// Bytes at a cold segment's end that hold some of its last frame, whatever stands behind it.
    private static let lastPart = (8 << 10) + 2 * SegmentDictionary.room
}
