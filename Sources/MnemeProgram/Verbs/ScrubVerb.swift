// mneme scrub

internal import Mneme
internal import MnemeCommandLine

/// Reads everything again.
enum ScrubVerb {
    private static let connect = Parameter<String?>(
        option: "connect",
        .text("ADDRESS"),
        "is refused: a server scrubs its stores by itself"
    )

    static let command = Command(
        "scrub",
        "Reads every byte of the log and of the pages again, to find damage early",
        details: [
            "An open store does this by itself, slowly and behind everything else; this does it at "
                + "once. It reads what the disk holds and judges checksums: verify compares the "
                + "indexes with the log besides. Ends with status 1 where anything is damaged."
        ],
        parameters: [
            StoreOption.directory.declaration, connect.declaration, KeyOption.file.declaration,
            StoreOption.readOnly.declaration,
        ],
        examples: ["scrub --store wordnet.mneme"],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        guard !invocation.has(connect) else {
            throw CommandLineError(
                "scrub reads the files of a store: give its directory. A server scrubs its stores "
                    + "by itself; stats names what it found."
            )
        }
        let watch = Stopwatch()
        let damage = try StoreOption.with(invocation) { door in
            guard let memory = door.memory else { return [String]() }
            var meter = Tool.meter("scrub", unit: "bytes of pages", invocation)
            defer { meter.finish() }
            return try memory.scrub { meter.advance(to: $0, of: $1) }
        }
        let seconds = watch.seconds
        Output(invocation).put(["damage": .array(damage.map { .text($0) })]) {
            damage.isEmpty
                ? ["Read everything in \(Figures.seconds(seconds)): nothing is damaged."]
                : damage.flatMap { ValueLayout.block($0, behind: "✗ ") }
        }
        guard damage.isEmpty else {
            throw Failure(
                "Something is damaged. Run mneme verify, which says what it touches; then restore "
                    + "a backup, or bring out what is whole with mneme salvage.",
                code: .corrupt
            )
        }
    }
}
