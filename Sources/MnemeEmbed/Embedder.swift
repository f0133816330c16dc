// Texts become vectors behind one protocol, so that a store can tell whose vectors it holds and a
// caller can bring a model of its own.

/// Makes vectors of texts; two vectors of one embedder are compared by their inner product.
package protocol Embedder: Sendable {
    /// Names the model and its version. Vectors of different identities are not comparable, so it
    /// is stored with them.
    var identity: String { get }
    /// How many numbers a vector has.
    var dimension: Int { get }
    /// The vector of a memory, `[dimension]`, of length 1; nil for a text that says nothing to this
    /// model (no letters, only unknown characters): such a memory has no vector and is not indexed.
    func embed(_ text: String) -> [Float]?
    /// The vector of a question, `[dimension]`, of length 1; nil as for `embed`. What is rare among
    /// the memories that are asked counts more, if the model can make use of `statistics`.
    func embedQuestion(_ text: String, statistics: (any TokenStatistics)?) -> [Float]?
}

/// In how many memories of an owner each token occurs.
package protocol TokenStatistics {
    /// How many memories there are.
    var memoryCount: Int { get }
    /// How many of them hold the token.
    func memoriesHolding(_ token: Token) -> Int
}
