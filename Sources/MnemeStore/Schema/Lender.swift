// Things that serve one thread at a time and are dear to make: a few are kept, and lent.

internal import Synchronization

/// Lends what it has made.
final class Lender<Thing>: Sendable {
    /// SAFETY: a thing is either here or with one borrower.
    private struct Shelf: @unchecked Sendable {
        var idle: [Thing] = []
    }
    /// SAFETY: as `Shelf`.
    private struct Borrowed: @unchecked Sendable {
        let thing: Thing?
    }
    private let shelf = Mutex(Shelf())
    private let make: @Sendable () -> Thing

    /// More than these are not kept.
    private static var mostKept: Int { 8 }

    /// A lender of what `make` makes.
    init(_ make: @escaping @Sendable () -> Thing) { self.make = make }

    /// Lends one for a piece of work.
    func with<Result, Failure: Error>(
        _ work: (Thing) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let thing = borrow()
        defer { giveBack(thing) }
        return try work(thing)
    }

    /// One that is idle, or a new one.
    func borrow() -> Thing {
        let kept = shelf.withLock { Borrowed(thing: $0.idle.popLast()) }
        return kept.thing ?? make()
    }

    /// Takes one back.
    func giveBack(_ thing: Thing) {
        let borrowed = Borrowed(thing: thing)
        shelf.withLock { shelf in
            if let thing = borrowed.thing, shelf.idle.count < Self.mostKept {
                shelf.idle.append(thing)
            }
        }
    }
}
