// Writing a cold segment: frames that come in the order of their sequences, links among them in
// packs where that takes less room, then the header that makes it whole, once everything before it
// is durable. Format: formats/log.md#cold-segments.

package import MnemeBase
internal import Synchronization

/// Writes one cold segment.
///
/// One thread at a time; the log goes on meanwhile.
package final class ColdWriter {
    private let log: Log
    /// What it stands for; whether packs stand in it is known at the end.
    package private(set) var run: ColdRun
    /// Frames of these types may stand in packs.
    private let packing: Set<UInt8>
    /// Those that wait for more of their kind.
    private var gathered = PackBuilder()
    private let path: String
    private let file: any DiskFile
    private var pending = ByteWriter()
    private var written = SegmentHeader.size
    private var hashes = ByteWriter()
    private var count: UInt64 = 0
    private let secret: (salt: [UInt8], sealer: FrameSealer)?

    fileprivate init(_ log: Log, _ run: ColdRun, packing: Set<UInt8>) throws(LogError) {
        self.log = log
        self.run = run
        self.packing = run.number <= LogPlace.lastWithPacks ? packing : []
        path = Segment.path(log.directory, run.number)
        secret = log.newSealer(run.number)
        do throws(DiskError) {
            file = try log.disk.open(path, .create)
        } catch {
            throw .disk(error)
        }
    }

    /// The bytes that the file has so far.
    package var byteCount: Int { written + pending.bytes.count }
    /// The bytes that were added since `flush`.
    package var pendingCount: Int { pending.bytes.count }

    /// Adds a frame as it stands in the log.
    ///
    /// - Precondition: frames come in the order of their sequences.
    ///
    /// `content`: what it carries there, where its body is packed otherwise.
    package func add(_ frame: Frame, _ content: FrameContent? = nil) {
        let content = content ?? frame.content
        let isGathered = packing.contains(content.type) && PackBuilder.fits(content)
        if !isGathered || !gathered.takes(frame, content) { putGathered() }
        if isGathered { gathered.add(frame, content) } else { put(content, frame) }
    }

    /// Puts the frames that wait for more: as a pack where that is smaller.
    private func putGathered() {
        if let first = gathered.members.first?.frame, let pack = gathered.pack {
            put(pack, first)
            run.hasPacks = true
        } else {
            for (frame, content) in gathered.members { put(content, frame) }
        }
        gathered.clear()
    }

    /// Puts a frame with the sequence and time of another one.
    private func put(_ content: FrameContent, _ frame: Frame) {
        let head = FrameHead(
            content,
            sequence: frame.sequence,
            time: frame.time,
            epoch: frame.epoch,
            incarnation: frame.incarnation
        )
        put(head, content)
    }

    private func put(_ head: FrameHead, _ content: FrameContent) {
        let number = run.number
        hashes.put(head.append(content, segment: number, sealing: secret?.sealer, to: &pending))
        count += 1
    }

    /// Adds the last frame, which stands for what is gone.
    package func end(_ content: FrameContent, time: Microseconds) {
        putGathered()
        var content = content
        content.keyID = log.keyID
        let head = FrameHead(
            content,
            sequence: run.sequences.upperBound,
            time: time,
            epoch: log.epoch,
            incarnation: log.incarnation
        )
        put(head, content)
    }

    /// Bytes that are written in one piece.
    private static let part = 64 << 10

    /// Writes what was added.
    ///
    /// `pause` is called between pieces, with their bytes, for whoever would rest there.
    /// - Throws: `.disk`.
    package func flush(pause: (Int) -> Void = { _ in }) throws(LogError) {
        do throws(DiskError) {
            let bytes = pending.bytes
            for start in stride(from: 0, to: bytes.count, by: Self.part) {
                let end = min(start + Self.part, bytes.count)
                try file.write(
                    unsafe bytes.span.bytes.extracting(start..<end),
                    at: UInt64(written + start)
                )
                try file.writeBack()
                pause(end - start)
            }
        } catch {
            throw .disk(error)
        }
        written += pending.bytes.count
        pending.bytes.removeAll(keepingCapacity: true)
    }

    /// Adds the dictionary behind the last frame, twice.
    private func put(_ dictionary: [UInt8]) {
        let content = FrameContent(
            type: LogFrameType.dictionary,
            keyID: log.keyID,
            body: dictionary
        )
        let head = FrameHead(
            content,
            sequence: SegmentDictionary.sequence,
            time: 0,
            epoch: log.epoch,
            incarnation: log.incarnation
        )
        for _ in 0..<2 {
            let gap = SegmentDictionary.aligned(byteCount) - byteCount
            pending.put([UInt8](repeating: 0, count: gap))
            _ = head.append(content, segment: run.number, sealing: secret?.sealer, to: &pending)
        }
    }

    /// Makes it durable and part of the log: from now on its places can be read.
    ///
    /// `dictionary`: what bodies are packed against; nil where none is.
    ///
    /// - Throws: `.disk`; the file is removed then.
    /// - Precondition: the dictionary is not longer than its limit.
    package func seal(dictionary: [UInt8]? = nil) throws(LogError) {
        do throws(LogError) {
            let end = byteCount
            if let dictionary { put(dictionary) }
            try flush()
            let header = ColdHeader(
                run: run,
                end: UInt64(end),
                count: count,
                hash: Checksum.xxh3(hashes.bytes)
            )
            do throws(DiskError) {
                // A mapping has whole pages.
                let length = (written + 4095) & ~4095
                try file.truncate(to: UInt64(length))
                try file.sync()
                let bytes = header.bytes(log.identity, byteCount: length, salt: secret?.salt)
                try file.write(bytes, at: 0)
                try file.sync()
                try log.disk.syncDirectory(log.directory)
                let segment = try Segment(number: run.number, file: file)
                if let secret { segment.encrypt(with: secret.sealer.cipher) }
                log.segments.withLock { $0[run.number] = segment }
                log.cold.withLock { $0[run.number] = run }
            } catch {
                throw .disk(error)
            }
        } catch {
            abandon()
            throw error
        }
    }

    /// Gives it up.
    package func abandon() { try? log.disk.remove(path) }
}

extension Log {
    /// Begins the cold segment that is to stand for a run of segments.
    ///
    /// `asOf`: the last change of the state that judges; `end`: the last durable frame, which may
    /// be one of the log itself; `packing`: the types of frames that may stand in packs.
    ///
    /// - Throws: `.disk`; `.corrupt` when a header at either end of the run cannot be read.
    /// - Precondition: every one of them is sealed: the log has gone on in a later one.
    package func coldWriter(
        for run: ClosedRange<UInt64>,
        asOf: UInt64,
        end: UInt64,
        packing: Set<UInt8> = []
    ) throws(LogError) -> ColdWriter {
        // Of those that are gone nothing durable names any.
        let known = cold.withLock { Array($0.keys) } + leftovers.withLock { $0 }
        let number = max(known.max() ?? 0, SegmentNumber.coldBase) + 1
        let first = try firstSequence(of: run.lowerBound)
        let next = try firstSequence(of: run.upperBound + 1)
        guard first < next, next - 1 <= end else {
            throw .corrupt(
                place: LogPlace(segment: run.upperBound + 1, offset: 0),
                sequence: next,
                reason: "segments do not follow each other"
            )
        }
        try? disk.remove(Segment.path(directory, number))
        return try ColdWriter(
            self,
            ColdRun(
                number: number,
                segments: run,
                sequences: first...(next - 1),
                asOf: max(asOf, next - 1)
            ),
            packing: packing
        )
    }
}
