// mneme manual

internal import Mneme
internal import MnemeBase
internal import MnemeCommandLine

/// Writes the manual pages.
enum ManualVerb {
    private static let directory = Parameter(
        argument: "DIR",
        .text("DIR"),
        "where the pages go; it is made where it is not there"
    )

    static let command = Command(
        "manual",
        "Writes the manual pages of the program and its verbs",
        details: [
            "They say what --help says. man -l FILE shows one; a package installs them."
        ],
        parameters: [directory.declaration],
        examples: ["manual pages"],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        let disk = RealDisk()
        let pages = Tool.program.manual
        try disk.createDirectory(invocation[directory])
        for page in pages {
            let path = "\(invocation[directory])/\(page.name)"
            let isThere = try disk.list(invocation[directory]).contains(page.name)
            let file = try disk.open(path, isThere ? .readWrite : .create)
            try file.truncate(to: 0)
            try file.write(Array(page.text.utf8), at: 0)
        }
        Output(invocation).put(["pages": .int(Int64(pages.count))]) {
            ["Wrote \(pages.count) pages to \(invocation[directory])."]
        }
    }
}
