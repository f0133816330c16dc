// One simulated year: what owners of a service say, what they ask for again, and how often that is
// found.

internal import Mneme
internal import MnemeBase
internal import Synchronization

/// A clock that the year moves.
private final class YearClock: Clock {
    private let time = Mutex<Microseconds>(1_700_000_000_000_000)

    func now() -> Microseconds { time.withLock { $0 } }
    func elapsed() -> Microseconds { time.withLock { $0 - 1_700_000_000_000_000 } }
    func advance(by duration: Microseconds) { time.withLock { $0 += duration } }
}

/// A year of a service's use.
struct DecayYear {
    /// How recall counts the age of memories.
    enum Mode: String, CaseIterable {
        /// From when an answer had them last.
        case byAnswers
        /// From when the service said that they were used.
        case byUse
        /// From when they were said.
        case byAge
        /// Not at all.
        case off
        /// As `byUse`, and nothing else counts.
        case recencyAlone
    }

    /// A memory that is asked for again.
    private struct Useful {
        let owner: String
        let key: Key
        let question: String
        /// After how many days it is asked for again.
        let pause: Int
        var next: Int
    }

    private static let day: Microseconds = 86_400_000_000
    private static let things = [
        "ladder", "passport", "spare key", "red bicycle", "tent", "printer", "camera", "violin",
    ]
    private static let places = [
        "cellar", "attic", "garage", "office", "hall", "kitchen", "shed", "wardrobe", "van",
        "locker", "studio", "garden", "drawer", "loft", "porch", "closet",
    ]
    private static let people = ["Tom", "Mia", "Lee", "Ida"]
    /// How many of an answer are looked at.
    private static let depth = 5

    private let mode: Mode
    private let days: Int
    private let owners: [String]
    private let clock = YearClock()
    private let memory: Memory
    private var random: UInt64
    private var useful: [Useful] = []
    private(set) var said = 0
    private(set) var asked = 0
    private(set) var found = 0

    init(_ mode: Mode, days: Int, owners: Int, seed: UInt64) throws {
        self.mode = mode
        self.days = days
        self.owners = (0..<owners).map { "owner\($0)" }
        random = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        memory = try Memory.inMemory(options: MemoryOptions(), clock: clock)
    }

    mutating func run() throws {
        for day in 0..<days {
            for owner in owners { try say(owner, day) }
            clock.advance(by: Self.day / 2)
            for place in useful.indices where useful[place].next == day {
                try ask(place, counts: day >= days - days / 4)
                useful[place].next = day + useful[place].pause
            }
            try memory.flushTouches()
            clock.advance(by: Self.day / 2)
        }
    }

    private mutating func below(_ bound: Int) -> Int {
        random ^= random << 13
        random ^= random >> 7
        random ^= random << 17
        return Int(random % UInt64(bound))
    }

    /// Six things that an owner says: one time in forty it is one that will be asked for again.
    private mutating func say(_ owner: String, _ day: Int) throws {
        for _ in 0..<6 {
            let thing = Self.things[below(Self.things.count)]
            let person = Self.people[below(Self.people.count)]
            let place = Self.places[below(Self.places.count)]
            let key = Key.text("m\(said)")
            said += 1
            let text = "\(person) put the \(thing) into the \(place)."
            _ = try memory.remember([Remember(text, owner: owner, key: key)])
            guard below(40) == 0 else { continue }
            let pause = 3 + below(12)
            useful.append(
                Useful(
                    owner: owner,
                    key: key,
                    question: "Where did \(person) put the \(thing)?",
                    pause: pause,
                    next: day + pause
                )
            )
        }
    }

    private mutating func ask(_ place: Int, counts: Bool) throws {
        let one = useful[place]
        var recall = Recall(one.question, owner: one.owner, limit: Self.depth)
        recall.touches = mode == .byAnswers
        switch mode {
        case .byAnswers, .byUse, .byAge: break
        case .off: recall.signals.remove(.recency)
        case .recencyAlone: recall.weights = RecallWeights([.recency: 1, .window: 1e-9])
        }
        let items = try memory.recall(recall).items
        if counts {
            asked += 1
            if items.contains(where: { $0.record.reference.key == one.key }) { found += 1 }
        }
        // Whether or not it was found, the service goes on with it in the end.
        if mode == .byUse || mode == .recencyAlone { _ = try memory.touch(Touch([one.key])) }
    }
}
