// Watching through the embedded door: a task that waits for commits holds no thread, and a server
// is told when to ask again.

internal import MnemeBase
package import MnemeModel
internal import MnemeStore
internal import Synchronization

extension Memory {
    /// Answers a watch with what is there now, whatever it would wait.
    ///
    /// Where it is kept who asks for what, a watch is that told something or was refused: one that
    /// has nothing to tell has handed out nothing.
    ///
    /// - Throws: as `watch`.
    package func watchNow(_ watch: Watch, for asker: Asker? = nil) throws(MnemeError) -> Watched {
        try store.checkOpen()
        let request = Request.watch(watch)
        let asker = asker ?? self.asker
        func answer() throws(MnemeError) -> Watched {
            try store.permitting(asker.origin.permit, request) { () throws(MnemeError) in
                try store.watchNow(watch)
            }
        }
        guard isAudited else { return try answer() }
        let call = store.audit.begin(request, asker)
        let result = Result { () throws(MnemeError) in try answer() }
        if case .success(let watched) = result, watched.events.isEmpty { return watched }
        if store.audit.end(call, request, result.map { .watched($0) }) != .nothing {
            store.callAudit()
        }
        return try result.get()
    }

    /// Has `action` called once, on any thread, when something behind a sequence is durable, or the
    /// store is closed; it must not wait for anything.
    ///
    /// - Returns: what `cancelWait` takes.
    package func waitForCommit(
        after sequence: UInt64,
        _ action: @escaping @Sendable () -> Void
    ) -> UInt64 {
        store.waitForCommit(after: sequence, action)
    }

    /// Takes back what waits for a commit, unless it was called.
    package func cancelWait(_ number: UInt64) { store.cancelWait(number) }

    /// Answers a watch; the task is suspended while it waits.
    ///
    /// - Throws: as `watch`; `.cancelled` where the task was.
    func waitingWatch(
        _ watch: Watch,
        for asker: Asker? = nil
    ) async throws(MnemeError) -> Watched {
        var watch = watch
        let clock = RealClock()
        let end = clock.elapsed() + Microseconds(watch.waitMilliseconds) * 1000
        while true {
            let answer = try await readWatch(watch, asker)
            let left = end - clock.elapsed()
            guard watch.after != nil, answer.events.isEmpty, left > 0 else { return answer }
            watch.after = answer.next
            let isThere = await waitForCommit(after: answer.next, atMost: left)
            if Task.isCancelled {
                throw MnemeError(.cancelled, "the watch was cancelled; nothing was changed")
            }
            if !isThere { return answer }
        }
    }

    /// Reads off the caller's actor.
    @concurrent private func readWatch(
        _ watch: Watch,
        _ asker: Asker?
    ) async throws(MnemeError) -> Watched {
        try watchNow(watch, for: asker)
    }

    /// Whether something behind a sequence came within a time, before the task was cancelled.
    private func waitForCommit(after sequence: UInt64, atMost time: Microseconds) async -> Bool {
        let wait = CommitWait()
        return await withTaskGroup(of: Void.self) { group in
            group.addTask {
                try? await Task.sleep(for: .microseconds(time))
                wait.end(false)
            }
            let number = waitForCommit(after: sequence) { wait.end(true) }
            let isThere = await wait.value()
            cancelWait(number)
            group.cancelAll()
            return isThere
        }
    }
}

/// What one task waits for: a commit, or that the time is up.
private final class CommitWait: Sendable {
    private struct State {
        var result: Bool?
        var waiter: CheckedContinuation<Bool, Never>?
    }
    private let state = Mutex(State())

    /// Ends the wait; only the first end counts.
    func end(_ result: Bool) {
        let waiter = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            guard state.result == nil else { return nil }
            state.result = result
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(returning: result)
    }

    /// How it ended.
    func value() async -> Bool {
        await withCheckedContinuation { waiter in
            let result = state.withLock { state -> Bool? in
                if state.result == nil { state.waiter = waiter }
                return state.result
            }
            if let result { waiter.resume(returning: result) }
        }
    }
}
