// mneme salvage

internal import Mneme
internal import MnemeCommandLine

/// Brings out what is whole of a damaged store.
enum SalvageVerb {
    private static let store = Parameter(
        argument: "STORE",
        .text("STORE"),
        "the directory of the damaged store"
    )
    private static let target = Parameter<String?>(
        required: "to",
        unless: "dry-run",
        .text("DIR"),
        "where the new store is made, a directory that is not there yet"
    )
    private static let onlyLists = Parameter(
        flag: "dry-run",
        "makes no store, and says what would be in it"
    )

    static let command = Command(
        "salvage",
        "Brings out what is whole of a damaged store",
        details: [
            "For a store that is refused as its log is damaged, where there is no backup, or as "
                + "one looks for what came after it. The store is not changed. Its log is read "
                + "from end to end, past everything that is damaged or missing; the page file and "
                + "the identity file may be lost. Every record and edge whose frame is whole, and "
                + "that nothing readable deletes, is put into a new store; edges get new numbers.",
            "The report says where what is lost stood, which sequences it had, and what is known "
                + "of it. Where deletes may be among it, what they deleted may be back, and the "
                + "report says so. A record whose newest version is lost comes out as an older one "
                + "says it.",
            "The new store has an identity of its own, and is no ledger of what was erased in the "
                + "damaged one. Backups of that which were made before an erasure bring back what "
                + "was erased: do not restore them without erasing it again. The report says of "
                + "how many records the log tells that they were erased.",
            "Ends with status 0 where everything is brought out, and with 1 where anything is lost "
                + "or left out, or, with --dry-run, would be; the new store is there all the same. "
                + "A salvage that is interrupted leaves no store; run it again.",
        ],
        parameters: [
            store.declaration, target.declaration, onlyLists.declaration,
            KeyOption.file.declaration,
        ],
        examples: [
            "salvage notes.mneme --to saved.mneme", "salvage notes.mneme --dry-run --json",
        ],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        let watch = Stopwatch()
        let target = invocation[onlyLists] ? nil : invocation[target]
        let key = try KeyOption.key(invocation)
        var stage = ""
        var meter = Tool.meter("salvage", unit: "", total: nil, invocation)
        let report = try Memory.salvage(invocation[store], to: target, key: key) {
            name,
            done,
            total in
            if name != stage {
                meter.finish()
                let unit = name == "reading" ? "bytes" : "of them"
                meter = Tool.meter("salvage: \(name)", unit: unit, total: total, invocation)
                stage = name
            }
            meter.advance(to: done)
        }
        meter.finish()
        let seconds = watch.seconds
        Output(invocation).put(report.spelling) {
            SalvageLayout.lines(report, target: target)
                + ["Took \(Figures.seconds(seconds))."]
        }
        guard report.isComplete else {
            throw Failure(
                target.map {
                    "Not everything was brought out; the report says what is missing. \($0) holds "
                        + "the rest, and is whole: use it, or restore a backup that has more."
                }
                    ?? "Not everything can be brought out; the report says what is missing. Run it "
                    + "with --to NEW-STORE for the rest, or restore a backup that has more.",
                code: .damagedLog
            )
        }
    }
}
