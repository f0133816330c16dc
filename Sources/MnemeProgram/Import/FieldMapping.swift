// Which member of an object says what of a memory.

internal import Mneme
internal import MnemeCommandLine

/// Makes memories of JSON objects.
struct FieldMapping: Sendable {
    /// Where the owner comes from.
    enum Owner: Sendable {
        /// A member of each object.
        case member(String)
        /// The same for all.
        case constant(String)
    }

    var text: String
    var owner: Owner
    var key: String?
    var time: String?
    var session: String?
    var position: String?
    var speaker: String?
    var importance: String?
    var tags: String?

    /// The memory that an object is.
    ///
    /// What is not mapped becomes its data; a member that is not there, or null, is not used.
    ///
    /// - Throws: what is wrong with the object, naming the member.
    func memory(_ object: Value) throws(Failure) -> Remember {
        guard case .map(var members) = object else {
            throw Failure("an object should be here, and not \(Self.shown(object))")
        }
        func take(_ name: String?) -> Value? {
            guard let name, let value = members.removeValue(forKey: name), !value.isNull else {
                return nil
            }
            return value
        }
        guard let text = try Self.text(take(self.text), self.text) else {
            throw Failure("the member \"\(self.text)\" should hold the text, and there is none")
        }
        let path: String
        switch owner {
        case .constant(let constant): path = constant
        case .member(let name):
            guard let word = try Self.word(take(name), name) else {
                throw Failure("the member \"\(name)\" should hold the owner, and there is none")
            }
            path = word
        }
        var memory = Remember(text, owner: path)
        memory.key = try Self.word(take(key), key).map(Key.text)
        memory.time = try Self.instant(take(time), time)
        memory.session = try Self.word(take(session), session)
        memory.speaker = try Self.word(take(speaker), speaker)
        memory.position = try Self.wholeNumber(take(position), position)
        memory.importance = try Self.share(take(importance), importance) ?? 0.5
        memory.tags = try Self.words(take(tags), tags)
        if !members.isEmpty { memory.data = .map(members) }
        return memory
    }

    private static func text(_ value: Value?, _ name: String) throws(Failure) -> String? {
        guard let value else { return nil }
        guard let text = value.text, !text.isEmpty else {
            throw fault(name, "a text that is not empty", value)
        }
        return text
    }

    /// A text, or a whole number as text.
    private static func word(_ value: Value?, _ name: String?) throws(Failure) -> String? {
        switch value {
        case nil: return nil
        case .text(let text)? where !text.isEmpty: return text
        case .int(let number)?: return String(number)
        case let value?: throw fault(name, "a text or a whole number", value)
        }
    }

    private static func instant(_ value: Value?, _ name: String?) throws(Failure) -> Instant? {
        guard let value else { return nil }
        guard case .instant(let instant)? = value.coerced(to: .instant) else {
            throw fault(name, "an instant such as 2023-05-08T13:56:00Z", value)
        }
        return instant
    }

    private static func wholeNumber(_ value: Value?, _ name: String?) throws(Failure) -> Int64? {
        guard let value else { return nil }
        guard let number = value.int else { throw fault(name, "a whole number", value) }
        return number
    }

    private static func share(_ value: Value?, _ name: String?) throws(Failure) -> Double? {
        guard let value else { return nil }
        guard let number = value.number, (0...1).contains(number) else {
            throw fault(name, "a number from 0 to 1", value)
        }
        return number
    }

    private static func words(_ value: Value?, _ name: String?) throws(Failure) -> [String] {
        guard let value else { return [] }
        guard case .array(let values) = value else { throw fault(name, "an array of texts", value) }
        let texts = values.compactMap(\.text)
        guard texts.count == values.count else { throw fault(name, "an array of texts", value) }
        return texts
    }

    private static func fault(_ name: String?, _ wanted: String, _ value: Value) -> Failure {
        Failure("the member \"\(name ?? "")\" should hold \(wanted), and not \(shown(value))")
    }

    private static func shown(_ value: Value) -> String {
        TextFlow.shortened(value.json(), to: 60)
    }
}
