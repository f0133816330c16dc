// The log read from the bytes of its files, by the words of formats/log.md and nothing of the
// store's: every frame from sequence 1 on is whole and follows the one before, batches are ended,
// nothing stands behind the end, and what it makes is what the oracle expects. Cold segments are
// read in the place of what they stand for, which are those that count without a state.

internal import MnemeBase
internal import MnemeModel
internal import MnemeStore

/// What the frames of a log come to.
struct LogCensus {
    /// Living records: the instants from which they are not there, and their collections.
    private var records: [UInt64: (end: Microseconds, collection: UInt16)] = [:]
    /// The ends of living edges.
    private var edges: [UInt64: (from: UInt64, to: UInt64)] = [:]
    private var sequence: UInt64 = 0
    private var incarnation: UInt64 = 0
    private let vault: Vault?
    private var batch: [Frame] = []

    /// Reads the log of a directory that nobody writes to meanwhile.
    ///
    /// `vault`: what an encrypted log is enciphered with.
    init(_ disk: any Disk, _ directory: String, _ vault: Vault?) throws(HarnessFailure) {
        self.vault = vault
        do throws(HarnessFailure) {
            try readAll(disk, directory)
        } catch {
            throw error.inside("in the log after an opening")
        }
    }

    /// A file of the log.
    private struct File {
        /// As it stands in places.
        var number: UInt64
        var bytes: [UInt8]
        /// Of a cold one, what its header says.
        var cold: ColdFile?

        var segments: ClosedRange<UInt64> { cold?.segments ?? number...number }
    }

    /// The header of a cold segment.
    private struct ColdFile {
        var segments: ClosedRange<UInt64>
        var sequences: ClosedRange<UInt64>
        var asOf: UInt64
        var end: Int
        var count: UInt64
        var hash: UInt64

        /// nil where it was never finished.
        init?(_ bytes: [UInt8], _ number: UInt64) {
            guard bytes.count > 4096, let read = try? ColdFile(reading: bytes, number) else {
                return nil
            }
            self = read
        }

        private init(reading bytes: [UInt8], _ number: UInt64) throws(BytesError) {
            var reader = ByteReader(Array(bytes[..<128]))
            guard try reader.get(UInt64.self) == Checksum.xxh3(Array(bytes[8..<64])) else {
                throw .malformed(offset: 0)
            }
            _ = try reader.skip(32)
            guard try reader.get(UInt64.self) == number else { throw .malformed(offset: 40) }
            let first: UInt64 = try reader.get()
            _ = try reader.skip(8)
            let checksum = Checksum.xxh3(Array(bytes[72..<128]), seed: number)
            guard try reader.get(UInt64.self) == checksum else { throw .malformed(offset: 64) }
            segments = try reader.get(UInt64.self)...(try reader.get())
            sequences = first...(try reader.get())
            asOf = try reader.get()
            end = Int(try reader.get(UInt64.self))
            count = try reader.get()
            hash = try reader.get()
        }
    }

    private static let coldBase: UInt64 = 1 << 35

    private mutating func readAll(
        _ disk: any Disk,
        _ directory: String
    ) throws(HarnessFailure) {
        var files: [File] = []
        do throws(DiskError) {
            for name in try disk.list(directory) {
                let isCold = name.hasPrefix("cold-")
                let digits = name.dropFirst(isCold ? 5 : 0).prefix { $0 != "." }
                guard let number = UInt64(digits) else { continue }
                let file = try disk.open(directory + "/" + name, .read)
                let bytes = try file.read(at: 0, count: Int(file.byteCount()))
                if !isCold {
                    files.append(File(number: number, bytes: bytes))
                } else if let cold = ColdFile(bytes, Self.coldBase + number),
                    vault == nil || cipher(bytes, Self.coldBase + number) != nil
                {
                    files.append(File(number: Self.coldBase + number, bytes: bytes, cold: cold))
                }
            }
        } catch {
            throw HarnessFailure("\(error)")
        }
        try readAll(Self.counting(files))
        let asOf = files.compactMap(\.cold?.asOf).max() ?? 0
        if asOf > sequence {
            throw HarnessFailure("a cold segment is as of \(asOf), and the log ends at \(sequence)")
        }
        if !batch.isEmpty { throw HarnessFailure("the batch after \(sequence) has no end") }
    }

    /// The files that count, in order: those that no newer cold one stands for.
    private static func counting(_ files: [File]) -> [File] {
        files.filter { file in
            !files.contains { other in
                other.cold != nil && other.number > file.number
                    && other.segments.contains(file.segments.lowerBound)
            }
        }
        .sorted { $0.segments.lowerBound < $1.segments.lowerBound }
    }

    private mutating func readAll(_ files: [File]) throws(HarnessFailure) {
        var next: UInt64 = 1
        for file in files {
            guard file.segments.lowerBound == next else {
                throw HarnessFailure("segment \(next) is missing")
            }
            next = file.segments.upperBound + 1
            do throws(BytesError) {
                if let cold = file.cold {
                    try read(cold, file)
                } else {
                    try read(file.bytes, file.number)
                }
            } catch {
                throw HarnessFailure("segment \(file.number), after \(sequence): \(error)")
            }
        }
    }

