// A segment: a file of zeros that frames are written into, from a header on. Its size never changes
// while it is open, so it is mapped once and read through the mapping.
// Format: formats/log.md#segment.

internal import MnemeBase
internal import Synchronization

/// The first 4,096 bytes of a segment, twice.
struct SegmentHeader {
    static let size = 4096
    static let copy = 2048
    static let magic: UInt64 = 0x3147_4c45_4d45_4e4d  // "MNEMELG1"
    static let version: UInt32 = 1
    /// Of encrypted segments: formats/encryption.md#log.
    static let encryptedVersion: UInt32 = 2
    private static let saltOffset = 128
    /// Bytes of a copy that may mean something.
    private static let copySize = 168

    let version: UInt32
    let identityHigh: UInt64
    let identityLow: UInt64
    let number: UInt64
    let firstSequence: UInt64
    let byteCount: UInt64
    /// Whether packs stand in it.
    let hasPacks: Bool
    /// What the segment's key follows from; nil where it is not encrypted.
    let salt: [UInt8]?

    /// Whether this program reads segments of its version.
    var isKnown: Bool { version == Self.version || version == Self.encryptedVersion }

    init(
        identity: LogIdentity,
        number: UInt64,
        firstSequence: UInt64,
        byteCount: UInt64,
        hasPacks: Bool = false,
        salt: [UInt8]? = nil
    ) {
        version = salt == nil ? Self.version : Self.encryptedVersion
        self.salt = salt
        identityHigh = identity.high
        identityLow = identity.low
        self.number = number
        self.firstSequence = firstSequence
        self.byteCount = byteCount
        self.hasPacks = hasPacks
    }

    /// Reads either copy; nil when both are damaged.
    init?(_ bytes: [UInt8]) {
        for start in [0, Self.copy] where bytes.count >= start + 64 {
            let end = min(start + Self.copySize, bytes.count)
            if let header = try? SegmentHeader(copy: Array(bytes[start..<end])) {
                self = header
                return
            }
        }
        return nil
    }

    /// Whether something stands in the place of both copies.
    ///
    /// Whoever makes a header, or removes one, leaves one copy whole or one empty.
    static func hasBothCopies(_ bytes: [UInt8]) -> Bool {
        bytes.count >= size
            && [0, copy].allSatisfy { start in
                bytes[start..<(start + 64)].contains { $0 != 0 }
            }
    }

    private init(copy: [UInt8]) throws(BytesError) {
        var reader = ByteReader(copy)
        let checksum: UInt64 = try reader.get()
        guard checksum == Checksum.xxh3(Array(copy[8..<64])),
            try reader.get(UInt64.self) == Self.magic
        else { throw .malformed(offset: 0) }
        version = try reader.get()
        hasPacks = try reader.get(UInt32.self) & 1 != 0
        identityHigh = try reader.get()
        identityLow = try reader.get()
        number = try reader.get()
        firstSequence = try reader.get()
        byteCount = try reader.get()
        guard firstSequence < SegmentNumber.sequenceLimit else { throw .malformed(offset: 48) }
        guard version == Self.encryptedVersion else {
            salt = nil
            return
        }
        reader.offset = Self.saltOffset
        let salt = try reader.get(count: Vault.segmentSaltCount)
        guard try reader.get(UInt64.self) == Checksum.xxh3(salt, seed: checksum) else {
            throw .malformed(offset: Self.saltOffset)
        }
        self.salt = salt
    }

    var bytes: [UInt8] {
        var body = ByteWriter(capacity: 56)
        body.put(Self.magic)
        body.put(version)
        body.put(UInt32(hasPacks ? 1 : 0))
        body.put(identityHigh)
        body.put(identityLow)
        body.put(number)
        body.put(firstSequence)
        body.put(byteCount)
        var writer = ByteWriter(capacity: Self.size)
        for _ in 0..<2 {
            writer.put(Checksum.xxh3(body.bytes))
            writer.put(body.bytes)
            if let salt {
                let zeros = Self.saltOffset - 8 - body.bytes.count
                writer.put([UInt8](repeating: 0, count: zeros))
                writer.put(salt)
                writer.put(Checksum.xxh3(salt, seed: Checksum.xxh3(body.bytes)))
            }
            writer.pad(to: Self.copy)
        }
        return writer.bytes
    }
}

