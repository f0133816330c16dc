// Where a restored store leaves the way of the one that was backed up. Both give the same sequences
// and ordinals from there on; the forks of a store's line tell which versions of a record it ever
// had. Format: formats/store.md#fork.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel

/// Where a restored store parts from the one that was backed up.
struct Fork: Hashable, Sendable {
    /// Bytes that it takes, in the columns of its frame and wherever else it is named.
    static let byteCount = 24

    /// The sequence of the last frame that the restore kept.
    var stop: UInt64
    /// No frame that was kept has a higher incarnation.
    var kept: UInt64
    /// No frame behind them has a lower one.
    var first: UInt64

    init(stop: UInt64, kept: UInt64, first: UInt64) {
        self.stop = stop
        self.kept = kept
        self.first = first
    }

    init(_ reader: inout ByteReader) throws(BytesError) {
        stop = try reader.get()
        kept = try reader.get()
        first = try reader.get()
    }

    /// Of a frame's columns and head; nil where they do not say the same.
    init?(_ columns: [UInt8], sequence: UInt64, incarnation: UInt64) {
        var reader = ByteReader(columns)
        guard columns.count == Self.byteCount, let fork = try? Fork(&reader),
            fork.stop < .max, fork.stop + 1 == sequence, fork.first == incarnation,
            fork.kept < fork.first
        else { return nil }
        self = fork
    }

    /// Of its frame; nil where that does not follow the format.
    init?(_ frame: Frame) {
        self.init(
            frame.content.columns,
            sequence: frame.sequence,
            incarnation: frame.incarnation
        )
    }

    func put(into writer: inout ByteWriter) {
        writer.put(stop)
        writer.put(kept)
        writer.put(first)
    }

    /// The columns of its frame.
    var columns: [UInt8] {
        var writer = ByteWriter(capacity: Self.byteCount)
        put(into: &writer)
        return writer.bytes
    }

    /// Whether a version was kept, or put on this side since: one that another branch put behind
    /// the stop was neither.
    func lets(_ version: VersionOrigin) -> Bool {
        version.sequence <= stop ? version.incarnation <= kept : version.incarnation >= first
    }

    /// Whether it can follow another one in a log.
    func follows(_ before: Fork?) -> Bool {
        guard let before else { return true }
        return stop > before.stop && kept >= before.first
    }
}

extension [Fork] {
    /// Those that tell the versions of a record up to its newest one from other branches': of one
    /// that was put before a fork, the older ones were too.
    ///
    /// - Parameter newest: nil where it is of the erase's own batch.
    /// - Returns: them, in their order.
    func behind(_ newest: VersionOrigin?) -> [Fork] {
        guard let newest else { return self }
        return newest.isFirst ? [] : filter { $0.stop < newest.sequence }
    }
}

extension Store {
    /// Notes in the log that here the store leaves the way of the one that was backed up, before
    /// anything else is committed.
    ///
    /// - Throws: `.inconsistent` where something stands behind the stop, `.refused`.
    func depart(behind stop: RestoreStop) throws(StoreError) {
        let fork = Fork(stop: stop.next - 1, kept: stop.incarnation, first: log.incarnation)
        let committed: Committed
        do throws(MnemeError) {
            committed = try submit(
                WriterWork(
                    changes: [.fork(fork)],
                    catalogVersion: newest.state.catalog.version,
                    durability: .synced,
                    prepareAgain: { _ throws(MnemeError) in [.fork(fork)] }
                )
            )
        } catch {
            throw .refused(error)
        }
        // The commit frame stands behind it.
        guard committed.sequence == stop.next + 1 else {
            throw .inconsistent("a fork behind sequence \(fork.stop) stands somewhere else")
        }
    }
}
