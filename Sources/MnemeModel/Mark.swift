// Records that are put aside without being gone: deleted so that they can come back, and archived.
// Fields with roles say which they are; changes set these, and questions leave such records out
// unless they ask for them. What holds of them: formats/operations.md#put-aside.

/// Sets or takes away the mark of a record that is deleted softly, or archived.
///
/// It is a change of the record like a patch: one version more, in the history as any other. A
/// record that is as it should be is left as it is, and its version is.
public struct Mark: Hashable, Sendable {
    /// The record.
    public var reference: Reference
    /// What becomes of it.
    public var kind: Kind
    /// Refuses the change unless the record has this version, 0 for none (`conditionFailed`).
    public var version: UInt64?
    /// Refuses the change where it does not hold of a record that is there (`conditionFailed`).
    public var condition: Filter?
    /// What the outcome has of the record.
    public var returns: Returns?

    /// A mark of its parts.
    public init(
        _ kind: Kind,
        _ reference: Reference,
        version: UInt64? = nil,
        if condition: Filter? = nil,
        returns: Returns? = nil
    ) {
        self.reference = reference
        self.kind = kind
        self.version = version
        self.condition = condition
        self.returns = returns
    }

    /// What becomes of a record.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// It is marked as deleted. One that is not there is no failure.
        case delete
        /// It is not marked as deleted any more.
        case restore
        /// It is marked as archived.
        case archive
        /// It is not marked as archived any more.
        case unarchive
    }
}

/// Which records of a kind that is left out as a rule a question asks for.
public enum Marked: String, Hashable, Sendable, CaseIterable {
    /// These besides the others.
    case include
    /// These alone.
    case only
}

/// Which records a question sees of those that are put aside: none, as a rule.
public struct Sight: Hashable, Sendable {
    /// Those that are marked as deleted; left out when nil.
    public var deleted: Marked?
    /// Those that are marked as archived; left out when nil.
    public var archived: Marked?

    /// A sight of its parts.
    public init(deleted: Marked? = nil, archived: Marked? = nil) {
        self.deleted = deleted
        self.archived = archived
    }

    /// Whether what is put aside is left out.
    package var isStandard: Bool { deleted == nil && archived == nil }

    /// Everything that is there.
    package static let everything = Sight(deleted: .include, archived: .include)
}

extension Find {
    /// The same question with another sight.
    public func seeing(deleted: Marked? = nil, archived: Marked? = nil) -> Find {
        var find = self
        find.sight = Sight(deleted: deleted, archived: archived)
        return find
    }
}

extension Count {
    /// The same question with another sight.
    public func seeing(deleted: Marked? = nil, archived: Marked? = nil) -> Count {
        var count = self
        count.sight = Sight(deleted: deleted, archived: archived)
        return count
    }
}

extension Get {
    /// The same read with another sight.
    public func seeing(deleted: Marked? = nil, archived: Marked? = nil) -> Get {
        var get = self
        get.sight = Sight(deleted: deleted, archived: archived)
        return get
    }
}

extension Walk {
    /// The same walk with another sight.
    public func seeing(deleted: Marked? = nil, archived: Marked? = nil) -> Walk {
        var walk = self
        walk.sight = Sight(deleted: deleted, archived: archived)
        return walk
    }
}

extension Path {
    /// The same path with another sight.
    public func seeing(deleted: Marked? = nil, archived: Marked? = nil) -> Path {
        var path = self
        path.sight = Sight(deleted: deleted, archived: archived)
        return path
    }
}

extension Recall {
    /// The same question with another sight.
    public func seeing(deleted: Marked? = nil, archived: Marked? = nil) -> Recall {
        var recall = self
        recall.sight = Sight(deleted: deleted, archived: archived)
        return recall
    }
}
