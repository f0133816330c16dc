// How well vector fields are searched, for programs in this process.

public import MnemeModel
internal import MnemeStore

extension Memory {
    /// How much of what is truly nearest the searches of vector fields find.
    ///
    /// `progress` is called with how many of how many questions are answered.
    /// - Throws: `.unknownCollection`, `.unknownField`; `.badRequest` for a recall or a number of
    ///   questions out of its bounds.
    /// - Complexity: O(questions · vectors · dimension).
    public func checkVectors(
        _ question: VectorQuestion = VectorQuestion(),
        progress: (Int, Int) -> Void
    ) throws(MnemeError) -> VectorsChecked {
        guard isAudited else { return try store.checkVectors(question, progress: progress) }
        return try audited(.checkVectors(question), asker) { () throws(MnemeError) in
            try store.checkVectors(question, progress: progress)
        } telling: {
            .vectorsChecked($0)
        }
    }
}
