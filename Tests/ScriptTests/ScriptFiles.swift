// The files in scripts/ and in its folders.

import Foundation

/// Where the scripts are.
enum ScriptFiles {
    /// The project's directory.
    static let project = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    static let directory = project.appending(path: "Tests/ScriptTests/scripts")

    /// Their paths from `directory`.
    static let names: [String] = {
        let files = (try? FileManager.default.subpathsOfDirectory(atPath: directory.path)) ?? []
        return files.filter { $0.hasSuffix(".script") }.sorted()
    }()

    static func read(_ name: String) throws -> Script {
        Script(try String(contentsOf: directory.appending(path: name), encoding: .utf8))
    }
}
