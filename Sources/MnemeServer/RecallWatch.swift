// How much of what is truly nearest the stores' searches find, measured again and again behind
// everything else: on one thread that stands back before all others, of a few questions a field,
// and for at most a twentieth of its time, however large the stores are.

internal import Mneme
internal import MnemeBase
internal import MnemeModel
internal import Synchronization

/// Measures the searches of vector fields of open stores.
final class RecallWatch: Sendable {
    /// What was measured of a store.
    struct Measured: Sendable {
        let fields: [VectorsChecked.Field]
        /// When, by the time of day.
        let time: Microseconds
    }

    private struct State {
        var stores: [String: Measured] = [:]
        var hasEnded = false
    }

    /// Shared with the thread, which outlives the watch until it notices its end.
    private final class Shared: Sendable {
        let state = Mutex(State())
        let end = Gate()
        let done = Gate()
    }

    /// How many questions are asked of each field.
    static let sample = 10
    /// So many times as long as a measurement took nothing is measured.
    static let rest: Microseconds = 20

    private let shared = Shared()

    /// Begins to measure the stores of a shelf; `report` is told of fields of which less is found
    /// than is wanted.
    init(
        _ shelf: StoreShelf,
        every pause: Microseconds,
        _ report: (@Sendable (LogEvent) -> Void)?
    ) {
        BackgroundThread.start { [shared] in
            let clock = RealClock()
            var wait = pause
            while !shared.end.wait(atMost: wait) {
                let began = clock.elapsed()
                Self.measure(shelf, shared, report)
                wait = max(pause, Self.rest * (clock.elapsed() - began))
            }
            shared.done.open()
        }
    }

    deinit { stop() }

    /// What was measured last, by store.
    var measured: [String: Measured] { shared.state.withLock { $0.stores } }

    /// Measures no more; what is under way ends within a second or by itself.
    func stop() {
        let isFirst = shared.state.withLock { state in
            defer { state.hasEnded = true }
            return !state.hasEnded
        }
        guard isFirst else { return }
        shared.end.open()
        _ = shared.done.wait(atMost: 1_000_000)
    }

    private static func measure(
        _ shelf: StoreShelf,
        _ shared: Shared,
        _ report: (@Sendable (LogEvent) -> Void)?
    ) {
        let stores = shelf.openStores
        shared.state.withLock { state in
            state.stores = state.stores.filter { stores[$0.key] != nil }
        }
        for (name, memory) in stores.sorted(by: { $0.key < $1.key }) {
            if shared.state.withLock({ $0.hasEnded }) { return }
            // One that is being closed tells nothing.
            guard let checked = try? memory.measureRecall(questions: sample) else { continue }
            let measured = Measured(fields: checked.fields, time: RealClock().now())
            shared.state.withLock { $0.stores[name] = measured }
            for field in checked.fields where !field.isReached {
                report?(LogEvent(.recallLow, store: name, fields(of: field)))
            }
        }
    }

    private static func fields(of field: VectorsChecked.Field) -> [LogEvent.Field] {
        [
            ("collection", .text(field.collection)), ("field", .text(field.name)),
            ("recall", .float(field.inUse.recall)), ("wanted", .float(field.wanted ?? 0)),
            ("questions", .int(Int64(field.sample))),
        ]
    }
}

extension MetricsText {
    /// What was measured of the searches of vector fields.
    mutating func put(_ recall: RecallWatch) {
        let stores = recall.measured.sorted { $0.key < $1.key }
        func labels(
            _ store: String,
            _ field: VectorsChecked.Field
        ) -> KeyValuePairs<String, String> {
            ["store": store, "collection": field.collection, "field": field.name]
        }
        begin("mneme_vector_recall", .gauge, "How much of the 10 truly nearest searches find.")
        for (name, measured) in stores {
            for field in measured.fields {
                sample("mneme_vector_recall", labels(name, field), field.inUse.recall)
            }
        }
        begin("mneme_vector_recall_wanted", .gauge, "How much of them is wanted, where it is said.")
        for (name, measured) in stores {
            for field in measured.fields {
                guard let wanted = field.wanted else { continue }
                sample("mneme_vector_recall_wanted", labels(name, field), wanted)
            }
        }
        let time = "mneme_vector_recall_checked_seconds"
        begin(time, .gauge, "When that was measured last, in seconds since 1970.")
        for (name, measured) in stores {
            sample(time, ["store": name], Double(measured.time) / 1_000_000)
        }
    }
}
