// Deadlines of requests, and the timers of a connection.

internal import MnemeBase
internal import MnemeTransport
internal import MnemeWire

extension ServerConnection {
    func setDeadline(_ loop: EventLoop) {
        let next = session.nextDeadline ?? .max
        guard next != deadline else { return }
        if let deadlineTimer { loop.cancel(deadlineTimer) }
        deadline = next
        deadlineTimer = nil
        guard next != .max else { return }
        deadlineTimer = loop.schedule(after: max(0, next - loop.now())) { [weak self] in
            self?.expire(loop)
        }
    }

    private func expire(_ loop: EventLoop) {
        (deadlineTimer, deadline) = (nil, .max)
        for id in session.expire(now: loop.now()) { end(id, Self.expired) }
        pump()
    }

    func cancelTimers(_ loop: EventLoop) {
        for timer in [helloTimer, drainTimer, deadlineTimer] {
            if let timer { loop.cancel(timer) }
        }
        (helloTimer, drainTimer, deadlineTimer, deadline) = (nil, nil, nil, .max)
    }
}
