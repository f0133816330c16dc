// One connection of a load: requests out, answers in, each answer decoded and timed from when its
// request was due.

internal import Mneme
internal import MnemeBase
internal import MnemeTransport
internal import MnemeWire

/// A connection that a run sends requests over, used on the loop's thread.
final class LoadConnection: ConnectionHandler {
    private let run: LoadRun
    private let session = ClientSession()
    private var connection: Connection?
    private var due: [UInt32: (verb: LoadVerb, nanoseconds: Int64)] = [:]

    init(_ run: LoadRun) { self.run = run }

    /// How many requests have no answer yet.
    var waitingCount: Int { due.count }

    func opened(_ connection: Connection) {
        self.connection = connection
        session.connect(Hello(store: run.store, client: "mneme-bench", clientVersion: "0.1"))
        flush()
    }

    func received(_ bytes: RawSpan, on connection: Connection) {
        session.receive(bytes)
        while let event = session.next() {
            switch event {
            case .welcome: run.connected(self)
            case .response(let id, let kind, let payload):
                guard let entry = due.removeValue(forKey: id) else { continue }
                let isRight = run.isAnswer(entry.verb, try? payload.response(kind))
                run.ended(self, entry.verb, since: entry.nanoseconds, isRight: isRight)
            case .failed(let id, let message):
                guard let entry = due.removeValue(forKey: id) else { continue }
                run.note(message.error)
                run.ended(self, entry.verb, since: entry.nanoseconds, isRight: false)
            case .goodbye, .closed: break
            }
        }
        flush()
    }

    func closed(_ connection: Connection, reason: CloseReason) {
        self.connection = nil
        run.lost(self, "the server closed the connection")
    }

    /// Sends a request; `flush` lets it leave.
    func send(_ request: Request, _ verb: LoadVerb, due time: Int64) {
        do throws(MnemeError) {
            due[try session.send(request)] = (verb, time)
        } catch {
            run.note(error)
            run.refused(verb)
        }
    }

    func flush() {
        guard let connection, !session.output.isEmpty else { return }
        connection.send(session.takeOutput())
    }

    func end() { connection?.close() }
}
