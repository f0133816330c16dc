// What owners have, and that everything of one goes.

public import MnemeModel
internal import MnemeStore

extension Memory {
    /// What an owner and those below it have; of all, and of nobody, without one.
    ///
    /// - Throws: `.badRequest` where nothing counts; `.unknownCollection` for a name that is
    ///   neither a collection's nor an edge type's; `.badOwner`; `.busy` while it is being counted.
    /// - Complexity: O(what counts · owners in question).
    public func usage(_ question: UsageQuestion) throws(MnemeError) -> Usage {
        if isAudited { return try door.usage(of: question.owner, in: question.names) }
        return try store.snapshot().usage(question)
    }

    /// Looks for whatever the files still hold of an owner and those below it.
    ///
    /// `progress` is called now and then with the frames read so far.
    ///
    /// - Returns: what was found, and what has not been taken out of the files yet.
    /// - Throws: when a file cannot be read.
    /// - Complexity: O(bytes of all files).
    public func erasureProof(
        ofOwner owner: String,
        progress: (Int) -> Void = { _ in }
    ) throws(MnemeError) -> ErasureProof {
        try store.checkOpen()
        return try store.erasureProof(ofOwner: owner, progress: progress)
    }
}
