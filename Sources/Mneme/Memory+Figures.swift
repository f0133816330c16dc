// Figures that a server tells of its stores beside their statistics.

package import MnemeBase
package import MnemeModel
internal import MnemeStore

extension Memory {
    /// How long the stages of commits took since the store was opened, in their order.
    package var commitStages: [(name: String, times: Histogram)] { store.writeTimes.stages }

    /// How far the log's idle bytes have come from what is comfortable, 0, to the bound, 1.
    package var compactionDebt: Double { store.compactionDebt }

    /// Why no change is taken any more; nil where changes are.
    package var writeRefusal: MnemeError? { store.writeRefusal }
}
