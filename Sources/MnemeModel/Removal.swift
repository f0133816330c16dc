// The end of a record that depends on what it is.

/// Deletes or erases a record where it is as the caller knows it.
///
/// A record that is not there is no failure, but for a version that it should have.
public struct Removal: Hashable, Sendable {
    /// The record.
    public var reference: Reference
    /// Whether it is erased: no restore of an earlier backup brings it back that knows of it.
    public var erases: Bool
    /// Refuses the change unless the record has this version, 0 for none (`conditionFailed`).
    public var version: UInt64?
    /// Refuses the change where it does not hold of a record that is there (`conditionFailed`).
    public var condition: Filter?
    /// Whether the outcome has the record as it was.
    public var returnsRecord: Bool

    /// The end of a record.
    public init(
        _ reference: Reference,
        erases: Bool = false,
        version: UInt64? = nil,
        if condition: Filter? = nil,
        returnsRecord: Bool = false
    ) {
        self.reference = reference
        self.erases = erases
        self.version = version
        self.condition = condition
        self.returnsRecord = returnsRecord
    }
}
