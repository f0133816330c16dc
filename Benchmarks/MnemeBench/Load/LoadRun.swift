// A load under way. With a rate, requests are sent when they are due, whether or not earlier ones
// were answered, and timed from then on: a server that stalls is charged for everybody who would
// have come meanwhile. Without one, every connection keeps so many requests in flight.

internal import Mneme
internal import MnemeBase
internal import MnemeCommandLine
internal import MnemeTransport

/// How a load is sent.
struct LoadPlan {
    var store: String
    var connections: Int
    /// Requests that a connection keeps in flight, where there is no rate.
    var depth: Int
    /// Requests a second over all connections; nil for as many as are answered.
    var rate: Int?
    var seconds: Double
    /// Seconds of the same load before anything is counted.
    var warmUpSeconds: Double
    var mix: LoadMix
    var data: LoadData
}

/// What became of the requests of one verb.
struct LoadFigures {
    var latencies = Latencies()
    var errors = 0
}

/// Runs a load on a loop's thread.
///
/// SAFETY: everything happens on the loop's thread until `wait` returns.
final class LoadRun: @unchecked Sendable {
    private let plan: LoadPlan
    private let loop: EventLoop
    private let done = Gate()
    private let chance = SeededRandomness(seed: 1)
    private var connections: [LoadConnection] = []
    private var openCount = 0
    private var isOver = false
    private var start: Int64 = 0
    private var countFrom: Int64 = 0
    private var stop: Int64 = 0
    private var sent = 0
    private(set) var figures: [LoadVerb: LoadFigures] = [:]
    /// The first error that came, and what ended the run early.
    private(set) var firstError: MnemeError?
    private(set) var failure: String?

    var store: String { plan.store }
    /// Seconds that were counted.
    var countedSeconds: Double { Double(stop - countFrom) * 1e-9 }

    init(_ plan: LoadPlan, _ loop: EventLoop) {
        self.plan = plan
        self.loop = loop
    }

    /// Connects, runs the plan, and returns when it is over.
    func perform(_ addresses: [SocketAddress]) {
        loop.submit { [self] in
            for _ in 0..<plan.connections {
                loop.connect(
                    to: addresses,
                    timeoutMicroseconds: 5_000_000,
                    connected: { _ in
                        let connection = LoadConnection(self)
                        self.connections.append(connection)
                        return connection
                    },
                    failed: { self.fail("\($0)") }
                )
            }
        }
        done.wait()
    }

    // MARK: From connections

    func connected(_ connection: LoadConnection) {
        openCount += 1
        guard openCount == plan.connections else { return }
        start = Ticks.now()
        countFrom = start + Int64(plan.warmUpSeconds * 1e9)
        stop = countFrom + Int64(plan.seconds * 1e9)
        if plan.rate != nil { return tick() }
        for connection in connections {
            for _ in 0..<plan.depth { sendNext(connection, due: start) }
            connection.flush()
        }
    }

    func ended(_ connection: LoadConnection, _ verb: LoadVerb, since due: Int64, isRight: Bool) {
        let now = Ticks.now()
        if due >= countFrom, due < stop {
            figures[verb, default: LoadFigures()].latencies.add(nanoseconds: now - due)
            if !isRight { figures[verb, default: LoadFigures()].errors += 1 }
        }
        guard plan.rate == nil else { return }
        if now < stop {
            sendNext(connection, due: now)
        } else if connections.allSatisfy({ $0.waitingCount == 0 }) {
            finish()
        }
    }

    func refused(_ verb: LoadVerb) { figures[verb, default: LoadFigures()].errors += 1 }

    func note(_ error: MnemeError) { firstError = firstError ?? error }

    func lost(_ connection: LoadConnection, _ reason: String) { if !isOver { fail(reason) } }

    /// Whether a response is what its verb should bring.
    func isAnswer(_ verb: LoadVerb, _ response: Response?) -> Bool {
        switch (verb, response) {
        case (.get, .records(let records)?): records.count == 1 && records[0] != nil
        case (.find, .found(let found)?): !found.rows.isEmpty
        case (.recall, .recalled(let recalled)?): !recalled.items.isEmpty
        case (.put, .committed(let committed)?): committed.outcomes.count == 1
        default: false
        }
    }

    // MARK: Sending

    private func sendNext(_ connection: LoadConnection, due: Int64) {
        let verb = plan.mix.draw(chance)
        connection.send(plan.data.request(verb, chance), verb, due: due)
    }

    /// Sends what is due, and comes again at once: a timer would be late by up to a millisecond.
    private func tick() {
        guard let rate = plan.rate, !isOver else { return }
        let now = Ticks.now()
        let isPast = now >= stop
        while !isPast {
            let due = start + Int64(Double(sent) * 1e9 / Double(rate))
            guard due <= now else { break }
            let connection = connections[sent % connections.count]
            sendNext(connection, due: due)
            connection.flush()
            sent += 1
        }
        let waits = connections.contains { $0.waitingCount > 0 }
        if isPast, !waits || now > stop + 10_000_000_000 { return finish() }
        loop.submit { [self] in tick() }
    }

    private func fail(_ reason: String) {
        failure = failure ?? reason
        finish()
    }

    private func finish() {
        guard !isOver else { return }
        isOver = true
        for connection in connections { connection.end() }
        done.open()
    }
}
