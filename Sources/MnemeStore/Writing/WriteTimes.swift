// How long each stage of a commit takes.

package import MnemeBase
internal import MnemeLog
package import MnemeModel

/// The stages of commits, counted since the store was opened.
package struct WriteTimes: Sendable {
    /// From when a batch was handed over to its turn.
    package let queue = Histogram()
    /// To decide it against everything before it.
    package let decide = Histogram()
    /// To make its frames.
    package let encode = Histogram()
    /// To bring it into the indexes.
    package let apply = Histogram()
    /// To write a group of them to the log's file.
    package let write = Histogram()
    /// To have a group synced, where somebody waits for that.
    package let sync = Histogram()

    /// The stages by name, in their order.
    package var stages: [(name: String, times: Histogram)] {
        [
            ("queue", queue), ("decide", decide), ("encode", encode), ("apply", apply),
            ("write", write), ("sync", sync),
        ]
    }
}

extension Store {
    /// How long the stages of commits took.
    package var writeTimes: WriteTimes { writer.times }

    /// How far the log's idle bytes have come from what is comfortable, 0, to the bound, 1.
    package var compactionDebt: Double { space.level }

    /// Why nothing is written until the store is opened again; nil where everything goes on.
    package var writeRefusal: MnemeError? {
        writer.endCause ?? (log.isPoisoned ? MnemeError(LogError.poisoned) : nil)
    }
}
