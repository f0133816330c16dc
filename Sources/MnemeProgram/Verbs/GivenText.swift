// What several verbs of the memory layer are given: a text or standard input, an idempotency key.

internal import Mneme
internal import MnemeCommandLine

/// A text that is given on the command line, or by standard input.
enum GivenText {
    /// The text of the argument; of `-` standard input without its last line break.
    ///
    /// - Throws: `Failure` where standard input has nothing, or cannot be read.
    static func read(_ text: String) throws(Failure) -> String {
        guard text == "-" else { return text }
        var text = try StandardStreams.readInput(limit: 16 << 20)
        if text.last?.isNewline == true { text.removeLast() }
        guard !text.isEmpty else {
            throw Failure("Standard input is empty. Give a text.", code: .badText)
        }
        return text
    }
}

/// An idempotency key that is given on the command line.
enum GivenOnce {
    static let key = Parameter<String?>(
        option: "once",
        .text("KEY"),
        "does it once: the same again with the same KEY, within 24 hours, does nothing, and "
            + "answers what the first one did"
    )

    /// The request, to be done once where a key is given.
    static func request(_ request: Request, _ invocation: Invocation) -> Request {
        invocation[key].map { .once(key: $0, request) } ?? request
    }
}

extension GivenJSON {
    /// Reads an array of nouns.
    ///
    /// - Throws: as `noun`.
    static func nouns<Noun: Spelled>(
        _ text: String,
        as label: String,
        _ type: Noun.Type = Noun.self
    ) throws(CommandLineError) -> [Noun] {
        do throws(MnemeError) {
            guard case .array(let values) = try Value(json: text) else {
                throw MnemeError(.badRequest, "an array is wanted; put brackets around it")
            }
            var nouns: [Noun] = []
            for value in values { nouns.append(try Noun(spelling: value)) }
            return nouns
        } catch {
            throw CommandLineError(placed(error.message, in: label), code: error.code)
        }
    }
}
