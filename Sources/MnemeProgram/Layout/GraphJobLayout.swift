// Jobs over a graph, and what they found out, for people.

internal import Mneme
internal import MnemeCommandLine

/// Sets jobs in lines.
enum GraphJobLayout {
    static func lines(_ jobs: GraphJobs) -> [String] {
        if jobs.jobs.isEmpty { return ["There is no job."] }
        return jobs.jobs.flatMap { lines($0) }
    }

    /// How much of all that a job does is done, in hundredths; what it does first is short.
    static func percent(_ job: GraphJob) -> Int {
        let part = Int(job.progress * 33)
        switch job.state {
        case .waiting: return 0
        case .reading: return part
        case .computing: return 33 + part
        case .writing: return 66 + part
        case .done, .failed, .cancelled: return 100
        }
    }

    static func rows(_ jobs: GraphJobs) -> [String] {
        var table = TextTable([("", .right), ("record", .left), ("value", .right)], indent: 0)
        for row in jobs.rows {
            let value =
                switch row.value {
                case .int(let count): Figures.count(Int(clamping: count))
                case .float(let number): Figures.decimal(number, digits: 6)
                default: ""
                }
            table.add(["\(row.rank)", row.reference.description, value])
        }
        let next = jobs.next.map { ["More with --offset \($0)."] } ?? []
        return jobs.rows.isEmpty ? ["No record has a row from there on."] : table.lines() + next
    }

    private static func lines(_ job: GraphJob) -> [String] {
        var state = job.state.rawValue
        if !job.hasEnded, job.state != .waiting { state += ", \(percent(job)) %" }
        var lines = ["\(job.run.name): \(job.run.measure.rawValue), \(state)"]
        if job.sequence != nil {
            var parts = [
                Figures.count(job.nodes, "record"), Figures.count(job.edges, "edge"),
            ]
            if let groups = job.groups {
                let isComponents = job.run.measure == .components
                parts.append(
                    isComponents
                        ? Figures.count(groups, "component")
                        : Figures.count(groups, "community", "communities")
                )
            }
            if let rounds = job.rounds { parts.append(Figures.count(rounds, "round")) }
            if job.isSettled == false { parts.append("ended before it was settled") }
            if let modularity = job.modularity {
                parts.append("modularity \(Figures.decimal(modularity, digits: 4))")
            }
            lines.append("  " + parts.joined(separator: ", "))
        }
        if let field = job.run.field {
            let written = Figures.count(job.written, "record")
            lines.append("  field \(field) written in \(written)")
        }
        if let failure = job.failure { lines.append("  \(failure)") }
        return lines
    }
}
