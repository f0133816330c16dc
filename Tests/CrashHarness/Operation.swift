// What is done to a store and to its disk: the words that scripts are made of.

package import MnemeBase
package import MnemeModel
package import MnemeStore

/// One operation of a workload.
///
/// A kind of background work that the store learns to do comes in by way of `UpkeepStep`: what is
/// there is drawn, ended at every step of its own, and left out by the shrinking, without a word
/// here.
package enum Operation: Sendable {
    case commit([Change], Durability)
    case define(Schema)
    case drop(Drop)
    /// A batch under an idempotency key.
    case once(String, [Change], Durability)
    /// All that a condition holds for goes, in one commit.
    case deleteWhere(DeleteWhere, Durability)
    /// Everything of an owner is erased.
    case purge(String)
    /// Changes are kept by the audit from now on, or not any more.
    case audit(Bool)
    /// Steps of upkeep, in this order.
    case upkeep([UpkeepStep])
    case checkpoint
    /// A checkpoint, and a commit of somebody else's when it has done so much on its file.
    case interrupted(after: Int, [Change], Durability)
    /// Takes what was deleted or replaced out of the files.
    case erase
    /// Closes the store and opens it again.
    case reopen
    /// Lets time pass.
    case pass(Microseconds)
    /// Takes a snapshot and keeps it.
    case keepSnapshot
    /// Reads the snapshots that were kept and lets them go.
    case lookBack
    /// Has the disk remember its contents, for stale reads.
    case remember
    /// Puts something in the disk's way.
    case fault(DiskFault)
    /// Ends all faults.
    case heal
}

/// What goes wrong with a disk, counted from the moment at which it is said.
package enum DiskFault: Sendable, Hashable {
    /// A data sync fails; what it should have kept is lost, and the next one succeeds.
    case failedSync(after: Int, keepingSome: Bool)
    case failedDirectorySync(after: Int)
    /// A write fails behind its first bytes.
    case failedWrite(after: Int, kept: Int)
    /// A write finds the disk full behind its first bytes.
    case fullWrite(after: Int, kept: Int)
    /// A read fails.
    case failedRead(after: Int)
    /// A read finds that the file ends before.
    case shortRead(after: Int)
    /// There is no room from some step on; `everyWrite` as in `FullDisk`.
    case full(after: Int, everyWrite: Bool)
    /// There is room for so many bytes more.
    case room(bytes: Int)

    /// What a store may answer while it lasts, and after it.
    ///
    /// A disk without room for more is refused with one code alone, and nothing is left of it once
    /// there is room.
    var codes: Set<MnemeError.Code> {
        switch self {
        case .full(_, everyWrite: false), .room: [.diskFull]
        case .full(_, everyWrite: true), .fullWrite: [.diskFull, .outcomeUnknown]
        case .failedRead: [.disk, .outcomeUnknown]
        case .shortRead: [.corrupt, .damagedLog, .outcomeUnknown]
        default: [.diskFull, .disk, .outcomeUnknown]
        }
    }
}

extension Operation: CustomStringConvertible {
    package var description: String {
        switch self {
        case .commit(let changes, let durability):
            "commit \(durability) of " + changes.map(Self.short).joined(separator: ", ")
        case .define(let schema):
            "define "
                + (schema.collections.map(\.name) + schema.edgeTypes.map(\.name))
                .joined(separator: ", ")
        case .drop(let drop): "drop \(drop)"
        case .once(let key, let changes, let durability):
            "commit \(durability) once, as \(key), of "
                + changes.map(Self.short).joined(separator: ", ")
        case .deleteWhere(let delete, let durability):
            "\(delete.erases ? "erase" : "delete") \(durability) from \(delete.collection)"
                + (delete.owner.map { " of \($0)" } ?? "")
                + (delete.from.map { " from \($0)" } ?? "")
                + (delete.to.map { " to \($0)" } ?? "")
                + (delete.filter.map { " where \($0.json())" } ?? "")
        case .purge(let owner): "purge \(owner)"
        case .audit(let isOn): isOn ? "keep an audit" : "keep no audit"
        case .upkeep(let steps): "upkeep: " + steps.map(\.rawValue).joined(separator: ", ")
        case .checkpoint: "checkpoint"
        case .interrupted(let steps, let changes, let durability):
            "checkpoint, and after \(steps) steps commit \(durability) of "
                + changes.map(Self.short).joined(separator: ", ")
        case .erase: "erase"
        case .reopen: "close and open"
        case .pass(let time): "wait \(time) µs"
        case .keepSnapshot: "keep a snapshot"
        case .lookBack: "read the snapshots kept"
        case .remember: "what stale reads show is remembered"
        case .fault(let fault): "fault: \(fault)"
        case .heal: "faults end"
        }
    }

    private static func short(_ change: Change) -> String {
        switch change {
        case .put(let put):
            "\(put.mode) \(put.collection)/\(put.key?.description ?? "?")"
                + (put.expiresAt == nil ? "" : " for a while")
        case .patch(let patch): "patch \(patch.collection)/\(patch.key)"
        case .delete(let reference): "delete \(reference)"
        case .erase(let reference): "erase \(reference)"
        case .remove(let removal): "remove \(removal.reference)"
        case .link(let link): "link \(link.type) \(link.from) → \(link.to)"
        case .unlink(let id): "unlink \(id)"
        case .eraseEdge(let id): "erase edge \(id)"
        case .supersede(let supersede): "supersede \(supersede.old)"
        case .mark(let mark): "\(mark.kind.rawValue) \(mark.reference)"
        }
    }
}
