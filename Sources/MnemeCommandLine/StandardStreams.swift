// Standard output and standard error, unbuffered. Output that nobody reads any more ends the
// program by the system's own signal, as it should in a pipe.

internal import Glibc

/// The two streams that a program writes to.
package enum StandardStreams {
    /// Whether standard error is a terminal.
    package static var errorIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    /// Writes to standard output: results, and nothing else.
    package static func writeOutput(_ text: String) { write(text, to: STDOUT_FILENO) }

    /// Writes to standard error: progress and what went wrong.
    package static func writeError(_ text: String) { write(text, to: STDERR_FILENO) }

    private static func write(_ text: String, to descriptor: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            // SAFETY: the system reads `count` bytes of a buffer that lives through the call.
            let count = unsafe rest.withUnsafeBytes { buffer in
                unsafe Glibc.write(descriptor, buffer.baseAddress, buffer.count)
            }
            if count < 0 {
                guard errno == EINTR else { return }
            } else {
                rest = rest.dropFirst(count)
            }
        }
    }
}
