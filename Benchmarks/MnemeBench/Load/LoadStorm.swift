// A storm of connections: so many that greet and then say nothing, what each takes in the server,
// and what the gets of others take beside them.

internal import Mneme
internal import MnemeBase
internal import MnemeCommandLine
internal import MnemeTransport

/// Connections that say nothing, made on a loop's thread.
///
/// SAFETY: everything happens on the loop's thread until `close` returns, before which nobody else
/// reads anything.
final class LoadStorm: @unchecked Sendable {
    /// How many are on their way at a time.
    private static let wave = 128

    private let store: String
    private let count: Int
    private let loop: EventLoop
    private let addresses: [SocketAddress]
    private let done = Gate()
    private var connections: [IdleConnection] = []
    private var begun = 0
    private var underWay = 0
    /// How many the server took and kept, and how many not.
    private(set) var taken = 0
    private(set) var refused = 0
    /// Why, of the first that was refused.
    private(set) var reason: String?

    init(_ count: Int, store: String, _ stage: LoadStage) {
        self.store = store
        self.count = count
        loop = stage.loop
        addresses = stage.addresses
    }

    /// Makes all connections, and returns when each was taken or refused.
    func open() {
        loop.submit { [self] in more() }
        done.wait()
    }

    /// Closes all of them; from then on one may read what became of them.
    func close() {
        let gate = Gate()
        loop.submit { [self] in
            for connection in connections { connection.close() }
            gate.open()
        }
        gate.wait()
    }

    private func more() {
        while begun < count, underWay < Self.wave {
            begun += 1
            underWay += 1
            loop.connect(
                to: addresses,
                timeoutMicroseconds: 30_000_000,
                connected: { [self] _ in
                    let connection = IdleConnection(self, MnemeSpeech(store: store))
                    connections.append(connection)
                    return connection
                },
                failed: { [self] in settled("\($0)") }
            )
        }
    }

    /// A connection was taken, or refused for a reason.
    func settled(_ refusal: String?) {
        underWay -= 1
        if let refusal {
            refused += 1
            reason = reason ?? refusal
        } else {
            taken += 1
        }
        if taken + refused == count { done.open() } else { more() }
    }

    /// A connection that was taken was lost.
    func lost() {
        taken -= 1
        refused += 1
        reason = reason ?? "the server closed it"
    }
}

/// One connection that says nothing.
final class IdleConnection: ConnectionHandler {
    private let storm: LoadStorm
    private let speech: MnemeSpeech
    private var connection: Connection?
    private var isSettled = false
    private var isTaken = false
    private var isClosing = false

    init(_ storm: LoadStorm, _ speech: MnemeSpeech) {
        self.storm = storm
        self.speech = speech
    }

    func opened(_ connection: Connection) {
        self.connection = connection
        speech.begin()
        connection.send(speech.takeOutput())
    }

    func received(_ bytes: RawSpan, on connection: Connection) {
        speech.receive(bytes)
        while let event = speech.next() {
            switch event {
            case .ready: settle(nil)
            case .broken(let reason): settle(reason)
            default: break
            }
        }
    }

    func closed(_ connection: Connection, reason: CloseReason) {
        self.connection = nil
        if isTaken, !isClosing { storm.lost() }
        settle("\(reason)")
    }

    func close() {
        isClosing = true
        connection?.close()
    }

    private func settle(_ refusal: String?) {
        guard !isSettled else { return }
        isSettled = true
        isTaken = refusal == nil
        storm.settled(refusal)
    }
}
