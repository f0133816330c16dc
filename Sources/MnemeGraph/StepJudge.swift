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
