// Which fields of a collection's records a question needs. Names are looked up once a question;
// rows are read by number.

internal import MnemeModel

/// Some fields of a collection, by number.
struct FieldChoice: Sendable {
    /// A field that was chosen.
    struct Field: Sendable {
        let name: String
        /// Where its value stands in `blank` and its copies.
        let place: Dictionary<String, Value>.Index
    }

    private let fields: [Field?]
    /// Whether one of them may be a vector.
    let hasVectors: Bool
    /// Null under every name that was chosen.
    let blank: [String: Value]

    /// All fields that a catalog knows by these names.
    init(_ names: [SpelledName?], hasVectors: Bool) {
        self.init(names: names.map { $0?.name }, hasVectors: hasVectors)
    }

    /// Some fields of a collection; names that it does not have are left out.
    init(_ collection: CollectionEntry, _ chosen: [String]) {
        var names: [String?] = []
        for name in chosen {
            guard let number = collection.fieldNumbers[name].map(Int.init) else { continue }
            while names.count <= number { names.append(nil) }
            names[number] = name
        }
        self.init(
            names: names,
            hasVectors: collection.vectors.contains { chosen.contains($0.name) }
        )
    }

    private init(names: [String?], hasVectors: Bool) {
        let pairs = names.compactMap { $0 }.map { ($0, Value.null) }
        let blank = Dictionary(pairs) { first, _ in first }
        fields = names.map { name in
            guard let name, let place = blank.index(forKey: name) else { return nil }
            return Field(name: name, place: place)
        }
        self.blank = blank
        self.hasVectors = hasVectors
    }

    /// How many were chosen.
    var count: Int { blank.count }

    /// The field of a number where it was chosen.
    subscript(_ number: UInt16) -> Field? {
        number < fields.count ? fields[Int(number)] : nil
    }
}
