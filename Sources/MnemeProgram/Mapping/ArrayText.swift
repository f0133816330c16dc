// Arrays as PostgreSQL writes them: `{tea,"a \\"b\\"",NULL}`.

internal import Mneme

/// Reads arrays of one dimension.
enum ArrayText {
    /// The elements as texts, without those that are null; nil where the text is no such array.
    static func values(_ text: String) -> [Value]? {
        guard text.utf8.first == UInt8(ascii: "{"), text.utf8.last == UInt8(ascii: "}"),
            text.utf8.count >= 2
        else { return nil }
        var rest = text.dropFirst().dropLast()
        var values: [Value] = []
        if rest.isEmpty { return values }
        while true {
            if rest.first == "\"" {
                rest = rest.dropFirst()
                guard let word = quoted(&rest) else { return nil }
                values.append(.text(word))
            } else {
                let word = rest.prefix { $0 != "," }
                rest = rest.dropFirst(word.count)
                if word.isEmpty || word.contains(where: { "{}\"\\".contains($0) }) { return nil }
                if word.uppercased() != "NULL" { values.append(.text(String(word))) }
            }
            if rest.isEmpty { return values }
            guard rest.popFirst() == "," else { return nil }
        }
    }

    /// The rest of an element in quotes, in which backslashes stand before quotes and backslashes.
    private static func quoted(_ rest: inout Substring) -> String? {
        var word = ""
        while let letter = rest.popFirst() {
            switch letter {
            case "\"": return word
            case "\\":
                guard let next = rest.popFirst() else { return nil }
                word.append(next)
            default: word.append(letter)
            }
        }
        return nil
    }
}
