// Tables of one JSON object a line.

internal import Mneme
internal import MnemeCommandLine

/// The objects of a `.jsonl` file, read one by one.
///
/// Empty lines are stepped over.
struct JSONLines {
    private let path: String
    private var lines: InputLines

    /// Opens a file.
    ///
    /// - Throws: `Failure` when it is not there or cannot be read.
    init(_ path: String) throws(Failure) {
        self.path = path
        lines = InputLines(try InputFile(path))
    }

    /// The next object, nil after the last one.
    ///
    /// - Throws: `Failure` with the line's number for what is no JSON object.
    mutating func next() throws(Failure) -> JSONRow? {
        while let line = try lines.next() {
            guard !line.isEmpty else { continue }
            do throws(MnemeError) {
                if case .map(let members) = try Value(json: line) {
                    return JSONRow(place: "\(path):\(lines.number)", members: members)
                }
            } catch {
                throw Failure("\(path):\(lines.number): \(error.message)")
            }
            throw Failure("\(path):\(lines.number) is no JSON object.")
        }
        return nil
    }

    /// All objects that are left.
    ///
    /// - Throws: as `next`.
    mutating func all() throws(Failure) -> [JSONRow] {
        var rows: [JSONRow] = []
        while let row = try next() { rows.append(row) }
        return rows
    }
}

/// One object of a table and where it stands.
struct JSONRow: Sendable {
    /// File and line, for messages.
    let place: String
    let members: [String: Value]

    /// A member, null where it is not there.
    subscript(_ name: String) -> Value { members[name] ?? .null }

    /// A text or whole number as text.
    ///
    /// - Throws: `Failure` where it is missing or something else.
    func name(_ member: String) throws(Failure) -> String {
        guard let name = name(of: self[member]) else {
            throw Failure("\(place): \"\(member)\" must be a text or a whole number.")
        }
        return name
    }

    /// A text or whole number as text, nil where it is missing or something else.
    func optionalName(_ member: String) -> String? { name(of: self[member]) }

    /// A text.
    ///
    /// - Throws: `Failure` where it is missing or something else.
    func text(_ member: String) throws(Failure) -> String {
        guard let text = self[member].text else {
            throw Failure("\(place): \"\(member)\" must be a text.")
        }
        return text
    }

    /// A list of texts or whole numbers as a set of texts; empty where it is missing.
    ///
    /// - Throws: `Failure` where it is something else.
    func names(_ member: String) throws(Failure) -> Set<String> {
        switch self[member] {
        case .null: return []
        case .array(let elements):
            let names = elements.compactMap { name(of: $0) }
            guard names.count == elements.count else { break }
            return Set(names)
        default: break
        }
        throw Failure("\(place): \"\(member)\" must be an array of texts or whole numbers.")
    }

    private func name(of value: Value) -> String? { value.text ?? value.int.map(String.init) }
}
