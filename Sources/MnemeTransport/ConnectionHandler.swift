// What a connection tells whoever serves it, and the limits that it keeps.

package import MnemeBase

/// Who serves one connection.
///
/// Called on the loop's thread, one call at a time.
///
/// Bytes are lent from the loop's one receive buffer instead of being put into a buffer of the
/// connection: whole messages are decoded where the system put them, without a copy, the buffer
/// stays in the processor's cache, and a connection that is idle holds no memory for input. What a
/// session cannot use yet, the rest of a message, it copies.
package protocol ConnectionHandler: AnyObject {
    /// The connection is there; it may be written to.
    func opened(_ connection: Connection)
    /// Bytes arrived. They are gone when this returns.
    func received(_ bytes: RawSpan, on connection: Connection)
    /// The other side sends no more, but may still read. Call `finish`, now or when everything
    /// asked for is answered.
    func inputEnded(_ connection: Connection)
    /// `isOutputFull` was true and is not any more.
    func drained(_ connection: Connection)
    /// The loop stops. Call `finish`, now or when everything asked for is answered.
    func stopping(_ connection: Connection)
    /// The connection ended. The last call, made exactly once.
    func closed(_ connection: Connection, reason: CloseReason)
}

extension ConnectionHandler {
    package func opened(_ connection: Connection) {}
    package func inputEnded(_ connection: Connection) { connection.finish() }
    package func drained(_ connection: Connection) {}
    package func stopping(_ connection: Connection) { connection.finish() }
    package func closed(_ connection: Connection, reason: CloseReason) {}
}

/// The limits of a connection.
package struct ConnectionOptions: Equatable, Sendable {
    /// With more than so many bytes waiting to be sent, the output is full.
    package var outputHighMark = 1 << 20
    /// With so many or fewer left, it is not full any more.
    package var outputLowMark = 256 << 10
    /// With more than so many bytes waiting the connection is closed as `.slowReader`.
    ///
    /// A handler that stops producing while `isOutputFull` never comes here.
    package var outputLimit = 64 << 20
    /// Whether nothing is read while the output is full, so that whoever asks without reading the
    /// answers is asked to wait.
    ///
    /// At one end of a connection only: were both ends to wait for the other to read, they would
    /// wait for ever.
    package var pausesWhenFull = true
    /// How many bytes are moved each way in one turn of the loop, so that others have theirs.
    package var turnLimit = 256 << 10
    /// How long, after everything is sent, the other side's end is waited for, so that what was
    /// sent last is not lost in a reset.
    package var lingerMicroseconds: Microseconds = 1_000_000
    /// How long a finishing connection waits for the other side to read anything of the rest.
    package var stallMicroseconds: Microseconds = 30_000_000
    /// After so many seconds of silence the system asks whether the other side is there; 0: never.
    package var keepAliveSeconds: Int32 = 60

    /// The usual limits of a server.
    package init() {}

    /// The usual limits of a client: it reads whatever it has to send.
    package static var client: ConnectionOptions {
        var options = ConnectionOptions()
        options.pausesWhenFull = false
        return options
    }
}
