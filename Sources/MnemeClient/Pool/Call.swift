// A request on its way through the pool. What always holds: it ends once, and whoever waits
// for it is told then.

internal import MnemeBase
internal import MnemeModel
internal import MnemeTransport
internal import MnemeWire
internal import Synchronization

/// An answer that is not decoded yet: whoever asked does that.
struct Answered: Sendable {
    let answer: ResponseKind
    let payload: Payload
}

/// One request and what became of it.
///
/// SAFETY: what changes belongs to the loop's thread from `Pool.begin` on, before that to whoever
/// made the call; but for `isCancelled`, which is atomic.
final class Call: @unchecked Sendable {
    /// Where a call is.
    enum Place {
        /// Not handed to the loop yet.
        case new
        /// In the queue: not sent, or to be sent again.
        case waiting
        /// Without an end, under an id of a connection.
        case sent(Link, UInt32)
        case ended
    }

    let request: Request
    /// The connection of the transaction that it belongs to, or begins.
    let pin: LinkPin?
    let durability: Durability?
    let isWrite: Bool
    /// By the loop's clock.
    let deadline: Microseconds
    /// Who waits for the end; set before the call is begun.
    var waiter: CheckedContinuation<Result<Answered, MnemeError>, Never>?
    /// Whether the task does not want it any more; set by any thread.
    let isCancelled = Atomic<Bool>(false)

    var place = Place.new
    /// How often it was sent without an end.
    var attempts = 0
    /// How often a server that shuts down refused it.
    var refusals = 0
    /// Bytes that the connection had received when it was sent.
    var receivedBefore = 0
    /// Whether its time is over and its end is waited for all the same.
    var isOverdue = false
    var timer: TimerID?

    init(
        _ request: Request,
        durability: Durability?,
        deadline: Microseconds,
        pin: LinkPin? = nil
    ) {
        self.request = request
        self.pin = pin
        self.durability = durability
        isWrite = RequestKind(request).isWrite
        self.deadline = deadline
    }

    /// Whether only the connection that began its transaction can take it.
    var isPinned: Bool {
        if case .begin = request { false } else { pin != nil }
    }

    var isEnded: Bool {
        if case .ended = place { true } else { false }
    }

    /// Ends the call; the second time it does nothing.
    func end(_ result: Result<Answered, MnemeError>) {
        guard !isEnded else { return }
        place = .ended
        waiter?.resume(returning: result)
        waiter = nil
    }
}

/// The connection that a transaction was begun on.
///
/// SAFETY: used on the loop's thread alone; others only pass it along.
final class LinkPin: @unchecked Sendable {
    weak var link: Link?
}

/// Calls that are to be sent, the oldest first.
struct CallQueue {
    private var calls: [Call] = []
    private var start = 0
    /// Ended ones that are still among them.
    private var endedCount = 0

    /// The next one to be sent; ended ones before it are dropped.
    ///
    /// - Complexity: O(1) amortized.
    mutating func first() -> Call? {
        while start < calls.count {
            guard calls[start].isEnded else { return calls[start] }
            endedCount -= 1
            start += 1
        }
        calls.removeAll(keepingCapacity: calls.capacity <= 4096)
        start = 0
        return nil
    }

    /// Takes out the one that `first` said.
    mutating func removeFirst() {
        start += 1
        if start > 256, start * 2 > calls.count {
            calls.removeSubrange(0..<start)
            start = 0
        }
    }

    mutating func append(_ call: Call) { calls.append(call) }

    /// Puts calls that had been sent before those that were not.
    mutating func prepend(_ returned: [Call]) {
        calls.replaceSubrange(0..<start, with: returned)
        start = 0
    }

    /// Says that a call in the queue has ended, so that the queue does not keep it for long.
    mutating func noteEnded() {
        endedCount += 1
        guard endedCount > 256, endedCount * 2 > calls.count - start else { return }
        calls = calls[start...].filter { !$0.isEnded }
        start = 0
        endedCount = 0
    }

    /// Takes everything out.
    mutating func removeAll() -> [Call] {
        let left = calls[start...].filter { !$0.isEnded }
        self = CallQueue()
        return left
    }
}
