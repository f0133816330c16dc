// What is wrong with a command line.

package import MnemeModel

/// The command line is wrong; the program ends with status 2.
package struct CommandLineError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong and what to do.
    package let message: String
    /// The number by which programs tell it from others: of a request that was given, the engine's.
    package let code: MnemeError.Code

    /// An error that says what is wrong and what to do.
    package init(_ message: String, code: MnemeError.Code = .badRequest) {
        self.message = message
        self.code = code
    }

    package var description: String { message }
}
