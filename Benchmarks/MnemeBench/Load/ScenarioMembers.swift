// The members of an object of a scenario, each taken once, so that one that nobody takes is an
// error and not forgotten.

internal import Mneme
internal import MnemeCommandLine

/// An object of a scenario file.
struct ScenarioMembers {
    private var members: [String: Value]
    private let place: String

    /// The members of a value that must be an object.
    init(_ value: Value, _ place: String) throws(Failure) {
        guard case .map(let members) = value else { throw Failure("\(place) must be an object.") }
        self.members = members
        self.place = place
    }

    /// Takes a member; nil where it is not there.
    mutating func value(_ name: String) -> Value? {
        members.removeValue(forKey: name)
    }

    mutating func text(_ name: String) throws(Failure) -> String {
        guard let text = members.removeValue(forKey: name)?.text else {
            throw Failure("\(place): \"\(name)\" must be a text.")
        }
        return text
    }

    mutating func int(_ name: String, _ range: ClosedRange<Int>) throws(Failure) -> Int {
        guard let int = members.removeValue(forKey: name)?.int, range.contains(Int(int)) else {
            throw Failure(
                "\(place): \"\(name)\" must be a whole number from \(range.lowerBound) to "
                    + "\(range.upperBound)."
            )
        }
        return Int(int)
    }

    mutating func flag(_ name: String) throws(Failure) -> Bool {
        switch members.removeValue(forKey: name) {
        case nil: return false
        case .bool(let flag): return flag
        default: throw Failure("\(place): \"\(name)\" must be true or false.")
        }
    }

    /// An array of objects; empty where it is not there.
    mutating func objects(_ name: String) throws(Failure) -> [ScenarioMembers] {
        switch members.removeValue(forKey: name) {
        case nil: return []
        case .array(let elements):
            var objects: [ScenarioMembers] = []
            for (number, element) in elements.enumerated() {
                objects.append(try ScenarioMembers(element, "\(name) \(number + 1)"))
            }
            return objects
        default: throw Failure("\(place): \"\(name)\" must be an array.")
        }
    }

    /// All members that are left, by name.
    mutating func rest() -> [(name: String, value: Value)] {
        defer { members = [:] }
        return members.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// Says what is left over.
    func end() throws(Failure) {
        guard let name = members.keys.min() else { return }
        throw Failure("\(place): \"\(name)\" is not known here.")
    }
}
