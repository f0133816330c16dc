// Whether a walk may take a step: where what it leads to is there and seen, and the edge and the
// record pass.

internal import MnemeBase
internal import MnemeGraph
internal import MnemeModel
internal import MnemePages

/// Decides about the steps of one walk.
final class StepTest {
    private let state: StateReader
    private let rules: StepRules
    private var test: EdgeTest?
    private var through: NodeTest?
    private var truth: NodeTest?
    private var only: NodeTest?
    private let strengths: EdgeNumbers?
    private var row = StepRow()
    private var count = 0
    private var wanted = WantedCheck()
    /// Why nothing is accepted any more.
    private(set) var failure: StoreError?

    init(_ state: StateReader, _ rules: StepRules) {
        self.state = state
        self.rules = rules
        test = rules.filters.map { EdgeTest($0, state) }
        through = rules.through.map { NodeTest($0, state, at: rules.instant) }
        truth = rules.truth.map { NodeTest($0, state, at: rules.instant) }
        only = rules.only.map { NodeTest($0, state, at: rules.instant) }
        strengths = rules.fanOut?.strongest.map { EdgeNumbers($0, state) }
    }

    /// For a walk, as long as this is there.
    var judge: StepJudge {
        var judge = StepJudge(
            accepts: { [unowned self] in accepts($0) },
            goesOn: { [unowned self] in goesOn() }
        )
        if only != nil { judge.tells = { [unowned self] in tells($0) } }
        if let fanOut = rules.fanOut {
            judge.fan = EdgeFan(
                count: fanOut.count,
                strength: strengths == nil ? nil : { [unowned self] in strength($0) }
            )
        }
        return judge
    }

    private func goesOn() -> Bool {
        if failure != nil { return false }
        do throws(StoreError) {
            try state.checkWanted()
            return true
        } catch {
            failure = error
            return false
        }
    }

    private func accepts(_ step: EdgeStep) -> Bool {
        if failure != nil { return false }
        state.trace?.note(step.node)
        do throws(StoreError) {
            count += 1
            try wanted.passed(count, state)
            guard try sees(step) else { return false }
            return try passes(step)
        } catch {
            failure = error
            return false
        }
    }

    private func sees(_ step: EdgeStep) throws(StoreError) -> Bool {
        if let instant = rules.instant {
            return try state.sees(step, at: instant, rules.sight, &row)
        }
        guard let entry = try state.visibleEntry(step.node) else { return false }
        return try state.sees(node: entry, rules.sight)
    }

    private func passes(_ step: EdgeStep) throws(StoreError) -> Bool {
        guard try test?.passes(step) ?? true else { return false }
        guard try truth?.passes(step, &row) ?? true else { return false }
        if step.node == rules.end { return true }
        return try through?.passes(step, &row) ?? true
    }

    private func tells(_ step: EdgeStep) -> Bool {
        if failure != nil { return false }
        do throws(StoreError) {
            return try only?.passes(step, &row) ?? true
        } catch {
            failure = error
            return false
        }
    }

    /// The least of all where an edge has none.
    private func strength(_ step: EdgeStep) -> Double {
        if failure != nil { return -.infinity }
        do throws(StoreError) {
            let number = try strengths?.number(of: step.edge, ofType: step.type)
            return number.map { $0.isNaN ? -.infinity : $0 } ?? -.infinity
        } catch {
            failure = error
            return -.infinity
        }
    }
}

extension StateReader {
    /// Whether a walk may come to records that are not there or not seen.
    func mayHideNodes(_ sight: Sight) -> Bool {
        mayHide || state.catalog.hidesNodes || !sight.isStandard || trace != nil
    }

    /// Whether a record that is seen was true, where the question asks for that.
    func isTrue(_ ordinal: UInt64, _ rules: StepRules) throws(StoreError) -> Bool {
        guard let truth = rules.truth else { return true }
        guard let entry = try livingEntry(ordinal) else { return false }
        var test = NodeTest(truth, self, at: rules.instant)
        return try test.passes(entry)
    }

    /// Has a desk for a walk, of an earlier instant where one is given, and what decides about its
    /// steps.
    func walking<Result>(
        _ rules: StepRules,
        _ body: (WalkDesk, GraphSource, StepJudge) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        // What a branch shows is nobody else's.
        let desks = trace == nil ? opening?.desks : nil
        let keepsPast = rules.instant != nil
        let desk =
            desks?.borrow(for: sequence, keepsPast: keepsPast)
            ?? WalkDesk(through: sequence, keepsPast: keepsPast)
        defer { desks?.giveBack(desk) }
        let source = GraphSource(state.adjacency, view, at: rules.instant)
        if rules.isPlain, !mayHideNodes(rules.sight) {
            desk.patience.begin(opening)
            defer { desk.patience.end() }
            let result = try body(desk, source, desk.patience.judge)
            if let failure = desk.patience.failure { throw failure }
            return result
        }
        let steps = StepTest(self, rules)
        let result = try body(desk, source, steps.judge)
        if let failure = steps.failure { throw failure }
        return result
    }

    /// The same, of what reads nothing but lists.
    func walkingLists<Result>(
        _ rules: StepRules,
        _ body: (inout GraphCopy, GraphSource, StepJudge) throws(PageError) -> Result
    ) throws(StoreError) -> Result {
        try walking(rules) { (desk, source, judge) throws(StoreError) in
            try onPages { () throws(PageError) in try body(&desk.copy, source, judge) }
        }
    }
}
