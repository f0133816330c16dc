// What a verb prints: for people, or one JSON object on a line.

internal import Mneme
internal import MnemeCommandLine

/// Standard output in the form that was asked for.
struct Output {
    private let isJSON: Bool

    /// Output in the form that the command line asks for.
    init(_ invocation: Invocation) { isJSON = invocation[Program.json] }

    /// Prints a response: as it is spelled, or in lines for people.
    func put(_ response: Response, _ lines: () throws -> [String]) rethrows {
        try put(response.spelling, lines)
    }

    /// Prints an object, or lines for people.
    func put(_ object: Value, _ lines: () throws -> [String]) rethrows {
        if isJSON {
            StandardStreams.writeOutput(object.json() + "\n")
        } else {
            say(try lines())
        }
    }

    /// Prints lines that only people are to see.
    func say(_ lines: [String]) {
        guard !isJSON, !lines.isEmpty else { return }
        StandardStreams.writeOutput(lines.map(\.shown).joined(separator: "\n") + "\n")
    }
}

/// JSON that was given on the command line.
enum GivenJSON {
    /// Reads a noun.
    ///
    /// - Throws: `CommandLineError` with what is wrong in it.
    static func noun<Noun: Spelled>(
        _ text: String,
        as label: String,
        _ type: Noun.Type = Noun.self
    ) throws(CommandLineError) -> Noun {
        do {
            return try Noun(json: text)
        } catch {
            throw CommandLineError(placed(error.message, in: label), code: error.code)
        }
    }

    /// A message with what it is about before it; of JSON it names line and column itself.
    static func placed(_ message: String, in label: String) -> String {
        let mark = "JSON, line "
        guard message.hasPrefix(mark) else { return "\(label): \(message)" }
        return "\(label), line " + message.dropFirst(mark.count)
    }

    /// Reads an object.
    ///
    /// - Throws: as `noun`.
    static func object(
        _ text: String,
        as label: String
    ) throws(CommandLineError) -> [String: Value] {
        let value: Value
        do {
            value = try Value(json: text)
        } catch {
            throw CommandLineError(placed(error.message, in: label), code: error.code)
        }
        guard case .map(let members) = value else {
            throw CommandLineError("\(label) takes an object and got \(value.json()).")
        }
        return members
    }
}
