// Whether an answer is still wanted: who asked may have gone, or the store been closed. Whoever
// goes through many entries asks now and then, and ends with an error where nobody waits any more;
// what is short never asks.

internal import MnemeModel

/// What the thread answers, as far as its asker may go away.
package enum Wanted {
    /// Whether somebody waits for the answer still; nil where somebody always does.
    ///
    /// Only around what reads: a thread that writes may do so for others too.
    @TaskLocal package static var isWanted: (@Sendable () -> Bool)?

    /// It is asked once for so many entries.
    static let interval = 256

    static let cancelled = MnemeError(
        .cancelled,
        "the request was ended before it was answered, as nobody waits for the answer; nothing was "
            + "changed"
    )
}

/// When it is to be asked again.
struct WantedCheck {
    private var asked = 0

    /// So many entries were passed.
    ///
    /// - Throws: `.refused` with `.cancelled` or `.closed` where the answer is not wanted any more.
    mutating func passed(_ count: Int, _ reader: StateReader) throws(StoreError) {
        guard count - asked >= Wanted.interval else { return }
        asked = count
        try reader.checkWanted()
    }
}

extension StateReader {
    /// - Throws: `.refused` with `.cancelled` or `.closed` where what it reads is not wanted any
    ///   more.
    func checkWanted() throws(StoreError) {
        do throws(MnemeError) { try opening?.check() } catch { throw .refused(error) }
        if let isWanted = Wanted.isWanted, !isWanted() { throw .refused(Wanted.cancelled) }
    }
}
