// What a walk needs beside the graph: marks of what it has seen, its beam, and a batch of
// neighbours on their way through a kernel.

internal import CKernels

/// The memory of one walk at a time.
///
/// Used by one thread at a time; used again, it is warm and costs nothing to begin with.
///
/// SAFETY: every part has room for what is named beside it, and lives as long as the value.
@safe
final class GraphScratch: @unchecked Sendable {
    /// The most nodes that are scored in one call: a node's links, or a part of a longer list.
    static let batch = GraphShape.degree

    /// A generation a node, that of the walk that saw it last.
    private var marks: AlignedBytes
    private var markCount: Int
    private(set) var generation: UInt16 = 0
    private var keyBytes: AlignedBytes
    private(set) var capacity: Int
    /// How many keys there are.
    var filled = 0
    /// Where a walk with a test may go on.
    var open = GraphHeap()
    /// Keys of copies that the walk did not take in.
    var aside = GraphHeap()
    /// Whether the walk met copies.
    var metCopies = false
    private let batchBytes: AlignedBytes
    /// The batch: nodes, where their codes and factors stand, the factors, and what became of them.
    let nodes: UnsafeMutablePointer<UInt32>
    let codes: UnsafeMutablePointer<UnsafePointer<UInt8>>
    let factors: UnsafeMutablePointer<UnsafePointer<Float>>
    let scales: UnsafeMutablePointer<Float>
    let biases: UnsafeMutablePointer<Float>
    let scores: UnsafeMutablePointer<Float>

    init() {
        marks = AlignedBytes(byteCount: 2)
        markCount = 1
        capacity = 0
        keyBytes = AlignedBytes(byteCount: 8)
        // A place more in each, as the batch is filled without a branch.
        let room = Self.batch + 16
        batchBytes = AlignedBytes(byteCount: room * 32)
        unsafe codes = batchBytes.part(at: 0, of: UnsafePointer<UInt8>.self)
        unsafe factors = batchBytes.part(at: room * 8, of: UnsafePointer<Float>.self)
        unsafe nodes = batchBytes.part(at: room * 16, of: UInt32.self)
        unsafe scales = batchBytes.part(at: room * 20, of: Float.self)
        unsafe biases = batchBytes.part(at: room * 24, of: Float.self)
        unsafe scores = batchBytes.part(at: room * 28, of: Float.self)
    }

    /// Marks of the nodes.
    var marked: UnsafeMutablePointer<UInt16> { unsafe marks.part(at: 0, of: UInt16.self) }
    /// The beam: best first, each the order-preserving bits of a score, a node, and whether its
    /// links were followed.
    var keys: UnsafeMutablePointer<UInt64> { unsafe keyBytes.part(at: 0, of: UInt64.self) }

    /// Makes ready for a walk over so many nodes with a beam of this width.
    func begin(count: UInt32, beam: Int) {
        if markCount < Int(count) {
            markCount = Int(count) + Int(count) / 4
            marks = AlignedBytes(byteCount: markCount * 2)
            generation = 0
        }
        generation &+= 1
        if generation == 0 {
            unsafe marked.update(repeating: 0, count: markCount)
            generation = 1
        }
        if capacity < beam { keyBytes = AlignedBytes(byteCount: beam * 8) }
        capacity = max(capacity, beam)
        filled = 0
        aside.removeAll()
        metCopies = false
    }

    /// What the beam came to, best first.
    func take(into candidates: inout [GraphCandidate]) {
        candidates.removeAll(keepingCapacity: true)
        for place in 0..<filled {
            let key = unsafe keys[place]
            candidates.append(GraphCandidate(score: Self.score(key), node: Self.node(key)))
        }
    }

    /// The node of a key.
    @inline(__always)
    static func node(_ key: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: key) >> 1 }

    /// The score of a key.
    @inline(__always)
    static func score(_ key: UInt64) -> Float {
        let bits = UInt32(truncatingIfNeeded: key >> 32)
        return Float(bitPattern: bits >> 31 == 1 ? bits & 0x7fff_ffff : ~bits)
    }

    /// The key of a node that was not followed yet.
    @inline(__always)
    static func key(_ score: Float, _ node: UInt32) -> UInt64 {
        let bits = score.bitPattern
        let ordered = bits >> 31 == 0 ? bits | 0x8000_0000 : ~bits
        return UInt64(ordered) << 32 | UInt64(node) << 1
    }
}
