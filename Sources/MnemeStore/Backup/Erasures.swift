// What frames say was erased, records and edges: the ledger that a restore and a pruning ask.
// Format: formats/backup.md#erasures.

internal import MnemeLog

/// Records and edges that were erased.
struct Erasures: Sendable {
    private(set) var records: Set<Erasure> = []
    private(set) var edges: Set<EdgeErasure> = []

    var isEmpty: Bool { records.isEmpty && edges.isEmpty }

    /// Whether a frame of a type may say that something was erased.
    static func areIn(_ type: UInt8) -> Bool {
        StoreFrameType.isErase(type) || type == StoreFrameType.eraseEdge
    }

    /// Takes in what a frame says, where it says anything of it.
    mutating func take(_ columns: [UInt8], type: UInt8, sequence: UInt64, incarnation: UInt64) {
        let record = Erasure(columns, type: type, sequence: sequence, incarnation: incarnation)
        if let record { records.insert(record) }
        if let edge = EdgeErasure(columns, type: type) { edges.insert(edge) }
    }

    mutating func formUnion(_ other: Erasures) {
        records.formUnion(other.records)
        edges.formUnion(other.edges)
    }
}
