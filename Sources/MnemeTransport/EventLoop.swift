// One thread that serves many sockets: it waits for events, lets each socket move a bounded number
// of bytes, runs the jobs that other threads handed over and the timers that are due, sends what
// was queued meanwhile, and waits again.
//
// What holds: handlers, jobs and timers run on the loop's thread, one at a time; a handler is told
// of the end of its connection exactly once, and of nothing after; a job that was taken runs.
// Everything but `submit`, `stop` and `isOnThread` belongs to the loop's thread, or, before `run`,
// to the thread that sets the loop up.

internal import Glibc
package import MnemeBase
internal import Synchronization

/// What a loop watches.
protocol LoopSource: AnyObject {
    /// Something happened.
    func ready(_ readiness: Readiness)
    /// The loop stops: come to an end soon.
    func stop()
    /// The loop's time is over: end now.
    func abandon()
    /// Sends what was queued, as asked for by `EventLoop.flushLater`.
    func flush()
    /// Gives everything back, as asked for by `EventLoop.releaseLater`.
    func release()
}

/// What a loop did since it was made.
package struct LoopStatistics: Equatable, Sendable {
    /// How often it woke up.
    package var wakeUps: UInt64 = 0
    /// Events of sockets.
    package var events: UInt64 = 0
    /// Jobs that ran.
    package var jobs: UInt64 = 0
    /// Timers that came due.
    package var timers: UInt64 = 0
    /// Bytes that came in.
    package var bytesReceived: UInt64 = 0
    /// Bytes that went out.
    package var bytesSent: UInt64 = 0
    /// Connections that were opened, by either side.
    package var connectionsOpened: UInt64 = 0
    /// Connections that came to an end.
    package var connectionsClosed: UInt64 = 0
    /// How often accepting paused because the system had no descriptor or memory left.
    package var acceptPauses: UInt64 = 0
}

