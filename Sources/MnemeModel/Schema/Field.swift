// A field: its type, and what it gets where a record does not give it.

/// A field of a collection.
public struct Field: Hashable, Sendable {
    /// The name: as a collection's.
    public var name: String
    /// What it holds.
    public var type: FieldType
    /// Whether a record without it is refused, once defaults, fills and expressions are in place.
    public var isRequired: Bool
    /// Whether its words are indexed; text fields only.
    public var isSearchable: Bool
    /// How its words are cut and counted, where they are indexed.
    public var search: SearchRules
    /// The most characters of a text, bytes of bytes or elements of an array; any number when nil.
    public var maximumLength: Int?
    /// What it is where a record does not give it: a default.
    public var standard: Value?
    /// What the store puts there where a record does not give it.
    public var fill: Fill?
    /// What it always is, worked out from the other fields; no record gives it.
    public var generated: Expression?

    /// A field of its parts.
    public init(
        _ name: String,
        _ type: FieldType,
        isRequired: Bool = false,
        isSearchable: Bool = false,
        maximumLength: Int? = nil,
        standard: Value? = nil,
        fill: Fill? = nil,
        generated: Expression? = nil,
        search: SearchRules = SearchRules()
    ) {
        self.name = name
        self.type = type
        self.isRequired = isRequired
        self.isSearchable = isSearchable
        self.search = search
        self.maximumLength = maximumLength
        self.standard = standard
        self.fill = fill
        self.generated = generated
    }
}

/// What the store puts into a field that a record does not give.
public enum Fill: String, Hashable, Sendable, CaseIterable {
    /// The instant of the commit, or its day; when the record was first put.
    case now
    /// As `now`, whenever the record is put or patched, also where it gives the field.
    case changed
    /// A new UUID of version 7.
    case uuid
    /// 32 random hexadecimal digits.
    case hex
    /// The next whole number of the collection's field, above all that were given.
    case next
}
