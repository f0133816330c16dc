// The log of a directory by the time of its commits.

internal import MnemeBase
internal import MnemeLog
package import MnemeModel

extension FileInspector {
    /// What stands in the log, by when it was committed: of what compaction has taken out nothing
    /// is known, and what it packed is told as packs.
    ///
    /// `progress` is told the bytes read so far, and all of them.
    ///
    /// - Throws: as `segments`.
    /// - Complexity: O(bytes of the log).
    package func growth(
        progress: (Int, Int) -> Void = { _, _ in }
    ) throws(MnemeError) -> LogGrowth {
        let files = try onFiles { () throws(LogError) in try log.files() }
        let all = files.reduce(0) { $0 + $1.byteCount }
        var growth = LogGrowth()
        var done = 0
        for file in files {
            var (offset, end): (Int?, Int) = (nil, 0)
            while true {
                let (rows, next) = try onFiles { () throws(LogError) in
                    try log.frames(of: file.number, from: offset, limit: Self.rowsAtOnce)
                }
                for row in rows { growth.note(Self.step(row), at: row.time) }
                guard rows.count == Self.rowsAtOnce, next > end else { break }
                (offset, end) = (next, next)
                progress(done + next, all)
            }
            done += file.byteCount
            progress(done, all)
        }
        return growth
    }

    private static let rowsAtOnce = 4096

    private static func step(_ row: LogInspector.Row) -> LogGrowth.Step {
        var step = LogGrowth.Step()
        step.byteCount = row.length
        switch row.type {
        case LogFrameType.commit: step.commits = 1
        case StoreFrameType.put: step.puts = 1
        case StoreFrameType.delete, StoreFrameType.narrowErase, StoreFrameType.erase:
            step.deletes = 1
        case StoreFrameType.link: step.links = 1
        case StoreFrameType.unlink, StoreFrameType.eraseEdge: step.unlinks = 1
        default: step.others = 1
        }
        return step
    }
}
