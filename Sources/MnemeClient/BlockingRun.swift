// Requests that are asked in one go over one connection that waits, and what became of each.

internal import MnemeBase
internal import MnemeModel
internal import MnemeTransport
internal import MnemeWire

/// Requests on their way.
struct BlockingRun {
    /// Bytes of requests in flight up to which more are sent.
    ///
    /// What the system's buffers hold is taken by it even while the server waits until answers are
    /// read, so that neither side waits for the other for ever.
    private static let window = 64 << 10
    /// As `window`, while all that is in flight writes.
    ///
    /// Answers to writes are hardly longer than the writes, and a server reads on while it has
    /// 256 KiB of answers that nobody takes.
    private static let writeWindow = 192 << 10
    /// Keys of a get that is surely smaller than the window.
    private static let smallGet = 32

    let requests: [Request]
    let deadline: Microseconds
    private let durability: Durability?
    private let attemptLimit: Int

    /// In the order of the requests; nil: no end yet.
    private(set) var results: [Result<Response, MnemeError>?]
    /// Indices of those to be sent, the next one last.
    private var waiting: [Int]
    private var sent: [UInt32: Int] = [:]
    private var byteCounts: [Int]
    private var bytesInFlight = 0
    private var attempts: [Int]
    private var refusals = 0
    private var readsInFlight = 0
    private var hasWriteInFlight = false

    init(
        _ requests: [Request],
        durability: Durability?,
        deadline: Microseconds,
        attempts: Int
    ) {
        self.requests = requests
        self.durability = durability
        self.deadline = deadline
        attemptLimit = max(1, attempts)
        results = Array(repeating: nil, count: requests.count)
        waiting = requests.indices.reversed()
        byteCounts = Array(repeating: 0, count: requests.count)
        self.attempts = byteCounts
    }

    /// Whether every request has its end.
    var isDone: Bool { waiting.isEmpty && sent.isEmpty }
    /// Whether nothing is in flight.
    var isIdle: Bool { sent.isEmpty }

    /// When the ends of those in flight are waited for no longer: a little after the deadline, as
    /// the server ends them at the deadline.
    var guardTime: Microseconds {
        let grace = hasWriteInFlight ? Patience.write : Patience.read
        return deadline > .max - grace ? .max : deadline + grace
    }

    /// Hands to the session what the server takes at once.
    mutating func send(on link: BlockingLink, now: Microseconds) {
        let head = RequestHead(
            deadlineMilliseconds: UInt32(clamping: max(1, (deadline - now + 999) / 1000)),
            durability: durability
        )
        while let index = waiting.last {
            let request = requests[index]
            guard sent.isEmpty || fits(request) else { return }
            let before = link.session.output.count
            do throws(MnemeError) {
                let id = try link.session.send(request, head)
                sent[id] = index
                byteCounts[index] = link.session.output.count - before
                bytesInFlight += byteCounts[index]
                attempts[index] += 1
                if RequestKind(request).isWrite {
                    hasWriteInFlight = true
                } else {
                    readsInFlight += 1
                }
            } catch {
                switch error.code {
                case .tooManyRequests where !sent.isEmpty: return
                case .shuttingDown, .closed: return link.isTaking = false
                default: results[index] = .failure(error)
                }
            }
            waiting.removeLast()
        }
    }

    /// Whether a request may follow those in flight.
    private func fits(_ request: Request) -> Bool {
        let isWrite = RequestKind(request).isWrite
        let window =
            isWrite && readsInFlight == 0 ? BlockingRun.writeWindow : BlockingRun.window
        guard bytesInFlight < window else { return false }
        if case .get(let references) = request, references.count <= BlockingRun.smallGet {
            return true
        }
        // What cannot be encoded fails when it is sent.
        let count = (try? request.body().count) ?? 0
        return bytesInFlight + count <= window
    }

    /// Takes in what the session has to say.
    mutating func handleEvents(of link: BlockingLink) {
        while let event = link.session.next() {
            switch event {
            case .welcome: break
            case .response(let id, let answer, let payload):
                guard let index = take(id) else { continue }
                link.hasAnswered = true
                let isWrite = RequestKind(requests[index]).isWrite
                results[index] = Result { () throws(MnemeError) in
                    try payload.response(answer, isWrite: isWrite)
                }
            case .failed(let id, let message):
                guard let index = take(id) else { continue }
                failed(index, message.error, link)
            case .goodbye, .closed: link.isTaking = false
            }
        }
    }

    private mutating func take(_ id: UInt32) -> Int? {
        guard let index = sent.removeValue(forKey: id) else { return nil }
        bytesInFlight -= byteCounts[index]
        if !RequestKind(requests[index]).isWrite { readsInFlight -= 1 }
        if sent.isEmpty { hasWriteInFlight = false }
        return index
    }

    private mutating func failed(_ index: Int, _ error: MnemeError, _ link: BlockingLink) {
        let isWrite = RequestKind(requests[index]).isWrite
        switch error.code {
        case .disconnected where isWrite:
            results[index] = .failure(.outcomeUnknown(error.cause ?? error.description))
        case .disconnected:
            guard attempts[index] < attemptLimit else {
                results[index] = .failure(.lostRead(error.cause ?? error.description))
                return
            }
            waiting.append(index)
        case .shuttingDown:
            link.isTaking = false
            refusals += 1
            attempts[index] -= 1
            guard refusals <= Patience.refusals + requests.count else {
                results[index] = .failure(error)
                return
            }
            waiting.append(index)
        // It may be the answer that is too large, and then the write is done.
        case .tooLarge where isWrite && link.receivedTotal > link.session.limits.largestResponse,
            .newerFormat where isWrite:
            link.hasAnswered = true
            results[index] = .failure(.outcomeUnknown(error.description))
        default:
            link.hasAnswered = true
            results[index] = .failure(error)
        }
    }

    /// Ends everything in flight, as its time is over.
    mutating func timeOut() {
        for index in sent.values {
            let isWrite = RequestKind(requests[index]).isWrite
            results[index] = .failure(
                isWrite ? .outcomeUnknown("no answer came in time") : .timedOut(wasSent: true)
            )
        }
        sent = [:]
        failWaiting(.timedOut(wasSent: false))
    }

    /// Ends what is not sent.
    mutating func failWaiting(_ error: MnemeError) {
        for index in waiting { results[index] = .failure(error) }
        waiting = []
    }
}
