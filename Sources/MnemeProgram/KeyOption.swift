// The master key of an encrypted store, as the command line and the environment give it.

internal import Mneme
internal import MnemeCommandLine

/// The master key that a verb opens stores with.
enum KeyOption {
    static let file = Parameter<String?>(
        option: "key-file",
        .text("FILE"),
        "the file with the master key of a store that is encrypted; a store that is made with one "
            + "is. Without it MNEME_KEY_FILE counts, or MNEME_KEY with 64 hexadecimal digits"
    )

    /// Makes sure that no key file is given for a store behind a server.
    ///
    /// - Throws: `CommandLineError`.
    static func checkNotGiven(_ invocation: Invocation) throws(CommandLineError) {
        guard invocation.has(file) else { return }
        throw CommandLineError(
            "--key-file is for a store in a directory; over a connection the server has the key of "
                + "its stores (serve --key-file). Leave it out."
        )
    }

    /// The key that was given, nil where none was.
    ///
    /// - Throws: as `MasterKey.read`.
    static func key(_ invocation: Invocation) throws -> MasterKey? {
        if let path = invocation[file] { return try MasterKey.read(path) }
        return try MasterKey.fromEnvironment()
    }
}
