// Words for messages.

extension FieldType {
    /// What it holds, with an article: `an int`, `a vector of 384`.
    package var named: String {
        switch self {
        case .bool: "a bool"
        case .int: "an int"
        case .float: "a float"
        case .text: "a text"
        case .bytes: "a bytes"
        case .uuid: "a uuid"
        case .instant: "an instant"
        case .date: "a date"
        case .json: "a json"
        case .oneOf: "a oneOf"
        case .array(let element): "an array of \(element.bare)"
        case .vector(let vector): "a vector of \(vector.dimension)"
        }
    }

    private var bare: String {
        named.split(separator: " ", maxSplits: 1).last.map(String.init) ?? named
    }
}

extension Value {
    /// The kind and, where it is short, the value: `text "high"`, `array of 3`.
    package var shown: String {
        switch self {
        case .null: "null"
        case .bool(let value): "bool \(value)"
        case .int(let value): "int \(value)"
        case .float(let value): "float \(value)"
        case .text(let text): "text \(quoted(text))"
        case .bytes(let bytes): "\(bytes.count) bytes"
        case .uuid(let id): "uuid \(id)"
        case .instant(let instant): "instant \(instant)"
        case .date(let day): "date \(day)"
        case .array(let elements): "array of \(elements.count)"
        case .map(let members): "object with \(members.count) members"
        case .vector(let vector): "vector of \(vector.count)"
        }
    }
}

/// A text in quotes, cut after 40 characters.
package func quoted(_ text: String) -> String {
    let start = text.prefix(40)
    return start.endIndex == text.endIndex ? "\"\(text)\"" : "\"\(start)…\""
}

/// Words with commas between them; `none` when there are none.
package func listed(_ words: some Sequence<String>) -> String {
    let list = words.joined(separator: ", ")
    return list.isEmpty ? "none" : list
}

/// `a collection`, `an index`.
package func withArticle(_ word: String) -> String {
    let isVowel = word.first.map { "aeiou".contains($0) } ?? false
    return (isVowel ? "an " : "a ") + word
}
