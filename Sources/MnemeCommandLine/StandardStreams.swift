// Standard input, output and error, unbuffered. Output that nobody reads any more ends the program
// by the system's own signal, as it should in a pipe. Output that cannot be written is remembered,
// and `Program.run` ends with it: nobody else has to look.

internal import Glibc
internal import MnemeModel
internal import Synchronization

/// The streams that a program reads from and writes to.
package enum StandardStreams {
    /// Whether standard error is a terminal.
    package static var errorIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    /// Whether standard output is a terminal.
    package static var outputIsTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Whether standard input is a terminal.
    package static var inputIsTerminal: Bool { isatty(STDIN_FILENO) == 1 }

    /// The system's number of the error by which standard output was lost; 0 while it is not.
    private static let lost = Atomic<Int32>(0)

    /// What lost standard output, for people; nil while it is not lost, and empty when its reader
    /// went away, which is nobody's fault.
    static var outputFault: String? {
        switch lost.load(ordering: .relaxed) {
        case 0: nil
        case EPIPE: ""
        case let code: SystemError.words(code)
        }
    }

    /// Writes to standard output: results, and nothing else.
    ///
    /// Once it is lost, nothing more is written to it.
    package static func writeOutput(_ text: String) {
        guard lost.load(ordering: .relaxed) == 0 else { return }
        let code = write(text, to: STDOUT_FILENO)
        if code != 0 { lost.store(code, ordering: .relaxed) }
    }

    /// Writes to standard error: progress and what went wrong.
    package static func writeError(_ text: String) { _ = write(text, to: STDERR_FILENO) }

    /// All of standard input as text.
    ///
    /// - Throws: `Failure` when it cannot be read, is no UTF-8 or has more than `limit` bytes.
    package static func readInput(limit: Int) throws(Failure) -> String {
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            // SAFETY: the system writes at most `count` bytes into a buffer that lives through the
            // call.
            let count = unsafe block.withUnsafeMutableBytes { buffer in
                unsafe read(STDIN_FILENO, buffer.baseAddress, buffer.count)
            }
            if count == 0 { break }
            if count < 0 {
                if errno == EINTR { continue }
                throw Failure(
                    "Standard input cannot be read: \(SystemError.words(errno)).",
                    code: .disk
                )
            }
            bytes += block[..<count]
            guard bytes.count <= limit else {
                throw Failure(
                    "Standard input has more than \(Figures.count(limit)) bytes. Give less.",
                    code: .tooLarge
                )
            }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Failure("Standard input is no text in UTF-8. Convert it.", code: .badText)
        }
        return text
    }

    /// Writes a text; the system's number of what went wrong, 0 when nothing did.
    private static func write(_ text: String, to descriptor: Int32) -> Int32 {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            // SAFETY: the system reads `count` bytes of a buffer that lives through the call.
            let count = unsafe rest.withUnsafeBytes { buffer in
                unsafe Glibc.write(descriptor, buffer.baseAddress, buffer.count)
            }
            if count < 0 {
                guard errno == EINTR else { return errno }
            } else {
                rest = rest.dropFirst(count)
            }
        }
        return 0
    }
}
