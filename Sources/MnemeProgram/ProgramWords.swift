// The engine's errors in the words of the command line. The engine speaks to programs: it names
// members of requests. Who typed a verb knows its options, and is told of these; who typed a
// request in JSON is told as the engine tells it.

internal import Mneme
internal import MnemeCommandLine

/// Phrases of the engine's messages, and what they are on a command line.
enum ProgramWords {
    /// A phrase of a message.
    private struct Phrase {
        /// As the engine says it.
        let said: String
        /// As it is told.
        let told: String
        /// The option that the verb has to have; nil for every verb that takes no request in JSON.
        let option: String?

        init(_ said: String, _ told: String, where option: String? = nil) {
            self.said = said
            self.told = told
            self.option = option
        }
    }

    private static let phrases = [
        Phrase("link with the mode replace", "link with --replace", where: "--replace"),
        Phrase(
            " is there already. Choose another name.",
            " is there already. Choose another name, or give --replace.",
            where: "--replace"
        ),
        Phrase("forget has erase and the mode", "forget has --erase and --mode", where: "--mode"),
        Phrase("claim with leaseSeconds 0", "claim with --lease-seconds 0"),
        Phrase("claim with more leaseSeconds", "claim with greater --lease-seconds"),
        Phrase(
            "ask \"graph.job\" without a name which there are",
            "mneme graph jobs tells which there are"
        ),
        Phrase(
            " to patch; put it first, or give the patch what to put (orPut)",
            "; check the collection and the key"
        ),
        Phrase(
            "show the one that you were given, as the method \"token\"",
            "give the file of yours with --token-file, or set MNEME_TOKEN",
            where: "--token-file"
        ),
        Phrase(
            "leave method and token empty",
            "leave --token-file out, and unset MNEME_TOKEN and MNEME_TOKEN_FILE",
            where: "--token-file"
        ),
        Phrase("or more idleMinutes", "or a greater --idle", where: "--idle"),
        Phrase("idempotencyKey", "--once", where: "--once"),
    ]

    /// Verbs that take requests, or parts of them, as the engine spells them.
    private static let spelled: Set<String> = [
        "perform", "run", "find", "walk", "path", "paths", "graph run", "session end",
    ]

    /// A message as whoever typed the verb knows what it speaks of.
    static func told(_ message: String, in command: Command) -> String {
        phrases.reduce(message) { message, phrase in
            let isKnown =
                phrase.option.map { command.takes($0) } ?? !spelled.contains(command.name)
            return isKnown ? message.replacing(phrase.said, with: phrase.told) : message
        }
    }

    /// The verb, with errors in its words.
    static func speaking(_ command: Command) -> Command {
        Command(
            command.name,
            command.summary,
            details: command.details,
            parameters: command.parameters,
            examples: command.examples
        ) { invocation in
            do {
                try command.run(invocation)
            } catch let error as MnemeError {
                let message = told(error.message, in: command)
                throw MnemeError(error.code, message, cause: error.cause)
            } catch let error as Failure {
                throw Failure(told(error.message, in: command), code: error.code)
            }
        }
    }
}
