// Whether a store is open still, for everybody who holds a part of it, and what is remembered for
// as long as it is.

internal import MnemeModel
internal import Synchronization

/// The time between opening and closing.
///
/// Afterwards the files may be another opening's, which writes over what a kept snapshot still
/// looks at.
final class Opening: Sendable {
    private let hasEnded = Atomic(false)
    /// What is known of the searches of its vector fields.
    let recalls: RecallBook
    /// What recall goes along.
    let timelines = TimelineShelf()
    /// How its records were used.
    let touches = TouchBook()
    /// What walks work with.
    let desks = WalkDesks()

    init(recalls: RecallBook) { self.recalls = recalls }

    /// Ends it; false when it had ended before.
    func end() -> Bool { !hasEnded.exchange(true, ordering: .acquiringAndReleasing) }

    /// Whether it has ended.
    var isOver: Bool { hasEnded.load(ordering: .acquiring) }

    /// - Throws: `.closed` once it has ended.
    func check() throws(MnemeError) {
        if hasEnded.load(ordering: .acquiring) {
            throw MnemeError(.closed, "the store is closed; open it again")
        }
    }
}