    /// Reads a cold segment: its frames are in order, and those that its header counts.
    private mutating func read(_ cold: ColdFile, _ file: File) throws(BytesError) {
        guard cold.sequences.lowerBound == sequence + 1 else { throw .malformed(offset: 48) }
        var (offset, count, hashes) = (4096, UInt64(0), ByteWriter())
        let cipher = cipher(file.bytes, file.number)
        while offset < cold.end {
            let frame = try frame(file.bytes, file.number, cipher, at: offset)
            // The last one stands for what is gone.
            let isLast = offset + (frame.length + 7) & ~7 >= cold.end
            for one in try Self.unpacked(frame) {
                guard one.sequence > sequence, one.sequence <= cold.sequences.upperBound,
                    one.type > 4, isLast == (one.type == 22)
                else { throw .malformed(offset: offset) }
                sequence = one.sequence
                try apply(one)
            }
            hashes.put(frame.checksum)
            offset += (frame.length + 7) & ~7
            count += 1
        }
        guard offset == cold.end, count == cold.count, cold.hash == Checksum.xxh3(hashes.bytes)
        else { throw .malformed(offset: offset) }
        sequence = cold.sequences.upperBound
    }

    private mutating func read(_ bytes: [UInt8], _ segment: UInt64) throws(BytesError) {
        var offset = 4096
        let cipher = cipher(bytes, segment)
        while offset + 72 <= bytes.count {
            var head = ByteReader(bytes)
            _ = try head.skip(offset)
            if try head.get(UInt32.self) == 0 { break }
            let frame = try frame(bytes, segment, cipher, at: offset)
            guard frame.sequence == sequence + 1, frame.incarnation >= incarnation else {
                throw .malformed(offset: offset)
            }
            sequence = frame.sequence
            incarnation = frame.incarnation
            switch frame.type {
            case 1: try end(frame.columns, at: offset)
            case 2: if !batch.isEmpty { throw .malformed(offset: offset) }
            default: batch.append(frame)
            }
            offset += (frame.length + 7) & ~7
        }
        // A batch does not cross segments, and behind the end everything is zero.
        guard batch.isEmpty, bytes[min(offset, bytes.count)...].allSatisfy({ $0 == 0 }) else {
            throw .malformed(offset: offset)
        }
    }

    /// What the frames of a segment are deciphered with.
    private func cipher(_ bytes: [UInt8], _ segment: UInt64) -> Cipher? {
        guard bytes.count > 4096, let vault else { return nil }
        // A power cut may have torn one copy of the header.
        let whole = [0, 2048].first { start in
            let body = Checksum.xxh3(Array(bytes[(start + 8)..<(start + 64)]))
            let salt = Checksum.xxh3(Array(bytes[(start + 128)..<(start + 160)]), seed: body)
            return Self.u64(bytes, at: start) == body && Self.u64(bytes, at: start + 160) == salt
        }
        return whole.map {
            vault.segment(segment, salt: Array(bytes[($0 + 128)..<($0 + 160)]))
        }
    }

    private static func u64(_ bytes: [UInt8], at offset: Int) -> UInt64 {
        var reader = ByteReader(bytes)
        reader.offset = offset
        return (try? reader.get()) ?? 0
    }

    /// A whole frame.
    struct Frame {
        var length: Int
        var type: UInt8
        var incarnation: UInt64
        var sequence: UInt64
        var checksum: UInt64
        var columns: ByteReader
        /// As it was before it was compressed.
        var plainCount: Int
        var body: [UInt8]
    }

    private func frame(
        _ bytes: [UInt8],
        _ segment: UInt64,
        _ cipher: Cipher?,
        at offset: Int
    ) throws(BytesError) -> Frame {
        guard offset + 72 <= bytes.count else { throw .malformed(offset: offset) }
        var reader = ByteReader(Array(bytes[offset..<(offset + 72)]))
        let length = Int(try reader.get(UInt32.self))
        let type: UInt8 = try reader.get()
        _ = try reader.skip(11)
        let incarnation: UInt64 = try reader.get()
        let sequence: UInt64 = try reader.get()
        _ = try reader.skip(8 + 8)
        let key: UInt32 = try reader.get()
        let columnCount = Int(try reader.get(UInt32.self))
        let bodyCount = Int(try reader.get(UInt32.self))
        let plainCount = Int(try reader.get(UInt32.self))
        let checksum: UInt64 = try reader.get()
        guard length >= 72 + columnCount + bodyCount, offset + length <= bytes.count,
            (key == 1) == (cipher != nil && (type >= 16 || type == 4))
        else {
            throw .malformed(offset: offset)
        }
        var frame = Array(bytes[offset..<(offset + length)])
        let seed = segment &* 0x9e37_79b9_7f4a_7c15 ^ sequence
        let head = Checksum.xxh3(Array(frame[..<64]), seed: seed)
        guard Checksum.xxh3(Array(frame[72...]), seed: head) == checksum else {
            throw .malformed(offset: offset)
        }
        if key == 1, let cipher { try Self.open(&frame, cipher, sequence: sequence, at: offset) }
        return Frame(
            length: length,
            type: type,
            incarnation: incarnation,
            sequence: sequence,
            checksum: checksum,
            columns: ByteReader(Array(frame[72..<(72 + columnCount)])),
            plainCount: plainCount,
            body: Array(frame[(72 + columnCount)..<(72 + columnCount + bodyCount)])
        )
    }

