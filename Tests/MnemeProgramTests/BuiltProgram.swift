// The program as it was built, run by a shell as a person would run it.

import Foundation

/// A directory of its own, in which command lines are run.
final class BuiltProgram {
    let directory: URL

    struct Ended {
        var status: Int32
        var output: String
        var error: String
    }

    /// The path of the program that was built with these tests.
    static let executable = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().appending(path: "mneme").path

    /// A text with one blank between words, wherever its lines end.
    static func flat(_ text: String) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    init() throws {
        directory = FileManager.default.temporaryDirectory
            .appending(path: "mneme-program-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: directory) }

    func path(_ name: String) -> String { directory.appending(path: name).path }

    func write(_ text: String, to name: String) throws {
        let file = directory.appending(path: name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data(text.utf8).write(to: file)
    }

    /// A copy of the directory.
    func copy() throws -> BuiltProgram {
        let copy = try BuiltProgram()
        try FileManager.default.removeItem(at: copy.directory)
        try FileManager.default.copyItem(at: directory, to: copy.directory)
        return copy
    }

    /// Runs a line of the shell in which `mneme` is the program that was built with these tests.
    func shell(_ line: String) throws -> Ended {
        let built = Self.executable
        let process = Process()
        process.executableURL = URL(filePath: "/bin/bash")
        process.arguments = ["-c", "built='\(built)'\nmneme() { \"$built\" \"$@\"; }\n\(line)"]
        process.currentDirectoryURL = directory
        // Files and not pipes: nobody has to read them while the program runs.
        let (output, error) = (path(".output"), path(".error"))
        for name in [output, error] {
            _ = FileManager.default.createFile(atPath: name, contents: nil)
        }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle(forWritingAtPath: output)
        process.standardError = FileHandle(forWritingAtPath: error)
        try process.run()
        process.waitUntilExit()
        return Ended(
            status: process.terminationStatus,
            output: try String(contentsOfFile: output, encoding: .utf8),
            error: try String(contentsOfFile: error, encoding: .utf8)
        )
    }
}
