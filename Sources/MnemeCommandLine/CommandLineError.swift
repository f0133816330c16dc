// What is wrong with a command line.

/// The command line is wrong; the program ends with status 2.
package struct CommandLineError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong and what to do.
    package let message: String

    /// An error that says what is wrong and what to do.
    package init(_ message: String) { self.message = message }

    package var description: String { message }
}
