// The values that one piece of work is made with, drawn by chance or counted.
// Page: Benchmarks/scenarios/README.md.

internal import Mneme
internal import MnemeBase

/// A value that is drawn anew for each piece of work.
enum LoadDraw {
    /// Which piece of work of a filling it is.
    case number
    /// A number below so many, each as often.
    case uniform(Int)
    /// A number, a few of them most often.
    case zipfian(Zipfian)
    /// A number that is there, the newest ones most often.
    case latest(counter: Int, Zipfian)
    /// The next number of a counter.
    case next(counter: Int)
    case between(Int, Int)
    /// So many words of everyday talk.
    case words(Int)
    /// So many letters without a meaning.
    case letters(Int)
    case pick([Value])
    /// What comes of a value drawn before.
    case derived(Int, LoadDerivation)
}

/// How a value is made of a number.
enum LoadDerivation {
    case divided(Int)
    case modulo(Int)
    /// So many seconds after the beginning of 2025.
    case instant
    /// Words that are the same for the same number.
    case words(Int)

    /// The value of a number.
    func value(of number: Int) -> Value {
        switch self {
        case .divided(let by): return .int(Int64(number / by))
        case .modulo(let by): return .int(Int64(number % by))
        case .instant:
            let start: Int64 = 1_735_689_600
            return .instant(Instant(microseconds: (start + Int64(number)) * 1_000_000))
        case .words(let count): return .text(MadeText.sentence(UInt64(number), words: count))
        }
    }
}

/// The counters of a scenario: how many of each kind have been made.
struct LoadCounters {
    /// The number that is made next.
    private(set) var next: [Int]
    /// So many, from 0 on, are there without a gap.
    private(set) var there: [Int]
    private var beyond: [Set<Int>]

    /// Counters of what a filling makes.
    init(_ counts: [Int]) {
        next = counts
        there = counts
        beyond = counts.map { _ in [] }
    }

    /// Takes the next number.
    mutating func take(_ counter: Int) -> Int {
        next[counter] += 1
        return next[counter] - 1
    }

    /// A number is there.
    mutating func note(_ number: Int, of counter: Int) {
        beyond[counter].insert(number)
        while beyond[counter].remove(there[counter]) != nil { there[counter] += 1 }
    }
}

extension LoadDraw {
    private static let alphabet = Array("abcdefghijklmnopqrstuvwxyz012345".utf8)

    /// Whether its values are numbers, texts or others, as PostgreSQL numbers types (`pg_type`).
    var postgresType: UInt32 {
        let int: UInt32 = 20
        let text: UInt32 = 25
        switch self {
        case .words, .letters, .derived(_, .words): return text
        case .derived(_, .instant): return 1184
        case .pick(let choices):
            switch choices.first {
            case .int?: return int
            case .float?: return 701
            case .bool?: return 16
            default: return text
            }
        default: return int
        }
    }

    /// Draws the value of one piece of work.
    func value(
        _ chance: SeededRandomness,
        _ counters: inout LoadCounters,
        number: Int,
        before values: [Value]
    ) -> Value {
        switch self {
        case .number: return .int(Int64(number))
        case .uniform(let count): return .int(Int64(chance.below(count)))
        case .zipfian(let zipfian): return .int(Int64(zipfian.spread(chance)))
        case .latest(let counter, let zipfian):
            return .int(Int64(max(0, counters.there[counter] - 1 - zipfian.rank(chance))))
        case .next(let counter): return .int(Int64(counters.take(counter)))
        case .between(let low, let high): return .int(Int64(low + chance.below(high - low + 1)))
        case .words(let count): return .text(MadeText.sentence(chance.next(), words: count))
        case .letters(let count):
            var letters: [UInt8] = []
            letters.reserveCapacity(count + 11)
            while letters.count < count {
                var word = chance.next()
                for _ in 0..<12 {
                    letters.append(Self.alphabet[Int(word & 31)])
                    word >>= 5
                }
            }
            return .text(String(decoding: letters.prefix(count), as: UTF8.self))
        case .pick(let choices): return choices[chance.below(choices.count)]
        case .derived(let place, let derivation):
            return derivation.value(of: Int(values[place].int ?? 0))
        }
    }
}
