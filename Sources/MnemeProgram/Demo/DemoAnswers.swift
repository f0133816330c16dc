// What a store answers to everything that the demonstration asks, and how long it takes: two ways
// to one store are held against each other.

internal import Mneme
internal import MnemeCommandLine

/// The answers of one way to a store.
struct DemoAnswers {
    /// What was asked, in order.
    static let titles = DemoQuestion.all.map(\.recall.question) + [DemoPath.title]
    /// How often each question is asked.
    private static let rounds = 9

    private let recalled: [Recalled]
    private let path: [Edge]?
    /// In the order of the titles: the median of the rounds.
    let seconds: [Double]

    /// Asks everything.
    ///
    /// - Throws: as `BlockingDoor.perform`.
    init(of door: any BlockingDoor) throws(MnemeError) {
        var recalled: [Recalled] = []
        var seconds: [Double] = []
        for question in DemoQuestion.all {
            let (answer, time) = try Self.timed { () throws(MnemeError) in
                try door.recall(question.recall)
            }
            recalled.append(answer.ageless)
            seconds.append(time)
        }
        let (path, time) = try Self.timed { () throws(MnemeError) in
            try door.path(DemoPath.path)
        }
        self.recalled = recalled
        self.path = path
        self.seconds = seconds + [time]
    }

    /// The titles of what the other way answered otherwise.
    func differences(from other: DemoAnswers) -> [String] {
        var same = zip(recalled, other.recalled).map { $0 == $1 }
        same.append(path == other.path)
        return zip(Self.titles, same).compactMap { $1 ? nil : $0 }
    }

    private static func timed<Answer>(
        _ ask: () throws(MnemeError) -> Answer
    ) throws(MnemeError) -> (Answer, Double) {
        var times: [Double] = []
        while true {
            let watch = Stopwatch()
            let answer = try ask()
            times.append(watch.seconds)
            if times.count == rounds { return (answer, times.sorted()[rounds / 2]) }
        }
    }
}

/// The shortest way that the demonstration asks for.
enum DemoPath {
    static let title = "How is a dog related to a cat?"
    static let path = Path(
        from: Reference("memories", "n02084071"),
        to: Reference("memories", "n02121620"),
        types: [PointerType.hypernym.rawValue],
        direction: .both
    )
}

extension Recalled {
    /// The answer but for how old the memories are when it is given, which is never the same twice;
    /// what their age adds to the scores stays.
    fileprivate var ageless: Recalled {
        var recalled = self
        for item in recalled.items.indices {
            for part in recalled.items[item].parts.indices
            where recalled.items[item].parts[part].signal == .recency {
                recalled.items[item].parts[part].raw = 0
            }
        }
        return recalled
    }
}
