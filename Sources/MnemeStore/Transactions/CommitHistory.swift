// What was committed of late, for transactions that are held against it when they commit, and for
// deletes by a condition between their look and their turn: of each batch the versions of records
// that came and went, and the edges. The writer adds to it; anybody reads. What nobody who has
// begun can ask for goes, and where the rest would be too much, the oldest of it goes too: who is
// from before ends in a conflict then.
//
// Nothing is kept before the first of them, nor after a while without any: whoever begins says so
// under the lock under which keeping ends.

internal import MnemeBase
internal import MnemeModel
internal import MnemePages
internal import Synchronization

/// What one change of a batch did.
enum CommittedChange: Sendable {
    case record(RecordChange)
    case edge(type: UInt16, from: UInt64, to: UInt64)
    /// Records that were withdrawn.
    case withdrawn(CollectionEntry, IDBitmap)
}

/// A version that came, went or was replaced; vectors are left out.
struct RecordChange: Sendable {
    let collection: CollectionEntry
    let key: Key
    let ordinal: UInt64
    var old: StoredRecord?
    var new: StoredRecord?

    /// Its place among the records of the tree, by which records are told apart.
    var name: [UInt8] { StoreKeys.record(collection.number, key) }
    var reference: Reference { Reference(collection.schema.name, key) }
    /// Whether the record came or went.
    var changesExistence: Bool { old == nil || new == nil }
    /// Whether a walk may see it now and did not before, or the other way round: it went, or was
    /// put aside or brought back.
    var changesSight: Bool {
        guard let new else { return true }
        guard let marks = collection.marks, let old else { return false }
        return marks.differ(old, new, collection)
    }
}

/// What one commit did.
final class CommittedBatch: Sendable {
    let sequence: UInt64
    let changes: [CommittedChange]
    /// About so many bytes of memory.
    let byteCount: Int

    init(_ planned: [PlannedChange], at sequence: UInt64) {
        self.sequence = sequence
        var changes: [CommittedChange] = []
        changes.reserveCapacity(planned.count)
        var byteCount = 64
        for change in planned {
            switch change {
            case .put(let put):
                changes.append(
                    .record(
                        RecordChange(
                            collection: put.collection,
                            key: put.record.key,
                            ordinal: put.ordinal,
                            old: put.old?.record.withoutVectors,
                            new: put.record.withoutVectors
                        )
                    )
                )
                byteCount += 256 + max(put.body.count, Int(put.plainCount))
                byteCount += put.old?.frameBytes ?? 0
            case .delete(let delete):
                changes.append(
                    .record(
                        RecordChange(
                            collection: delete.collection,
                            key: delete.old.record.key,
                            ordinal: delete.ordinal,
                            old: delete.old.record.withoutVectors,
                            new: nil
                        )
                    )
                )
                byteCount += 256 + delete.old.frameBytes
            case .link(let edge), .unlink(let edge):
                changes.append(.edge(type: edge.type, from: edge.from, to: edge.to))
                byteCount += 64
            case .withdraw(let withdrawal):
                changes.append(.withdrawn(withdrawal.collection, withdrawal.ordinals))
                byteCount += withdrawal.ordinals.byteCount
            case .schema, .owner, .fork: continue
            }
        }
        self.changes = changes
        self.byteCount = byteCount
    }
}

extension StoredRecord {
    fileprivate var withoutVectors: StoredRecord {
        var record = self
        record.vectors = []
        return record
    }
}

/// The newest commits, as far as open transactions may ask for them.
final class CommitHistory: Sendable {
    private struct State {
        /// Everything that was committed after this sequence is here.
        var completeFrom: UInt64 = .max
        /// Ascending; from `start` on.
        var batches: [CommittedBatch] = []
        var start = 0
        var byteCount = 0
        /// Counts how often something was taken back.
        var cuts = 0
        /// How many who are held against this began at a commit.
        var bases: [UInt64: Int] = [:]
        /// So many commits came while there was none.
        var idleCommits = 0
    }

    /// Some of the newest commits.
    struct Found {
        let batches: ArraySlice<CommittedBatch>
        /// The last of them.
        let through: UInt64
        let cuts: Int
    }

    private let state = Mutex(State())
    private let isOn = Atomic<Bool>(false)
    private let newest: Published
    private let limit: Int
    private let idleLimit: Int

