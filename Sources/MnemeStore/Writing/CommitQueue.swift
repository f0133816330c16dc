// Group commit, in two places that are held at the same time by different threads. Whoever finds
// nobody writing becomes the *writer* and stages everything that waits: decides it and applies it
// to the open group. Whoever finds nobody hardening then seals that group and *hardens* it: makes
// it durable, shows it, tells its callers. So the next group is decided while the one before is
// being synced, and there is no delay: a group is what gathered meanwhile. There is at most one
// group of each kind, and none is sealed before the one before it is settled.
//
// Callers that must not sleep leave their work with a completion. A thread of the queue's own, the
// log thread, stands in for them: it is woken as a sleeping caller would be, and takes its turn
// like one. A thread that others wait for, as the loop of a server is, writes what is short by
// itself, and gives the role to the log thread with the first work that is not.

internal import MnemeBase
internal import Synchronization

/// What became of work that was handed to the writer.
enum Staging<Outcome> {
    /// It is done; nothing of it is in the group.
    case done(Outcome)
    /// It has its turn with the open group; this is its outcome when that is settled well.
    case staged(Outcome)
    /// Every group before must be settled first.
    case blocked
    /// It would take longer than the thread has; nothing of it was done.
    case long
}

/// What the queue has written.
///
/// `stage` and `seal` are called by one thread at a time, `harden` by one thread at a time, after
/// `seal` and before the next one.
protocol GroupWriter: Sendable {
    associatedtype Work: Sendable
    associatedtype Outcome: Sendable

    /// Decides work and adds it to the open group.
    ///
    /// `isQuiet`: the open group is empty and no other is on its way; nothing is blocked then.
    /// `isBrief`: others wait for the thread, so that what is not known to be short is `long`;
    /// nothing is else.
    func stage(_ work: Work, isQuiet: Bool, isBrief: Bool) -> Staging<Outcome>
    /// Ends the open group.
    func seal()
    /// Makes the sealed group durable, shows it, and says what the staged outcomes have come to.
    func harden(_ staged: [Outcome]) -> [Outcome]
    /// A clock for durations.
    func elapsed() -> Microseconds
    /// Work has its turn that has waited so long.
    func noteWait(_ duration: Microseconds)
}

extension GroupWriter {
    func elapsed() -> Microseconds { 0 }
    func noteWait(_ duration: Microseconds) {}
}

/// A batch on its way through the writer.
final class PendingCommit<Work: Sendable, Outcome: Sendable>: Sendable {
    /// Who is told.
    private enum Waiter: Sendable {
        case thread(Gate)
        case completion(@Sendable (Outcome) -> Void)
    }

    let work: Work
    /// When it was handed to the queue.
    fileprivate let submitted: Microseconds
    private let waiter: Waiter
    private let outcome = Mutex<Outcome?>(nil)

    /// A batch whose caller sleeps.
    init(_ work: Work, at submitted: Microseconds) {
        (self.work, self.submitted) = (work, submitted)
        waiter = .thread(Gate())
    }

    /// A batch whose caller goes on.
    init(
        _ work: Work,
        at submitted: Microseconds,
        _ completion: @escaping @Sendable (Outcome) -> Void
    ) {
        (self.work, self.submitted) = (work, submitted)
        waiter = .completion(completion)
    }

    fileprivate var gate: Gate? { if case .thread(let gate) = waiter { gate } else { nil } }
    fileprivate var decided: Outcome? { outcome.withLock { $0 } }
    fileprivate func decide(_ result: Outcome) { outcome.withLock { $0 = result } }

    /// Tells the caller that its batch is decided.
    fileprivate func tell() {
        switch waiter {
        case .thread(let gate): gate.open()
        case .completion(let completion): if let decided { completion(decided) }
        }
    }
}

/// The batches that wait, and who writes.
final class CommitQueue<Writer: GroupWriter>: Sendable {
    typealias Work = Writer.Work
    typealias Outcome = Writer.Outcome
    typealias Pending = PendingCommit<Work, Outcome>