/// A loop over sockets, timers and jobs.
///
/// SAFETY: what other threads reach is the mailbox, which locks, and `thread`, which is atomic;
/// everything else is used by one thread at a time, and `assertOnThread` holds callers to it. The
/// receive buffer is allocated once and freed with the loop.
@safe package final class EventLoop: @unchecked Sendable {
    /// How many bytes one read takes at most.
    static let receiveCapacity = 64 << 10

    /// What the loop did so far.
    package internal(set) var statistics = LoopStatistics()
    /// Whether the loop was told to stop.
    package private(set) var isStopping = false

    /// Where bytes arrive, for whichever connection is being read.
    let receiveBuffer: UnsafeMutableRawBufferPointer

    private struct Slot {
        var source: (any LoopSource)?
        var generation: UInt32 = 0
    }

    private static let mailToken = UInt64.max
    private let epoll: Epoll
    private let mailbox: LoopMailbox
    private let thread = Atomic<UInt>(0)
    private let clock = RealClock()
    private var slots: [Slot] = []
    private var freeSlots: [Int] = []
    private var sourceCount = 0
    private var timers = TimerQueue()
    private var jobs: [LoopJob] = []
    private var toFlush: [any LoopSource] = []
    private var toRelease: [any LoopSource] = []
    /// Those whose turn it is; the room is used again.
    private var turn: [any LoopSource] = []
    /// How long the loop looks for events, without sleeping, when they come quickly; 0: not at all.
    ///
    /// To be set before `run`.
    package var spinMicroseconds: Microseconds = 0
    private var isLively = false
    private var stopDeadline: Microseconds?
    private var nextConnectionID: UInt64 = 1

    /// A loop that does not run yet.
    ///
    /// - Throws: `.system` when the system has no descriptors left.
    package init() throws(TransportError) {
        epoll = try Epoll()
        mailbox = try LoopMailbox()
        unsafe receiveBuffer = .allocate(byteCount: Self.receiveCapacity, alignment: 64)
        do {
            try epoll.add(mailbox.number, [.input, .edge], token: Self.mailToken)
        } catch {
            unsafe receiveBuffer.deallocate()
            throw error
        }
    }

    deinit { unsafe receiveBuffer.deallocate() }

    // MARK: From any thread

    /// Has a job run on the loop's thread, soon and in the order of submission.
    ///
    /// Wakes the loop at most once for all jobs that come while it sleeps.
    ///
    /// - Returns: false once the loop has ended: the job will not run. A job that was taken runs,
    ///   also while the loop stops. Jobs that are submitted before `run` wait for it.
    @discardableResult package func submit(_ job: @escaping LoopJob) -> Bool { mailbox.put(job) }

    /// Ends the loop: listeners close, handlers are told `stopping`, and `run` returns when all
    /// connections are through, or after so long with the rest closed as `.loopStopped`.
    package func stop(within microseconds: Microseconds) { mailbox.stop(within: microseconds) }

    /// Whether the caller is on the thread that runs the loop.
    package var isOnThread: Bool { thread.load(ordering: .relaxed) == UInt(pthread_self()) }

    // MARK: On the loop's thread

    /// Time for durations, in microseconds; never steps back.
    package func now() -> Microseconds { clock.elapsed() }

    /// Has `action` run once, not before so long from now; timers run in the order of deadlines.
    ///
    /// A timer that is left when the loop ends does not run.
    ///
    /// - Complexity: O(log n).
    @discardableResult
    package func schedule(
        after microseconds: Microseconds,
        _ action: @escaping () -> Void
    )
        -> TimerID
    {
        assertOnThread()
        let deadline = now().addingReportingOverflow(max(0, microseconds))
        return timers.add(at: deadline.overflow ? .max : deadline.partialValue, action)
    }

    /// Takes a timer back; false where it ran or was cancelled before.
    @discardableResult package func cancel(_ timer: TimerID) -> Bool {
        assertOnThread()
        return timers.cancel(timer)
    }

    /// Runs the loop on the calling thread until it was told to stop and is through.
    ///
    /// - Precondition: it never ran before.
    package func run() {
        let (isFirst, _) = thread.compareExchange(
            expected: 0,
            desired: UInt(pthread_self()),
            ordering: .sequentiallyConsistent
        )
        precondition(isFirst, "a loop runs once")
        while !isThrough {
            let count = wait()
            statistics.wakeUps += 1
            for index in 0..<count {
                let (token, readiness) = epoll.event(index)
                if let source = source(of: token) {
                    statistics.events += 1
                    source.ready(readiness)
                }
            }
            takeMail()
            runTimers()
            flushAndRelease()
        }
        end()
    }

    /// Traps where the caller is on another thread than the loop.
    func assertOnThread() {
        let owner = thread.load(ordering: .relaxed)
        precondition(
            owner == 0 || owner == UInt(pthread_self()),
            "connections, timers and listeners belong to the loop's thread: submit a job"
        )
    }

    func takeConnectionID() -> UInt64 {
        defer { nextConnectionID += 1 }
        return nextConnectionID
    }

    /// Has `source.flush` called before the loop sleeps.
    func flushLater(_ source: any LoopSource) { toFlush.append(source) }

    /// Has `source.release` called before the loop sleeps, after the handlers have returned.
    func releaseLater(_ source: any LoopSource) { toRelease.append(source) }

    // MARK: Sources

    /// Watches a descriptor for a source that is new.
    ///
    /// - Returns: the token of the source, which `detach` and `unregister` take.
    func register(
        _ source: any LoopSource,
        _ number: Int32,
        _ interest: Readiness
    ) throws(TransportError) -> UInt64 {
        let index = freeSlots.popLast() ?? slots.count
        if index == slots.count { slots.append(Slot()) }
        let token = UInt64(slots[index].generation) << 32 | UInt64(index)
        do {
            try epoll.add(number, interest, token: token)
        } catch {
            freeSlots.append(index)
            throw error
        }
        slots[index].source = source
        sourceCount += 1
        return token
    }

    func change(
        _ token: UInt64,
        _ number: Int32,
        _ interest: Readiness
    ) throws(TransportError) {
        try epoll.change(number, interest, token: token)
    }

    /// Hears of the descriptor no more, but keeps the source: what epoll tells unasked would
    /// otherwise be told for ever.
    func detach(_ number: Int32) { epoll.remove(number) }

    /// Watches a descriptor again that was detached.
    func attach(
        _ token: UInt64,
        _ number: Int32,
        _ interest: Readiness
    ) throws(TransportError) {
        try epoll.add(number, interest, token: token)
    }

    /// Forgets a source; events of it that came already reach nobody.
    func unregister(_ token: UInt64, _ number: Int32) {
        epoll.remove(number)
        let index = Int(token & 0xffff_ffff)
        guard source(of: token) != nil else { return }
        slots[index].source = nil
        slots[index].generation &+= 1
        freeSlots.append(index)
        sourceCount -= 1
    }

    private func source(of token: UInt64) -> (any LoopSource)? {
        let index = Int(token & 0xffff_ffff)
        guard index < slots.count, slots[index].generation == UInt32(token >> 32) else {
            return nil
        }
        return slots[index].source
    }

    // MARK: One turn

    /// Waits for events, mail or a timer, and says how many events there are.
    ///
    /// A thread that sleeps takes some 20 to 50 µs to wake up. Where the last event came sooner
    /// than `spinMicroseconds`, the next one is looked for as long before the loop sleeps.
    private func wait() -> Int {
        guard spinMicroseconds > 0 else { return epoll.wait(milliseconds: sleepMilliseconds()) }
        let start = now()
        if isLively {
            repeat {
                let count = epoll.wait(milliseconds: 0)
                if count > 0 || mailbox.hasMail { return count }
            } while now() - start < spinMicroseconds
        }
        let count = epoll.wait(milliseconds: sleepMilliseconds())
        isLively = count > 0 && now() - start < 2 * spinMicroseconds
        return count
    }

    private func sleepMilliseconds() -> Int32 {
        guard toFlush.isEmpty, toRelease.isEmpty, mailbox.fallAsleep() else { return 0 }
        var deadline = timers.nextDeadline()
        if let stopDeadline { deadline = min(deadline ?? .max, stopDeadline) }
        guard let deadline else { return -1 }
        let rest = deadline - now()
        if rest <= 0 { return 0 }
        // Rounded up, so that the loop does not turn idly through the last millisecond.
        return Int32(clamping: min(rest, 86_400_000_000) / 1000 + 1)
    }

    private func takeMail() {
        let stopWithin = mailbox.take(into: &jobs)
        if !jobs.isEmpty {
            statistics.jobs += UInt64(jobs.count)
            for job in jobs { job() }
            jobs.removeAll(keepingCapacity: jobs.capacity <= 4096)
        }
        guard let stopWithin else { return }
        let end = now().addingReportingOverflow(max(0, stopWithin))
        let deadline = end.overflow ? .max : end.partialValue
        stopDeadline = min(stopDeadline ?? .max, deadline)
        guard !isStopping else { return }
        isStopping = true
        for source in slots.compactMap(\.source) { source.stop() }
    }

    private func runTimers() {
        guard timers.count > 0 else { return }
        let (now, limit) = (now(), timers.roundLimit)
        while let action = timers.takeDue(at: now, before: limit) {
            statistics.timers += 1
            action()
        }
    }

    /// Sends what was queued outside the connections' own events, and lets go of what has ended.
    ///
    /// What handlers add meanwhile has its turn after the next look at the sockets.
    private func flushAndRelease() {
        if !toFlush.isEmpty {
            swap(&toFlush, &turn)
            for source in turn { source.flush() }
            turn.removeAll(keepingCapacity: true)
        }
        if !toRelease.isEmpty {
            swap(&toRelease, &turn)
            for source in turn { source.release() }
            turn.removeAll(keepingCapacity: true)
        }
    }

    // MARK: The end

    private var isThrough: Bool {
        guard isStopping, toRelease.isEmpty else { return false }
        if sourceCount == 0 { return true }
        guard let stopDeadline else { return false }
        return now() >= stopDeadline
    }

    private func end() {
        for source in slots.compactMap(\.source) { source.abandon() }
        while !toRelease.isEmpty { flushAndRelease() }
        mailbox.close()
        takeMail()
        while !toRelease.isEmpty { flushAndRelease() }
        timers = TimerQueue()
    }
}
