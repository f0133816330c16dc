// What is there, held against what the clients said.

internal import Mneme
internal import MnemeClient
internal import MnemeModel

extension KilledServer {
    /// Holds every batch, the edges, the counts and the indexes against the writers' notes.
    func check(
        _ writers: [ServerWriter],
        _ lives: [LifeWriter],
        through client: Client
    ) async throws(KilledServerFailure) -> Report {
        do throws(MnemeError) {
            var report = Report()
            var there = 0
            var memories = 0
            for writer in writers {
                var newest = -1
                for start in stride(from: 0, to: writer.words.count, by: 100) {
                    let numbers = start..<min(start + 100, writer.words.count)
                    let batches = numbers.map { writer.batch($0) }
                    let records = try await client.get(batches.flatMap(\.references))
                    for (place, batch) in batches.enumerated() {
                        let first = place * ServerBatch.partCount
                        let own = records[first..<(first + ServerBatch.partCount)]
                        let isThere = try refused { () throws(KilledServerFailure) in
                            try batch.isThere(own)
                        }
                        try note(batch, writer.words[batch.number], isThere, &report)
                        guard isThere else { continue }
                        there += 1
                        if batch.isMemories { memories += 1 } else { newest = batch.number }
                    }
                }
                let progress = try await client.get(
                    Reference("progress", .int(Int64(writer.number)))
                )
                guard progress?["batch"].int ?? -1 == Int64(newest) else {
                    throw MnemeError(
                        .corrupt,
                        "the progress of writer \(writer.number) is not that of batch \(newest)"
                    )
                }
                try await checkEdges(writer, newest, through: client)
            }
            for writer in lives { try await writer.check(through: client) }
            report.lives = lives.reduce(0) { $0 + $1.count }
            try await checkCounts(there, memories, report.lives, through: client)
            return report
        } catch {
            throw KilledServerFailure("\(error)")
        }
    }

    private func note(
        _ batch: ServerBatch,
        _ word: ServerWriter.Word,
        _ isThere: Bool,
        _ report: inout Report
    ) throws(MnemeError) {
        switch word {
        case .acknowledged:
            report.acknowledged += 1
            if !isThere { throw MnemeError(.corrupt, "\(batch) was acknowledged and is lost") }
        case .refused:
            report.refused += 1
            if isThere {
                throw MnemeError(.corrupt, "\(batch) is there, and was said not to be written")
            }
        case .unknown:
            report.unknown += 1
            if isThere { report.unknownButThere += 1 }
        }
    }

    private func checkEdges(
        _ writer: ServerWriter,
        _ newest: Int,
        through client: Client
    ) async throws(MnemeError) {
        guard newest >= 0 else { return }
        let references = writer.batch(newest).references
        let stops = try await client.walk(
            Walk(from: [references[0]], types: ["follows"], hops: references.count)
        ).stops
        guard stops.map(\.reference) == Array(references.dropFirst()) else {
            throw MnemeError(.corrupt, "the edges of \(writer.batch(newest)) are not all there")
        }
    }

    private func checkCounts(
        _ there: Int,
        _ memories: Int,
        _ lives: Int,
        through client: Client
    ) async throws(MnemeError) {
        let statistics = try await client.statistics()
        let counts = [
            ("parts", statistics.records["parts"], (there - memories) * ServerBatch.partCount),
            (
                "memories", statistics.records["memories"],
                memories * ServerBatch.partCount + lives * ServerLife.memoryCount
            ),
            ("edges", statistics.edges["follows"], there * ServerBatch.edgeCount),
        ]
        for (name, count, wanted) in counts where count != wanted {
            throw MnemeError(.corrupt, "\(count ?? -1) \(name), expected \(wanted)")
        }
        if let finding = try await client.verify().findings.first {
            throw MnemeError(.corrupt, "verify: \(finding)")
        }
    }

    /// Opens what the server left when it ended well.
    func checkFiles() async throws(KilledServerFailure) {
        do throws(MnemeError) {
            let memory = try Memory.open(directory + "/stores/killed")
            let findings = try await memory.verify().findings
            try await memory.close()
            if let finding = findings.first { throw MnemeError(.corrupt, "verify: \(finding)") }
        } catch {
            throw KilledServerFailure("after the end of the server: \(error)")
        }
    }

    private func refused<Answer>(
        _ body: () throws(KilledServerFailure) -> Answer
    ) throws(MnemeError) -> Answer {
        do throws(KilledServerFailure) {
            return try body()
        } catch {
            throw MnemeError(.corrupt, error.description)
        }
    }
}
