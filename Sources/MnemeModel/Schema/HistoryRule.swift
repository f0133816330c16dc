// What a collection keeps of what its records were.

/// That a collection keeps what its records were, and how much of it.
///
/// A rule without bounds keeps everything.
public struct HistoryRule: Hashable, Sendable {
    /// The most changes that are kept of one record, all when nil.
    public var versions: Int?
    /// For how many days a change is kept, for good when nil.
    public var days: Int?

    /// A rule of its bounds.
    public init(versions: Int? = nil, days: Int? = nil) {
        self.versions = versions
        self.days = days
    }
}

extension HistoryRule {
    /// Bounds that a rule may have.
    private static let most = 1_000_000

    /// Checks the rule by itself.
    ///
    /// - Throws: `badSchema` for a bound below 1 or above a million.
    func validate(in collection: String) throws(MnemeError) {
        for (name, bound) in [("versions", versions), ("days", days)] {
            guard let bound, !(1...Self.most).contains(bound) else { continue }
            throw Self.bad(bound, "collection \"\(collection)\", history.\(name)")
        }
    }

    /// Checks the rule of an edge type by itself.
    ///
    /// - Throws: `badSchema` as the other, and for a bound of versions, of which an edge has one.
    func validate(inEdgeType name: String) throws(MnemeError) {
        let place = "edge type \"\(name)\", history"
        guard versions == nil else {
            throw MnemeError(
                .badSchema,
                "\(place).versions: an edge is linked and unlinked and has no versions. Give days, "
                    + "or {} to keep all."
            )
        }
        if let days, !(1...Self.most).contains(days) { throw Self.bad(days, place + ".days") }
    }

    private static func bad(_ bound: Int, _ place: String) -> MnemeError {
        MnemeError(
            .badSchema,
            "\(place): \(bound) is no bound. Give 1 to \(most), or leave it out to keep all."
        )
    }
}
