// Reads the members of an object of a mapping by name, and refuses what nobody asked for.

internal import Mneme
internal import MnemeCommandLine

/// Members of an object of a mapping; null ones count as not there.
struct MappingMembers {
    /// What the object is, for messages.
    let place: String
    private let members: [String: Value]
    private var known: [String] = []

    /// The members of an object.
    ///
    /// - Throws: `Failure` for anything else.
    init(_ value: Value, _ place: String) throws(Failure) {
        guard case .map(let members) = value else {
            throw Failure("\(place) takes an object and got \(value.shown).")
        }
        self.place = place
        self.members = members
    }

    /// The member of a name; nil where it is not there or null.
    mutating func value(_ name: String) -> Value? {
        known.append(name)
        guard let value = members[name], !value.isNull else { return nil }
        return value
    }

    mutating func text(_ name: String) throws(Failure) -> String? {
        guard let value = value(name) else { return nil }
        guard let text = value.text else { throw wrong(name, "a text", value) }
        return text
    }

    mutating func required(_ name: String) throws(Failure) -> Value {
        if let value = value(name) { return value }
        let given = members.keys.filter { !known.contains($0) }.sorted()
        throw Failure(
            "\(place) needs the member \"\(name)\", which was not given."
                + (given.isEmpty ? "" : " Given: \(listed(given)).")
        )
    }

    mutating func flag(_ name: String) throws(Failure) -> Bool {
        guard let value = value(name) else { return false }
        guard case .bool(let flag) = value else { throw wrong(name, "true or false", value) }
        return flag
    }

    mutating func array(_ name: String) throws(Failure) -> [Value]? {
        guard let value = value(name) else { return nil }
        guard case .array(let values) = value else { throw wrong(name, "an array", value) }
        return values
    }

    mutating func texts(_ name: String) throws(Failure) -> [String]? {
        guard let values = try array(name) else { return nil }
        let texts = values.compactMap(\.text)
        guard texts.count == values.count else {
            throw wrong(name, "an array of texts", .array(values))
        }
        return texts
    }

    mutating func object(_ name: String) throws(Failure) -> [String: Value] {
        guard let value = value(name) else { return [:] }
        guard case .map(let members) = value else { throw wrong(name, "an object", value) }
        return members
    }

    mutating func word<Word: RawRepresentable<String> & CaseIterable>(
        _ name: String,
        _ type: Word.Type = Word.self
    ) throws(Failure) -> Word? {
        guard let value = value(name) else { return nil }
        if let text = value.text, let word = Word(rawValue: text) { return word }
        throw wrong(name, "one of \(listed(Word.allCases.map(\.rawValue)))", value)
    }

    /// Makes sure that every member was asked for.
    func finish() throws(Failure) {
        let unknown = members.keys.filter { !known.contains($0) }.sorted()
        guard !unknown.isEmpty else { return }
        throw Failure(
            "\(place) has no member \(unknown.map(quoted).joined(separator: ", ")). It may have: "
                + "\(listed(known))."
        )
    }

    func wrong(_ name: String, _ wanted: String, _ value: Value) -> Failure {
        Failure("\(place): \"\(name)\" takes \(wanted) and got \(value.shown).")
    }
}
