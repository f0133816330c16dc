// One connection of a load: messages out, answers in, each task timed from when it was due.

internal import MnemeBase
internal import MnemeTransport

/// A task under way.
struct LoadPending {
    var task: LoadTask
    /// When it was due, in nanoseconds.
    let due: Int64
    /// How many of its messages are answered.
    var answered = 0
    /// What came of the last one.
    var count = 0
}

/// A connection that a run sends tasks over, used on the loop's thread.
final class LoadConnection: ConnectionHandler {
    private let run: LoadRun
    private var speech: any LoadSpeech
    private var connection: Connection?
    private var isReady = false
    private var waiting: [UInt32: LoadPending] = [:]
    /// What is due while there is no connection, or while that takes no more, from `firstHeld` on.
    private var held: [LoadPending] = []
    private var firstHeld = 0

    init(_ run: LoadRun) {
        self.run = run
        speech = run.work.speech()
    }

    func opened(_ connection: Connection) {
        self.connection = connection
        speech.begin()
        take()
    }

    func received(_ bytes: RawSpan, on connection: Connection) {
        speech.receive(bytes)
        take()
    }

    private func take() {
        while let event = speech.next() {
            switch event {
            case .ready:
                isReady = true
                run.connected(self)
            case .answered(let id, let count):
                guard var pending = waiting.removeValue(forKey: id) else { continue }
                pending.answered += 1
                pending.count = count
                if pending.answered < pending.task.messages.count {
                    send(pending)
                } else if count == 0, !pending.task.mayFindNothing {
                    run.ended(self, pending, error: "nothingFound", "An answer is empty.")
                } else {
                    run.ended(self, pending, error: nil, "")
                }
            case .failed(let id, let code, let message):
                guard let pending = waiting.removeValue(forKey: id) else { continue }
                run.ended(self, pending, error: code, message)
            case .broken(let reason):
                run.noteBroken(reason)
                connection?.close()
            }
        }
        sendHeld()
        flush()
    }

    func closed(_ connection: Connection, reason: CloseReason) {
        self.connection = nil
        let wasReady = isReady
        isReady = false
        speech = run.work.speech()
        let lost = waiting.values.sorted { $0.due < $1.due }
        waiting = [:]
        for pending in lost {
            run.ended(self, pending, error: "disconnected", "The connection was lost.")
        }
        run.lost(self, wasReady: wasReady)
    }

    /// Sends a task's next message, or holds it until it can be sent, in order; `flush` lets it
    /// leave.
    func send(_ pending: LoadPending) {
        held.append(pending)
        sendHeld()
    }

    private func sendHeld() {
        while isReady, firstHeld < held.count, !speech.isFull {
            let pending = held[firstHeld]
            firstHeld += 1
            put(pending)
        }
        guard firstHeld > 0, firstHeld * 2 >= held.count else { return }
        held.removeFirst(firstHeld)
        firstHeld = 0
    }

    private func put(_ pending: LoadPending) {
        do throws(LoadRefusal) {
            let id = try speech.send(pending.task.messages[pending.answered])
            waiting[id] = pending
        } catch {
            run.ended(self, pending, error: error.code, error.message)
        }
    }

    func flush() {
        guard let connection else { return }
        let output = speech.takeOutput()
        if !output.isEmpty { connection.send(output) }
    }

    /// Takes all tasks that are not done.
    func takeUnanswered() -> [LoadPending] {
        defer { (waiting, held, firstHeld) = ([:], [], 0) }
        return Array(waiting.values) + held[firstHeld...]
    }

    func end() { connection?.close() }
}