    private struct State {
        var waiting: [Pending] = []
        /// The open group.
        var staged: [(pending: Pending, outcome: Outcome)] = []
        var isWriting = false
        var isHardening = false
        /// Where the writer sleeps until nobody hardens.
        var quiet: Gate?
        /// Where the log thread sleeps; nil until there is one.
        var logThread: Gate?
        /// Whether the writer's role was handed to the log thread, which has not taken it up yet.
        var isLogThreadsTurn = false
        var hasEnded = false

        var hasWork: Bool { !waiting.isEmpty || !staged.isEmpty }
        var isIdle: Bool { !isWriting && !isHardening && !hasWork }
    }
    private let state = Mutex(State())
    private let writer: Writer

    /// A queue before a writer.
    init(_ writer: Writer) { self.writer = writer }

    /// Submits work and returns its outcome.
    func submit(_ work: Work) -> Outcome {
        let mine = Pending(work, at: writer.elapsed())
        var writes = state.withLock { state in
            state.waiting.append(mine)
            if state.isWriting { return false }
            state.isWriting = true
            return true
        }
        while true {
            if writes { lead(as: mine) }
            if let outcome = mine.decided { return outcome }
            mine.gate?.wait()
            // Woken without an outcome: it is our turn to write.
            writes = true
            if let outcome = mine.decided { return outcome }
        }
    }

    /// Adds work and returns; `lead` or `wakeLogThread` is to be called soon.
    ///
    /// `completion` is called on whatever thread hardens; it must not wait for anything.
    func gather(_ work: Work, completion: @escaping @Sendable (Outcome) -> Void) {
        let pending = Pending(work, at: writer.elapsed(), completion)
        state.withLock { $0.waiting.append(pending) }
    }

    /// Writes what waits on the calling thread as far as that is known to take little time, where
    /// nobody else writes; they take it otherwise, and the log thread the rest.
    func lead() {
        let (leads, logThread) = state.withLock { state -> (Bool, Gate?) in
            if state.isWriting || !state.hasWork { return (false, nil) }
            if state.staged.isEmpty {
                state.isWriting = true
                return (true, nil)
            }
            // Who staged it took his time; whoever hardens passes the role on.
            if state.isHardening { return (false, nil) }
            state.isWriting = true
            return (false, handToLogThread(&state))
        }
        logThread?.open()
        if leads { lead(as: nil, isBrief: true) }
    }

    /// Has the log thread write what waits, where nobody else does.
    func wakeLogThread() {
        let logThread = state.withLock { state -> Gate? in
            // Whoever hardens passes the role on, and may be the log thread itself.
            if state.isWriting || state.isHardening || !state.hasWork { return nil }
            state.isWriting = true
            return handToLogThread(&state)
        }
        logThread?.open()
    }

    /// Hands the writer's role, which somebody holds, to the log thread, which may have to be
    /// started.
    private func handToLogThread(_ state: inout State) -> Gate {
        state.isLogThreadsTurn = true
        if let gate = state.logThread { return gate }
        let gate = Gate()
        state.logThread = gate
        BackgroundThread.start(niceness: 0) { self.runLogThread(gate) }
        return gate
    }

    /// Lets the log thread end; what waits is still written.
    func end() {
        let idle = state.withLock { state in
            state.hasEnded = true
            // Whoever is at work sees it.
            return state.isIdle ? state.logThread : nil
        }
        idle?.open()
    }

    private func runLogThread(_ gate: Gate) {
        while true {
            gate.wait()
            while takeTurn() { lead(as: nil) }
            let isDone = state.withLock { state in
                guard state.hasEnded, state.isIdle else { return false }
                state.logThread = nil
                return true
            }
            if isDone { return }
        }
    }

    private func takeTurn() -> Bool {
        state.withLock { state in
            defer { state.isLogThreadsTurn = false }
            return state.isLogThreadsTurn
        }
    }

    // MARK: The writer's role

    /// What whoever has staged everything does next.
    private enum Next {
        case stage
        case harden
        case leave(Gate?)
    }

