// A reader of what a page is made of, as strict as XML: elements that end in order, attributes in
// quotes, and no sign of markup in texts but by its name.

/// A page that was read.
struct WrittenMarkup {
    struct Element {
        var name: String
        var attributes: [String: String]
        /// The texts in it, those of its parts too.
        var text = ""
        /// The elements that it stands in, from the outermost on.
        var path: [String]
    }

    struct Malformed: Error, CustomStringConvertible {
        var description: String
    }

    private(set) var elements: [Element] = []
    private var open: [Int] = []
    private var rest: Substring

    private static let entities = [
        "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "#39": "'",
    ]

    init(_ text: String) throws {
        rest = text[...]
        if rest.hasPrefix("<!DOCTYPE html>") { rest = rest.dropFirst(15) }
        while !rest.isEmpty {
            if rest.first == "<" { try tag() } else { try words() }
        }
        guard open.isEmpty else { throw failure("elements do not end") }
    }

    /// The elements of a name, in order.
    func all(_ name: String) -> [Element] { elements.filter { $0.name == name } }

    private func failure(_ what: String) -> Malformed {
        Malformed(description: "\(what), before: \(rest.prefix(60))")
    }

    private mutating func take(_ isWanted: (Character) -> Bool) -> String {
        let taken = rest.prefix(while: isWanted)
        rest = rest[taken.endIndex...]
        return String(taken)
    }

    private mutating func expect(_ text: String) throws {
        guard rest.hasPrefix(text) else { throw failure("\(text) is missing") }
        rest = rest.dropFirst(text.count)
    }

    private mutating func tag() throws {
        try expect("<")
        func isOfName(_ character: Character) -> Bool {
            character.isASCII && (character.isLetter || character.isNumber || character == "-")
        }
        if rest.first == "/" {
            try expect("/")
            let name = take(isOfName)
            guard let last = open.popLast(), elements[last].name == name else {
                throw failure("\(name) ends and did not begin")
            }
            return try expect(">")
        }
        let name = take(isOfName)
        guard !name.isEmpty else { throw failure("an element without a name") }
        var attributes: [String: String] = [:]
        while rest.first == " " {
            try expect(" ")
            let attribute = take(isOfName)
            try expect("=\"")
            let value = try unescaped(take { $0 != "\"" })
            try expect("\"")
            guard attributes.updateValue(value, forKey: attribute) == nil else {
                throw failure("\(attribute) is given twice")
            }
        }
        let path = open.map { elements[$0].name }
        elements.append(Element(name: name, attributes: attributes, path: path))
        if rest.first == "/" { return try expect("/>") }
        open.append(elements.count - 1)
        try expect(">")
    }

    private mutating func words() throws {
        let text = try unescaped(take { $0 != "<" })
        for place in open { elements[place].text += text }
    }

    private func unescaped(_ text: String) throws -> String {
        guard !text.contains("<"), !text.contains(">") || !open.isEmpty else {
            throw failure("a bare sign")
        }
        var whole = ""
        var left = text[...]
        while let sign = left.firstIndex(of: "&") {
            whole += left[..<sign]
            guard let end = left[sign...].firstIndex(of: ";"),
                let meant = Self.entities[String(left[left.index(after: sign)..<end])]
            else { throw failure("a bare & in \(text.prefix(60))") }
            whole += meant
            left = left[left.index(after: end)...]
        }
        return whole + left
    }
}
