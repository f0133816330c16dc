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

    /// Runs a command line without the program's own name, and says what went wrong.
    ///
    /// Returns the exit status.
    package func run(_ words: [String]) -> Int32 {
        let status = perform(words)
        guard status == ExitStatus.done, let fault = StandardStreams.outputFault else {
            return status
        }
        if !fault.isEmpty {
            report(MnemeError(.disk, "Standard output cannot be written: \(fault)."), in: words)
        }
        return ExitStatus.wrongData
    }

    private func perform(_ words: [String]) -> Int32 {
        do {
            switch try parse(words) {
            case .show(let text): StandardStreams.writeOutput(text + "\n")
            case .run(let command, let invocation): try command.run(invocation)
            }
            return ExitStatus.done
        } catch let error as CommandLineError {
            report(MnemeError(error.code, error.message), in: words)
            return ExitStatus.wrongCommandLine
        } catch let error as MnemeError {
            report(error, in: words)
        } catch let error as Failure {
            report(MnemeError(error.code, error.message), in: words)
        } catch let error as DiskError {
            report(MnemeError(error.publicCode, error.words), in: words)
        } catch {
            report(MnemeError(.badRequest, "\(error)"), in: words)
        }
        return ExitStatus.wrongData
    }

    private func report(_ error: MnemeError, in words: [String]) {
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
