// Codes that stand anywhere, on their way through a kernel together.

internal import CKernels
internal import MnemePages

/// Some entries of an index, each wherever it stands.
///
/// SAFETY: every column lies in `memory` with room for `most` entries and the kernels' slack; who
/// adds an entry keeps its code readable until the codes are scored.
@safe
struct GatheredCodes: ~Copyable {
    /// So many at most are scored together.
    static let most = ColumnLookup.most
    private static let room = most + 16

    private(set) var count = 0
    private let memory: AlignedBytes
    let codes: UnsafeMutablePointer<UnsafePointer<UInt8>>
    let ordinals: UnsafeMutablePointer<UInt64>
    let addresses: UnsafeMutablePointer<UInt64>
    let scales: UnsafeMutablePointer<Float>
    let biases: UnsafeMutablePointer<Float>

    init() {
        let room = Self.room
        memory = AlignedBytes(byteCount: room * 32, zeroed: false)
        unsafe codes = memory.part(at: 0, of: UnsafePointer<UInt8>.self)
        unsafe ordinals = memory.part(at: room * 8, of: UInt64.self)
        unsafe addresses = memory.part(at: room * 16, of: UInt64.self)
        unsafe scales = memory.part(at: room * 24, of: Float.self)
        unsafe biases = memory.part(at: room * 28, of: Float.self)
    }

    mutating func removeAll() { count = 0 }

    /// Adds the first entry of a block.
    ///
    /// - Precondition: there are fewer than `most`.
    mutating func add(_ block: CodeBlock) {
        unsafe codes[count] = block.codes
        unsafe scales[count] = block.scales.pointee
        unsafe biases[count] = block.biases.pointee
        unsafe ordinals[count] = block.ordinals.pointee
        unsafe addresses[count] = block.addresses.pointee
        count += 1
    }

    /// Calls `body` with the score of each entry, in the order in which they were added.
    borrowing func forEachScore(by query: borrowing PreparedQuery, _ body: (Float) -> Void) {
        // SAFETY: there is room for the entries' scores and what the kernel asks for beside.
        unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: Self.room) { room in
            guard let room = room.baseAddress else { return }
            unsafe withUnsafePointer(to: query.codeQuery) { codeQuery in
                unsafe Kernels.chosen.codes_score_pointers(
                    codeQuery,
                    codes,
                    scales,
                    biases,
                    count,
                    room
                )
            }
            for place in 0..<count { body(unsafe room[place]) }
        }
    }
}
