// Watches that wait for something to tell: they hold neither a worker nor the loop. The store calls
// when something is durable, and the watch is asked again as if it had just come; a timer answers
// when its time is up. They end with their request and with the connection.

internal import Mneme
internal import MnemeBase
internal import MnemeModel
internal import MnemeTransport
internal import MnemeWire

/// A watch that waits.
struct ServerWatch {
    let request: ServerRequest
    /// What is asked next.
    var watch: Watch
    /// What is answered when the time is up.
    var answer: Watched
    /// When that is, by the loop's clock, and its timer.
    let deadline: Microseconds
    var timer: TimerID?
    /// What the store knows it by while nobody asks; nil while somebody does.
    var number: UInt64?
}

extension ServerConnection {
    /// Asks a watch, on a worker's thread.
    static func watch(
        _ request: ServerRequest,
        _ watch: Watch,
        _ memory: Memory,
        _ asker: Asker
    ) throws(MnemeError) -> ServedAnswer {
        let watched = try memory.watchNow(watch, for: asker)
        guard watched.events.isEmpty, watch.after != nil, watch.waitMilliseconds > 0 else {
            let response = Response.watched(watched)
            return .encoded(ResponseKind(response), try response.body(), nil)
        }
        var next = watch
        next.after = watched.next
        return .nothingYet(request, next, watched)
    }

    /// Has a watch wait that was answered with nothing; false where it waits no more.
    func wait(with request: ServerRequest, _ watch: Watch, _ answer: Watched) -> Bool {
        guard let loop = connection?.loop, let memory, !answersWatches else { return false }
        let id = request.id
        let end = loop.now() + Microseconds(watch.waitMilliseconds) * 1000
        var waiting =
            watches[id]
            ?? ServerWatch(request: request, watch: watch, answer: answer, deadline: end)
        guard loop.now() < waiting.deadline else { return false }
        (waiting.watch, waiting.answer) = (watch, answer)
        if waiting.timer == nil {
            waiting.timer = loop.schedule(after: waiting.deadline - loop.now()) { [weak self] in
                self?.timeIsUp(id)
            }
        }
        let ticket = tickets[id]
        waiting.number = memory.waitForCommit(after: answer.next) { [weak self] in
            loop.submit { [weak self] in
                guard let self, let ticket, tickets[id] === ticket else { return }
                askAgain(id)
            }
        }
        watches[id] = waiting
        return true
    }

    private func askAgain(_ id: UInt32) {
        guard var watch = watches[id], watch.number != nil else { return }
        watch.number = nil
        watches[id] = watch
        waiting.append(watch.request)
        pump()
    }

    private func timeIsUp(_ id: UInt32) {
        watches[id]?.timer = nil
        answerWatch(id)
        pump()
    }

    /// Answers a watch that nobody asks just now.
    private func answerWatch(_ id: UInt32) {
        guard let watch = watches[id], watch.number != nil, tickets[id] != nil else { return }
        dropWatch(id)
        tickets[id] = nil
        session.respond(id, .watched(watch.answer))
    }

    /// Has no watch wait any more: those that do are answered.
    func endWatches(_ loop: EventLoop) {
        answersWatches = true
        for id in watches.keys.sorted() { answerWatch(id) }
    }

    /// Forgets a watch, whatever becomes of its request.
    func dropWatch(_ id: UInt32) {
        guard let watch = watches.removeValue(forKey: id) else { return }
        if let timer = watch.timer { connection?.loop.cancel(timer) }
        if let number = watch.number { memory?.cancelWait(number) }
    }

    /// Forgets all, as the connection ends.
    func dropWatches(_ loop: EventLoop) {
        for watch in watches.values {
            if let timer = watch.timer { loop.cancel(timer) }
            if let number = watch.number { memory?.cancelWait(number) }
        }
        watches = [:]
    }
}
