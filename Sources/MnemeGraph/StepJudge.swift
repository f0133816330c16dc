// What decides about the steps of a walk, and whether it goes on.

/// A step that a walk may take.
package struct EdgeStep: Sendable {
    /// The ordinal of the edge.
    package let edge: UInt64
    /// The number of its type.
    package let type: UInt16
    /// The ordinal of the node that it leads to.
    package let node: UInt64

    /// A step of its parts.
    package init(edge: UInt64, type: UInt16, node: UInt64) {
        self.edge = edge
        self.type = type
        self.node = node
    }
}

/// What decides about steps.
package struct StepJudge {
    /// Whether steps are asked about; otherwise every one is taken.
    let asks: Bool
    let accepts: (EdgeStep) -> Bool
    let goesOn: () -> Bool
    /// Whether what a step has come to is told of; everything is where this is nil.
    package var tells: ((EdgeStep) -> Bool)?
    /// Which of the edges of a node are taken; all where this is nil.
    package var fan: EdgeFan?

    /// Decides by closures.
    ///
    /// `accepts`: whether a node and the edge to it may be stepped on; every step is taken when
    /// `asks` is false. `goesOn` is asked now and then; false ends the walk where it is.
    package init(
        asks: Bool = true,
        accepts: @escaping (EdgeStep) -> Bool = { _ in true },
        goesOn: @escaping () -> Bool = { true }
    ) {
        self.asks = asks
        self.accepts = accepts
        self.goesOn = goesOn
    }
}

/// How many of the edges of any one node a walk takes: of those that it may take the strongest, and
/// of equal ones the newest.
///
/// Which they are does not depend on the walk, so that it is one over a smaller graph.
package struct EdgeFan {
    let count: Int
    let strength: ((EdgeStep) -> Double)?

    /// A bound; the newest edges where nothing says how strong they are.
    package init(count: Int, strength: ((EdgeStep) -> Double)? = nil) {
        self.count = count
        self.strength = strength
    }

    /// Leaves no more than are taken, the first ones first.
    ///
    /// - Complexity: O(*n* log *n*).
    func cut(_ steps: inout [NodeStep], _ ordinals: [UInt64]) {
        guard let strength else {
            steps.sort { $0.edge > $1.edge }
            return steps.removeLast(max(0, steps.count - count))
        }
        var weighed = steps.map { step in
            let node = ordinals[step.other]
            return (strength(EdgeStep(edge: step.edge, type: step.type, node: node)), step)
        }
        weighed.sort { $0.0 == $1.0 ? $0.1.edge > $1.1.edge : $0.0 > $1.0 }
        steps = weighed.prefix(count).map(\.1)
    }
}

/// When a walk asks again whether to go on: after so many entries.
struct StepPatience {
    private static let interval: UInt32 = 256

    private var entries: UInt32 = 0

    /// Notes an entry that is looked at; true where the walk is to end.
    @inline(__always)
    mutating func hasEnded(_ judge: StepJudge) -> Bool {
        entries &+= 1
        return entries % Self.interval == 0 && !judge.goesOn()
    }
}
