// What a named value is found by where nobody says: the words of its name and the texts in it.

internal import MnemeModel

/// The text of a value.
enum NamedText {
    /// Texts of a value are taken until they come to so many bytes.
    private static let limit = 8192

    /// Its name, cut into words, and the texts in it with the names of the members that lead there,
    /// members by name.
    ///
    /// - Complexity: O(size of the value).
    static func text(of value: NamedValue) -> String {
        var text = words(value.name)
        add(value.value, to: &text)
        return text
    }

    private static func add(_ value: Value, to text: inout String) {
        guard text.utf8.count < limit else { return }
        switch value {
        case .text(let part): text += "\n" + part
        case .int, .float, .bool, .date: text += " " + value.json()
        case .array(let elements): for element in elements { add(element, to: &text) }
        case .map(let members):
            for (name, member) in members.sorted(by: { $0.key < $1.key }) {
                text += "\n" + words(name)
                add(member, to: &text)
            }
        default: break
        }
    }

    /// A name such as `call_session:42` as words.
    private static func words(_ name: String) -> String {
        String(name.map { $0.isLetter || $0.isNumber ? $0 : " " })
    }
}
