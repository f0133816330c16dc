// Watching through every door: one answer, or one after the other for as long as somebody asks.

extension Door {
    /// Answers what was committed behind a sequence; with `waitMilliseconds` the task is suspended
    /// while there is nothing to tell.
    ///
    /// - Throws: `horizonPassed` where the log does not tell all of it any more; `badRequest`,
    ///   `unknownCollection`, `unknownEdgeType`.
    public func watch(_ watch: Watch) async throws(MnemeError) -> Watched {
        try await perform(.watch(watch)).watched()
    }

    /// What is committed behind a sequence, answer after answer, each with at least one event.
    ///
    /// ```swift
    /// for try await answer in memory.changes(Watch(after: last)) {
    ///     for event in answer.events { … }
    ///     last = answer.next
    /// }
    /// ```
    ///
    /// `waitMilliseconds` of the watch is how long one request waits, 30 seconds where it is 0.
    /// Where a server cannot be reached, or says that the same may succeed later, it is asked
    /// again, after 50 milliseconds and then ever less often, every 2 seconds in the end; nothing
    /// is missed or told twice for that. Once there was no answer for as long as `patience`, the
    /// last error is thrown. Every other error is thrown at once, `cancelled` where the task was.
    /// Whoever asks the same iterator again after an error goes on where it was.
    public func changes(_ watch: Watch, patience: Duration = .seconds(60)) -> WatchedChanges {
        WatchedChanges(door: self, watch: watch, patience: patience)
    }
}

extension BlockingDoor {
    /// Answers what was committed behind a sequence; with `waitMilliseconds` the thread waits while
    /// there is nothing to tell.
    ///
    /// - Throws: `horizonPassed` where the log does not tell all of it any more; `badRequest`,
    ///   `unknownCollection`, `unknownEdgeType`.
    public func watch(_ watch: Watch) throws(MnemeError) -> Watched {
        try perform(.watch(watch), durability: nil).watched()
    }
}

/// Answers to watches, one going on where the one before ended.
public struct WatchedChanges: AsyncSequence, Sendable {
    /// An answer with events; its `next` is where to go on after a pause.
    public typealias Element = Watched
    /// What a watch throws.
    public typealias Failure = MnemeError

    let door: any Door
    let watch: Watch
    let patience: Duration

    /// Asks from the beginning of the watch.
    public func makeAsyncIterator() -> Iterator {
        Iterator(door: door, watch: watch, patience: patience)
    }

    /// Asks again and again.
    public struct Iterator: AsyncIteratorProtocol {
        /// What a watch throws.
        public typealias Failure = MnemeError

        /// The first pause after an error, and the longest, in milliseconds.
        private static let pauses = (first: 50, longest: 2000)

        private let door: any Door
        private let patience: Duration
        private var watch: Watch

        init(door: any Door, watch: Watch, patience: Duration) {
            self.door = door
            self.patience = patience
            self.watch = watch
            if watch.waitMilliseconds == 0 { self.watch.waitMilliseconds = 30_000 }
        }

        /// The next answer that has events.
        ///
        /// - Throws: as `Door.watch`, and what lasted longer than the patience.
        public mutating func next() async throws(MnemeError) -> Watched? {
            while true {
                let answer = try await ask()
                watch.after = answer.next
                if !answer.events.isEmpty { return answer }
            }
        }

        /// The next answer, whatever it has.
        private func ask() async throws(MnemeError) -> Watched {
            let clock = ContinuousClock()
            var failed: ContinuousClock.Instant?
            var pause = Self.pauses.first
            while true {
                do throws(MnemeError) {
                    if Task.isCancelled { throw Self.cancelled }
                    return try await door.watch(watch)
                } catch {
                    let first = failed ?? clock.now
                    failed = first
                    guard error.mayPass, clock.now - first < patience else { throw error }
                    // A task that was cancelled finds that out above.
                    try? await Task.sleep(for: .milliseconds(pause))
                    pause = Swift.min(pause * 2, Self.pauses.longest)
                }
            }
        }

        private static let cancelled = MnemeError(
            .cancelled,
            "the watch was cancelled; nothing was changed"
        )
    }
}

extension MnemeError {
    /// Whether a question that ended so may be answered later, over another connection or by a
    /// server that is back.
    fileprivate var mayPass: Bool {
        switch code {
        case .cancelled: false
        case .disconnected: true
        default: action == .retry
        }
    }
}
