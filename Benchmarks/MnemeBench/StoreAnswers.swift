// What the questions of the store benchmark must be answered with, found by looking at all records.
// The digest of all answers is printed, so that it can be held against those of peers.

internal import Mneme
internal import MnemeCommandLine

/// The answers to questions about records `0..<count`.
struct StoreAnswers {
    /// How many records a question asks for.
    static let limit = 50

    /// Numbers by owner, oldest first.
    private var owners = [[Int]](repeating: [], count: StoreRecords.ownerCount)
    /// Numbers of the least important records above 0.5 by owner and type.
    private var kinds: [[Int]]

    /// - Complexity: O(*n* log *n*).
    init(count: Int) {
        let kindCount = StoreRecords.ownerCount * StoreRecords.typeCount
        var important = [[(importance: Double, number: Int)]](repeating: [], count: kindCount)
        for number in 0..<count {
            let facts = StoreRecords.facts(number)
            owners[facts.owner].append(number)
            guard facts.importance > 0.5 else { continue }
            important[facts.owner * StoreRecords.typeCount + facts.type]
                .append((facts.importance, number))
        }
        kinds = important.map { kind in
            kind.sorted { $0.importance < $1.importance }.prefix(Self.limit).map(\.number)
        }
    }

    /// The newest records of an owner, newest first.
    func newest(owner: Int) -> [Int] { owners[owner].suffix(Self.limit).reversed() }

    /// The least important records above 0.5 of an owner and type.
    func compound(owner: Int, type: Int) -> [Int] { kinds[owner * StoreRecords.typeCount + type] }
}

/// A digest of keys in the order of answers (FNV-1a over their bytes).
struct AnswerDigest {
    private var state: UInt64 = 0xcbf2_9ce4_8422_2325

    /// 16 hexadecimal digits.
    var text: String {
        let digits = String(state, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// Takes the keys of an answer.
    ///
    /// - Throws: `Failure` where they are not those of these records.
    mutating func take(_ keys: [Key], of numbers: [Int], _ question: String) throws(Failure) {
        guard keys == numbers.map(StoreRecords.key) else {
            throw Failure(
                "The answer to \(question) has \(keys.count) records, and not the \(numbers.count) "
                    + "that it should have. The store is wrong."
            )
        }
        for case .uuid(let id) in keys {
            for half in [id.high, id.low] {
                for shift in stride(from: 56, through: 0, by: -8) {
                    state = (state ^ (half >> UInt64(shift) & 0xff)) &* 0x0100_0000_01b3
                }
            }
        }
    }
}
