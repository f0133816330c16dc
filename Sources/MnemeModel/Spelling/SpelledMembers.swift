// Reads the members of a spelled map by name and refuses what nobody asked for.

/// Members of a spelled map; null ones count as not there.
struct SpelledMembers {
    /// What the map spells, for messages.
    let place: String
    private let members: [String: Value]
    private var known: [String] = []

    /// The members of a map.
    ///
    /// - Throws: `badRequest` for anything else.
    init(_ value: Value, of place: String) throws(MnemeError) {
        guard case .map(let members) = value else {
            throw wrong(place, "an object", value)
        }
        self.place = place
        self.members = members
    }

    /// Makes sure that every member was asked for.
    func finish() throws(MnemeError) {
        guard members.count > known.count || !members.keys.allSatisfy(known.contains) else {
            return
        }
        let unknown = members.keys.filter { !known.contains($0) }.sorted()
        guard !unknown.isEmpty else { return }
        throw MnemeError(
            .badRequest,
            "\(place) has no member \(unknown.map(quoted).joined(separator: ", ")). It may have: "
                + "\(listed(known))."
        )
    }

    /// The member of a name; nil when it is not there or null.
    mutating func value(_ name: String) -> Value? {
        if !known.contains(name) { known.append(name) }
        guard let value = members[name], !value.isNull else { return nil }
        return value
    }

    /// The member of a name.
    mutating func required(_ name: String) throws(MnemeError) -> Value {
        if let value = value(name) { return value }
        throw MnemeError(
            .badRequest,
            "\(place) needs the member \"\(name)\", which was not given." + others()
        )
    }

    /// What was given besides what was read so far: the missing one may be among it, misspelled.
    private func others() -> String {
        let others = members.keys.filter { !known.contains($0) }.sorted()
        return others.isEmpty ? "" : " Given: \(others.map(quoted).joined(separator: ", "))."
    }

    mutating func optionalText(_ name: String) throws(MnemeError) -> String? {
        guard let value = value(name) else { return nil }
        return try value.spelledText(inside(name))
    }

    mutating func text(_ name: String) throws(MnemeError) -> String {
        try required(name).spelledText(inside(name))
    }

    mutating func optionalInt(_ name: String) throws(MnemeError) -> Int? {
        guard let value = value(name) else { return nil }
        guard let number = value.int else { throw wrong(inside(name), "a whole number", value) }
        return Int(number)
    }

    mutating func int(_ name: String) throws(MnemeError) -> Int {
        _ = try required(name)
        return try optionalInt(name) ?? 0
    }

    mutating func unsigned(_ name: String) throws(MnemeError) -> UInt64 {
        try required(name).spelledUnsigned(inside(name))
    }

    mutating func optionalUnsigned(_ name: String) throws(MnemeError) -> UInt64? {
        guard let value = value(name) else { return nil }
        return try value.spelledUnsigned(inside(name))
    }

    mutating func optionalFloat(_ name: String) throws(MnemeError) -> Double? {
        guard let value = value(name) else { return nil }
        guard let number = value.number else { throw wrong(inside(name), "a number", value) }
        return number
    }

    mutating func float(_ name: String) throws(MnemeError) -> Double {
        _ = try required(name)
        return try optionalFloat(name) ?? 0
    }

    /// A part of a whole.
    mutating func share(_ name: String) throws(MnemeError) -> Double {
        let share = try float(name)
        guard (0...1).contains(share) else {
            throw wrong(inside(name), "a number from 0 to 1", .float(share))
        }
        return share
    }

    mutating func optionalBool(_ name: String) throws(MnemeError) -> Bool? {
        guard let value = value(name) else { return nil }
        return try value.spelledBool(inside(name))
    }

    mutating func bool(_ name: String) throws(MnemeError) -> Bool {
        try required(name).spelledBool(inside(name))
    }

    mutating func optionalInstant(_ name: String) throws(MnemeError) -> Instant? {
        guard let value = value(name) else { return nil }
        guard case .instant(let instant)? = value.coerced(to: .instant) else {
            throw wrong(inside(name), "an instant such as 2023-05-08T13:56:00Z", value)
        }
        return instant
    }

    mutating func instant(_ name: String) throws(MnemeError) -> Instant {
        _ = try required(name)
        return try optionalInstant(name) ?? Instant(microseconds: 0)
    }

    mutating func optionalVector(_ name: String) throws(MnemeError) -> [Float]? {
        guard let value = value(name) else { return nil }
        guard let vector = value.vector else {
            throw wrong(inside(name), "a vector: an array of numbers", value)
        }
        return vector
    }

    mutating func vectors(_ name: String) throws(MnemeError) -> [String: [Float]] {
        guard let value = value(name) else { return [:] }
        guard case .map(let members) = value else {
            throw wrong(inside(name), "an object of vectors by field", value)
        }
        var vectors: [String: [Float]] = [:]
        for (field, value) in members {
            guard let vector = value.vector else {
                throw wrong(inside(name) + "." + field, "a vector: an array of numbers", value)
            }
            vectors[field] = vector
        }
        return vectors
    }

    mutating func optionalTexts(_ name: String) throws(MnemeError) -> [String]? {
        guard let value = value(name) else { return nil }
        return try value.spelledTexts(inside(name))
    }

    mutating func texts(_ name: String) throws(MnemeError) -> [String] {
        try optionalTexts(name) ?? []
    }

