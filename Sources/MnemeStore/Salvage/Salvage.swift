// Bringing out what is whole of a damaged store into a new one: the log is read from end to end
// whatever is damaged in it, what its whole frames add up to is put into a new store in the
// ordinary way, and everything that could not be is told. The damaged store is not changed: its
// files are only read, through plain reads.

internal import MnemeBase
internal import MnemeLog
package import MnemeModel
internal import MnemePages

/// One salvage.
package struct Salvage {
    /// The store that is damaged; nothing in it is changed.
    package let source: String
    /// Where the new store is made; nil where it is only to be found out what would be in it.
    package let target: String?
    package let options: StoreOptions
    /// Called now and then: what is done, how much of it, and how much there is.
    package var progress: (String, Int, Int) -> Void = { _, _, _ in }

    /// A salvage of a directory.
    package init(of source: String, to target: String?, options: StoreOptions = StoreOptions()) {
        self.source = source
        self.target = target
        self.options = options
    }

    /// Brings out what is whole.
    ///
    /// - Throws: `.busy` when the store is open, `.notAStore` when there is no log, or an encrypted
    ///   one without the file that has its key, `.exists` when
    ///   the target is a store or holds files that no interrupted salvage left, `.badRequest` when
    ///   it lies inside the damaged one, `.newerFormat`, what the new store's disk refuses.
    /// - Complexity: O(bytes of the log), with memory for every living record's key.
    package func run() throws(MnemeError) -> SalvageReport {
        try checkTarget()
        do throws(StoreError) {
            var opening = StoreOpening(directory: source, options: options)
            let lock = try opening.lockOfDamaged()
            defer { lock?.release() }
            return try run(&opening)
        } catch {
            throw MnemeError(error)
        }
    }

    private func checkTarget() throws(MnemeError) {
        guard let target else { return }
        let (within, whole) = (Self.parts(target), Self.parts(source))
        if within.starts(with: whole), target.hasPrefix("/") == source.hasPrefix("/") {
            throw MnemeError(
                .badRequest,
                "\(target) lies inside the store that is to stay as it is; choose a directory "
                    + "outside of \(source)"
            )
        }
        do throws(StoreError) {
            try SalvageTarget(target, options).check()
        } catch {
            throw MnemeError(error)
        }
    }

    private static func parts(_ path: String) -> [Substring] {
        path.split(separator: "/").filter { $0 != "." }
    }

    private func run(_ opening: inout StoreOpening) throws(StoreError) -> SalvageReport {
        var notes: [String] = []
        let named = try opening.identityOfDamaged(&notes)
        let survey: LogSurvey
        do throws(LogError) {
            survey = try LogSurvey(
                options.disk,
                directory: opening.paths.log,
                identity: named.map { LogIdentity(high: $0.high, low: $0.low) },
                vault: opening.vault
            )
        } catch {
            if case .disk(.notFound) = error {
                throw .refused(
                    MnemeError(
                        .notAStore,
                        "\(opening.paths.log) is not there, and the log in it is all that a store "
                            + "can be made of again; check the path"
                    )
                )
            }
            throw .log(error)
        }
        if !survey.hasHeader {
            notes.append("No file of the log says what it is: what the store held is lost.")
        }
        notes += survey.setAside.map { "log/\($0.name) is left aside: it \($0.reason)." }
        let identity = survey.identity.map { StoreIdentity(high: $0.high, low: $0.low) }
        let opening = opening
        let pages = identity.flatMap { SalvagePages(opening, $0) }
        defer { pages?.close() }
        survey.named = Set(pages?.cold.map(\.number) ?? [])
        if pages?.hasTable == false {
            notes.append(
                "The page file cannot be read, so nothing beside the log tells what there was."
            )
        }
        let known = max(survey.durableByHeaders, (pages?.position.sequence ?? 1) - 1)
        var ledger = SalvageLedger(durable: known)
        let total = survey.byteCount
        let end = survey.walk { done in
            progress("reading", done, total)
        } _: { event in
            ledger.take(event)
        }
        ledger.finish(at: end)
        if pages == nil {
            notes.append(StoreOpening.unknownEnd(end, isClosed: ledger.endsWithClose))
        }
        var judgement = SalvageJudgement(ledger, pages, survey)
        judgement.report.notes = notes + judgement.report.notes
        judgement.report.isEndKnown = pages != nil
        judgement.report.uselessFiles =
            survey.setAside.count(where: \.isSegment) + (survey.hasHeader ? 0 : 1)
        return try write(judgement)
    }

    private func write(_ judgement: SalvageJudgement) throws(StoreError) -> SalvageReport {
        guard let target else {
            var writer = SalvageWriter(judgement, store: nil)
            try writer.write(progress)
            return writer.report
        }
        var options = options
        options.worksInBackground = false
        var place = SalvageTarget(target, options)
        let lock = try place.claim(for: judgement.survey.identity)
        defer { lock.release() }
        do throws(StoreError) {
            let report = try fill(try place.make(lock), judgement)
            try place.finish()
            return report
        } catch {
            place.giveUp()
            throw error
        }
    }

    private func fill(
        _ store: Store,
        _ judgement: SalvageJudgement
    ) throws(StoreError) -> SalvageReport {
        var writer = SalvageWriter(judgement, store: store)
        do throws(StoreError) {
            try writer.write(progress)
        } catch {
            try? store.close()
            throw error
        }
        do throws(MnemeError) { try store.close() } catch { throw .refused(error) }
        return writer.report
    }
}

extension StoreOpening {
    /// A lock that keeps writers out; nil where there is no lock file, or none that may be opened.
    fileprivate func lockOfDamaged() throws(StoreError) -> (any DiskLock)? {
        do throws(StoreError) {
            return try lockShared()
        } catch {
            if case .log(.disk(.busy)) = error { throw error }
            return nil
        }
    }

    /// Which store it is by its own file; nil where that is lost, which is noted.
    fileprivate mutating func identityOfDamaged(
        _ notes: inout [String]
    ) throws(StoreError)
        -> StoreIdentity?
    {
        do throws(StoreError) {
            return try readIdentity()
        } catch {
            if case .refused(let refusal) = error, refusal.code != .notAStore { throw error }
            guard !isKeyLost else {
                throw .refused(
                    MnemeError(
                        .notAStore,
                        "\(paths.identity) is missing or damaged; \(helpWithoutIdentity)"
                    )
                )
            }
            notes.append(
                "\(paths.identity) cannot be read; whose log it is was taken from the segments."
            )
            return nil
        }
    }
}
