// Where a full vector stands: a segment and a byte in it, as one number; and the way from such
// numbers to memory.

internal import MnemeBase
internal import MnemeLog
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

/// Full vectors in the mapped log.
///
/// SAFETY: pointers lead into mappings that `held` keeps alive as long as the source.
@safe
final class MappedVectors: VectorSource {
    private let log: Log
    private let rowBytes: Int
    /// Segments double, so there are few.
    private var held: [(segment: UInt64, mapping: Mapping)] = []

    init(log: Log, rowBytes: Int) {
        self.log = log
        self.rowBytes = rowBytes
    }

    func resolve(
        _ addresses: UnsafeBufferPointer<UInt64>,
        into rows: UnsafeMutablePointer<UnsafeRawPointer>
    ) throws(VectorError) {
        for index in 0..<addresses.count {
            let address = unsafe addresses[index]
            guard let mapping = mapping(VectorAddress.segment(address)),
                let row = unsafe try? mapping.pointer(
                    at: VectorAddress.offset(address),
                    count: rowBytes
                )
            else { throw .unreadable(address: address) }
            unsafe rows[index] = row
        }
        if let index = unsafe Mapping.firstUnreadable(
            rows,
            startCount: addresses.count,
            count: rowBytes
        ) {
            throw .unreadable(address: unsafe addresses[index])
        }
    }

    private func mapping(_ segment: UInt64) -> Mapping? {
        for known in held where known.segment == segment { return known.mapping }
        guard let found = log.mapping(of: segment) else { return nil }
        held.append((segment, found))
        return found
    }
}
