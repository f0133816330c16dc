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

    /// How much of what is truly nearest the searches of vector fields find, by so many questions a
    /// field; nothing is kept of who asks.
    ///
    /// - Throws: `.closed`, `.corrupt`, `.disk`.
    /// - Complexity: O(questions · vectors · dimension).
    package func measureRecall(questions count: Int) throws(MnemeError) -> VectorsChecked {
        try store.checkVectors(VectorQuestion(sample: count))
    }
}
