// How records were used, in memory, by ordinal: what the rows of `$touches` say, so that a recall
// asks it of thousands of records in a few microseconds. It is read from the rows when it is first
// asked, and changed by whoever commits rows. What answers had waits here until it is written.

internal import MnemeBase
internal import MnemeModel
internal import Synchronization

/// Records that an answer had.
struct PostedTouch: Sendable {
    let references: [Reference]
    let at: Microseconds
}

/// How records were used.
final class TouchBook: Sendable {
    private struct State {
        var isLoaded = false
        /// Where each record's access stands, plus 1, by ordinal; 0 for none.
        ///
        /// In pages, most of which are not there.
        var pages: [[UInt32]] = []
        var accesses: [Access] = []
        var posted: [PostedTouch] = []
    }

    private static let pageSize = 4096
    /// More answers than this do not wait.
    static let mostPosted = 8192
    /// So many make the upkeep write them at once.
    static let manyPosted = 1024

    private let state = Mutex(State())
    /// Held by whoever reads or writes rows.
    let writing = Mutex(())

    var isLoaded: Bool { state.withLock { $0.isLoaded } }

    /// Takes up what the rows say.
    func load(_ rows: [(ordinal: UInt64, access: Access)]) {
        state.withLock { state in
            guard !state.isLoaded else { return }
            for row in rows { Self.set(row.access, of: row.ordinal, &state) }
            state.isLoaded = true
        }
    }

    /// How records were used, nil for those that never were; nil where none ever was.
    ///
    /// - Complexity: O(ordinals), some nanoseconds each.
    func accesses(of ordinals: some Sequence<UInt64>) -> [Access?]? {
        state.withLock { state in
            if state.accesses.isEmpty { return nil }
            return ordinals.map { Self.access(of: $0, state) }
        }
    }

    func access(of ordinal: UInt64) -> Access? {
        state.withLock { Self.access(of: ordinal, $0) }
    }

    func set(_ accesses: [(ordinal: UInt64, access: Access)]) {
        state.withLock { state in
            for (ordinal, access) in accesses { Self.set(access, of: ordinal, &state) }
        }
    }

    private static func access(of ordinal: UInt64, _ state: borrowing State) -> Access? {
        let page = Int(clamping: ordinal / UInt64(pageSize))
        guard page < state.pages.count, !state.pages[page].isEmpty else { return nil }
        let place = state.pages[page][Int(ordinal % UInt64(pageSize))]
        return place == 0 ? nil : state.accesses[Int(place) - 1]
    }

    private static func set(_ access: Access, of ordinal: UInt64, _ state: inout State) {
        let page = Int(clamping: ordinal / UInt64(pageSize))
        let slot = Int(ordinal % UInt64(pageSize))
        while state.pages.count <= page { state.pages.append([]) }
        if state.pages[page].isEmpty {
            state.pages[page] = [UInt32](repeating: 0, count: pageSize)
        }
        let place = state.pages[page][slot]
        if place != 0 {
            state.accesses[Int(place) - 1] = access
        } else if state.accesses.count < Int(UInt32.max) - 1 {
            state.accesses.append(access)
            state.pages[page][slot] = UInt32(state.accesses.count)
        }
    }

    // MARK: What waits

    /// Has the use of records wait to be written; what is too much is dropped.
    ///
    /// - Returns: whether so much waits that it should be written at once.
    func post(_ touch: PostedTouch) -> Bool {
        state.withLock { state in
            guard state.posted.count < Self.mostPosted else { return true }
            state.posted.append(touch)
            return state.posted.count >= Self.manyPosted
        }
    }

    /// Whether something has waited since an instant, or much waits.
    func isDue(before instant: Microseconds) -> Bool {
        state.withLock { state in
            guard let first = state.posted.first else { return false }
            return first.at <= instant || state.posted.count >= Self.manyPosted
        }
    }

    var hasPosted: Bool { state.withLock { !$0.posted.isEmpty } }

    func takePosted() -> [PostedTouch] {
        state.withLock { state in
            defer { state.posted = [] }
            return state.posted
        }
    }
}
