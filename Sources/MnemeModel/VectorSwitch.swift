// Changing the model of a vector field: the name by which everybody asks comes to mean vectors that
// stand beside the ones it meant.

/// Gives a vector field's name to another vector field of the collection, in one commit.
///
/// Whoever names the field is answered by the new vectors from that commit on. No vector is
/// touched: what changes is what the two fields are called. Asked twice, the second is refused, as
/// nothing has the name `successor` any more.
public struct VectorSwitch: Hashable, Sendable {
    /// The collection's name.
    public var collection: String
    /// The name that stays: the vector field by which is asked.
    public var field: String
    /// The vector field that has the name from then on; its own is free then.
    public var successor: String
    /// What the vectors that had the name are called from then on; no field is called so before.
    public var former: String
    /// Whether records may be left without a vector of the new kind that have one of the old.
    public var isPartial: Bool

    /// A switch of its parts.
    public init(
        _ collection: String,
        _ field: String,
        to successor: String,
        keepingOldAs former: String,
        isPartial: Bool = false
    ) {
        self.collection = collection
        self.field = field
        self.successor = successor
        self.former = former
        self.isPartial = isPartial
    }
}

extension Door {
    /// Gives a vector field's name to another vector field, in one commit.
    ///
    /// - Throws: `.unknownCollection`, `.unknownField`; `.schemaConflict` where the old vectors'
    ///   name is taken, or a check, a generated field or a retention speaks of either field;
    ///   `.vectorsMissing` where records have the old vector and not the new one.
    public func switchVector(_ change: VectorSwitch) async throws(MnemeError) {
        try await perform(.switchVector(change)).done()
    }
}

extension BlockingDoor {
    /// Gives a vector field's name to another vector field, in one commit.
    ///
    /// - Throws: as `Door.switchVector`.
    public func switchVector(_ change: VectorSwitch) throws(MnemeError) {
        try perform(.switchVector(change), durability: nil).done()
    }
}
