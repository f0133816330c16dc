// Mneme's own protocol: the session of MnemeWire, every answer decoded.

internal import Mneme
internal import MnemeBase
internal import MnemeWire

/// Mneme's protocol on one connection of a load.
final class MnemeSpeech: LoadSpeech {
    private let store: String
    private let session = ClientSession()

    /// Speaks of a store.
    init(store: String) { self.store = store }

    var isFull: Bool {
        session.welcome.map { session.requestCount >= $0.requestsInFlight } ?? false
    }

    func begin() {
        session.connect(Hello(store: store, client: "mneme-bench", clientVersion: "0.1"))
    }

    func send(_ message: LoadMessage) throws(LoadRefusal) -> UInt32 {
        guard case .request(let request) = message else {
            throw LoadRefusal(code: "badRequest", message: "this is no request of Mneme's")
        }
        do throws(MnemeError) {
            return try session.send(request)
        } catch {
            throw LoadRefusal(code: "\(error.code)", message: error.message)
        }
    }

    func receive(_ bytes: RawSpan) { session.receive(bytes) }

    func next() -> LoadEvent? {
        switch session.next() {
        case nil: return nil
        case .welcome?: return .ready
        case .response(let id, let kind, let payload)?:
            guard let response = try? payload.response(kind) else {
                return .failed(id, code: "undecoded", message: "an answer cannot be decoded")
            }
            return .answered(id, count: response.contentCount)
        case .failed(let id, let message)?:
            let error = message.error
            return .failed(id, code: "\(error.code)", message: error.message)
        // What is in flight is still answered.
        case .goodbye?: return next()
        case .closed(let message)?: return .broken(message.error.message)
        }
    }

    func takeOutput() -> [UInt8] { session.takeOutput() }
}

extension Response {
    /// How many things are in it; 1 for answers of which there is no more to say.
    fileprivate var contentCount: Int {
        switch self {
        case .records(let records): records.count { $0 != nil }
        case .found(let found): found.rows.count
        case .recalled(let recalled): recalled.items.count
        case .walked(let walked): walked.stops.count
        case .committed(let committed): committed.outcomes.count
        case .path(let edges): edges?.count ?? 0
        default: 1
        }
    }
}
