// Compaction and erasure: when they are to happen at once, and the proof that they did.

public import MnemeModel
internal import MnemeStore

extension Memory {
    /// Takes everything that was deleted or replaced, or has expired, until now out of the files.
    ///
    /// A store does so behind everything else within the `erasureDeadline` of its options; this
    /// does it at once, and waits for it. What open snapshots and backups that are being made still
    /// need goes when they have ended.
    ///
    /// - Parameter progress: called now and then with the bytes that were read or written so far.
    /// - Returns: whether all of it is gone.
    /// - Throws: `.readOnly`, `.closed`, `.damagedLog`, `.diskFull`, `.denied`, `.disk`; what was
    ///   not done is done later.
    @discardableResult
    public func compact(progress: (Int) -> Void = { _ in }) throws(MnemeError) -> Bool {
        try store.eraseNow(progress: progress)
    }

    /// Looks for whatever the files still hold of a record that was deleted.
    ///
    /// `progress` is called now and then with the frames read so far.
    ///
    /// - Returns: what was found, and what has not been taken out of the files yet.
    /// - Throws: `.unknownCollection`, `.wrongType`; when a file cannot be read.
    public func erasureProof(
        of reference: Reference,
        progress: (Int) -> Void = { _ in }
    ) throws(MnemeError) -> ErasureProof {
        try store.checkOpen()
        return try store.erasureProof(of: reference, progress: progress)
    }

    /// Looks for whatever the files still hold of an edge that was erased, by the number that it
    /// had.
    ///
    /// `progress` is called now and then with the frames read so far.
    ///
    /// - Returns: what was found, and what has not been taken out of the files yet.
    /// - Throws: when a file cannot be read.
    public func erasureProof(
        ofEdge edge: UInt64,
        progress: (Int) -> Void = { _ in }
    ) throws(MnemeError) -> ErasureProof {
        try store.checkOpen()
        return try store.erasureProof(ofEdge: edge, progress: progress)
    }
}
