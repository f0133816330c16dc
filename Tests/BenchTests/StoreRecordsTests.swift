// The records of the store benchmark, which peers get byte for byte, and the answers about them.

import Mneme
import MnemeCommandLine
import Testing

@testable import MnemeBench

@Suite struct StoreRecordsTests {
    @Test func recordsAreAlwaysTheSameAndOfTheLengthThatIsSaid() throws {
        let maker = StoreRecords(valueByteCount: 2552)
        let other = StoreRecords(valueByteCount: 2552)
        for number in [0, 1, 777, 1_000_001] {
            let fields = maker.fields(number)
            #expect(fields == other.fields(number))
            #expect(try #require(fields["metadata"]).json().utf8.count == 500)
            #expect(try #require(fields["text"]?.text).utf8.count == 2000)
            #expect(fields["importance"] == .float(StoreRecords.facts(number).importance))
        }
    }

    @Test func answersAreThoseOfASearchThroughAllRecords() {
        let count = 20_000
        let answers = StoreAnswers(count: count)
        let facts = (0..<count).map(StoreRecords.facts)
        for (owner, type) in [(0, 0), (42, 5), (99, 7)] {
            let newest = (0..<count).reversed().filter { facts[$0].owner == owner }.prefix(50)
            #expect(answers.newest(owner: owner) == Array(newest))
            let important = (0..<count)
                .filter { facts[$0].owner == owner && facts[$0].type == type }
                .filter { facts[$0].importance > 0.5 }
                .sorted { facts[$0].importance < facts[$1].importance }
            #expect(!important.isEmpty)
            #expect(answers.compound(owner: owner, type: type) == Array(important.prefix(50)))
        }
    }

    @Test func digestsRefuseWrongAnswersAndKnowTheirOrder() throws {
        let keys = [3, 1, 2].map(StoreRecords.key)
        var digest = AnswerDigest()
        #expect(throws: Failure.self) { try digest.take(keys, of: [1, 2, 3], "a question") }
        #expect(throws: Failure.self) { try digest.take([], of: [1], "a question") }
        #expect(digest.text == "cbf29ce484222325")
        try digest.take(keys, of: [3, 1, 2], "a question")
        var other = AnswerDigest()
        try other.take(keys.reversed(), of: [2, 1, 3], "a question")
        #expect(digest.text != other.text)
        #expect(digest.text.count == 16)
    }
}
