// Going on in a new segment before the newest is full.

extension Log {
    /// Goes on in a new segment, so that all frames until now stand in sealed ones; nobody may be
    /// syncing, and no batch may be open.
    ///
    /// - Throws: `.poisoned`, `.disk` when no new segment can be had.
    package func roll() throws(LogError) {
        if isPoisoned { throw .poisoned }
        try commit()
        guard tail.offset > SegmentHeader.size else { return }
        try move(to: takeSegment(atLeast: nextSegmentSize()))
    }
}
