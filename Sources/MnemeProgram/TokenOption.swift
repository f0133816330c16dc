// The token that lets the program in where a server asks for one, as the command line and the
// environment give it.

internal import Mneme
internal import MnemeCommandLine

/// The token that a verb shows to a server.
enum TokenOption {
    static let file = Parameter<String?>(
        option: "token-file",
        .text("FILE"),
        "the file with the token that the server asks for. Without it MNEME_TOKEN_FILE counts, or "
            + "MNEME_TOKEN with the token itself"
    )

    /// Makes sure that no token is given for a store in a directory.
    ///
    /// - Throws: `CommandLineError`.
    static func checkNotGiven(_ invocation: Invocation) throws(CommandLineError) {
        guard invocation.has(file) else { return }
        throw CommandLineError(
            "--token-file is for a server, which is asked with --connect; a store in a directory "
                + "is opened by whoever may read and write its files. Leave it out."
        )
    }

    /// The token that was given, nil where none was.
    ///
    /// - Throws: what reading the file does; `CommandLineError` where it holds none.
    static func token(_ invocation: Invocation) throws -> String? {
        if let path = invocation[file] ?? Environment.ofProcess.value("MNEME_TOKEN_FILE") {
            let text = String(decoding: try InputFile(path).readAll(), as: UTF8.self)
            let token = text.prefix { !$0.isNewline }
            guard !token.isEmpty, token.utf8.count <= 2048 else {
                throw CommandLineError(
                    "\(path) holds no token; write the one that you were given into its first line."
                )
            }
            return String(token)
        }
        return Environment.ofProcess.value("MNEME_TOKEN")
    }
}
