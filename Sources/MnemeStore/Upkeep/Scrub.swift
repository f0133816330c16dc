// Scrubbing: the log and the durable pages are read again behind everything else, at a limited
// rate, so that what does not read back is found while a copy of it may still be had. Damage of the
// log that the next opening would read is put behind a checkpoint at once: the pages in memory are
// whole. Text runs are left to `verify`.

internal import MnemeBase
internal import MnemeLog
package import MnemeModel
internal import MnemePages
internal import Synchronization

/// Where scrubbing stands.
struct ScrubState {
    /// When the next step, or the next pass, may begin, by the clock for durations.
    var due: Microseconds
    var log: LogScrub?
    var pages: PageScrub?
    /// When the pass under way began.
    var began: Microseconds = 0
    /// Places of the page file that do not read back.
    var pageDamage: [PageDamage] = []
    /// Passes that came to their end.
    var passes = 0
}

extension Store {
    /// Goes on with the pass under way by one read of at most 1 MiB, where one is due.
    ///
    /// - Returns: how long to wait for the next.
    func scrub() -> Microseconds {
        let rate = options.scrubBytesPerSecond
        guard rate > 0 else { return .max }
        return scrubbing.withLock { state in
            let now = clock.elapsed()
            guard now >= state.due else { return state.due - now }
            if state.log == nil, state.pages == nil {
                state.began = now
                state.log = LogScrub(log)
            }
            let before = bytesRead(state)
            if !step(&state) {
                state.passes += 1
                state.due = max(now, state.began + options.scrubInterval)
                return state.due - now
            }
            let bytes = Int64(max(4096, bytesRead(state) - before))
            state.due = now + bytes * 1_000_000 / Int64(rate)
            return state.due - now
        }
    }

    private func bytesRead(_ state: ScrubState) -> Int {
        (state.log?.bytesRead ?? 0) + (state.pages?.bytesRead ?? 0)
    }

    /// One step; false at the end of the pass.
    private func step(_ state: inout ScrubState) -> Bool {
        if state.log != nil {
            if state.log?.step() == true { return true }
            state.log = nil
            state.pages = PageScrub(pages)
            return true
        }
        guard let (goesOn, damage) = stepPages(&state.pages) else { return false }
        note(damage, &state)
        if goesOn { return true }
        state.pages = nil
        return false
    }

    /// A step over the pages, between two checkpoints.
    private func stepPages(_ scrub: inout PageScrub?) -> (Bool, [PageDamage])? {
        guard var pass = scrub else { return nil }
        let goesOn = checkpointing.withLock { _ in pass.step() }
        scrub = pass
        return (goesOn, pass.damage)
    }

    private func note(_ damage: [PageDamage], _ state: inout ScrubState) {
        for found in damage where !state.pageDamage.contains(found) {
            guard state.pageDamage.count < 100 else { return }
            state.pageDamage.append(found)
            options.report?(StoreNotice(.damage, "Damage was found. \(line(found))"))
        }
    }

    /// Reads the log from end to end, at once, and notes what does not read back.
    func scrubLog() {
        var pass = LogScrub(log)
        while pass.step() {}
    }

    /// Reads the durable pages from end to end, at once.
    ///
    /// `progress` is told the bytes read so far, and those of the file.
    /// - Returns: what does not read back, for people.
    func scrubPages(_ progress: (Int, Int) -> Void = { _, _ in }) -> [String] {
        var pass: PageScrub? = PageScrub(pages)
        let total = pages.usage
        while stepPages(&pass)?.0 == true {
            progress(pass?.bytesRead ?? 0, total.fileBytes - total.freeBytes)
        }
        let damage = pass?.damage ?? []
        scrubbing.withLock { note(damage, &$0) }
        return damage.map(line)
    }

    /// Reads everything again at once, instead of slowly and behind everything else.
    ///
    /// - Returns: what did not read back since the store was opened, for people.
    /// - Throws: `.closed`.
    package func scrubNow(progress: (Int, Int) -> Void) throws(MnemeError) -> [String] {
        try checkOpen()
        scrubLog()
        _ = scrubPages(progress)
        return damage
    }

    /// Everything that did not read back since the store was opened, for people.
    package var damage: [String] {
        log.damage.map(Self.line) + scrubbing.withLock { $0.pageDamage.map(line) }
    }

    static func line(_ damage: LogDamage) -> String {
        let place = damage.place
        var line = "log/\(LogFile.name(place.segment)) is damaged at byte \(place.offset)"
        if damage.sequence > 0 {
            line +=
                damage.frameCount > 1
                ? ", sequences \(damage.sequence) to \(damage.sequence + damage.frameCount - 1)"
                : ", sequence \(damage.sequence)"
        }
        return line + ": \(damage.reason)"
    }

    private func line(_ damage: PageDamage) -> String {
        "pages is damaged at byte \(pageByte(damage.place)): \(damage.reason)"
    }

    /// Where a place of the page file stands in it.
    func pageByte(_ place: UInt64) -> UInt64 {
        PageFile.byteOffset(ofPlace: place, isEncrypted: vault != nil)
    }

    /// Puts damage of the log that the next opening would read behind a checkpoint; where none can
    /// be written, nothing more is, as it could not be opened again.
    func outrunDamage() throws(StoreError) {
        let start = upkeepState.withLock { $0.checkpoint.place }
        // A cold segment is read by its places alone, as is what stands before the checkpoint.
        func isAhead(_ damage: LogDamage) -> Bool {
            damage.place >= start && !SegmentNumber.isCold(damage.place.segment)
        }
        guard let damage = log.damage.first(where: isAhead),
            !upkeepState.withLock({ $0.outran.contains(damage.place) })
        else { return }
        do throws(StoreError) {
            try checkpoint()
            upkeepState.withLock { state in
                for damage in log.damage { state.outran.insert(damage.place) }
            }
        } catch {
            let refusal = MnemeError(
                .damagedLog,
                "\(Self.line(damage)); as no checkpoint can be written behind it, the store takes "
                    + "nothing more: restore a backup, or close it and bring out what is whole "
                    + "with \(StoreOpening.salvage)",
                cause: MnemeError(error).message
            )
            asWriter { [writer] in writer.refuse(refusal) }
            throw error
        }
    }
}
