// What can be taken out of a schema. A request of its own: a definition only ever adds.

/// Something defined that goes.
public enum Drop: Hashable, Sendable {
    /// An index of a collection. No question is answered by it from then on; its entries go behind.
    case index(collection: String, name: String)
    /// An index of an edge type.
    case edgeIndex(type: String, name: String)
    /// A collection and its records, which nobody finds from then on and which are deleted behind.
    case collection(String)
    /// An edge type and its edges, as a collection and its records.
    case edgeType(String)
    /// A field of a collection, a vector field too: nobody reads it from then on.
    case field(collection: String, name: String)
    /// That the words of a field are searched: the field stays, and nothing matches over it from
    /// then on; its words go behind.
    case search(collection: String, name: String)
}
