// What was done at once, as far as it came to anything: a transaction, or one request by itself.

import MnemeModel

/// What one transaction, or one request, was told.
struct Deed: Sendable {
    typealias Told = Result<Response, MnemeError>

    struct Step: Sendable {
        let request: Request
        let told: Told
        /// The numbers of the edges that it made.
        let numbers: [UInt64]
    }

    /// Its numbers of edges are not those that anybody else has.
    private let firstNumber: UInt64
    /// Its edges: the numbers that it was told inside, and its own.
    private var numbers: [UInt64: UInt64] = [:]
    private(set) var steps: [Step] = []
    /// The commit that it saw; 0 of what was asked by itself.
    let base: UInt64
    /// The commit that it is, or that it has seen.
    private(set) var sequence: UInt64
    /// Whether it has changed nothing, and was told of the state at `sequence`.
    private(set) var isLook = true
    /// Whether it was to change something, and there was nothing to change.
    private(set) var isIdle = false
    /// The numbers that its edges got in the end, by its own.
    private(set) var lastNumbers: [UInt64: UInt64] = [:]

    /// `number`: of this deed, which no other has; `sequence`: what it sees.
    init(_ number: Int, seeing sequence: UInt64) {
        firstNumber = 1 << 40 + UInt64(number) << 16
        base = sequence
        self.sequence = sequence
    }

    /// Where it stands among those of its sequence: a commit that changed nothing bears the
    /// sequence of the one before it.
    var place: (UInt64, Int) { (sequence, isLook ? 2 : isIdle ? 1 : 0) }

    /// A request as it is asked inside of the transaction.
    ///
    /// A request that the model takes speaks of the deed's own numbers.
    func asked(_ request: Request) -> Request {
        guard case .commit(let changes, let durability) = request else { return request }
        let told = changes.map { change in
            guard case .unlink(let id) = change,
                let number = numbers.first(where: { $0.value == id })?.key
            else { return change }
            return .unlink(number)
        }
        return .commit(told, durability)
    }

    /// Notes what was asked of the transaction, and what it was told.
    mutating func add(_ request: Request, _ told: Told) {
        var made: [UInt64] = []
        for number in TreeJudge.made(told) {
            let own = firstNumber + UInt64(numbers.count)
            numbers[number] = own
            made.append(own)
        }
        let step = Step(
            request: request,
            told: TreeJudge.translated(told, numbers),
            numbers: made
        )
        steps.append(step)
    }

    /// Notes what was asked by itself.
    mutating func add(alone request: Request, _ told: Told) {
        steps.append(Step(request: request, told: told, numbers: TreeJudge.made(told)))
    }

    /// What its steps were told, one after another.
    private var outcomes: [Committed.Outcome] {
        var outcomes: [Committed.Outcome] = []
        for step in steps {
            guard case .success(.committed(let told)) = step.told else { continue }
            outcomes += told.outcomes
        }
        return outcomes
    }

    /// It was committed; what is wrong with what it was told then, nil where nothing is.
    mutating func commit(_ committed: Committed) -> String? {
        let told = outcomes
        guard told.count == committed.outcomes.count else {
            return "\(committed.outcomes.count) outcomes, told \(told.count)"
        }
        for (told, made) in zip(told, committed.outcomes) {
            guard told.isSame(as: made) else { return "outcome \(made), told \(told)" }
            if let own = told.madeEdge, let number = made.madeEdge { lastNumbers[own] = number }
        }
        come(to: told, at: committed.sequence)
        return nil
    }

    /// It was done by itself.
    mutating func come(to outcomes: [Committed.Outcome], at sequence: UInt64) {
        self.sequence = sequence
        isLook = outcomes.isEmpty
        isIdle = outcomes.allSatisfy { outcome in
            switch outcome {
            case .deleted(false), .unlinked(false): true
            default: false
            }
        }
    }
}

extension Deed: CustomStringConvertible {
    /// Everything that it asked and was told, for people who judge whether that can have been.
    var description: String {
        var lines = ["\(sequence)" + (base == 0 ? "" : ", begun at \(base)")]
        for step in steps {
            lines.append("    \(step.request.json())")
            lines.append("      -> \(step.told)")
        }
        return lines.joined(separator: "\n")
    }
}
