// Who is connected to a loop, who of them has said who he is, and how many bytes are kept for each.
//
// What holds: the bytes are the sum of what was noted last of those who are here; a stranger is
// somebody who is here, was not let in yet and was not told to go; strangers are in the order in
// which they came.

/// The connections of a loop.
struct GuestRoom {
    /// What a connection is less than is nobody's burden.
    private static let light = 64 << 10

    /// How many there are.
    private(set) var count = 0
    /// How many of them were let in.
    private(set) var admittedCount = 0
    /// What is kept for all of them.
    private(set) var byteCount = 0
    /// Those who were not let in yet, by number, and their numbers in order; some of these are of
    /// others by now.
    private var strangers: [UInt64: ServerConnection] = [:]
    private var order: [UInt64] = []
    private var first = 0
    /// What is kept for each for whom something is.
    private var byteCounts: [UInt64: Int] = [:]
    /// Those who may be ended for it.
    private var burdensome: [UInt64: ServerConnection] = [:]

    /// How many numbers are listed for strangers: at most some more than twice as many.
    var listedCount: Int { order.count }

    /// Somebody comes.
    mutating func enter(_ guest: ServerConnection) {
        count += 1
        strangers[guest.number] = guest
        // Before it is long again, as many come as it has.
        if order.count >= 64, order.count >= 2 * strangers.count {
            order = order[first...].filter { $0 != guest.number && strangers[$0] != nil }
            first = 0
        }
        order.append(guest.number)
    }

    /// Somebody is let in.
    mutating func admit(_ guest: ServerConnection) {
        guard !guest.isAdmitted else { return }
        guest.isAdmitted = true
        strangers[guest.number] = nil
        admittedCount += 1
    }

    /// Somebody is gone.
    mutating func leave(_ guest: ServerConnection) {
        count -= 1
        strangers[guest.number] = nil
        if guest.isAdmitted { admittedCount -= 1 }
        note(guest, 0)
    }

    /// Who has been here for longest without having been let in, and is told once.
    mutating func takeOldestStranger() -> ServerConnection? {
        while first < order.count {
            defer { first += 1 }
            if let stranger = strangers.removeValue(forKey: order[first]) { return stranger }
        }
        return nil
    }

    /// Notes how much is kept for somebody.
    mutating func note(_ guest: ServerConnection, _ count: Int) {
        let before = byteCounts[guest.number] ?? 0
        guard count != before else { return }
        byteCount += count - before
        byteCounts[guest.number] = count == 0 ? nil : count
        let isLight = count <= Self.light
        guard isLight != (before <= Self.light) else { return }
        burdensome[guest.number] = isLight ? nil : guest
    }

    /// Whoever has most, who is told once; nil where nobody has much.
    ///
    /// - Complexity: O(*n*) in those who have much.
    mutating func takeMostBurdensome() -> ServerConnection? {
        let most = burdensome.max { left, right in
            let (one, two) = (byteCounts[left.key] ?? 0, byteCounts[right.key] ?? 0)
            return (one, right.key) < (two, left.key)
        }
        guard let most else { return nil }
        burdensome[most.key] = nil
        return most.value
    }
}
