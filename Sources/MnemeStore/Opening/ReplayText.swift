// The text index of what is replayed. Cutting and stemming words takes about as long as everything
// else that a replay does, and nothing of the replay asks for them: so a thread of its own does it
// beside. Nobody sees a state before all of its documents are in runs.

internal import MnemeBase
internal import MnemeText
internal import Synchronization

/// Takes the documents of a replay and makes runs of them.
final class ReplayText {
    /// Documents that are handed over at once.
    private static let portion = 32
    /// The thread beside; nil where the documents are indexed as they come.
    private let mail: ReplayMail?
    private var runs = ReplayRuns()
    private var portion: [TextDocument] = []

    /// Without a thread the documents are indexed as they come.
    init(hasThread: Bool) { mail = hasThread ? ReplayMail() : nil }

    deinit {
        // A replay that failed: the thread ends.
        mail?.end()
    }

    /// Adds a document; births ascend.
    ///
    /// Waits where the thread is far behind.
    func add(_ document: TextDocument) {
        guard let mail else { return runs.add(document) }
        portion.append(document)
        guard portion.count >= Self.portion else { return }
        mail.put(portion)
        portion.removeAll(keepingCapacity: true)
    }

    /// The runs of all documents, in the order of their births.
    ///
    /// - Throws: `.inconsistent`.
    func finish() throws(StoreError) -> [StoredRun] {
        do throws(TextError) {
            guard let mail else { return try runs.finish() }
            mail.put(portion)
            return try mail.outcome()
        } catch {
            throw .inconsistent("the text index refused what was written: \(error)")
        }
    }
}

/// Runs that are being made of documents.
private struct ReplayRuns {
    /// Documents of one run.
    private static let size = 1 << 15

    private let analyzer = TextAnalyzer()
    private var builder: TextRunBuilder
    private var births: ClosedRange<UInt64>?
    private var runs: [StoredRun] = []
    private var failure: TextError?

    init() { builder = TextRunBuilder(analyzer: analyzer) }

    mutating func add(_ document: TextDocument) {
        // Only a missing stemmer is refused, and English is always there.
        try? builder.add(document)
        births = (births?.lowerBound ?? document.birth)...document.birth
        guard builder.documentCount >= Self.size else { return }
        do throws(TextError) { try endRun() } catch { failure = failure ?? error }
    }

    private mutating func endRun() throws(TextError) {
        guard let births else { return }
        let done = builder
        builder = TextRunBuilder(analyzer: analyzer)
        self.births = nil
        runs.append(StoredRun(try done.finish(), births: births))
    }

    mutating func finish() throws(TextError) -> [StoredRun] {
        if let failure { throw failure }
        try endRun()
        return runs
    }
}

/// What the replay and the thread beside it have in common.
private final class ReplayMail: Sendable {
    private struct State {
        var waiting: [TextDocument] = []
        var hasThread = false
        var isEnded = false
        var outcome: Result<[StoredRun], TextError>?
    }

    /// So many documents wait at most.
    private static let limit = 1 << 14
    private let state = Mutex(State())
    private let arrived = Gate()
    private let taken = Gate()
    private let finished = Gate()

    func put(_ documents: [TextDocument]) {
        guard !documents.isEmpty else { return }
        let (count, isFirst) = state.withLock { state in
            state.waiting.append(contentsOf: documents)
            defer { state.hasThread = true }
            return (state.waiting.count, !state.hasThread)
        }
        if isFirst { BackgroundThread.start(niceness: 0) { [self] in run() } }
        arrived.open()
        if count > Self.limit { taken.wait() }
    }

    /// No more documents come.
    func end() {
        state.withLock { $0.isEnded = true }
        arrived.open()
    }

    func outcome() throws(TextError) -> [StoredRun] {
        end()
        guard state.withLock({ $0.hasThread }) else { return [] }
        finished.wait()
        return try state.withLock { $0.outcome }?.get() ?? []
    }

    private func run() {
        var runs = ReplayRuns()
        while true {
            let (documents, isEnded) = state.withLock { state in
                defer { state.waiting = [] }
                return (state.waiting, state.isEnded)
            }
            taken.open()
            for document in documents { runs.add(document) }
            if !documents.isEmpty { continue }
            if isEnded { break }
            arrived.wait()
        }
        var outcome: Result<[StoredRun], TextError>
        do throws(TextError) { outcome = .success(try runs.finish()) } catch {
            outcome = .failure(error)
        }
        state.withLock { $0.outcome = outcome }
        finished.open()
    }
}
