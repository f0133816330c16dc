// What a collection demands of its records besides the types of their fields.

/// A condition that each record of a collection, or each edge of a type, has to meet.
public struct Check: Hashable, Sendable {
    /// The name: as a collection's.
    public var name: String
    /// Refuses a record for which it is false; one for which it is null passes, as in SQL.
    public var condition: Expression

    /// A check of its parts.
    public init(_ name: String, _ condition: Expression) {
        self.name = name
        self.condition = condition
    }
}

/// Fields that name a record of this or another collection, which has to be there.
public struct ReferenceRule: Hashable, Sendable {
    /// The name: as a collection's.
    public var name: String
    /// The fields that name the record, in order; where one of them is null, none is named.
    ///
    /// One that is an array names a record with each of its elements; `PseudoField.key` is the
    /// record's own key, so that there is at most one for each that is named.
    public var fields: [String]
    /// The collection that the record is in.
    public var to: String
    /// The fields of a unique index there which they equal; the record's key where there are none.
    public var on: [String]
    /// What becomes of records that name one which is deleted.
    public var onDelete: OnDelete

    /// A rule of its parts.
    public init(
        _ name: String,
        _ fields: [String],
        to: String,
        on: [String] = [],
        onDelete: OnDelete = .restrict
    ) {
        self.name = name
        self.fields = fields
        self.to = to
        self.on = on
        self.onDelete = onDelete
    }

    /// What becomes of records that name a deleted one.
    public enum OnDelete: String, Hashable, Sendable, CaseIterable {
        /// The delete is refused.
        case restrict
        /// They are deleted too.
        case cascade
        /// The fields that named it become null; an array loses the element.
        case setNull
    }
}
