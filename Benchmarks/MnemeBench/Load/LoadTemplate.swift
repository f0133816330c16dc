// What a message looks like before its values are in it: "$name" stands for a value as it is,
// "${name}" inside a text for how it is written.

internal import Mneme
internal import MnemeCommandLine

/// A value with gaps.
enum LoadTemplate {
    case value(Value)
    /// A drawn value, by its number.
    case drawn(Int)
    case joined([LoadTemplate])
    case array([LoadTemplate])
    case map([(String, LoadTemplate)])

    /// Reads a template; `names` are those of the drawn values.
    ///
    /// - Throws: `Failure` for a `${name}` that nothing is drawn for.
    init(_ value: Value, names: [String]) throws(Failure) {
        switch value {
        case .text(let text): self = try Self(text: text, names: names)
        case .array(let elements):
            var parts: [LoadTemplate] = []
            for element in elements { parts.append(try LoadTemplate(element, names: names)) }
            self = .array(parts)
        case .map(let members):
            var parts: [(String, LoadTemplate)] = []
            for (name, member) in members {
                parts.append((name, try LoadTemplate(member, names: names)))
            }
            self = .map(parts)
        default: self = .value(value)
        }
    }

    private init(text: String, names: [String]) throws(Failure) {
        if text.first == "$", let number = names.firstIndex(of: String(text.dropFirst())) {
            self = .drawn(number)
            return
        }
        var parts: [LoadTemplate] = []
        var rest = Substring(text)
        while let start = rest.firstIndex(of: "$") {
            let name = rest[start...].dropFirst()
            guard name.first == "{", let end = name.firstIndex(of: "}") else {
                parts.append(.value(.text(String(rest[...start]))))
                rest = name
                continue
            }
            let inside = String(name[..<end].dropFirst())
            guard let number = names.firstIndex(of: inside) else {
                throw Failure(
                    "\"\(text)\": nothing is drawn under the name \(inside). Say it in \"with\"."
                )
            }
            parts.append(.value(.text(String(rest[..<start]))))
            parts.append(.drawn(number))
            rest = name[end...].dropFirst()
        }
        guard parts.contains(where: { if case .drawn = $0 { true } else { false } }) else {
            self = .value(.text(text))
            return
        }
        self = .joined(parts + [.value(.text(String(rest)))])
    }

    /// The value with everything in it.
    func filled(_ values: [Value]) -> Value {
        switch self {
        case .value(let value): return value
        case .drawn(let number): return values[number]
        case .joined: return .text(written(values))
        case .array(let parts): return .array(parts.map { $0.filled(values) })
        case .map(let parts):
            var members: [String: Value] = [:]
            for (name, part) in parts { members[name] = part.filled(values) }
            return .map(members)
        }
    }

    /// The same as a text.
    func written(_ values: [Value]) -> String {
        if case .joined(let parts) = self {
            return parts.map { $0.written(values) }.joined()
        }
        return filled(values).written ?? ""
    }
}

extension Value {
    /// How it is written where there are texts alone; nil for null.
    var written: String? {
        switch self {
        case .null: nil
        case .text(let text): text
        case .int(let number): "\(number)"
        case .bool(let flag): flag ? "true" : "false"
        case .instant(let instant): "\(instant)"
        default: json()
        }
    }
}

/// A statement of PostgreSQL with numbers in the place of names.
struct LoadStatement {
    let text: String
    /// The drawn values that are its parameters, in their order.
    let parameters: [Int]

    /// Reads a statement with `$name` in it.
    ///
    /// - Throws: `Failure` for a name that nothing is drawn for.
    init(_ statement: String, names: [String]) throws(Failure) {
        var parameters: [Int] = []
        var result = ""
        var rest = Substring(statement)
        while let start = rest.firstIndex(of: "$") {
            let name = rest[start...].dropFirst().prefix { $0.isLetter }
            guard !name.isEmpty else {
                result += rest[...start]
                rest = rest[start...].dropFirst()
                continue
            }
            guard let number = names.firstIndex(of: String(name)) else {
                throw Failure(
                    "\"\(statement)\": nothing is drawn under the name \(name). Say it in \"with\"."
                )
            }
            if !parameters.contains(number) { parameters.append(number) }
            result += rest[..<start]
            result += "$\((parameters.firstIndex(of: number) ?? 0) + 1)"
            rest = rest[name.endIndex...]
        }
        text = result + String(rest)
        self.parameters = parameters
    }
}
