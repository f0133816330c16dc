// A segment read for what stands between and behind its frames, which is to be zero.
// Format: formats/log.md#frame.

internal import MnemeBase
internal import Synchronization

/// The frames of one segment in their order, and bytes beside them that are not zero.
package struct SegmentRemains {
    private let segment: Segment?
    /// Of its file.
    package let name: String
    private let end: Int
    private var offset = SegmentHeader.size
    /// Frames of the last pack that have their turn, the next one last.
    private var waiting: [Frame] = []
    /// What is not zero, for people.
    package private(set) var findings: [String] = []

    /// Of a file that is none of the log's segments.
    fileprivate init(_ name: String, _ segment: Segment?) {
        self.segment = segment
        self.name = name
        end = .max
        if segment == nil { findings = ["log/\(name) is no segment, and is not all zero"] }
    }

    /// Before the first frame of a segment; nothing at or behind `end` is written.
    package init(_ log: Log, _ number: UInt64, end: LogPlace) {
        segment = log.segments.withLock { $0[number] }
        name = Segment.name(number)
        // Behind the last frame of a cold one its dictionary stands.
        let cold = SegmentNumber.isCold(number) ? segment?.coldHeader : nil
        self.end = number == end.segment ? end.offset : cold.map { Int($0.end) } ?? .max
    }

    /// The next frame, nil at the end, when what follows has been looked at too.
    ///
    /// - Throws: `.corrupt` where one does not read back, `.newer`, `.newerFrame`, `.disk`.
    package mutating func next() throws(LogError) -> Frame? {
        guard let segment else { return nil }
        if let frame = waiting.popLast() { return frame }
        let reader = FrameReader(segment)
        guard offset < end, try reader.length(at: offset) > 0 else {
            for copy in segment.dictionaryCopies where copy.lowerBound >= offset {
                try look(segment, offset..<copy.lowerBound)
                offset = copy.upperBound
            }
            try look(segment, offset..<segment.byteCount)
            offset = segment.byteCount
            return nil
        }
        let group = try reader.group(at: offset)
        let byteCount = offset + group.byteCount
        offset = FrameHead.aligned(byteCount)
        try look(segment, byteCount..<min(offset, segment.byteCount))
        waiting = group.frames.reversed()
        return waiting.popLast()
    }

    private mutating func look(_ segment: Segment, _ range: Range<Int>) throws(LogError) {
        var start = range.lowerBound
        do throws(DiskError) {
            while start < range.upperBound {
                let count = min(1 << 20, range.upperBound - start)
                let bytes = try segment.file.read(at: UInt64(start), count: count)
                if let index = bytes.firstIndex(where: { $0 != 0 }) {
                    findings.append("log/\(name) has bytes of no frame at \(start + index)")
                    return
                }
                start += count
            }
        } catch {
            throw .disk(error)
        }
    }
}

extension Log {
    /// The numbers of all segments, ascending, cold ones last.
    package var allSegments: [UInt64] { segments.withLock { $0.keys.sorted() } }

    /// The files of the directory that are none of the log's segments, and are not all zero: what a
    /// compaction that was interrupted has left, what is just being written again or removed, and
    /// whatever else is there.
    ///
    /// One that is too short for a frame is not among them, where its name is a segment's.
    ///
    /// - Throws: `.disk`.
    /// - Complexity: O(bytes of such files).
    package func otherFiles() throws(LogError) -> [SegmentRemains] {
        try making.withLock { _ throws(LogError) in
            do throws(DiskError) {
                var found: [SegmentRemains] = []
                for name in try disk.list(directory).sorted() {
                    if let other = try otherFile(name) { found.append(other) }
                }
                return found
            } catch {
                throw .disk(error)
            }
        }
    }

    private func otherFile(_ name: String) throws(DiskError) -> SegmentRemains? {
        let path = directory + "/" + name
        let number = Segment.number(name)
        if let number, segments.withLock({ $0[number] != nil }) { return nil }
        do throws(DiskError) {
            if try Self.isZero(disk, path) { return nil }
            guard let number else { return SegmentRemains(name, nil) }
            let file = try disk.open(path, .read)
            guard try file.byteCount() > SegmentHeader.size else { return nil }
            let segment = try Segment(number: number, file: file)
            if let vault {
                let salt = segment.header?.salt
                segment.encrypt(with: salt.map { vault.segment(number, salt: $0) })
            }
            return SegmentRemains(name, segment)
        } catch {
            // It has gone since, or got the name of a segment.
            if case .notFound = error { return nil }
            throw error
        }
    }

    /// Whether the files that are kept for later hold nothing but zeros; their names where not.
    ///
    /// - Throws: `.disk`.
    package func filesWithRemains() throws(LogError) -> [String] {
        try making.withLock { _ throws(LogError) in
            let paths = [
                spare.withLock { $0?.file.path }, zeroed.withLock { $0?.path },
            ].compactMap(\.self)
            var found: [String] = []
            do throws(DiskError) {
                for path in paths where try !Self.isZero(disk, path) { found.append(path) }
            } catch {
                throw .disk(error)
            }
            return found
        }
    }

    private static func isZero(_ disk: any Disk, _ path: String) throws(DiskError) -> Bool {
        let file = try disk.open(path, .read)
        defer { try? file.close() }
        let byteCount = Int(clamping: try file.byteCount())
        for start in stride(from: 0, to: byteCount, by: 1 << 20) {
            let count = min(1 << 20, byteCount - start)
            guard try file.read(at: UInt64(start), count: count).allSatisfy({ $0 == 0 }) else {
                return false
            }
        }
        return true
    }
}
