// The words that the process was started with. The standard library mends what is no UTF-8, and
// what was mended would be stored as if it had been said: it is refused instead.

internal import Glibc
internal import MnemeModel

/// Words of a command line as the system hands them over.
package enum ArgumentWords {
    /// The words, without the program's own name.
    ///
    /// - Throws: for the first that is no UTF-8, by its place.
    package static func words(_ arguments: [[UInt8]]) throws(CommandLineError) -> [String] {
        var words: [String] = []
        for (place, bytes) in arguments.enumerated().dropFirst() {
            guard let word = String(validating: bytes, as: UTF8.self) else {
                throw CommandLineError(
                    "Argument \(place) is not UTF-8: \(String(decoding: bytes, as: UTF8.self)). "
                        + "Convert it, or set the terminal to UTF-8."
                )
            }
            words.append(word)
        }
        return words
    }

    /// A word of the environment; nil where it is not set, or is no UTF-8.
    package static func environment(_ name: String) -> String? {
        // SAFETY: the system gives a text with its end, which is copied before anything else is
        // asked.
        guard let text = unsafe getenv(name) else { return nil }
        return unsafe String(validatingCString: text)
    }

    /// What this process was started with.
    static var ofProcess: [[UInt8]] {
        // SAFETY: the system hands over `argc` pointers to texts that end with a zero byte and that
        // stay as long as the process.
        (0..<Int(CommandLine.argc)).map { place in
            var bytes: [UInt8] = []
            guard var next = unsafe CommandLine.unsafeArgv[place] else { return bytes }
            while unsafe next.pointee != 0 {
                bytes.append(UInt8(bitPattern: unsafe next.pointee))
                unsafe next += 1
            }
            return bytes
        }
    }
}

extension Program {
    /// Runs the command line that this process was started with; returns the exit status.
    package func run() -> Int32 {
        do throws(CommandLineError) {
            return run(try ArgumentWords.words(ArgumentWords.ofProcess))
        } catch {
            let wantsJSON = ArgumentWords.ofProcess.contains(Array("--json".utf8))
            let spelling = MnemeError(.badRequest, error.message).spelling
            StandardStreams.writeError(
                (wantsJSON
                    ? Value.map(["error": spelling]).json() : "\(name): \(error.message)") + "\n"
            )
            return ExitStatus.wrongCommandLine
        }
    }
}
