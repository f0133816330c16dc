// How long a collection keeps its records.

/// How long records of a collection are kept, by their time.
///
/// Of the exceptions the first one that a record is of counts; of a record that is of none, the
/// rule's own days do. A record without a time is kept, and so is one that is pinned.
public struct RetentionRule: Hashable, Sendable {
    /// Records that are kept longer or shorter than others.
    public struct Exception: Hashable, Sendable {
        /// Those of this owner and of those below it; of any owner when nil.
        public var owner: String?
        /// Those for which this holds.
        public var filter: Filter?
        /// For how many days they are kept, for good when nil.
        public var days: Int?

        /// An exception of its parts; at least one of owner and filter is given.
        public init(owner: String? = nil, where filter: Filter? = nil, days: Int? = nil) {
            self.owner = owner
            self.filter = filter
            self.days = days
        }
    }

    /// For how many days a record is kept, for good when nil.
    public var days: Int?
    /// From when on they count: a field with an instant; the one with the role time when nil.
    public var field: String?
    /// In the order in which they are looked at.
    public var exceptions: [Exception]

    /// A rule of its parts; one of nothing keeps everything.
    public init(days: Int? = nil, field: String? = nil, exceptions: [Exception] = []) {
        self.days = days
        self.field = field
        self.exceptions = exceptions
    }

    /// Whether there is anything that it does not keep for good.
    package var ends: Bool { days != nil || exceptions.contains { $0.days != nil } }
}

extension RetentionRule {
    /// Days that a rule may have.
    private static let most = 1_000_000
    /// Exceptions that a rule may have.
    private static let mostExceptions = 64

    /// Checks the rule against its collection; what its filters compare is the store's to judge.
    ///
    /// - Throws: `badSchema`, `badOwner`.
    func validate(in collection: Collection) throws(MnemeError) {
        let place = "collection \"\(collection.name)\", retention"
        if ends || field != nil { try validateField(in: collection, place) }
        guard exceptions.count <= Self.mostExceptions else {
            throw MnemeError(
                .badSchema,
                "\(place): there are \(exceptions.count) exceptions, and at most "
                    + "\(Self.mostExceptions) are looked at. Put several into one filter."
            )
        }
        try Self.validate(days, "\(place).days")
        for (index, exception) in exceptions.enumerated() {
            try exception.validate(in: collection, "\(place).except[\(index)]")
        }
    }

    private func validateField(in collection: Collection, _ place: String) throws(MnemeError) {
        guard let name = field ?? collection.roles.time else {
            throw MnemeError(
                .badSchema,
                "\(place): the collection has no time role. Name by \"field\" the instant from "
                    + "which the days count."
            )
        }
        guard let found = collection.field(name), found.type == .instant else {
            throw MnemeError(
                .badSchema,
                "\(place): the days count from an instant, and \"\(name)\" is no such field. Its "
                    + "fields: \(listed(collection.fields.map(\.name)))."
            )
        }
    }

    static func validate(_ days: Int?, _ place: String) throws(MnemeError) {
        guard let days, !(1...most).contains(days) else { return }
        throw MnemeError(
            .badSchema,
            "\(place): \(days) is no number of days. Give 1 to \(most), or leave it out to keep "
                + "records for good."
        )
    }
}

extension RetentionRule.Exception {
    fileprivate func validate(
        in collection: Collection,
        _ place: String
    ) throws(MnemeError) {
        try RetentionRule.validate(days, "\(place).days")
        guard owner != nil || filter != nil else {
            throw MnemeError(
                .badSchema,
                "\(place) does not say which records it is of. Give an owner, a filter, or both."
            )
        }
        if let owner {
            guard collection.roles.owner != nil else {
                throw MnemeError(
                    .badSchema,
                    "\(place).owner: the collection has no owner role. Leave it out, or give the "
                        + "role."
                )
            }
            if let fault = Owner.fault(in: owner) {
                throw MnemeError(.badOwner, "\(place).owner: \(quoted(owner)) \(fault)")
            }
        }
        guard let filter else { return }
        try filter.checkWords()
        for name in filter.fields.sorted()
        where name != PseudoField.key && collection.field(name) == nil {
            throw MnemeError(
                .badSchema,
                "\(place).where names the field \"\(name)\", which the collection does not have. "
                    + "Its fields: \(listed(collection.fields.map(\.name)))."
            )
        }
    }
}
