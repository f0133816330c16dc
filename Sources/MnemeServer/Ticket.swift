// Who is first: the worker that begins a request, or whoever ends it before.

internal import MnemeBase
internal import MnemeWire
internal import Synchronization

/// Whether a request that another thread has may still be ended as if it had never been.
final class Ticket: Sendable {
    private static let waiting: UInt8 = 0
    private static let asking: UInt8 = 1
    private static let changing: UInt8 = 2
    private static let ended: UInt8 = 3
    private let state = Atomic<UInt8>(Ticket.waiting)
    /// What is asked.
    let operation: RequestKind
    /// When it came.
    let arrival: Microseconds
    /// What is asked in full, where it may be told as slow.
    let request: ServerRequest?
    private let begun = Atomic<Microseconds>(.min)

    init(_ request: ServerRequest, at arrival: Microseconds, keeps: Bool) {
        (operation, self.arrival) = (request.operation, arrival)
        self.request = keeps ? request : nil
    }

    /// When a worker began it last; nil where none did.
    var workStart: Microseconds? {
        let start = begun.load(ordering: .relaxed)
        return start == .min ? nil : start
    }

    /// A worker begins it.
    func noteWork(at time: Microseconds) { begun.store(time, ordering: .relaxed) }

    /// Begins the request; false when it was ended before.
    ///
    /// One that only asks may be ended still.
    func begin(canStillEnd: Bool = false) -> Bool {
        state.compareExchange(
            expected: Self.waiting,
            desired: canStillEnd ? Self.asking : Self.changing,
            ordering: .acquiringAndReleasing
        ).exchanged
    }

    /// Whether it was ended before it was answered.
    var hasEnded: Bool { state.load(ordering: .acquiring) == Self.ended }

    /// Ends the request; false when it may be changing something.
    @discardableResult
    func cancel() -> Bool {
        for before in [Self.waiting, Self.asking] {
            let (isDone, _) = state.compareExchange(
                expected: before,
                desired: Self.ended,
                ordering: .acquiringAndReleasing
            )
            if isDone { return true }
        }
        return false
    }
}
