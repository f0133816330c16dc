// How the words of a searchable field are cut, stemmed and scored.

/// How the words of a field are cut and counted.
///
/// What is nil is not said: it is as it stands where the field is defined already, and else the
/// default.
public struct SearchRules: Hashable, Sendable {
    /// Whose stems the words have: the name of a Snowball algorithm, `none` for the words as they
    /// are; English by default.
    public var language: String?
    /// How fast repeated words saturate, 0…1,000; 1.2 by default.
    public var k1: Double?
    /// How much long texts are held against themselves, 0…1; 0.75 by default.
    public var b: Double?

    /// The bounds of `k1`.
    public static let saturations = 0.0...1_000.0
    /// The bounds of `b`.
    public static let lengthWeights = 0.0...1.0

    /// Rules of their parts.
    public init(language: String? = nil, k1: Double? = nil, b: Double? = nil) {
        self.language = language
        self.k1 = k1
        self.b = b
    }

    /// These rules where newer ones say nothing else.
    package func overridden(by newer: SearchRules) -> SearchRules {
        SearchRules(
            language: newer.language ?? language,
            k1: newer.k1 ?? k1,
            b: newer.b ?? b
        )
    }

    /// Refuses numbers out of their bounds.
    func validate(in place: String) throws(MnemeError) {
        for (name, number, bounds) in [
            ("k1", k1, Self.saturations), ("b", b, Self.lengthWeights),
        ] {
            guard let number, !bounds.contains(number) else { continue }
            throw MnemeError(
                .badSchema,
                "\(place): \(name) is \(number). Give \(bounds.lowerBound) to "
                    + "\(bounds.upperBound), or leave it out."
            )
        }
    }
}
