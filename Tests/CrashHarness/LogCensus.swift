// The log read from the bytes of its files, by the words of formats/log.md and nothing of the
// store's: every frame from sequence 1 on is whole and follows the one before, batches are ended,
// nothing stands behind the end, and what it makes is what the oracle expects.

internal import MnemeBase
internal import MnemeModel

/// What the frames of a log come to.
struct LogCensus {
    /// The instants from which living records are not there.
    private var records: [UInt64: Microseconds] = [:]
    /// The ends of living edges.
    private var edges: [UInt64: (from: UInt64, to: UInt64)] = [:]
    private var sequence: UInt64 = 0
    private var incarnation: UInt64 = 0
    private let vault: Vault?
    private var batch: [(type: UInt8, columns: ByteReader, checksum: UInt64)] = []

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

    private mutating func readAll(
        _ disk: any Disk,
        _ directory: String
    ) throws(HarnessFailure) {
        var files: [(number: Int, bytes: [UInt8])] = []
        do throws(DiskError) {
            for name in try disk.list(directory) {
                guard let number = Int(name.prefix { $0 != "." }) else { continue }
                let file = try disk.open(directory + "/" + name, .read)
                files.append((number, try file.read(at: 0, count: Int(file.byteCount()))))
            }
        } catch {
            throw HarnessFailure("\(error)")
        }
        files.sort { $0.number < $1.number }
        for (index, file) in files.enumerated() {
            guard file.number == index + 1 else {
                throw HarnessFailure("segment \(index + 1) is missing")
            }
            do throws(BytesError) {
                try read(file.bytes, UInt64(file.number), hasFollower: index + 1 < files.count)
            } catch {
                throw HarnessFailure("segment \(file.number), after \(sequence): \(error)")
            }
        }
        if !batch.isEmpty { throw HarnessFailure("the batch after \(sequence) has no end") }
    }

    private mutating func read(
        _ bytes: [UInt8],
        _ segment: UInt64,
        hasFollower: Bool
    ) throws(BytesError) {
        var offset = 4096
        var cipher: Cipher?
        if bytes.count > offset {
            cipher = vault?.segment(segment, salt: Array(bytes[128..<160]))
        }
        while offset + 72 <= bytes.count {
            var head = ByteReader(bytes)
            _ = try head.skip(offset)
            let length = Int(try head.get(UInt32.self))
            if length == 0 { break }
            guard length >= 72, offset + length <= bytes.count else {
                throw .malformed(offset: offset)
            }
            try read(Array(bytes[offset..<(offset + length)]), segment, cipher, at: offset)
            offset += (length + 7) & ~7
        }
        // A batch does not cross segments, and behind the end everything is zero.
        guard batch.isEmpty, bytes[min(offset, bytes.count)...].allSatisfy({ $0 == 0 }) else {
            throw .malformed(offset: offset)
        }
    }

    private mutating func read(
        _ frame: [UInt8],
        _ segment: UInt64,
        _ cipher: Cipher?,
        at offset: Int
    ) throws(BytesError) {
        var reader = ByteReader(frame)
        _ = try reader.skip(4)
        let type: UInt8 = try reader.get()
        _ = try reader.skip(11)
        let writer: UInt64 = try reader.get()
        let number: UInt64 = try reader.get()
        _ = try reader.skip(8 + 8)
        let key: UInt32 = try reader.get()
        let columnCount = Int(try reader.get(UInt32.self))
        _ = try reader.skip(8)
        let checksum: UInt64 = try reader.get()
        let seed = segment &* 0x9e37_79b9_7f4a_7c15 ^ number
        let head = Checksum.xxh3(Array(frame[..<64]), seed: seed)
        guard Checksum.xxh3(Array(frame[72...]), seed: head) == checksum,
            number == sequence + 1, writer >= incarnation, 72 + columnCount <= frame.count
        else { throw .malformed(offset: offset) }
        sequence = number
        incarnation = writer
        guard (key == 1) == (cipher != nil && type >= 16) else { throw .malformed(offset: offset) }
        var frame = frame
        if key == 1, let cipher { try Self.open(&frame, cipher, sequence: number, at: offset) }
        let columns = ByteReader(Array(frame[72..<(72 + columnCount)]))
        switch type {
        case 1: try end(columns, at: offset)
        case 2: if !batch.isEmpty { throw .malformed(offset: offset) }
        default: batch.append((type, columns, checksum))
        }
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
        for frame in batch { try apply(frame.type, frame.columns) }
        batch = []
    }

    private mutating func apply(_ type: UInt8, _ columns: ByteReader) throws(BytesError) {
        guard (18...21).contains(type) else { return }
        var columns = columns
        let ordinal: UInt64 = try columns.get()
        _ = try columns.skip(8)
        switch type {
        case 18: records[ordinal] = Microseconds(bitPattern: try columns.get(UInt64.self))
        case 19:
            records[ordinal] = nil
            edges = edges.filter { $0.value.from != ordinal && $0.value.to != ordinal }
        case 20: edges[ordinal] = (try columns.get(), try columns.get())
        default: edges[ordinal] = nil
        }
    }

    /// Holds what lives at an instant against a state.
    func check(_ expected: ExpectedState, now: Microseconds) throws(HarnessFailure) {
        var state = expected
        state.expire(at: now)
        let living = records.filter { $0.value > now }
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
