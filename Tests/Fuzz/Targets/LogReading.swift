// Everything that is read of a log, whatever stands in its files, and what is written behind it.

internal import MnemeBase
internal import MnemeLog

/// Reads all that the files of a log have.
struct LogReading {
    let files: [ForgedLog.File]
    let isTrue: Bool
    let isForgotten: Bool
    private static let most = 100_000

    init(files: [ForgedLog.File], isTrue: Bool, isForgotten: Bool) {
        self.files = files
        self.isTrue = isTrue
        self.isForgotten = isForgotten
    }

    /// Reads it, and says what did not hold; nil where all did.
    func run() -> String? {
        do {
            return try read(try disk()) ?? reopen()
        } catch {
            return "a disk in memory refuses: \(error)"
        }
    }

    private func disk() throws -> MemoryDisk {
        let disk = MemoryDisk()
        try disk.createDirectory(ForgedLog.directory)
        for file in files { try disk.open(file.path, .create).write(file.bytes, at: 0) }
        return disk
    }

    private func recovery(_ disk: MemoryDisk, _ access: LogAccess) throws(LogError) -> LogRecovery {
        let cold = files.filter { SegmentNumber.isCold($0.number) }.map {
            ColdMention(number: $0.number, isComplete: true, hasPacks: true)
        }
        return try LogRecovery(
            disk,
            directory: ForgedLog.directory,
            identity: ForgedLog.identity,
            limits: ForgedLog.limits,
            from: nil,
            mentions: isForgotten ? nil : cold,
            access: access
        )
    }

    private func read(_ disk: MemoryDisk) -> String? {
        survey(disk) ?? inspect(disk) ?? walk(disk) ?? replay(disk)
    }

    /// As salvage does.
    private func survey(_ disk: MemoryDisk) -> String? {
        guard
            let survey = try? LogSurvey(
                disk,
                directory: ForgedLog.directory,
                identity: ForgedLog.identity
            )
        else { return "a log cannot be surveyed" }
        var places: [LogPlace] = []
        var lost = 0
        _ = survey.walk { event in
            switch event {
            case .frame(let frame), .cold(let frame, _): places.append(frame.place)
            case .lost, .newer: lost += 1
            case .end: break
            }
        }
        for place in places where (try? survey.frame(at: place)) == nil {
            return "a frame that was handed out is not there"
        }
        return isTrue && lost > 0 ? "a true log has losses" : nil
    }

    /// As people do who look into files.
    private func inspect(_ disk: MemoryDisk) -> String? {
        let inspector = LogInspector(disk, directory: ForgedLog.directory)
        guard let found = try? inspector.files() else { return "files cannot be listed" }
        for file in found {
            _ = try? inspector.header(of: file.number)
            guard let (rows, _) = try? inspector.frames(of: file.number, limit: 500) else {
                return "frames cannot be listed"
            }
            for row in rows {
                _ = try? inspector.notes(
                    of: file.number,
                    at: row.offset,
                    types: { "\($0)" },
                    columns: { _, bytes, offset in LogInspector.columns(bytes, at: offset) }
                )
            }
        }
        return nil
    }

    /// As a backup does.
    private func walk(_ disk: MemoryDisk) -> String? {
        for file in files {
            guard
                let segment = try? SegmentFile(
                    disk,
                    path: file.path,
                    number: file.number,
                    identity: ForgedLog.identity
                )
            else {
                if isTrue { return "a true segment is refused" }
                continue
            }
            var count = 0
            let isWhole = try? segment.forEachFrame { frame throws(LogError) in
                count += frame.withBody { $0.count } & 1 | 1
            }
            guard count < Self.most else { return "frames that do not end" }
            if isTrue, isWhole != true { return "a true segment is not whole" }
        }
        return nil
    }

    /// As an opening does that changes nothing.
    private func replay(_ disk: MemoryDisk) -> String? {
        do throws(LogError) {
            let recovery = try recovery(disk, .read)
            var places: [LogPlace] = []
            while let batch = try recovery.next() {
                guard places.count < Self.most else { return "batches that do not end" }
                for frame in batch.frames {
                    places.append(frame.place)
                    _ = try? recovery.frame(at: frame.place)
                }
            }
            let log = try recovery.finish()
            for place in places {
                if (try? log.frame(at: place)) == nil { return "a frame is not there any more" }
            }
            var scrub = LogScrub(log)
            var steps = 0
            while scrub.step() {
                steps += 1
                guard steps < Self.most else { return "a scrub that does not end" }
            }
            for file in files {
                if var cursor = try? SegmentCursor(log, file.number) {
                    while let frame = try? cursor.next() { _ = frame.sequence }
                }
                var remains = SegmentRemains(log, file.number, end: log.end)
                while let frame = try? remains.next() { _ = frame.sequence }
            }
            return nil
        } catch {
            return isTrue ? "a true log is refused: \(error)" : nil
        }
    }

    /// As an opening does that goes on: what it replayed and what it wrote is there at the next.
    private func reopen() throws -> String? {
        let disk = try disk()
        let before: Int
        do throws(LogError) {
            let recovery = try recovery(disk, .write)
            before = try Self.count(recovery)
            let log = try recovery.finish()
            try ForgedLog.commit([FrameContent(type: 20, body: [1, 2, 3])], to: log)
        } catch {
            return isTrue ? "a true log does not go on: \(error)" : nil
        }
        do throws(LogError) {
            let after = try Self.count(try recovery(disk, .write))
            return after == before + 1 ? nil : "\(before) batches and one more are \(after)"
        } catch {
            return "a log that went on is refused: \(error)"
        }
    }

    private static func count(_ recovery: LogRecovery) throws(LogError) -> Int {
        var count = 0
        while try recovery.next() != nil { count += 1 }
        return count
    }
}
