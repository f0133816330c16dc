// The change feed of a store: read from the log by sequence, up to what is durable and shown.
// Whoever watches is known to nobody between two questions.

internal import MnemeBase
internal import MnemeLog
package import MnemeModel

extension Store {
    /// The newest commit that is durable and shown.
    ///
    /// For any thread.
    var watchedEnd: UInt64 { min(log.durableSequence, newest.state.sequence) }

    /// Answers a watch with what is there now: `waitMilliseconds` is not heeded.
    ///
    /// - Throws: `.horizonPassed`, `.badRequest`, `.unknownCollection`, `.unknownEdgeType`;
    ///   `.damagedLog`, `.disk` where the log does not read back.
    /// - Complexity: O(bytes of what was committed behind `after`, up to the answer's end), and
    ///   once O(frames of a segment) for who begins.
    package func watchNow(_ watch: Watch) throws(MnemeError) -> Watched {
        try watch.check()
        let durable = log.durableSequence
        return try snapshot().reading { state throws(StoreError) in
            let end = min(durable, state.sequence)
            let filter = try WatchFilter(watch, state)
            // Who read the store may have seen more than is durable, and nobody more than is there.
            let newest = max(durable, state.sequence)
            if let after = watch.after, after > newest { throw .behindTheEnd(after, newest) }
            guard var after = watch.after, after < end else {
                return Watched(events: [], next: max(watch.after ?? end, end), sequence: end)
            }
            // Who had all when the store was opened misses no close that was compacted.
            if closes.contains(after) { after = min(closes.upperBound, end) }
            guard after < end else { return Watched(events: [], next: after, sequence: end) }
            let stretch = try onLog { () throws(LogError) in try log.stretch(after: after) }
            var reading = WatchReading(
                state,
                stretch,
                filter,
                limit: watch.limit,
                partBytes: options.watchPartBytes
            )
            return try reading.read(after, through: end, watchPlaces)
        }
    }

    /// Answers a watch, which the calling thread waits for.
    ///
    /// - Throws: as `watchNow`.
    package func watch(_ watch: Watch) throws(MnemeError) -> Watched {
        var watch = watch
        let end = clock.elapsed() + Microseconds(watch.waitMilliseconds) * 1000
        while true {
            let answer = try watchNow(watch)
            let left = end - clock.elapsed()
            guard watch.after != nil, answer.events.isEmpty, left > 0 else { return answer }
            watch.after = answer.next
            let gate = Gate()
            let number = waitForCommit(after: answer.next) { gate.open() }
            let isOpen = gate.wait(atMost: left)
            cancelWait(number)
            if !isOpen { return answer }
        }
    }

    /// Has `action` called once, on any thread, when something behind a sequence is durable, or
    /// the store is closed; it must not wait for anything.
    ///
    /// - Returns: what `cancelWait` takes.
    package func waitForCommit(
        after sequence: UInt64,
        _ action: @escaping @Sendable () -> Void
    ) -> UInt64 {
        let number = bell.wait(after: sequence, action)
        // Who rings has made it durable first: either the ring finds the action, or this finds it.
        if watchedEnd > sequence || opening.isOver, bell.cancel(number) { action() }
        return number
    }

    /// Takes back what waits for a commit, unless it was called.
    package func cancelWait(_ number: UInt64) { bell.cancel(number) }
}

extension StoreError {
    /// What is answered where nothing has come as far as what is asked for.
    static func behindTheEnd(_ after: UInt64, _ newest: UInt64) -> StoreError {
        .refused(
            MnemeError(
                .horizonPassed,
                "the newest commit has sequence \(newest), and what is behind \(after) is asked "
                    + "for: this is another store, or one that was restored to an earlier point, "
                    + "or lost in a power cut what was not synced; watch without \"after\" for a "
                    + "\"next\", read the store, and go on after that \"next\"",
                cause: "newest: \(newest)"
            )
        )
    }

    /// What is answered where the log does not tell all behind a sequence any more.
    static func horizonPassed(_ after: UInt64, _ oldest: UInt64) -> StoreError {
        .refused(
            MnemeError(
                .horizonPassed,
                "what was committed behind sequence \(after) was compacted, and cannot be told "
                    + "whole any more; the oldest \"after\" that can be had is \(oldest): watch "
                    + "without \"after\" for a \"next\", read the store, and go on after that "
                    + "\"next\"",
                cause: "oldest after: \(oldest)"
            )
        )
    }
}

/// What of the log a watch is told of.
struct WatchFilter {
    let scope: OwnerScope
    /// Numbers; nil for all.
    private let collections: Set<UInt16>?
    private let types: Set<UInt16>?

    /// - Throws: `.refused` with `unknownCollection` or `unknownEdgeType`.
    init(_ watch: Watch, _ state: StateReader) throws(StoreError) {
        let catalog = state.state.catalog
        do throws(MnemeError) {
            var collections: Set<UInt16>?
            if let names = watch.collections {
                var numbers: Set<UInt16> = []
                for name in names { numbers.insert(try catalog.collection(name).number) }
                collections = numbers
            }
            if let reach = state.reach, reach.permit.collections != nil {
                let reached = catalog.visibleCollections.filter {
                    reach.reaches(collection: $0.schema.name)
                }
                let numbers = Set(reached.map(\.number))
                collections = collections?.intersection(numbers) ?? numbers
            }
            var types: Set<UInt16>?
            if let names = watch.edges {
                var numbers: Set<UInt16> = []
                for name in names { numbers.insert(try catalog.edgeType(name).number) }
                types = numbers
            }
            (self.collections, self.types) = (collections, types)
        } catch {
            throw .refused(error)
        }
        scope = try state.scope(watch.owner)
    }

    /// Whether everybody's is told.
    var isEverybodys: Bool { if case .all = scope { true } else { false } }

    /// Whether what is of an owner is told.
    func sees(owner: UInt64) -> Bool {
        UInt32(exactly: owner).map { scope.contains($0) } ?? false
    }

    /// Whether records of a collection are told.
    func tells(collection: UInt16) -> Bool { collections?.contains(collection) ?? true }

    /// Whether edges of a type are told.
    func tells(type: UInt16) -> Bool { types?.contains(type) ?? true }
}
