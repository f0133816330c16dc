// `mneme serve` as a process of its own: for loads that nobody gave a server, and to be killed.

internal import Foundation
internal import Glibc
internal import Mneme
internal import MnemeCommandLine

/// A running server.
final class ServedProgram {
    private let process: Process
    /// Where it listens.
    let address: String

    /// Starts a server and waits until it listens.
    ///
    /// - Throws: `Failure` where there is no program, or it ends before it listens.
    init(_ program: String, root: String, listen: String, more: [String] = []) throws {
        guard FileManager.default.isExecutableFile(atPath: program) else {
            throw Failure(
                "There is no program \(program). Build it, swift build -c release --product "
                    + "mneme, or give a running server with --connect."
            )
        }
        process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = ["serve", "--root", root, "--listen", listen, "--json"] + more
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        var said: [UInt8] = []
        while !said.contains(10) {
            let more = output.fileHandleForReading.availableData
            if more.isEmpty { break }
            said += more
        }
        let line = said.split(separator: 10).first.map { Array($0) } ?? []
        guard case .map(let members)? = try? Value(json: line),
            case .array(let places)? = members["listening"], let place = places.first?.text
        else {
            process.terminate()
            process.waitUntilExit()
            throw Failure("\(program) serve does not listen; it ended or said nothing.")
        }
        address = place
    }

    /// The `mneme` beside this program.
    static func beside() throws -> String {
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return URL(fileURLWithPath: program).deletingLastPathComponent()
            .appendingPathComponent("mneme").path
    }

    /// Bytes of the process in memory that no file stands behind (proc(5), `status`).
    var anonymousBytes: Int {
        let path = "/proc/\(process.processIdentifier)/status"
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        return ProcessFiguresNow(status: text, openFiles: 0).anonymousBytes
    }

    /// Kills it, as the loss of its machine's power would, but for what the system still holds.
    func kill() {
        _ = Glibc.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// Ends it well.
    ///
    /// - Throws: `Failure` where it ends with an error.
    func end() throws {
        process.terminate()
        process.waitUntilExit()
        guard process.terminationReason == .exit, process.terminationStatus == 0 else {
            throw Failure("The server ended with status \(process.terminationStatus).")
        }
    }
}
