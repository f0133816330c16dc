// Running a command line to an exit status: 0 done, 1 the data or the store is wrong, 2 the command
// line is wrong. What went wrong is said on standard error; with `--json` as one object on a line.

package import MnemeBase
package import MnemeModel

/// The status that a program ends with.
package enum ExitStatus {
    package static let done: Int32 = 0
    package static let wrongData: Int32 = 1
    package static let wrongCommandLine: Int32 = 2
}

/// The data or the store is wrong; the program ends with status 1.
package struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
    /// What went wrong and what to do.
    package let message: String
    /// The number by which programs tell it from others.
    package let code: MnemeError.Code

    /// A failure that says what went wrong and what to do.
    package init(_ message: String, code: MnemeError.Code = .badRequest) {
        self.message = message
        self.code = code
    }

    /// A file that cannot be had.
    package init(_ error: DiskError) { self.init(error.words, code: error.publicCode) }

    package var description: String { message }
}

extension Program {
    /// The flag by which every program here is asked for JSON.
    package static let json = Parameter(
        flag: "json",
        "prints one JSON object a line, and nothing else, to standard output"
    )

    /// What a command line came to.
    package struct Ending: Sendable {
        /// The exit status.
        package let status: Int32
        /// What went wrong.
        package let error: MnemeError?

        /// An ending of its parts.
        package init(status: Int32, error: MnemeError? = nil) {
            self.status = status
            self.error = error
        }
    }

    /// Runs a command line without the program's own name, and says what went wrong.
    ///
    /// Returns the exit status.
    package func run(_ words: [String]) -> Int32 {
        let ending = perform(words)
        if let error = ending.error { report(error, in: words) }
        guard ending.status == ExitStatus.done, let fault = StandardStreams.outputFault else {
            return ending.status
        }
        if !fault.isEmpty {
            report(MnemeError(.disk, "Standard output cannot be written: \(fault)."), in: words)
        }
        return ExitStatus.wrongData
    }

    /// Runs a command line without the program's own name; whoever asked says what went wrong.
    package func perform(_ words: [String]) -> Ending {
        do {
            switch try parse(words) {
            case .show(let text): StandardStreams.writeOutput(text + "\n")
            case .run(let command, let invocation): try command.run(invocation)
            }
            return Ending(status: ExitStatus.done)
        } catch let error as CommandLineError {
            return Ending(
                status: ExitStatus.wrongCommandLine,
                error: MnemeError(error.code, error.message)
            )
        } catch let error as MnemeError {
            return Ending(status: ExitStatus.wrongData, error: error)
        } catch let error as Failure {
            return Ending(
                status: ExitStatus.wrongData,
                error: MnemeError(error.code, error.message)
            )
        } catch let error as DiskError {
            return Ending(
                status: ExitStatus.wrongData,
                error: MnemeError(error.publicCode, error.words)
            )
        } catch {
            return Ending(
                status: ExitStatus.wrongData,
                error: MnemeError(.badRequest, "\(error)")
            )
        }
    }

    /// Says on standard error what went wrong with a command line, in its form.
    package func report(_ error: MnemeError, in words: [String]) {
        let options = words.prefix { $0 != "--" }
        if options.contains(Program.json.declaration.label) {
            StandardStreams.writeError(Value.map(["error": error.spelling]).json() + "\n")
            return
        }
        StandardStreams.writeError("\(name): \(error.message.shown)\n")
        if let cause = error.cause {
            StandardStreams.writeError("  because: \(cause.shown)\n")
        }
    }
}
