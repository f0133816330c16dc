// Where a full vector stands: a segment and a byte in it, as one number; and the way from such
// numbers to memory.

internal import MnemeBase
internal import MnemeLog
internal import MnemePages
internal import MnemeVectors

enum VectorAddress {
    private static let offsetBits: UInt64 = 28

    /// - Precondition: the offset is below 256 MiB.
    static func bits(segment: UInt64, offset: Int) -> UInt64 {
        segment << offsetBits | UInt64(offset)
    }

    static func segment(_ bits: UInt64) -> UInt64 { bits >> offsetBits }

    static func offset(_ bits: UInt64) -> Int { Int(bits & (1 << offsetBits - 1)) }
}

/// Full vectors in the mapped log, each held against its frame's checksum before anybody has
/// looked at it.
///
/// SAFETY: pointers lead into mappings that `held` keeps alive as long as the source.
@safe
final class MappedVectors: VectorSource {
    /// What keeps a segment's rows where they are.
    private struct Held {
        let mapping: Mapping
        let verified: VerifiedPlaces
    }

    /// Where the rows of a segment that is held are found.
    ///
    /// Nothing in it is counted: to count the references of each row's segment takes longer than
    /// the look at the row.
    ///
    /// SAFETY: `held` keeps the mapping and the bits; whoever adds to `base` holds the offset
    /// against `byteCount`.
    @safe private struct Place {
        let segment: UInt64
        let base: UnsafeRawPointer
        let byteCount: Int
        let verified: VerifiedBits
    }

    private let log: Log
    /// Where the ordinals of the rows are looked up.
    private let view: PageView
    private let rowBytes: Int
    /// Segments double, so there are few.
    private var held: [Held] = []
    /// Where their rows are; looked at for each row.
    ///
    /// SAFETY: a source is one search's, which asks one thing after the other.
    @exclusivity(unchecked) private var places: [Place] = []
    /// Rows of an encrypted log, deciphered for the search that asked last.
    private var opened: AlignedRows?
    /// What a look-up failed with, when a row was unreadable because of it.
    private(set) var failure: StoreError?

    init(log: Log, view: PageView, rowBytes: Int) {
        self.log = log
        self.view = view
        self.rowBytes = rowBytes
    }

    func resolve(
        _ addresses: UnsafeBufferPointer<UInt64>,
        of ordinals: UnsafePointer<UInt64>,
        into rows: UnsafeMutablePointer<UnsafeRawPointer>
    ) throws(VectorError) {
        if log.isEncrypted {
            return try unsafe resolveOpened(addresses, of: ordinals, into: rows)
        }
        // What the second round looks at is fetched by the first. Neighbours often stand in one
        // segment, whose place is then at hand.
        var place: Place?
        for index in 0..<addresses.count {
            let address = unsafe addresses[index]
            let offset = VectorAddress.offset(address)
            let segment = VectorAddress.segment(address)
            if place?.segment != segment { place = self.place(segment) }
            guard let place, offset <= place.byteCount - rowBytes else {
                throw .unreadable(address: address)
            }
            let row = unsafe place.base + offset
            unsafe rows[index] = row
            place.verified.fetch(offset)
            Prefetch.lines(UInt(bitPattern: row), 1)
            Prefetch.lines(UInt(bitPattern: row) + UInt(rowBytes - 1), 1)
        }
        for index in 0..<addresses.count {
            let address = unsafe addresses[index]
            let segment = VectorAddress.segment(address)
            if place?.segment != segment { place = self.place(segment) }
            if place?.verified.contains(VectorAddress.offset(address)) ?? false { continue }
            guard verify(address, unsafe ordinals[index]) else {
                throw .unreadable(address: address)
            }
        }
        if let index = unsafe Mapping.firstUnreadable(
            rows,
            startCount: addresses.count,
            count: rowBytes
        ) {
            throw .unreadable(address: unsafe addresses[index])
        }
    }

    /// As `resolve`, of a log whose frames are enciphered: each is opened, and its row copied.
    private func resolveOpened(
        _ addresses: UnsafeBufferPointer<UInt64>,
        of ordinals: UnsafePointer<UInt64>,
        into rows: UnsafeMutablePointer<UnsafeRawPointer>
    ) throws(VectorError) {
        let stride = (rowBytes + 7) & ~7
        let room = AlignedRows(byteCount: stride * max(addresses.count, 1))
        for index in 0..<addresses.count {
            let address = unsafe addresses[index]
            let target = unsafe UnsafeMutableRawBufferPointer(
                start: room.base + index * stride,
                count: rowBytes
            )
            let isThere = ofVersion(address, unsafe ordinals[index]) {
                (place, birth, row) throws(LogError) in
                try unsafe log.copyRow(row, of: place, sequence: birth, into: target)
            }
            guard isThere else { throw .unreadable(address: address) }
            unsafe rows[index] = UnsafeRawPointer(room.base + index * stride)
        }
        opened = room
    }

    /// Whether the row at an address is that of the version which its ordinal has.
    private func verify(_ address: UInt64, _ ordinal: UInt64) -> Bool {
        ofVersion(address, ordinal) { (place, birth, row) throws(LogError) in
            try log.verify(place, sequence: birth, row: row)
        }
    }

    /// Asks the log about the row at an address, of the version which its ordinal has; false where
    /// there is none.
    private func ofVersion(
        _ address: UInt64,
        _ ordinal: UInt64,
        _ ask: (LogPlace, UInt64, Range<Int>) throws(LogError) -> Bool
    ) -> Bool {
        let offset = VectorAddress.offset(address)
        let row = offset..<(offset + rowBytes)
        do throws(StoreError) {
            let found = try onPages { () throws(PageError) in
                try OrdinalTable.entry(ordinal, in: view)
            }
            guard let found else { return false }
            let place = LogPlace(bits: found.place)
            guard place.segment == VectorAddress.segment(address) else { return false }
            return try onLog { () throws(LogError) in try ask(place, found.birth, row) }
        } catch {
            failure = error
            return false
        }
    }

    private func place(_ segment: UInt64) -> Place? {
        for known in unsafe places where known.segment == segment { return known }
        guard let mapping = log.mapping(of: segment),
            let verified = log.verifiedPlaces(of: segment)
        else { return nil }
        let found = unsafe Place(
            segment: segment,
            base: mapping.base,
            byteCount: mapping.count,
            verified: verified.bits
        )
        held.append(Held(mapping: mapping, verified: verified))
        unsafe places.append(found)
        return found
    }
}

/// Room for rows.
///
/// SAFETY: allocated once, freed with the object; whoever reads there keeps the object.
@safe private final class AlignedRows {
    let base: UnsafeMutableRawPointer

    init(byteCount: Int) { unsafe base = .allocate(byteCount: byteCount, alignment: 64) }

    deinit { unsafe base.deallocate() }
}