/// An open segment.
final class Segment: Sendable {
    let number: UInt64
    let byteCount: Int
    let file: any DiskFile
    let mapping: Mapping
    let verified: VerifiedPlaces
    /// Whether its zeros may be reserved and not written.
    let isReserved: Bool
    private let sealed = Atomic<Bool>(false)
    private let key = Mutex<Cipher?>(nil)
    /// What bodies are packed against, once somebody wanted it.
    let foundDictionary = Mutex<SegmentDictionary?>(nil)

    /// Whether its frames are enciphered.
    var isEncrypted: Bool { sealed.load(ordering: .relaxed) }

    /// What its frames are deciphered with, where that is known.
    var cipher: Cipher? { key.withLock { $0 } }

    /// Says that its frames are enciphered; before anybody else reads the segment.
    func encrypt(with cipher: Cipher?) {
        key.withLock { $0 = cipher }
        sealed.store(true, ordering: .relaxed)
    }

    init(number: UInt64, file: any DiskFile, isReserved: Bool = true) throws(DiskError) {
        self.number = number
        self.file = file
        self.isReserved = isReserved
        byteCount = Int(try file.byteCount())
        mapping = try file.map(at: 0, count: byteCount)
        verified = VerifiedPlaces(byteCount: byteCount)
    }

    /// A segment beside the log: memory that no file holds.
    init(number: UInt64, aside mapping: Mapping) {
        self.number = number
        file = MemoryFile(path: "a change that is not committed")
        isReserved = false
        byteCount = mapping.count
        self.mapping = mapping
        verified = VerifiedPlaces(byteCount: byteCount)
    }

    /// Where zeros that are not written may begin, when the log goes on from an offset.
    func writtenOffset(from offset: Int) -> Int { isReserved ? offset : byteCount }

    static func path(_ directory: String, _ number: UInt64) -> String {
        directory + "/" + name(number)
    }

    /// The numbers from `first` through `last` that are in none of the runs.
    ///
    /// - Complexity: O(runs · log runs), however long they are.
    static func gaps(
        in runs: [ClosedRange<UInt64>],
        from first: UInt64,
        through last: UInt64
    )
        -> [ClosedRange<UInt64>]
    {
        var gaps: [ClosedRange<UInt64>] = []
        var next = first
        for run in runs.sorted(by: { $0.lowerBound < $1.lowerBound })
        where run.upperBound >= next && run.lowerBound <= last {
            if run.lowerBound > next { gaps.append(next...(run.lowerBound - 1)) }
            next = run.upperBound + 1
        }
        if next <= last { gaps.append(next...last) }
        return gaps
    }

    /// Twelve digits or more, and `.log`; of a cold segment, `cold-` before them.
    static func name(_ number: UInt64) -> String {
        let isCold = SegmentNumber.isCold(number)
        let digits = String(isCold ? number - SegmentNumber.coldBase : number)
        let zeros = String(repeating: "0", count: max(0, 12 - digits.count))
        return (isCold ? coldPrefix : "") + zeros + digits + ".log"
    }

    /// The number of a segment's file, as it stands in places; nil for names that no segment has.
    static func number(_ name: String) -> UInt64? {
        let isCold = name.hasPrefix(coldPrefix)
        guard name.hasSuffix(".log"),
            let digits = UInt64(name.dropFirst(isCold ? coldPrefix.count : 0).dropLast(4)),
            digits > 0, digits < SegmentNumber.coldBase
        else { return nil }
        let number = isCold ? SegmentNumber.coldBase + digits : digits
        return Self.name(number) == name ? number : nil
    }

    private static let coldPrefix = "cold-"

    /// What its header says; nil when it is damaged, or has not been written yet.
    var header: SegmentHeader? {
        (try? mapping.copy(at: 0, count: SegmentHeader.size)).flatMap { SegmentHeader($0) }
    }
}
