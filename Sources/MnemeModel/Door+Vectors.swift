// How well vector fields are searched: the same through every door.

extension Door {
    /// How much of what is truly nearest the searches of vector fields find.
    ///
    /// - Throws: `.unknownCollection`, `.unknownField`; `.badRequest` for a recall or a number of
    ///   questions out of its bounds.
    public func checkVectors(
        _ question: VectorQuestion = VectorQuestion()
    ) async throws(MnemeError) -> VectorsChecked {
        try await perform(.checkVectors(question)).vectorsChecked()
    }
}

extension BlockingDoor {
    /// How much of what is truly nearest the searches of vector fields find.
    ///
    /// - Throws: `.unknownCollection`, `.unknownField`; `.badRequest` for a recall or a number of
    ///   questions out of its bounds.
    public func checkVectors(
        _ question: VectorQuestion = VectorQuestion()
    ) throws(MnemeError) -> VectorsChecked {
        try perform(.checkVectors(question), durability: nil).vectorsChecked()
    }
}

extension Response {
    fileprivate func vectorsChecked() throws(MnemeError) -> VectorsChecked {
        guard case .vectorsChecked(let checked) = self else { throw Response.unexpected }
        return checked
    }
}
