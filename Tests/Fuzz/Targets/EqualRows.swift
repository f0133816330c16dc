// Rows of vectors that are all the same one: what a search asks for when it scores exactly.

internal import MnemeVectors

/// One row for every address.
///
/// SAFETY: the bytes are written before anybody has them, and live as long as the process.
@safe
final class EqualRows: VectorSource, @unchecked Sendable {
    static let shared = EqualRows(byteCount: 64)

    private let row: UnsafeRawPointer

    private init(byteCount: Int) {
        let bytes = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 64)
        unsafe bytes.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
        unsafe row = UnsafeRawPointer(bytes)
    }

    func resolve(
        _ addresses: UnsafeBufferPointer<UInt64>,
        of ordinals: UnsafePointer<UInt64>,
        into rows: UnsafeMutablePointer<UnsafeRawPointer>
    ) throws(VectorError) {
        for index in addresses.indices {
            guard unsafe addresses[index] < 1 << 32 else {
                throw .unreadable(address: unsafe addresses[index])
            }
            unsafe rows[index] = row
        }
    }
}
