// Why a run of postings or an analyzer cannot be had.

/// What this room refuses.
package enum TextError: Error, Equatable, Sendable {
    /// The bytes are not a run: what the format page demands does not hold at this offset.
    case malformed(offset: Int)
    /// The bytes were changed after the run was written.
    case checksum
    /// The run was written by a later format or with flags that this version does not know.
    case unknownFormat(version: UInt16, flags: UInt32)
    /// The run's words were cut and folded by rules that this version does not know.
    case unknownAnalysis(version: UInt16)
    /// The stemmer library has no algorithm for the language, or no memory was left for it.
    case noStemmer(language: String)
    /// A run would outgrow the format's limits (2^31 documents, 4 GiB of dictionary).
    case tooLarge
}
