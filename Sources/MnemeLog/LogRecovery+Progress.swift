// How far the opening of a log has come, for people.

extension LogRecovery {
    /// Bytes of all segments that have a header.
    package var byteCount: Int {
        headers.keys.reduce(0) { $0 + (segments[$1]?.byteCount ?? 0) }
    }

    /// Bytes of those segments that stand before a place.
    ///
    /// - Complexity: O(segments).
    package func byteCount(before place: LogPlace) -> Int {
        headers.keys.reduce(place.offset) { count, number in
            count + (number < place.segment ? segments[number]?.byteCount ?? 0 : 0)
        }
    }
}
