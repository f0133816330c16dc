// Random lives of events against a plain model: what is due, who has it, and what became of it.

import MnemeBase
import MnemeModel
import Testing

@testable import Mneme

@Suite struct EventModelTests {
    @Test(arguments: 1...12)
    func eventsLiveAsTheModelSays(seed: UInt64) throws {
        var run = EventRun(seed, try TimedMemory("2024-01-31T09:00:00Z"))
        for step in 0..<120 {
            try run.step()
            if let found = run.finding {
                Issue.record("seed \(seed), step \(step): \(found)")
                return
            }
        }
        #expect(try run.world.memory.verify().findings == [])
    }
}

/// One run: a memory, the model of its events, and dice.
private struct EventRun {
    private struct Kept {
        var at: Instant
        var next: Instant?
        var rule: Recurrence?
        /// Where its steps are counted from.
        var start: Instant
        var lease: Instant?
        /// The last that was given.
        var last: Instant?
        var isOver = false

        /// From when on it is anybody's.
        var due: Instant { lease ?? at }
    }

    var world: TimedMemory
    private(set) var finding: String?
    private let random: SeededRandomness
    private var kept: [Key: Kept] = [:]
    /// Leases that were given once.
    private var given: [(key: Key, lease: Instant)] = []

    init(_ seed: UInt64, _ world: TimedMemory) {
        random = SeededRandomness(seed: seed)
        self.world = world
    }

    private var now: Instant { Instant(microseconds: world.clock.now()) }

    mutating func step() throws {
        switch random.below(9) {
        case 0, 1: try schedule()
        case 2, 3: world.clock.pass(seconds: Int64(random.below(40_000)))
        case 4, 5: try claim()
        case 6, 7: try settle()
        default: random.below(4) == 0 ? try world.reopen() : try look()
        }
    }

    private mutating func schedule() throws {
        let key = Key.text("e\(random.below(12))")
        let at = Instant(microseconds: world.clock.now() + Int64(random.below(90_000)) * 1_000_000)
        let units: [Recurrence.Unit] = [.hour, .day, .month]
        let rule =
            random.below(2) == 0
            ? nil
            : Recurrence(
                every: units[random.below(3)],
                zone: "Europe/Berlin",
                count: 1 + random.below(4),
                catchUp: random.below(2) == 0 ? .once : .each
            )
        let event = Schedule(at: at, owner: "ann", key: key, recurrence: rule)
        _ = try world.memory.schedule([event])
        kept[key] = Kept(at: at, rule: rule, start: at)
    }

    /// The model's own way to what comes next: along all occurrences from the start.
    private func following(_ event: Kept) throws -> Instant? {
        guard let rule = event.rule else { return nil }
        let all = try Occurrences(rule, from: event.start)
        var next = all.first
        while let instant = next {
            let least = rule.catchUp == .each ? event.at : max(event.at, now)
            if instant > least { return instant }
            next = all.next(after: instant)
        }
        return nil
    }

    private var dueKeys: [Key] {
        kept.filter { !$0.value.isOver && $0.value.due <= now }.map(\.key)
    }

    private mutating func look() throws {
        let told = try world.memory.dueEvents().events.map(\.reference.key)
        if Set(told) != Set(dueKeys) { finding = "due are \(told), not \(dueKeys)" }
    }

    private mutating func claim() throws {
        let seconds = random.below(3) == 0 ? 0 : 1 + random.below(20_000)
        let limit = 1 + random.below(4)
        let due = dueKeys
        let claim = EventClaim(owner: "ann", limit: limit, leaseSeconds: seconds)
        let events = try world.memory.claimEvents(claim).events
        if events.count != min(limit, due.count) {
            finding = "\(events.count) of \(due.count) were claimed with limit \(limit)"
        }
        let latest = events.compactMap { kept[$0.reference.key]?.due }.max()
        for event in events {
            let key = event.reference.key
            guard var known = kept[key], due.contains(key) else {
                finding = "\(key) is not due"
                continue
            }
            if known.lease == nil { known.next = try following(known) }
            if event.at != known.at || event.next != known.next {
                finding = "\(key) is \(event), not \(known)"
            }
            if seconds > 0 {
                known.lease = later(known, seconds)
                known.last = known.lease
                if event.lease != known.lease { finding = "\(key) is leased up to \(event)" }
                event.lease.map { given.append((key, $0)) }
            } else {
                known = Self.done(known)
            }
            kept[key] = known
        }
        for key in due where !events.contains(where: { $0.reference.key == key }) {
            if let other = kept[key]?.due, let latest, other < latest {
                finding = "\(key) was due before others that were claimed"
            }
        }
    }

    /// The end of a lease from now on, later than any before.
    private func later(_ event: Kept, _ seconds: Int) -> Instant {
        let end = now.microseconds + Int64(seconds) * 1_000_000
        return Instant(microseconds: max(end, (event.last?.microseconds ?? 0) + 1))
    }

    private static func done(_ event: Kept) -> Kept {
        var event = event
        event.lease = nil
        event.isOver = event.next == nil
        event.at = event.next ?? event.at
        event.next = nil
        return event
    }

    /// Settles by a lease that was given some time, which may not hold any more.
    private mutating func settle() throws {
        guard !given.isEmpty else { return }
        let (key, lease) = given[random.below(given.count)]
        guard var known = kept[key] else { return }
        let outcome = Settlement.Outcome.allCases[random.below(4)]
        let settlement = Settlement(
            Reference("events", key),
            outcome,
            lease: lease,
            leaseSeconds: outcome == .extended ? 500 : nil
        )
        let refused = world.refusal { _ = try $0.settle(settlement) }
        // What is over stays so, whoever cancels it.
        let holds = known.lease == lease || (outcome == .cancelled && known.isOver)
        if (refused == nil) != holds || (refused ?? .leaseLost) != .leaseLost {
            finding = "\(outcome) of \(known) was answered with \(String(describing: refused))"
        }
        guard known.lease == lease else { return }
        switch outcome {
        case .done: known = Self.done(known)
        case .cancelled:
            known.isOver = true
            known.lease = nil
        case .released:
            known.lease = nil
            known.next = nil
        case .extended:
            known.lease = later(known, 500)
            known.last = known.lease
        }
        if let lease = known.lease { given.append((key, lease)) }
        kept[key] = known
    }
}
