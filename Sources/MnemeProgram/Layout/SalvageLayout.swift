// What a salvage found, for people.

internal import Mneme
internal import MnemeCommandLine

/// Sets the report of a salvage in lines.
enum SalvageLayout {
    /// Things of one kind that are listed.
    private static let listLimit = 50

    /// What came out, then what is lost, broken and left out.
    static func lines(_ report: SalvageReport, target: String?) -> [String] {
        var table = TextTable([("what", .left), ("count", .right)])
        for (name, count) in report.records.sorted(by: { $0.key < $1.key }) {
            table.add(["records of \(name)", Figures.count(count)])
        }
        for (name, count) in report.edges.sorted(by: { $0.key < $1.key }) {
            table.add(["edges of type \(name)", Figures.count(count)])
        }
        let frames = Figures.count(report.frames, "whole frame")
        let head =
            target.map { "Read \(frames) and brought out into \($0):" }
            ?? "Read \(frames). What would be brought out:"
        var lines = [head] + table.lines()
        if report.isComplete {
            lines.append(
                report.isEndKnown
                    ? "Nothing is lost, and nothing is left out."
                    : "Of what was read nothing is lost or left out; whether more came after it is "
                        + "not known."
            )
        }
        lines += listed(report.losses, "Lost:") { line($0) }
        lines += listed(report.brokenBatches, "Batches that are not whole any more:") { batch in
            "sequences \(batch.firstSequence) to \(batch.lastSequence): "
                + Figures.count(batch.frameCount, "frame is", "frames are") + " whole"
        }
        lines += listed(report.leftOut, "Left out:") { thing in
            "\(thing.what), sequence \(thing.sequence), \(thing.file) at \(thing.offset): "
                + thing.reason
        }
        if report.leftOutCount > report.leftOut.count {
            lines.append("\(Figures.count(report.leftOutCount)) are left out in all.")
        }
        if report.deletesMayBeBack {
            lines += ValueLayout.block(
                "deletes may be among what is lost, so that what they deleted may be back.",
                behind: "Beware: "
            )
        }
        for note in report.notes { lines += ValueLayout.block(note, behind: "Note: ") }
        return lines
    }

    private static func listed<Thing>(
        _ things: [Thing],
        _ title: String,
        _ line: (Thing) -> String
    ) -> [String] {
        guard !things.isEmpty else { return [] }
        let shown = things.prefix(listLimit).flatMap { ValueLayout.block(line($0), behind: "  ") }
        let rest = things.count - min(things.count, listLimit)
        let more = rest > 0 ? ["  and \(Figures.count(rest)) more; --json lists them"] : []
        return [title] + shown + more
    }

    private static func line(_ loss: SalvageReport.Loss) -> String {
        var line = loss.file
        if let first = loss.firstByte, let end = loss.endByte {
            line += ", bytes \(first) to \(end - 1)"
        }
        // Of a cold segment the reason says which ones it stood for.
        if loss.lastSegment > loss.firstSegment, !loss.file.hasPrefix("log/cold-") {
            line += ", up to segment \(loss.lastSegment)"
        }
        line += ": "
        if loss.frameCount == 1 {
            line += "sequence \(loss.firstSequence), "
        } else if loss.frameCount > 1 {
            let last = loss.firstSequence + loss.frameCount - 1
            line += "sequences \(loss.firstSequence) to \(last), "
        }
        line += loss.reason
        return loss.remains.map { "\(line); it says that it was \($0)" } ?? line
    }
}
