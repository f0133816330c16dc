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
    /// `waitMilliseconds` of the watch is how long one request waits, 30 seconds where it is 0.
    /// The sequence ends by what a watch throws, `cancelled` where its task was cancelled.
    public func changes(_ watch: Watch) -> WatchedChanges {
        WatchedChanges(door: self, watch: watch)
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

    let door: any Door
    let watch: Watch

    /// Asks from the beginning of the watch.
    public func makeAsyncIterator() -> Iterator { Iterator(door: door, watch: watch) }

    /// Asks again and again.
    public struct Iterator: AsyncIteratorProtocol {
        let door: any Door
        var watch: Watch

        init(door: any Door, watch: Watch) {
            self.door = door
            self.watch = watch
            if watch.waitMilliseconds == 0 { self.watch.waitMilliseconds = 30_000 }
        }

        /// The next answer that has events.
        ///
        /// - Throws: as `Door.watch`.
        public mutating func next() async throws -> Watched? {
            while true {
                if Task.isCancelled {
                    throw MnemeError(.cancelled, "the watch was cancelled; nothing was changed")
                }
                let answer = try await door.watch(watch)
                watch.after = answer.next
                if !answer.events.isEmpty { return answer }
            }
        }
    }
}
