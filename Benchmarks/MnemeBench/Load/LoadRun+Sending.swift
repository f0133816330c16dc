// How tasks of a load are sent: by its schedule, or, without one, when answers come.

internal import MnemeBase
internal import MnemeTransport

extension LoadRun {
    /// So many tasks are sent before sockets are looked at again.
    private static let mostATurn = 64

    /// Sends a connection's next task, without a rate.
    func sendNext(_ connection: LoadConnection, due: Int64) {
        do {
            guard let task = try spares.isEmpty ? work.next(chance) : spares.removeFirst() else {
                hasEnded = true
                return endIfDone()
            }
            waitingCount += 1
            if due >= countFrom, due < stop { dueCount += 1 }
            connection.send(LoadPending(task: task, due: due))
            askForSpare()
        } catch {
            fail("\(error)")
        }
    }

    /// Has a task made after the next look at the sockets, where few are ready: what it takes is
    /// the load's own time, and not to be the server's.
    private func askForSpare() {
        guard !isSpareAsked, spares.count < plan.connections * plan.depth else { return }
        isSpareAsked = true
        loop.submit { [self] in
            isSpareAsked = false
            guard !isOver, !hasEnded else { return }
            do {
                guard let task = try work.next(chance) else { return }
                spares.append(task)
                askForSpare()
            } catch {
                fail("\(error)")
            }
        }
    }

    /// Sends what is due, and comes again at once: a timer would be late by up to a millisecond.
    ///
    /// Who comes too late for something still sends it: leaving it out would leave out those that
    /// would have waited longest.
    func tick() {
        guard !isOver else { return }
        var now = Ticks.now()
        for _ in 0..<Self.mostATurn {
            guard !hasEnded, let next = prepare() else { break }
            guard next.due < stop else {
                hasEnded = true
                break
            }
            guard next.due <= now else { break }
            prepared = nil
            noteDue(next.due, at: now)
            let connection = connections[sent % connections.count]
            sent += 1
            waitingCount += 1
            connection.send(LoadPending(task: next.task, due: next.due))
            connection.flush()
            now = Ticks.now()
        }
        let patience = Int64(plan.patienceSeconds * 1e9)
        if hasEnded && waitingCount == 0 || now > stop + patience { return finish() }
        loop.submit { [self] in tick() }
    }

    /// A task of the time that counts was due, and is sent or given up now.
    func noteDue(_ due: Int64, at now: Int64) {
        guard due >= countFrom else { return }
        dueCount += 1
        if now - due >= 1_000_000 { lateCount += 1 }
    }

    /// The task that is due next, and when.
    func prepare() -> (task: LoadTask, due: Int64)? {
        if let prepared { return prepared }
        do {
            guard let task = try work.next(chance), let due = schedule?.next() else {
                hasEnded = true
                return nil
            }
            prepared = (task, start + due)
        } catch {
            fail("\(error)")
        }
        return prepared
    }
}
