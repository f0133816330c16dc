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
        for timer in [helloTimer, drainTimer, deadlineTimer, stallTimer] {
            if let timer { loop.cancel(timer) }
        }
        (helloTimer, drainTimer, deadlineTimer, deadline) = (nil, nil, nil, .max)
        stallTimer = nil
    }

    // MARK: Headway

    /// How far a connection was when it was looked at.
    private struct Headway {
        let frameCount: UInt64
        let receivedCount: Int
        let drainCount: Int
        let outputByteCount: Int
        let isInFrame: Bool
        let isOutputFull: Bool
    }

    /// The rest of a frame comes by so many bytes at least each time that it is looked at.
    static let leastRest = 16 << 10

    private func headway(_ connection: Connection) -> Headway {
        Headway(
            frameCount: session.frameCount,
            receivedCount: receivedCount,
            drainCount: drainCount,
            outputByteCount: connection.outputByteCount,
            // What is not read yet is not what does not come.
            isInFrame: session.isInFrame && !isQueued && !connection.isOutputFull,
            isOutputFull: connection.isOutputFull
        )
    }

    /// Looks after a while whether a frame that was begun, or a client that has much to read, has
    /// got on.
    func watchForStall(_ connection: Connection) {
        guard stallTimer == nil, connection.isOpen else { return }
        let before = headway(connection)
        guard before.isInFrame || before.isOutputFull else { return }
        let time = guests.options.stallMicroseconds
        stallTimer = connection.loop.schedule(after: time) { [weak self] in
            self?.lookForHeadway(since: before)
        }
    }

    private func lookForHeadway(since before: Headway) {
        stallTimer = nil
        guard let connection, connection.isOpen else { return }
        let now = headway(connection)
        // Between two ends of a full output nothing is added to it.
        let isSameFull = before.isOutputFull && now.drainCount == before.drainCount
        if isSameFull, now.outputByteCount >= before.outputByteCount {
            return connection.dropSlowReader()
        }
        let hasFrame = before.isInFrame && now.isInFrame && now.frameCount == before.frameCount
        if hasFrame, now.receivedCount - before.receivedCount < Self.leastRest {
            turnAway(Self.unfinished)
        }
        pump()
    }

    // MARK: Too much

    /// Ends a connection that has not said who it is, to make room for another.
    func dropSilent() {
        turnAway(Self.silent)
        connection?.close()
    }

    /// Ends a connection for which too much is kept.
    func dropBurdensome() {
        turnAway(Self.burdensome(guests.options.burdenLimit))
        pump()
    }
}
