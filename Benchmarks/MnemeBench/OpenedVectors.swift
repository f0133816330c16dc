// What a store of vectors takes in memory once it is opened and was asked: measured in a process of
// its own, as the heap of one that made the store keeps much of what it had.

internal import Foundation
internal import Mneme
internal import MnemeCommandLine

/// A closed store of vectors, opened by another process.
enum OpenedVectors {
    /// Opens the store, asks every question once, and prints what that took beyond an opened empty
    /// store.
    static func tell(
        _ place: BenchmarkStore,
        _ options: MemoryOptions,
        _ questions: [Find]
    ) throws {
        let empty = place.path + ".empty"
        defer { try? FileManager.default.removeItem(atPath: empty) }
        let none = try Memory.open(empty, options: options)
        let before = ProcessFigures.residentBytes(store: empty)
        try none.close()
        let memory = try place.open(options)
        for question in questions { _ = try memory.find(question) }
        let after = ProcessFigures.residentBytes(store: place.path)
        try memory.close()
        StandardStreams.writeOutput("\(after - before)\n")
    }

    /// What `tell` prints in a new process of this program with these arguments.
    ///
    /// - Throws: `Failure` where it does not end well.
    static func residentBytes(_ arguments: [String]) throws -> Int {
        let process = Process()
        let output = Pipe()
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardOutput = output
        try process.run()
        let said = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        let text = String(decoding: said, as: UTF8.self)
        guard process.terminationStatus == 0, let bytes = Int(text.dropLast()) else {
            throw Failure("The process that opened the store ended with \"\(text)\".")
        }
        return bytes
    }
}
