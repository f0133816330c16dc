// Whether a walk may take a step: where what it leads to is there and seen, and the edge passes.

internal import MnemeBase
internal import MnemeGraph
internal import MnemeModel
internal import MnemePages

/// Decides about the steps of one walk.
final class StepTest {
    private let state: StateReader
    private let sight: Sight
    /// The earlier instant that the walk is of; nil of one of what is there.
    private let instant: Microseconds?
    private var test: EdgeTest?
    private var count = 0
    private var wanted = WantedCheck()
    /// Why nothing is accepted any more.
    private(set) var failure: StoreError?

    init(
        _ state: StateReader,
        _ sight: Sight,
        _ filters: [UInt16: Filter]?,
        at instant: Microseconds?
    ) {
        self.state = state
        self.instant = instant
        self.sight = sight
        test = filters.map { EdgeTest($0, state) }
    }

    /// For a walk, as long as this is there.
    var judge: StepJudge {
        StepJudge(
            accepts: { [unowned self] in accepts($0) },
            goesOn: { [unowned self] in goesOn() }
        )
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
            if let instant {
                guard try state.sees(step, at: instant, sight) else { return false }
                return try test?.passes(step) ?? true
            }
            guard let entry = try state.visibleEntry(step.node),
                try state.sees(node: entry, sight)
            else { return false }
            return try test?.passes(step) ?? true
        } catch {
            failure = error
            return false
        }
    }
}

extension StateReader {
    /// Whether a walk may come to records that are not there or not seen.
    func mayHideNodes(_ sight: Sight) -> Bool {
        state.roots.mayHide || state.catalog.hidesNodes || !sight.isStandard || trace != nil
    }

    /// Has a desk for a walk, of an earlier instant where one is given, and what decides about its
    /// steps.
    func walking<Result>(
        _ sight: Sight,
        _ filters: [UInt16: Filter]?,
        at instant: Microseconds?,
        _ body: (WalkDesk, GraphSource, StepJudge) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        // What a branch shows is nobody else's.
        let desks = trace == nil ? opening?.desks : nil
        let keepsPast = instant != nil
        let desk =
            desks?.borrow(for: sequence, keepsPast: keepsPast)
            ?? WalkDesk(through: sequence, keepsPast: keepsPast)
        defer { desks?.giveBack(desk) }
        let source = GraphSource(state.adjacency, view, at: instant)
        if filters == nil, !mayHideNodes(sight) {
            desk.patience.begin(opening)
            defer { desk.patience.end() }
            let result = try body(desk, source, desk.patience.judge)
            if let failure = desk.patience.failure { throw failure }
            return result
        }
        let steps = StepTest(self, sight, filters, at: instant)
        let result = try body(desk, source, steps.judge)
        if let failure = steps.failure { throw failure }
        return result
    }

    /// The same, of what reads nothing but lists.
    func walkingLists<Result>(
        _ sight: Sight,
        _ filters: [UInt16: Filter]?,
        at instant: Microseconds?,
        _ body: (inout GraphCopy, GraphSource, StepJudge) throws(PageError) -> Result
    ) throws(StoreError) -> Result {
        try walking(sight, filters, at: instant) { (desk, source, judge) throws(StoreError) in
            try onPages { () throws(PageError) in try body(&desk.copy, source, judge) }
        }
    }
}
