// Holding everything derived against the log: the log is read from its first frame, the state that
// it describes is worked out in memory, and every index must say the same, no more and no less.

internal import MnemeLog
package import MnemeModel

extension Store {
    private static func finding(_ segment: LostSegment) -> String {
        let name =
            "\(LogFile.label(segment.number)) of the log (log/\(LogFile.name(segment.number)))"
        return segment.hasFile
            ? "\(name) has lost its header: what it holds is read by its places alone, and a "
                + "rebuild is refused"
            : "\(name) is missing: what it holds is read as long as the store stays open, and no "
                + "longer"
    }

    /// Holds every index against the log, and reads every frame and every durable page.
    ///
    /// - Parameter progress: called now and then.
    /// - Returns: what was compared and what does not agree.
    /// - Throws: when the log itself cannot be read.
    package func verify(
        progress: VerifyWatch = { _, _, _ in }
    ) throws(MnemeError) -> Verification {
        try snapshot().reading { reader throws(StoreError) in
            var census = Census()
            // Until it is complete a cold segment only repeats what the others say.
            let cold = reader.state.roots.cold.filter(\.isComplete)
                .compactMap { log.coldRun($0.number) }
            // A backup and a rebuild read what stands behind the last commit too.
            var damagedEnd: LogError?
            do throws(LogScanError<StoreError>) {
                try log.forEachBatch(
                    through: reader.sequence,
                    cold: cold,
                    behind: { damagedEnd = $0 }
                ) { batch throws(StoreError) in
                    try census.take(batch)
                    progress(.read, census.frames, 0)
                }
            } catch {
                switch error {
                case .log(let error): throw everythingDamaged(error)
                case .body(let error): throw error
                }
            }
            let lost = try onLog { () throws(LogError) in try log.lostSegments(beside: cold) }
            var comparison = CensusComparison(census: census, reader: reader.withoutCache)
            var verification = try comparison.run(progress)
            verification.findings.insert(contentsOf: lost.map(Self.finding), at: 0)
            if let damagedEnd {
                let finding = MnemeError(everythingDamaged(damagedEnd)).message
                verification.findings.insert(finding, at: 0)
            }
            verification.findings += scrubPages { progress(.pages, $0, $1) }
            return verification
        }
    }

    /// What is said of a log that does not read back: the first place, and all others.
    private func everythingDamaged(_ error: LogError) -> StoreError {
        guard case .corrupt = error else { return .log(error) }
        scrubLog()
        let first = MnemeError(error)
        let places = log.damage.prefix(20).map(Self.line)
        guard !places.isEmpty else { return .log(error) }
        let more = log.damage.count > places.count ? " and more" : ""
        return .refused(
            MnemeError(
                first.code,
                first.message + ". What is damaged: " + places.joined(separator: "; ") + more,
                cause: first.cause
            )
        )
    }
}
