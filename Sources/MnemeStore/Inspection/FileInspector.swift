// The files of a store, looked into as they stand in its directory, whether anybody has it open or
// not: the segments and frames of the log, and the root blocks of the page file.

package import MnemeBase
internal import MnemeLog
package import MnemeModel
internal import MnemePages

/// Looks into the files of a store.
package struct FileInspector {
    private let disk: any Disk
    private let directory: String
    let log: LogInspector

    /// The inspector of a directory.
    package init(_ directory: String, on disk: any Disk = RealDisk()) {
        self.disk = disk
        self.directory = directory
        log = LogInspector(disk, directory: directory + "/log")
    }

    /// The segments of the log.
    ///
    /// - Throws: `.notFound`, `.denied`, `.disk`.
    package func segments() throws(MnemeError) -> Inspection {
        let files = try onFiles { () throws(LogError) in try log.files() }
        var inspection = Inspection("the log in \(directory)")
        inspection.columns = ["file", "kind", "first sequence", "bytes", "frames", "end"]
        for file in files {
            let (rows, end) = try onFiles { () throws(LogError) in
                try log.frames(of: file.number, limit: .max)
            }
            inspection.rows.append([
                .text(file.name), .text(file.kind), file.firstSequence.map { Value($0) } ?? .null,
                .int(Int64(file.byteCount)), .int(Int64(rows.count)), .int(Int64(end)),
            ])
        }
        return inspection
    }

    /// The header of a segment, and its frames from an offset on, at most so many.
    ///
    /// - Throws: `.badRequest` for what names no segment; as `segments`.
    package func frames(
        of name: String,
        from offset: Int?,
        limit: Int
    ) throws(MnemeError) -> Inspection {
        let number = try number(name)
        let (rows, end) = try onFiles { () throws(LogError) in
            try log.frames(of: number, from: offset, limit: limit)
        }
        var inspection = Inspection("segment \(LogInspector.name(of: number))")
        inspection.columns = ["at", "bytes", "type", "sequence", "owner", "says", "checksum"]
        for row in rows {
            inspection.rows.append([
                .int(Int64(row.offset)), .int(Int64(row.length)),
                .text(FrameWords.name(of: row.type)), Value(row.sequence), Value(row.owner),
                .text(FrameWords.summary(of: row.type, row.columns)),
                .text(row.isWhole ? "matches" : "does not match"),
            ])
        }
        inspection.facts = [("what follows begins at", .int(Int64(end)))]
        if offset == nil {
            inspection.notes = try onFiles { () throws(LogError) in try log.header(of: number) }
        }
        return inspection
    }

    /// A frame, byte by byte.
    ///
    /// - Throws: as `frames`; `.notFound` where no frame begins there.
    package func frame(of name: String, at offset: Int) throws(MnemeError) -> Inspection {
        try frame(number(name), offset)
    }

    /// The frame of a sequence, byte by byte.
    ///
    /// - Throws: `.notFound` where no frame has it; as `segments`.
    package func frame(ofSequence sequence: UInt64) throws(MnemeError) -> Inspection {
        let place = try onFiles { () throws(LogError) in try log.place(ofSequence: sequence) }
        guard let (number, offset) = place else {
            throw MnemeError(
                .notFound,
                "No frame of the log has sequence \(sequence): it was not written yet, is in a "
                    + "pack, or is not needed any more and gone."
            )
        }
        return try frame(number, offset)
    }

    private func frame(_ number: UInt64, _ offset: Int) throws(MnemeError) -> Inspection {
        let notes = try onFiles { () throws(LogError) in
            try log.notes(
                of: number,
                at: offset,
                types: FrameWords.name,
                columns: FrameWords.columns
            )
        }
        let name = LogInspector.name(of: number)
        guard let notes else {
            throw MnemeError(
                .notFound,
                "No frame begins at \(offset) of \(name). inspect log \(name) says where they do."
            )
        }
        return Inspection("frame of \(name) at \(offset)", notes: notes)
    }

    /// Both root blocks of the page file, byte by byte.
    ///
    /// - Throws: as `segments`.
    package func roots() throws(MnemeError) -> Inspection {
        var inspection = Inspection("the root blocks of \(directory)/pages")
        do throws(PageError) {
            for block in try RootBlockInspector.notes(disk, path: directory + "/pages") {
                inspection.notes += block.notes
            }
        } catch {
            throw MnemeError(error)
        }
        return inspection
    }

    private func number(_ name: String) throws(MnemeError) -> UInt64 {
        if let number = LogInspector.number(of: name) { return number }
        throw MnemeError(
            .badRequest,
            "\(quoted(name)) names no segment. Give its number, or the name of its file as "
                + "inspect log lists it."
        )
    }

    func onFiles<Result>(
        _ body: () throws(LogError) -> Result
    ) throws(MnemeError) -> Result {
        do throws(LogError) { return try body() } catch { throw MnemeError(error) }
    }
}
