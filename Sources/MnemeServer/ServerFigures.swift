// What a server did, counted since it was started.

internal import MnemeBase
internal import MnemeModel
internal import MnemeWire
internal import Synchronization

/// Counts of connections and requests.
///
/// For any thread.
final class ServerFigures: Sendable {
    private let words = AtomicWords(atLeast: Count.allCases.count)
    /// By kind, how long requests took from their arrival to their answer; nil where there is no
    /// such kind.
    private let requests: [Histogram?]
    /// How long those waited that a worker does.
    let waits = Histogram()
    private let errors = Mutex<[MnemeError.Code: UInt64]>([:])

    enum Count: Int, CaseIterable {
        /// Connections that came, and that are gone.
        case came
        case left
        /// Those that were told that there are too many.
        case turnedAway
    }

    init() {
        let last = RequestKind.allCases.map(\.rawValue).max() ?? 0
        var requests = [Histogram?](repeating: nil, count: Int(last) + 1)
        for kind in RequestKind.allCases { requests[Int(kind.rawValue)] = Histogram() }
        self.requests = requests
    }

    func note(_ count: Count) { words.add(1, count.rawValue) }

    func count(_ count: Count) -> UInt64 { words.load(count.rawValue) }

    /// A request was answered, or ended with an error.
    func note(_ kind: RequestKind, _ duration: Microseconds, _ error: MnemeError? = nil) {
        requests[Int(kind.rawValue)]?.note(duration)
        if let error { errors.withLock { $0[error.code, default: 0] += 1 } }
    }

    /// How long requests took, of the kinds that somebody asked for, in their order.
    var answered: [(kind: RequestKind, times: Histogram.Reading)] {
        RequestKind.allCases.compactMap { kind in
            guard let reading = requests[Int(kind.rawValue)]?.reading, reading.count > 0 else {
                return nil
            }
            return (kind, reading)
        }
    }

    /// How often a request ended with an error, by code.
    var refused: [(code: MnemeError.Code, count: UInt64)] {
        errors.withLock { $0 }.sorted { $0.key.rawValue < $1.key.rawValue }
            .map { (code: $0.key, count: $0.value) }
    }
}
