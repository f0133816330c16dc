// Whether an answer is still wanted: who asked may have gone, or the store been closed. Whoever
// goes through many entries asks now and then, and ends with an error where nobody waits any more;
// what is short never asks.

internal import MnemeModel

/// What the thread answers, as far as its asker may go away.
package enum Wanted {
    /// Who waits for the answer, as far as known; nil where somebody always does.
    ///
    /// Only around what reads: a thread that writes may do so for others too.
    @TaskLocal package static var asker: WaitingAsker?

    /// It is asked once for so many entries.
    static let interval = 256

    static let cancelled = MnemeError(
        .cancelled,
        "the request was ended before it was answered, as nobody waits for the answer; nothing was "
            + "changed"
    )
}

/// Somebody who may go away.
///
/// An object, and not the closure alone: optimized code of Swift 6.3 crashes where a task-local
/// value is a closure.
package final class WaitingAsker: Sendable {
    /// Whether the answer is still waited for.
    let waits: @Sendable () -> Bool

    /// One who is asked by a closure.
    package init(_ waits: @escaping @Sendable () -> Bool) { self.waits = waits }
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
    func checkWanted() throws(StoreError) { try Wanted.check(opening) }
}

extension Wanted {
    /// - Throws: `.refused` with `.cancelled` or `.closed` where what the thread reads is not
    ///   wanted any more.
    static func check(_ opening: Opening?) throws(StoreError) {
        do throws(MnemeError) { try opening?.check() } catch { throw .refused(error) }
        if let asker = asker, !asker.waits() { throw .refused(cancelled) }
    }
}
