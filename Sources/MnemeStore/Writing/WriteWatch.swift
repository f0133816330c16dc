// What whoever looks after a store is told of its writing: once when commits are refused because
// the disk is full, once when that is over, and once when nothing is written any more.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel
internal import Synchronization

/// Watches what becomes of commits, on the writer's and the hardener's threads.
final class WriteWatch: Sendable {
    private let report: @Sendable (StoreNotice) -> Void
    /// The segment that the log was in when the first commit was refused; the highest number there
    /// is while none is.
    private let refusedIn = Atomic<UInt64>(.max)
    private let end = Mutex<MnemeError?>(nil)

    init(_ report: (@Sendable (StoreNotice) -> Void)?) { self.report = report ?? { _ in } }

    /// A commit found no room behind a segment.
    func met(_ error: LogError, in segment: UInt64) {
        guard case .disk(.full(let path)) = error, refusedIn.load(ordering: .relaxed) == .max else {
            return
        }
        refusedIn.store(segment, ordering: .relaxed)
        report(
            StoreNotice(
                .diskFull,
                "The disk is full: there is no room for \(path), and commits are refused until "
                    + "there is. Reading goes on."
            )
        )
    }

    /// A commit has room in a segment.
    ///
    /// Small ones may have had it all the time in the one that others found no room behind.
    func found(in segment: UInt64) {
        guard segment > refusedIn.load(ordering: .relaxed) else { return }
        refusedIn.store(.max, ordering: .relaxed)
        report(
            StoreNotice(.diskHasRoom, "There is room on the disk again, and commits are taken.")
        )
    }

    /// Nothing is written any more.
    func ended(_ cause: MnemeError) {
        let isFirst = end.withLock { end in
            defer { end = end ?? cause }
            return end == nil
        }
        guard isFirst else { return }
        report(
            StoreNotice(
                .writingEnded,
                "Nothing is written any more until the store is opened again: \(cause.message)"
            )
        )
    }

    /// What nothing is written for any more; nil while everything goes on.
    var endCause: MnemeError? { end.withLock { $0 } }
}