    mutating func map(_ name: String) throws(MnemeError) -> [String: Value] {
        guard let value = value(name) else { return [:] }
        guard case .map(let members) = value else { throw wrong(inside(name), "an object", value) }
        return members
    }

    /// Objects in order, such as rows; the member has to be there.
    mutating func objects(_ name: String) throws(MnemeError) -> [[String: Value]] {
        var objects: [[String: Value]] = []
        for object in try required(name).spelledArray(inside(name)) {
            guard case .map(let members) = object else {
                throw wrong(inside(name), "objects", object)
            }
            objects.append(members)
        }
        return objects
    }

    /// Counts by name.
    mutating func counts(_ name: String) throws(MnemeError) -> [String: Int] {
        var counts: [String: Int] = [:]
        for (key, value) in try map(name) {
            guard let number = value.int else {
                throw wrong(inside(name) + "." + key, "a whole number", value)
            }
            counts[key] = Int(number)
        }
        return counts
    }

    mutating func optionalWord<Word: RawRepresentable<String> & CaseIterable>(
        _ name: String,
        _ type: Word.Type = Word.self
    ) throws(MnemeError) -> Word? {
        guard let value = value(name) else { return nil }
        return try value.spelledWord(inside(name))
    }

    mutating func word<Word: RawRepresentable<String> & CaseIterable>(
        _ name: String,
        _ type: Word.Type = Word.self
    ) throws(MnemeError) -> Word {
        try required(name).spelledWord(inside(name))
    }

    mutating func optionalNoun<Noun: Spelled>(
        _ name: String,
        _ type: Noun.Type = Noun.self
    ) throws(MnemeError) -> Noun? {
        guard let value = value(name) else { return nil }
        return try Noun(spelling: value)
    }

    mutating func noun<Noun: Spelled>(
        _ name: String,
        _ type: Noun.Type = Noun.self
    ) throws(MnemeError) -> Noun {
        try Noun(spelling: required(name))
    }

    mutating func nouns<Noun: Spelled>(
        _ name: String,
        _ type: Noun.Type = Noun.self
    ) throws(MnemeError) -> [Noun] {
        guard let value = value(name) else { return [] }
        return try value.spelledNouns(inside(name))
    }

    /// Nouns where they are given, none included.
    mutating func optionalNouns<Noun: Spelled>(
        _ name: String,
        _ type: Noun.Type = Noun.self
    ) throws(MnemeError) -> [Noun]? {
        guard let value = value(name) else { return nil }
        return try value.spelledNouns(inside(name))
    }

    private func inside(_ name: String) -> String { place + "." + name }
}

extension Value {
    /// The text that it is.
    func spelledText(_ place: String) throws(MnemeError) -> String {
        guard case .text(let text) = self else { throw wrong(place, "a text", self) }
        return text
    }

    /// The truth value that it is.
    func spelledBool(_ place: String) throws(MnemeError) -> Bool {
        guard case .bool(let flag) = self else { throw wrong(place, "true or false", self) }
        return flag
    }

    /// The number of zero or more that it is.
    func spelledUnsigned(_ place: String) throws(MnemeError) -> UInt64 {
        guard let number = int, number >= 0 else {
            throw wrong(place, "a whole number of zero or more", self)
        }
        return UInt64(number)
    }

    /// The elements of the array that it is.
    func spelledArray(_ place: String) throws(MnemeError) -> [Value] {
        guard case .array(let values) = self else { throw wrong(place, "an array", self) }
        return values
    }

    /// The texts of the array that it is.
    func spelledTexts(_ place: String) throws(MnemeError) -> [String] {
        var texts: [String] = []
        for value in try spelledArray(place) { texts.append(try value.spelledText(place)) }
        return texts
    }

    /// The nouns of the array that it is.
    func spelledNouns<Noun: Spelled>(_ place: String) throws(MnemeError) -> [Noun] {
        let values = try spelledArray(place)
        var nouns: [Noun] = []
        nouns.reserveCapacity(values.count)
        for value in values { nouns.append(try Noun(spelling: value)) }
        return nouns
    }

    /// The word of a list that it is.
    func spelledWord<Word: RawRepresentable<String> & CaseIterable>(
        _ place: String
    ) throws(MnemeError) -> Word {
        if let text, let word = Word(rawValue: text) { return word }
        throw wrong(place, "one of \(listed(Word.allCases.map(\.rawValue)))", self)
    }

    /// The name and content of a map of one member; a bare text is a name with nothing in it.
    func spelledChoice(
        _ place: String,
        _ known: [String]
    ) throws(MnemeError) -> (name: String, content: Value) {
        if case .text(let name) = self { return (name, .map([:])) }
        guard case .map(let members) = self, members.count == 1, let (name, value) = members.first
        else {
            throw wrong(place, "an object of one member, one of \(listed(known))", self)
        }
        return (name, value)
    }
}

/// The error for a word that is not known.
func unknown(
    _ what: String,
    _ word: String,
    _ known: [String],
    _ code: MnemeError.Code = .badRequest
) -> MnemeError {
    MnemeError(code, "There is no \(what) \(quoted(word)). Known: \(listed(known)).")
}

/// The error for a value of the wrong kind.
func wrong(_ place: String, _ wanted: String, _ value: Value) -> MnemeError {
    MnemeError(.badRequest, "\(place) takes \(wanted) and got \(value.shown).")
}
