// Deleting all records that a condition holds for, in one commit: a period, an owner, anything.

/// Deletes the records of a collection for which everything given holds, all in one commit.
///
/// At least one of owner, period and filter is given; an empty filter holds for every record.
public struct DeleteWhere: Hashable, Sendable {
    /// The collection.
    public var collection: String
    /// Only records of this owner and of those below it; of any owner when nil.
    public var owner: String?
    /// Only records whose time is not before this.
    public var from: Instant?
    /// Only records whose time is before this.
    public var to: Instant?
    /// The field of that time, an instant; the one with the role time when nil.
    public var field: String?
    /// Only records for which this holds.
    public var filter: Filter?
    /// Whether they are erased: no restore of an earlier backup brings them back that knows of it.
    public var erases: Bool

    /// A delete; see the properties.
    public init(
        _ collection: String,
        owner: String? = nil,
        from: Instant? = nil,
        to: Instant? = nil,
        field: String? = nil,
        where filter: Filter? = nil,
        erases: Bool = false
    ) {
        self.collection = collection
        self.owner = owner
        self.from = from
        self.to = to
        self.field = field
        self.filter = filter
        self.erases = erases
    }
}

/// What a delete of all that a condition holds for came to.
public struct DeletedWhere: Hashable, Sendable {
    /// For how many records it held, which are gone; what else followed by references is not
    /// counted.
    public var count: Int
    /// The commit by which they went; the newest one where there were none.
    public var sequence: UInt64

    /// A result of its parts.
    public init(count: Int, sequence: UInt64) {
        self.count = count
        self.sequence = sequence
    }
}

extension Door {
    /// Deletes all records for which a condition holds, in one commit.
    ///
    /// - Throws: `badRequest` where nothing says which; `tooLarge` where they are more than one
    ///   commit takes; `referenced`; `conflict` where records change faster than can be looked.
    @discardableResult
    public func deleteWhere(_ delete: DeleteWhere) async throws(MnemeError) -> DeletedWhere {
        try await perform(.deleteWhere(delete)).deletedWhere()
    }
}

extension BlockingDoor {
    /// Deletes all records for which a condition holds, in one commit.
    ///
    /// - Throws: `badRequest` where nothing says which; `tooLarge` where they are more than one
    ///   commit takes; `referenced`; `conflict` where records change faster than can be looked.
    @discardableResult
    public func deleteWhere(_ delete: DeleteWhere) throws(MnemeError) -> DeletedWhere {
        try perform(.deleteWhere(delete), durability: nil).deletedWhere()
    }
}

extension Response {
    /// What a delete of all that a condition holds for came to.
    fileprivate func deletedWhere() throws(MnemeError) -> DeletedWhere {
        guard case .deletedWhere(let deleted) = self else {
            throw MnemeError(
                .badRequest,
                "the answer is of another kind than the request; report this"
            )
        }
        return deleted
    }
}