    /// Deciphers a frame: formats/encryption.md#log.
    private static func open(
        _ frame: inout [UInt8],
        _ cipher: Cipher,
        sequence: UInt64,
        at offset: Int
    ) throws(BytesError) {
        let trailer = frame.count - 24
        guard trailer >= 72 else { throw .malformed(offset: offset) }
        var reader = ByteReader(Array(frame[trailer...]))
        let prefix: UInt64 = try reader.get()
        var plain = [UInt8](repeating: 0, count: trailer)
        let isOpen = unsafe frame.withUnsafeBytes { bytes in
            unsafe plain.withUnsafeMutableBytes { plain in
                guard let base = bytes.baseAddress, let to = plain.baseAddress else { return false }
                return unsafe cipher.open(
                    UnsafeRawBufferPointer(rebasing: bytes[72..<trailer]),
                    head: UnsafeRawBufferPointer(rebasing: bytes[0..<64]),
                    Nonce(prefix, UInt32(truncatingIfNeeded: sequence)),
                    tag: base + trailer + 8,
                    into: to + 72
                )
            }
        }
        guard isOpen else { throw .malformed(offset: offset) }
        frame.replaceSubrange(72..<trailer, with: plain[72...])
    }

    private mutating func end(_ columns: ByteReader, at offset: Int) throws(BytesError) {
        var columns = columns
        var hashes = ByteWriter()
        for frame in batch { hashes.put(frame.checksum) }
        guard try columns.get(UInt32.self) == UInt32(batch.count) else {
            throw .malformed(offset: offset)
        }
        _ = try columns.skip(4)
        guard try columns.get(UInt64.self) == Checksum.xxh3(hashes.bytes) else {
            throw .malformed(offset: offset)
        }
        for frame in batch { try apply(frame) }
        batch = []
    }

    private mutating func apply(_ frame: Frame) throws(BytesError) {
        let type = frame.type
        if type == 26 { return try withdraw(frame) }
        guard (18...21).contains(type) || [23, 24, 27].contains(type) else { return }
        var columns = frame.columns
        let ordinal: UInt64 = try columns.get()
        _ = try columns.skip(8)
        switch type {
        case 18:
            let end = Microseconds(bitPattern: try columns.get(UInt64.self))
            records[ordinal] = (end, try columns.get())
        case 19, 23, 24:
            records[ordinal] = nil
            edges = edges.filter { $0.value.from != ordinal && $0.value.to != ordinal }
        case 20: edges[ordinal] = (try columns.get(), try columns.get())
        default: edges[ordinal] = nil
        }
    }

    /// Nobody sees a withdrawn record any more: formats/store.md#withdrawal.
    private mutating func withdraw(_ frame: Frame) throws(BytesError) {
        var plain = frame.body
        if frame.plainCount > 0 {
            guard let body = LZ4.decompress(frame.body, count: frame.plainCount) else {
                throw .malformed(offset: 0)
            }
            plain = body
        }
        var reader = ByteReader(plain)
        for ordinal in try IDBitmap(&reader) where records[ordinal] != nil {
            records[ordinal]?.end = .min
        }
    }

    /// Holds what lives at an instant against a state; of records those of collections that
    /// somebody has defined, by their numbers in a snapshot.
    func check(
        _ expected: ExpectedState,
        _ snapshot: Snapshot,
        now: Microseconds
    ) throws(HarnessFailure) {
        var state = expected
        state.expire(at: now)
        let names = state.schema.collections.map(\.name)
        let numbers = Set(names.compactMap { try? snapshot.catalog.collection($0).number })
        let living = records.filter { $0.value.end > now && numbers.contains($0.value.collection) }
        let joined = edges.filter { living[$0.value.from] != nil && living[$0.value.to] != nil }
        guard living.count == state.records.count else {
            throw HarnessFailure(
                "in the log \(living.count) records live, expected \(state.records.count)"
            )
        }
        guard Set(joined.keys) == Set(state.edges.keys) else {
            throw HarnessFailure(
                "in the log the edges \(joined.keys.sorted()) live, expected "
                    + "\(state.edges.keys.sorted())"
            )
        }
        for (id, edge) in state.edges
        where state.records[edge.from] == nil || state.records[edge.to] == nil {
            throw HarnessFailure("edge \(id) lacks an end")
        }
    }
}
