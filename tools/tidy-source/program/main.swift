// tidy: holds the sources to the habits of the house. `tidy --help` says which.

import Foundation
import TidyChecks

let help = """
    usage: tidy [--root DIRECTORY] [--description FILE] [--no-format] [--help]

    Checks the Swift package in DIRECTORY (default: the current one) and prints, for each thing
    that is not as it should be, file:line: what is wrong; what to do.

      imports         only from floors below, as Floors.swift has them; Foundation from floor 4 up
      dependencies    the same for Package.swift, without circles, every import declared
      length          at most 100 columns a line and 700 lines a file
      unsafe code     only in the files of UncheckedList.swift
      traps           no forced try, forced cast or fatal error in Sources
      heads           each file begins with a comment on what lives in it
      unfinished      no words of unfinished work
      format          swift format lint --strict, by .swift-format

      --description FILE   what `swift package describe --type json` printed ("-": standard input);
                           without it tidy runs that command
      --no-format          leaves swift format out

    Exit status: 0 all is well, 1 there are findings, 2 tidy could not look.
    """

/// The folders that are looked at.
let folders = ["Sources", "Tests", "Benchmarks", "tools"]
/// The languages that are looked at.
let endings: Set<String> = ["swift", "c", "h", "py", "sh", ""]

func fail(_ message: String) -> Never {
    FileHandle.standardError.write(Data("tidy: \(message)\n".utf8))
    exit(2)
}

/// Runs a program in the root of the package.
///
/// - Returns: what it printed and its exit status.
func run(_ arguments: [String], in root: String, errorsToo: Bool) -> (output: Data, status: Int32) {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: root)
    process.standardOutput = pipe
    process.standardError = errorsToo ? pipe : FileHandle.standardError
    do { try process.run() } catch {
        fail("cannot run \(arguments.joined(separator: " ")): \(error)")
    }
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (output, process.terminationStatus)
}

/// Every file that the checks look at.
func files(in root: String) -> [SourceFile] {
    var paths = ["Package.swift"]
    for folder in folders {
        guard let names = FileManager.default.enumerator(atPath: "\(root)/\(folder)") else {
            continue
        }
        while let name = names.nextObject() as? String {
            let isHidden = name.split(separator: "/").contains { $0.hasPrefix(".") }
            let ending =
                name.split(separator: "/").last?.split(separator: ".").dropFirst().last ?? ""
            if !isHidden, endings.contains(String(ending)) { paths.append("\(folder)/\(name)") }
        }
    }
    return paths.sorted().compactMap { path in
        let whole = "\(root)/\(path)"
        let attributes = try? FileManager.default.attributesOfItem(atPath: whole)
        guard attributes?[.type] as? FileAttributeType == .typeRegular else { return nil }
        guard let data = FileManager.default.contents(atPath: whole) else {
            fail("cannot read \(path)")
        }
        return String(data: data, encoding: .utf8).map { SourceFile(path: path, text: $0) }
    }
}

/// The floor plan, from a file or from the package manager.
func plan(_ description: String?, in root: String) -> PackagePlan {
    let json: Data
    switch description {
    case "-": json = FileHandle.standardInput.readDataToEndOfFile()
    case .some(let path):
        guard let data = FileManager.default.contents(atPath: path) else {
            fail("cannot read \(path)")
        }
        json = data
    case nil:
        let (output, status) = run(
            ["swift", "package", "describe", "--type", "json"],
            in: root,
            errorsToo: false
        )
        if status != 0 { fail("swift package describe failed in \(root)") }
        json = output
    }
    do { return try PackagePlan(json: json) } catch {
        fail("no description of a package: \(error)")
    }
}

var root = "."
var description: String?
var checksFormat = true
var arguments = CommandLine.arguments.dropFirst()
while let argument = arguments.popFirst() {
    switch argument {
    case "--help", "-h":
        print(help)
        exit(0)
    case "--root", "--description":
        guard let value = arguments.popFirst() else { fail("\(argument) needs a value") }
        if argument == "--root" { root = value } else { description = value }
    case "--no-format": checksFormat = false
    default: fail("unknown argument \(argument); tidy --help lists what there is")
    }
}
guard FileManager.default.fileExists(atPath: "\(root)/Package.swift") else {
    fail("\(root) holds no Package.swift; run tidy in the package or give --root")
}

let sources = files(in: root)
let findings =
    (sources.flatMap { FileChecks.findings(in: $0) }
    + PackageChecks.findings(in: plan(description, in: root), files: sources)).sorted()
for finding in findings { print(finding) }

var isFormatted = true
if checksFormat {
    let present = (folders + ["Package.swift"]).filter {
        FileManager.default.fileExists(atPath: "\(root)/\($0)")
    }
    let (output, status) = run(
        ["swift", "format", "lint", "--strict", "-r", "-p"] + present,
        in: root,
        errorsToo: true
    )
    isFormatted = status == 0
    print(String(decoding: output, as: UTF8.self), terminator: "")
    if !isFormatted {
        print("tidy: swift format -i -r -p \(present.joined(separator: " ")) mends most")
    }
}

if findings.isEmpty && isFormatted {
    print("tidy: \(sources.count) files, nothing found")
} else {
    let format = isFormatted ? "" : " and those of swift format"
    print("tidy: \(sources.count) files, \(findings.count) findings\(format)")
    exit(1)
}
