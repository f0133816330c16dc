// Slices: a connection keeps the loop for so long at most, then those are served who came
// meanwhile, and it gets another slice. While it waits for that it is read on only as far as little
// is held for it.

internal import MnemeBase
internal import MnemeTransport
internal import MnemeWire

extension ServerConnection {
    /// How long a slice is, but for the request in which it ends.
    static let sliceMicroseconds: Microseconds = 100

    /// With more than so many bytes held, nothing is read for whoever waits for his slice.
    static let heldCount = 256 << 10

    /// So many bytes of answers do not wait for the turn's end.
    private static let pushedCount = 2048

    /// Deals for one slice with what the session has to say and to send; whether there may be more
    /// of it, for which there will be another slice.
    func takeSlice(_ connection: Connection) -> Bool {
        guard !isQueued else {
            _ = flush(connection)
            return true
        }
        let loop = connection.loop
        let start = loop.now()
        var now = start
        defer { guests.note(use.add(now - start, now: now), now) }
        repeat {
            while let event = session.next(now: now) {
                handle(event, connection)
                now = loop.now()
                // The client has work to do while the rest is answered.
                if session.output.count >= Self.pushedCount, flush(connection) { connection.push() }
                guard now - start < Self.sliceMicroseconds else {
                    _ = flush(connection)
                    awaitSlice(loop)
                    return true
                }
            }
            // What leaves makes room, and with room the session may have more to say.
        } while flush(connection)
        now = loop.now()
        return false
    }

    /// Has the connection wait for its next slice.
    func awaitSlice(_ loop: EventLoop) {
        isQueued = true
        guests.queue(self, loop)
    }

    /// The next slice has come.
    func continueSlice() {
        isQueued = false
        pump()
    }
}
