// Changing a record in its place: what is not named stays as it is.

/// Changes fields of a record that is there, or puts one where there is none.
public struct Patch: Hashable, Sendable {
    /// The collection's name.
    public var collection: String
    /// The record's key; nobody looks at it where `by` names the record.
    public var key: Key
    /// What names the record in the place of its key: a value for each field of a unique index;
    /// empty where the key does.
    public var by: [String: Value] = [:]
    /// What becomes of its fields, one after another.
    public var edits: [Edit]
    /// Refuses the patch where it does not hold of the record that is there (`conditionFailed`).
    public var condition: Filter?
    /// Refuses the patch unless the record that is there has this version, 0 for none
    /// (`conditionFailed`).
    public var version: UInt64?
    /// The fields of the record that the edits are made to where there is none; nil refuses the
    /// patch then (`notFound`).
    public var orPut: [String: Value]?
    /// What becomes of the instant from which the record is not there any more.
    public var expiry: Expiry
    /// What the outcome has of the record.
    public var returns: Returns?
    /// The models that made vectors among the values, by field: one that is not the field's refuses
    /// the patch (`wrongModel`).
    public var models: [String: String] = [:]
    /// Whether the outcome has the record as it is afterwards.
    public var returnsRecord: Bool {
        get { returns == .new }
        set { returns = newValue ? .new : nil }
    }

    /// A patch of its parts.
    public init(
        _ collection: String,
        _ key: Key,
        _ edits: [Edit] = [],
        if condition: Filter? = nil,
        orPut: [String: Value]? = nil,
        expiry: Expiry = .kept,
        returnsRecord: Bool = false,
        version: UInt64? = nil,
        returns: Returns? = nil
    ) {
        self.collection = collection
        self.key = key
        self.edits = edits
        self.condition = condition
        self.orPut = orPut
        self.expiry = expiry
        self.version = version
        self.returns = returns ?? (returnsRecord ? .new : nil)
    }

    /// A patch of the record that has some values in the fields of a unique index.
    ///
    /// Where there is none and `orPut` is given, that and the values are put under a key that is
    /// generated: so a record is got or made by something else than its key.
    public init(
        _ collection: String,
        by values: [String: Value],
        _ edits: [Edit] = [],
        if condition: Filter? = nil,
        orPut: [String: Value]? = nil,
        expiry: Expiry = .kept,
        version: UInt64? = nil,
        returns: Returns? = nil
    ) {
        self.init(
            collection,
            .int(0),
            edits,
            if: condition,
            orPut: orPut,
            expiry: expiry,
            version: version,
            returns: returns
        )
        by = values
    }

    /// What becomes of the end of a record's time.
    public enum Expiry: Hashable, Sendable {
        /// It stays.
        case kept
        /// The record is not there any more from this instant on.
        case at(Instant)
        /// The record is not there any more after so many seconds, counted by the store's clock
        /// from when the change is made ready.
        case after(seconds: Int)
        /// The record stays until it is deleted.
        case never
    }
}

/// What becomes of one field, or of one part of a json field.
///
/// A path goes through members of objects, and through elements of arrays by their numbers from 0
/// (`data.turns.0.text`). Where a part of it is missing or null, objects are made on the way.
public enum Edit: Hashable, Sendable {
    /// It becomes the value.
    case set(FieldPath, Value)
    /// It is gone: null for a field, no member for a part of an object.
    case unset(FieldPath)
    /// It becomes the value where it is null or missing.
    case fill(FieldPath, Value)
    /// A number grows by so much; null counts as 0.
    case increment(FieldPath, Value)
    /// An array gets elements at its end; with a limit the last so many stay. Null counts as empty.
    case append(FieldPath, [Value], limit: Int? = nil)
    /// An array gets elements at its beginning, in the order given; with a limit the first so many
    /// stay. Null counts as empty.
    case prepend(FieldPath, [Value], limit: Int? = nil)
    /// An array gets those of the elements that it does not have. Null counts as empty.
    case addToSet(FieldPath, [Value])
    /// An array loses every element that equals one of these.
    case remove(FieldPath, [Value])
    /// An object takes over the members, those that are objects in the same way; a null member
    /// goes (RFC 7386). Null counts as empty.
    case merge(FieldPath, [String: Value])

    /// The path to what it changes.
    public var path: FieldPath {
        switch self {
        case .set(let path, _), .unset(let path), .fill(let path, _), .increment(let path, _),
            .append(let path, _, _), .prepend(let path, _, _), .addToSet(let path, _),
            .remove(let path, _), .merge(let path, _):
            path
        }
    }
}
