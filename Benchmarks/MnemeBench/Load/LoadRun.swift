// A load under way. With a rate, tasks are sent when they are due, whether or not earlier ones were
// answered, and timed from then on: a server that stalls is charged for everybody who would have
// come meanwhile, and what is never answered counts as an error. Without one, every connection
// keeps so many tasks in flight. How they are sent: LoadRun+Sending.swift.

internal import MnemeBase
internal import MnemeTransport

/// Runs a load on a loop's thread.
///
/// SAFETY: everything happens on the loop's thread until `wait` returns.
final class LoadRun: @unchecked Sendable {
    let work: any LoadWork
    let plan: LoadPlan
    let loop: EventLoop
    private let done = Gate()
    let chance: SeededRandomness
    var schedule: LoadSchedule?
    private var addresses: [SocketAddress] = []
    var connections: [LoadConnection] = []
    private var openCount = 0
    private var hasBegun = false
    var isOver = false
    var start: Int64 = 0
    var countFrom: Int64 = 0
    var stop: Int64 = 0
    var sent = 0
    var waitingCount = 0
    /// The task that is due next and when, made while there is nothing else to do.
    var prepared: (task: LoadTask, due: Int64)?
    /// Without a rate, tasks that were made while there was nothing else to do.
    var spares: [LoadTask] = []
    var isSpareAsked = false
    var hasEnded = false
    /// Whether what is under way at the end was given up, and does not count.
    private var isGivenUp = false

    private(set) var figures: [LoadFigures]
    /// Tasks of the time that counts, and those of them that were sent a millisecond late or more.
    var dueCount = 0
    var lateCount = 0
    /// The first error that came, and what ended the run early.
    private(set) var firstError: String?
    private(set) var failure: String?
    /// When a connection was made again, in nanoseconds: since the one before was lost.
    private(set) var reconnections = LoadHistogram()
    private var lostSince: Int64?

    /// Seconds that were counted.
    var countedSeconds: Double { Double(stop - countFrom) * 1e-9 }

    init(_ work: any LoadWork, _ plan: LoadPlan, _ loop: EventLoop) {
        self.work = work
        self.plan = plan
        self.loop = loop
        chance = SeededRandomness(seed: plan.seed)
        schedule = plan.rate.map { LoadSchedule(rate: $0, plan.arrivals, seed: plan.seed ^ 0x5eed) }
        figures = work.operations.map { _ in LoadFigures() }
    }

    /// Connects, runs the plan, and returns when it is over.
    func perform(_ addresses: [SocketAddress]) {
        begin(addresses)
        wait()
    }

    /// Waits until what was begun is over; once.
    func wait() { done.wait() }

    /// Gives up what is under way, and waits.
    ///
    /// What was asked before it then counts where it was answered.
    func giveUp() {
        loop.submit { [self] in
            stop = min(stop, max(countFrom, Ticks.now()))
            isGivenUp = true
            finish()
        }
        wait()
    }

    /// Connects and begins.
    func begin(_ addresses: [SocketAddress]) {
        loop.submit { [self] in
            self.addresses = addresses
            connections = (0..<plan.connections).map { _ in LoadConnection(self) }
            for connection in connections { connect(connection, since: Ticks.now()) }
        }
    }

    private func connect(_ connection: LoadConnection, since start: Int64) {
        guard !isOver else { return }
        loop.connect(
            to: addresses,
            timeoutMicroseconds: 5_000_000,
            connected: { _ in connection },
            failed: { [self] reason in
                let isLong = Double(Ticks.now() - start) * 1e-9 > plan.patienceSeconds
                guard plan.reconnects, !isLong else { return fail("\(reason)") }
                loop.schedule(after: 10_000) { [self] in connect(connection, since: start) }
            }
        )
    }

    // MARK: From connections

    /// A connection takes tasks.
    func connected(_ connection: LoadConnection) {
        if let since = lostSince, hasBegun {
            reconnections.add(Ticks.now() - since)
            lostSince = nil
        }
        openCount += 1
        guard openCount == plan.connections, !hasBegun else { return }
        hasBegun = true
        start = Ticks.now()
        countFrom = start + Int64(plan.warmUpSeconds * 1e9)
        stop = countFrom + Int64(plan.seconds * 1e9)
        if plan.rate != nil { return tick() }
        let longest = plan.warmUpSeconds + plan.seconds + plan.patienceSeconds
        loop.schedule(after: Int64(longest * 1e6)) { [self] in finish() }
        for connection in connections {
            for _ in 0..<plan.depth { sendNext(connection, due: start) }
            connection.flush()
        }
        endIfDone()
    }

    /// A task is done, or failed with the code of an error.
    func ended(
        _ connection: LoadConnection,
        _ pending: LoadPending,
        error code: String?,
        _ message: String
    ) {
        guard !isOver else { return }
        waitingCount -= 1
        let now = Ticks.now()
        count(pending, at: now, error: code)
        if code == nil, now >= countFrom, now < stop {
            figures[pending.task.operation].answeredCount += 1
        }
        if let code {
            firstError = firstError ?? "\(work.operations[pending.task.operation]): \(message)"
            if code == "disconnected", !plan.reconnects { return }
        } else {
            work.done(pending.task)
        }
        guard plan.rate == nil, !isOver else { return }
        guard now < stop, !hasEnded else { return endIfDone() }
        guard code != nil else { return sendNext(connection, due: now) }
        // Not at once: what is refused without being sent would be refused again, for ever.
        loop.schedule(after: 1000) { [self] in
            guard !isOver else { return }
            sendNext(connection, due: Ticks.now())
            connection.flush()
            endIfDone()
        }
    }

    /// A connection is of no more use.
    func noteBroken(_ reason: String) { firstError = firstError ?? reason }

    /// A connection was lost; it may not have been ready yet.
    func lost(_ connection: LoadConnection, wasReady: Bool) {
        guard !isOver else { return }
        if wasReady { openCount -= 1 }
        guard plan.reconnects else {
            return fail(firstError ?? "the server closed a connection")
        }
        lostSince = lostSince ?? Ticks.now()
        loop.schedule(after: 10_000) { [self] in connect(connection, since: Ticks.now()) }
    }

    // MARK: The end

    func endIfDone() {
        let isPast = hasEnded || Ticks.now() >= stop
        if plan.rate == nil, isPast, waitingCount == 0 { finish() }
    }

    private func count(_ pending: LoadPending, at now: Int64, error: String?) {
        guard pending.due >= countFrom, pending.due < stop else { return }
        figures[pending.task.operation].latencies.add(now - pending.due)
        if let error { figures[pending.task.operation].errors[error, default: 0] += 1 }
    }

    func fail(_ reason: String) {
        failure = failure ?? reason
        finish()
    }

    func finish() {
        guard !isOver else { return }
        isOver = true
        hasEnded = true
        let now = Ticks.now()
        for connection in connections {
            for pending in connection.takeUnanswered() where !isGivenUp {
                count(pending, at: now, error: "unanswered")
            }
            connection.end()
        }
        if failure == nil, !isGivenUp, plan.rate != nil { countUnsent(at: now) }
        done.open()
    }

    /// What was due and not even sent was not answered either.
    private func countUnsent(at now: Int64) {
        while let next = prepare(), next.due < stop {
            prepared = nil
            noteDue(next.due, at: now)
            count(LoadPending(task: next.task, due: next.due), at: now, error: "unsent")
        }
    }
}
