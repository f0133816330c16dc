// What is known of a store whose process may end at any moment: which states it may be found in,
// and which it must not be found before.

internal import MnemeModel

/// How a process or a machine ends.
package enum Ending: String, Sendable, CaseIterable {
    /// The power goes; each unsynced part is kept, torn or lost by chance.
    case powerCut
    /// The power goes, and everything unsynced with it.
    case powerCutDroppingAll
    /// The process is killed; everything written is seen by the next one.
    case kill
    /// The store is closed, and the process ends.
    case close
}

/// The states that a store may be in.
package struct Oracle: Sendable {
    /// A state that was acknowledged.
    struct Acknowledged: Sendable {
        /// The newest commit when it was acknowledged.
        var sequence: UInt64
        var state: ExpectedState
    }

    /// States in commit order; those before the newest durable one are dropped.
    private(set) var acknowledged = [Acknowledged(sequence: 0, state: ExpectedState())]
    /// The state after the operation under way, should it be carried out.
    var inFlight: ExpectedState?
    /// Whether the power has gone since the last opening: weaker commits may be lost.
    var hasLostPower = false
    /// Whether making the store was acknowledged.
    var isCreated = false

    /// The newest acknowledged state.
    package var newest: ExpectedState {
        guard let last = acknowledged.last else { preconditionFailure("an oracle without a state") }
        return last.state
    }

    /// The operation under way was acknowledged.
    mutating func acknowledge(_ state: ExpectedState, sequence: UInt64, isDurable: Bool) {
        inFlight = nil
        acknowledged.append(Acknowledged(sequence: sequence, state: state))
        if isDurable { everythingIsDurable() }
    }

    /// Everything that was acknowledged survives from now on.
    mutating func everythingIsDurable() {
        acknowledged.removeFirst(acknowledged.count - 1)
    }

    /// The newest acknowledged commit.
    var newestSequence: UInt64 { acknowledged.last?.sequence ?? 0 }

    /// Everything that was acknowledged up to a commit survives from now on.
    mutating func isDurable(through sequence: UInt64) {
        let last = acknowledged.lastIndex { $0.sequence <= sequence } ?? 0
        acknowledged.removeFirst(last)
    }

    /// The store was opened and found in a state.
    mutating func settle(_ state: ExpectedState, sequence: UInt64) {
        acknowledged = [Acknowledged(sequence: sequence, state: state)]
        inFlight = nil
        hasLostPower = false
        isCreated = true
    }

    /// The states that a store with this newest commit may be in, the likeliest first.
    ///
    /// - Throws: when an acknowledged commit is missing.
    func candidates(at sequence: UInt64) throws(HarnessFailure) -> [ExpectedState] {
        guard let last = acknowledged.last,
            let reached = acknowledged.lastIndex(where: { $0.sequence <= sequence })
        else {
            throw HarnessFailure(
                "durable commits are lost: the newest is \(sequence), and "
                    + "\(acknowledged.first?.sequence ?? 0) was durable"
            )
        }
        if !hasLostPower, reached < acknowledged.count - 1 {
            throw HarnessFailure(
                "commits are lost without a power cut: the newest is \(sequence), and "
                    + "\(last.sequence) was acknowledged"
            )
        }
        if sequence > last.sequence, let inFlight { return [inFlight, last.state] }
        // An operation may be more than one commit: its own, and those of the store's own rows.
        guard sequence > acknowledged[reached].sequence, reached < acknowledged.count - 1 else {
            return [acknowledged[reached].state]
        }
        return [acknowledged[reached + 1].state, acknowledged[reached].state]
    }
}

/// What the harness found wrong.
package struct HarnessFailure: Error, CustomStringConvertible, Sendable {
    package var description: String
    /// Whether it is an answer that names damage, where damage was done.
    var isNamedDamage = false
    /// What was held against what: failures of one kind are found at one place of the harness, and
    /// where the store answered with an error that nobody expected, with one code.
    package let kind: String

    /// A failure that is found where this is called; `code` is that of the store's error, if any.
    init(
        _ description: String,
        code: MnemeError.Code? = nil,
        file: String = #fileID,
        line: Int = #line
    ) {
        self.description = description
        kind = "\(file):\(line)" + (code.map { ", \($0)" } ?? "")
    }

    /// What a message calls a noun: its JSON where it is spelled, and references by name.
    package static func shown(_ noun: Any) -> String {
        if let reference = noun as? Reference { return reference.description }
        if let fields = noun as? [String: Value] { return Value.map(fields).json() }
        if let value = noun as? Value { return value.json() }
        return (noun as? any Spelled)?.json() ?? "\(noun)"
    }

    /// The same with where it happened in front.
    func inside(_ place: String) -> HarnessFailure {
        var failure = self
        failure.description = "\(place)\n  \(description)"
        return failure
    }
}
