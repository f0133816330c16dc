// What the audit is set to, and the rows that wait for their commit: those of questions, which
// change nothing, and of what failed. Changes have theirs in their own commits. Where too many
// wait, the next ones are dropped, and how many is told by a row; or whoever asks commits them.

internal import MnemeBase
package import MnemeModel
internal import Synchronization

/// What a store keeps of who asks for what.
package final class AuditLog: Sendable {
    private struct State {
        var setting = AuditSetting()
        var waiting: [AuditRow] = []
        /// Rows that were dropped since the store was opened, and those that no row tells of yet.
        var dropped = 0
        var untold = 0
        /// The highest number up to which rows were taken away as too many.
        var trimmed: Int64 = 0
    }
    private let state = Mutex(State())
    private let on = Atomic(false)
    private let waitingCount = Atomic(0)
    private let clock: any Clock
    private let randomness: any Randomness

    init(_ clock: any Clock, _ randomness: any Randomness) {
        self.clock = clock
        self.randomness = randomness
    }

    /// Whether anything is kept: all that is asked where nothing is.
    package var isOn: Bool { on.load(ordering: .relaxed) }

    /// Whether rows wait.
    var hasWaiting: Bool { waitingCount.load(ordering: .relaxed) > 0 }

    /// What is set.
    var setting: AuditSetting { state.withLock { $0.setting } }

    /// How many rows wait, and how many were dropped.
    var figures: (waiting: Int, dropped: Int) {
        state.withLock { ($0.waiting.count, $0.dropped) }
    }

    /// Whether who may not wait should leave a question to somebody who may.
    package var isFull: Bool {
        isOn
            && state.withLock {
                $0.setting.isStrict && $0.waiting.count >= $0.setting.buffer
            }
    }

    /// What is set from now on.
    func set(_ setting: AuditSetting) {
        state.withLock { state in
            state.setting = setting
            on.store(setting.isOn, ordering: .releasing)
        }
    }

    /// Begins a request.
    package func begin(_ request: Request, _ asker: Asker) -> AuditCall {
        AuditCall(setting, request, asker, time: clock.now(), elapsed: clock.elapsed())
    }

    /// Notes what became of a request, where the writer has not.
    ///
    /// - Returns: what is to be done about the rows that wait now.
    package func end(
        _ call: AuditCall,
        _ request: Request,
        _ result: Result<Response, MnemeError>
    ) -> Need {
        switch result {
        case .failure(let error): return fail(call, request.auditSubjects, error)
        case .success(let response):
            if call.isKept { return .nothing }
            guard call.makesRows else {
                // What a transaction is to change is told by its commit; what it was answered of
                // that is read now, whatever becomes of it.
                if request.isChange {
                    guard case .committed(let committed) = response else { return .nothing }
                    let handedOut = committed.handedOut
                    return handedOut.isEmpty ? .nothing : read(call) { handedOut }
                }
                return read(call) { response.auditSubjects(of: request) }
            }
            return add(
                rows(call, request.auditSubjects) { call.setting.rule(for: $0).writes }
            )
        }
    }

    /// Notes a question that was answered, by what it handed out.
    package func end(
        _ call: AuditCall,
        read references: [Reference]
    ) -> Need {
        read(call) {
            var subjects = AuditTally()
            for reference in references {
                subjects.add(reference.collection, .read, reference.key.description)
            }
            return subjects.all
        }
    }

    /// Notes a request that could not be read, or was ended before it was answered.
    package func refuse(_ verb: String, _ error: MnemeError, _ asker: Asker) -> Need {
        let setting = setting
        guard setting.rule.failures else { return .nothing }
        var row = AuditRow(at: clock.now(), asker: asker, verb: verb)
        row.failure = error.code
        return add([row])
    }

    /// What rows that wait need.
    package enum Need: Sendable {
        case nothing
        /// They are to be committed soon.
        case commitSoon
        /// They are to be committed before the request is answered.
        case commit
    }

    private func fail(
        _ call: AuditCall,
        _ subjects: [AuditSubject],
        _ error: MnemeError
    ) -> Need {
        var rows = rows(call, subjects) { call.setting.rule(for: $0).failures }
        for place in rows.indices { rows[place].failure = error.code }
        return add(rows)
    }

    private func read(_ call: AuditCall, _ make: () -> [AuditSubject]) -> Need {
        let setting = call.setting
        guard setting.rule.reads || setting.collections.contains(where: \.value.reads) else {
            return .nothing
        }
        let chance = randomness.next()
        func isKept(_ rule: AuditRule) -> Bool {
            rule.reads && (rule.sample <= 1 || chance % UInt64(rule.sample) == 0)
        }
        if setting.collections.isEmpty, !isKept(setting.rule) { return .nothing }
        let subjects = make()
        let all = subjects.isEmpty ? [AuditSubject(nil, .read)] : subjects
        let now = clock.elapsed()
        var rows: [AuditRow] = []
        for subject in all where isKept(setting.rule(for: subject.name)) {
            for part in subject.parted() {
                var row = call.row(part, elapsed: now)
                row.part = rows.count
                row.sample = setting.rule(for: subject.name).sample
                rows.append(row)
            }
        }
        return add(rows)
    }

    private func rows(
        _ call: AuditCall,
        _ subjects: [AuditSubject],
        where isKept: (String?) -> Bool
    ) -> [AuditRow] {
        let now = clock.elapsed()
        var rows: [AuditRow] = []
        let all = subjects.isEmpty ? [AuditSubject()] : subjects
        for subject in all where isKept(subject.name) {
            for part in subject.parted() {
                var row = call.row(part, elapsed: now)
                row.part = rows.count
                rows.append(row)
            }
        }
        return rows
    }

    /// Has rows wait; those for which there is no room are counted.
    private func add(_ made: [AuditRow]) -> Need {
        if made.isEmpty { return .nothing }
        let rows = made.map { row in
            var row = row
            row.bound()
            return row
        }
        return state.withLock { state in
            let room = max(0, state.setting.buffer - state.waiting.count)
            if room < rows.count, !state.setting.isStrict {
                state.waiting += rows.prefix(room)
                state.dropped += rows.count - room
                state.untold += rows.count - room
            } else {
                state.waiting += rows
            }
            let count = state.waiting.count
            waitingCount.store(count, ordering: .relaxed)
            if state.setting.isStrict, count >= state.setting.buffer { return .commit }
            return count > state.setting.buffer / 2 ? .commitSoon : .nothing
        }
    }

    // MARK: For whoever commits them

    /// Some rows that wait, oldest first, which do not wait any more.
    ///
    /// How many were dropped is the last of them, where that was not told.
    func take(atMost count: Int, _ own: Asker) -> [AuditRow] {
        state.withLock { state in
            var rows = Array(state.waiting.prefix(count))
            state.waiting.removeFirst(rows.count)
            waitingCount.store(state.waiting.count, ordering: .relaxed)
            if state.untold > 0 {
                var row = AuditRow(at: clock.now(), asker: own, verb: "audit")
                row.subject = AuditSubject(nil, .dropped, records: state.untold)
                state.untold = 0
                rows.append(row)
            }
            return rows
        }
    }

    /// Has rows wait again whose commit was refused.
    func putBack(_ rows: [AuditRow]) {
        state.withLock { state in
            let told = rows.filter { $0.verb == "audit" && $0.subject.effect == .dropped }
            state.untold += told.reduce(0) { $0 + $1.subject.records }
            let others = rows.filter { !($0.verb == "audit" && $0.subject.effect == .dropped) }
            let room = max(0, state.setting.buffer - state.waiting.count)
            let kept = state.setting.isStrict ? others.count : min(room, others.count)
            state.waiting.insert(contentsOf: others.prefix(kept), at: 0)
            state.dropped += others.count - kept
            state.untold += others.count - kept
            waitingCount.store(state.waiting.count, ordering: .relaxed)
        }
    }

    /// The highest number of a row that is too many, where it is time to take some away.
    ///
    /// `newest`: the highest number of all.
    func surplus(newest: Int64) -> Int64? {
        state.withLock { state in
            guard let most = state.setting.rows else { return nil }
            let last = newest - Int64(most)
            let slack = max(1, min(Int64(most) / 8, 1024))
            return last - state.trimmed >= slack ? last : nil
        }
    }

    /// Rows up to a number were taken away.
    func trimmed(through number: Int64) {
        state.withLock { $0.trimmed = max($0.trimmed, number) }
    }
}