    /// A history that nobody needs yet.
    ///
    /// `limit`: bytes that are kept at most. `idle`: after so many commits that nobody needs
    /// nothing is kept any more.
    init(_ newest: Published, limit: Int, idle: Int) {
        self.newest = newest
        self.limit = limit
        idleLimit = idle
    }

    /// Whether commits are kept.
    var keeps: Bool { isOn.load(ordering: .acquiring) }

    /// Adds what the writer has applied.
    func note(_ changes: [PlannedChange], at sequence: UInt64) {
        guard keeps else { return }
        let batch = CommittedBatch(changes, at: sequence)
        // What goes is let go of without the lock.
        let gone = state.withLock { state -> [CommittedBatch] in
            state.idleCommits = state.bases.isEmpty ? state.idleCommits + 1 : 0
            if state.idleCommits > idleLimit { return stop(&state) }
            state.batches.append(batch)
            state.byteCount += batch.byteCount
            let isFull = state.byteCount > limit
            guard isFull || (state.batches.count - state.start) % 64 == 0 else { return [] }
            return prune(&state)
        }
        withExtendedLifetime(gone) {}
    }

    /// Keeps nothing any more; who begins next has commits kept again, in the writer's place.
    private func stop(_ state: inout State) -> [CommittedBatch] {
        isOn.store(false, ordering: .releasing)
        let gone = state.batches
        (state.batches, state.start, state.byteCount) = ([], 0, 0)
        (state.completeFrom, state.idleCommits) = (.max, 0)
        return gone
    }

    private func prune(_ state: inout State) -> [CommittedBatch] {
        var gone: [CommittedBatch] = []
        // Whoever begins next sees what is published now, or more.
        let needed = min(state.bases.keys.min() ?? .max, newest.state.sequence)
        while state.start < state.batches.count {
            let first = state.batches[state.start]
            guard first.sequence <= needed || state.byteCount > limit else { break }
            gone.append(first)
            state.completeFrom = first.sequence
            state.byteCount -= first.byteCount
            state.start += 1
        }
        if state.start > 64, state.start * 2 > state.batches.count {
            state.batches.removeSubrange(0..<state.start)
            state.start = 0
        }
        return gone
    }

    /// Forgets what was applied and will not be committed.
    func cut(after sequence: UInt64) {
        guard keeps else { return }
        state.withLock { state in
            state.cuts += 1
            while state.batches.count > state.start, let last = state.batches.last,
                last.sequence > sequence
            {
                state.byteCount -= last.byteCount
                state.batches.removeLast()
            }
        }
    }

    /// The newest state for somebody who is held against what is committed from then on until he
    /// calls `end`; nil where commits are not kept, and `beginKeeping` is to be called.
    func begin() -> HeldState? {
        state.withLock { state in keeps ? begin(&state) : nil }
    }

    /// The newest state as from `begin`; commits are kept from now on.
    ///
    /// - Precondition: called in the writer's place, with everything published that was applied.
    func beginKeeping() -> HeldState {
        state.withLock { state in
            let held = begin(&state)
            guard !keeps else { return held }
            state.completeFrom = held.sequence
            isOn.store(true, ordering: .releasing)
            return held
        }
    }

    private func begin(_ state: inout State) -> HeldState {
        let held = newest.held
        state.bases[held.sequence, default: 0] += 1
        return held
    }

    /// Somebody who began at a commit is over.
    func end(_ base: UInt64) {
        let gone = state.withLock { state -> [CommittedBatch] in
            let count = (state.bases[base] ?? 0) - 1
            if count > 0 {
                state.bases[base] = count
            } else {
                state.bases.removeValue(forKey: base)
            }
            return state.bases.isEmpty ? prune(&state) : []
        }
        withExtendedLifetime(gone) {}
    }

    /// What was committed after a sequence, nil where not all of it is kept.
    ///
    /// - Complexity: O(log commits).
    func since(_ sequence: UInt64) -> Found? {
        state.withLock { state in
            guard sequence >= state.completeFrom else { return nil }
            var (low, high) = (state.start, state.batches.count)
            while low < high {
                let middle = (low + high) / 2
                if state.batches[middle].sequence <= sequence {
                    low = middle + 1
                } else {
                    high = middle
                }
            }
            let found = state.batches[low...]
            return Found(
                batches: found,
                through: found.last?.sequence ?? sequence,
                cuts: state.cuts
            )
        }
    }
}