    /// Stages what waits, and hardens it where nobody else is hardening: what arrives meanwhile is
    /// the next group's, and somebody else's to lead when our own batch is settled.
    ///
    /// `isBrief`: only what is short is staged.
    private func lead(as mine: Pending?, isBrief: Bool = false) {
        while true {
            let waiting = state.withLock { $0.waiting.take() }
            for (index, pending) in waiting.enumerated() {
                if stage(pending, mine, isBrief) { continue }
                return handOver(waiting[index...])
            }
            let next = state.withLock { state -> Next in
                if !state.staged.isEmpty && !state.isHardening {
                    state.isHardening = true
                    return .harden
                }
                if let first = state.waiting.first {
                    let isSettled = mine.map { $0.decided != nil } ?? false
                    return isSettled ? .leave(first.gate ?? handToLogThread(&state)) : .stage
                }
                state.isWriting = false
                return .leave(state.hasEnded && state.isIdle ? state.logThread : nil)
            }
            switch next {
            case .stage: continue
            case .harden: return harden(mine)
            case .leave(let gate):
                gate?.open()
                return
            }
        }
    }

    /// Gives the writer's role on with work that was not staged, in its order.
    private func handOver(_ rest: ArraySlice<Pending>) {
        let gate = state.withLock { state -> Gate in
            state.waiting.insert(contentsOf: rest, at: 0)
            return rest.first?.gate ?? handToLogThread(&state)
        }
        gate.open()
    }

    /// Stages work; false where that would take too long.
    private func stage(_ pending: Pending, _ mine: Pending?, _ isBrief: Bool) -> Bool {
        let isQuiet = state.withLock { $0.staged.isEmpty && !$0.isHardening }
        let began = writer.elapsed()
        var staging = writer.stage(pending.work, isQuiet: isQuiet, isBrief: isBrief)
        if case .blocked = staging {
            // Nobody knows how long that takes.
            if isBrief { return false }
            settleAll(mine)
            staging = writer.stage(pending.work, isQuiet: true, isBrief: false)
        }
        switch staging {
        case .done(let outcome):
            pending.decide(outcome)
            if pending !== mine { pending.tell() }
        case .staged(let outcome):
            writer.noteWait(began - pending.submitted)
            state.withLock { $0.staged.append((pending, outcome)) }
        case .long:
            precondition(isBrief, "too long for a thread that has time")
            return false
        case .blocked: preconditionFailure("blocked with nothing before it")
        }
        return true
    }

    /// Waits for the group that is being hardened and hardens the open one, as the writer.
    private func settleAll(_ mine: Pending?) {
        let gate = state.withLock { state -> Gate? in
            guard state.isHardening else { return nil }
            let gate = Gate()
            state.quiet = gate
            return gate
        }
        gate?.wait()
        let group = state.withLock { $0.staged.take() }
        guard !group.isEmpty else { return }
        writer.seal()
        settle(group, mine)
    }

    // MARK: Hardening

    /// Seals the open group, gives the writer's role on, makes the group durable.
    ///
    /// Both roles are held.
    private func harden(_ mine: Pending?) {
        let group = state.withLock { $0.staged.take() }
        writer.seal()
        let successor = state.withLock { state -> Gate? in
            // Who left a completion may be staged when the group is settled.
            if let sleeper = state.waiting.first(where: { $0.gate != nil }) { return sleeper.gate }
            state.isWriting = false
            return nil
        }
        successor?.open()
        settle(group, mine) { self.passOn() }
    }

    /// Makes the sealed group durable and tells its callers; `between` happens before they wake, so
    /// that no batch waits for nobody.
    private func settle(
        _ group: [(pending: Pending, outcome: Outcome)],
        _ mine: Pending?,
        between: () -> Void = {}
    ) {
        let outcomes = writer.harden(group.map(\.outcome))
        for (member, outcome) in zip(group, outcomes) { member.pending.decide(outcome) }
        between()
        for member in group where member.pending !== mine { member.pending.tell() }
    }

    /// Gives the hardening up; who is next begins to write where somebody must.
    private func passOn() {
        let gate = state.withLock { state -> Gate? in
            state.isHardening = false
            if let quiet = state.quiet {
                state.quiet = nil
                return quiet
            }
            if state.isWriting { return nil }
            guard let next = state.waiting.first ?? state.staged.first?.pending else {
                return state.hasEnded ? state.logThread : nil
            }
            state.isWriting = true
            return next.gate ?? handToLogThread(&state)
        }
        gate?.open()
    }
}

extension Array {
    /// All of it, which leaves nothing.
    fileprivate mutating func take() -> [Element] {
        defer { self = [] }
        return self
    }
}
