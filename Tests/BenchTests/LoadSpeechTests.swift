import Testing

@testable import MnemeBench

/// The protocols of the peers, from bytes that stand in their documents.
@Suite struct LoadSpeechTests {
    /// What happens when the bytes come, one by one.
    private func events(_ speech: any LoadSpeech, _ bytes: [UInt8]) -> [String] {
        var events: [String] = []
        for byte in bytes {
            let one = [byte]
            unsafe speech.receive(one.span.bytes)
            while let event = speech.next() { events.append("\(event)") }
        }
        return events
    }

    @Test func commandsOfRedisAreArraysOfTexts() throws {
        let speech = RedisSpeech()
        speech.begin()
        _ = try speech.send(.commands([["SET", "key", "é"]]))
        #expect(
            String(decoding: speech.takeOutput(), as: UTF8.self)
                == "*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$2\r\né\r\n"
        )
    }

    @Test func answersOfRedisGoToTheirMessages() throws {
        let speech = RedisSpeech()
        speech.begin()
        for words in [["GET", "a"], ["GET", "b"], ["HGETALL", "c"], ["NO"]] {
            _ = try speech.send(.commands([words]))
        }
        _ = try speech.send(.commands([["LPUSH", "l", "1"], ["LTRIM", "l", "0", "9"]]))
        let bytes = "$2\r\nhi\r\n$-1\r\n*2\r\n$1\r\nf\r\n$1\r\nv\r\n-ERR unknown\r\n:1\r\n+OK\r\n"
        #expect(
            events(speech, Array(bytes.utf8)) == [
                "ready", "answered(1, count: 1)", "answered(2, count: 0)",
                "answered(3, count: 2)",
                "failed(4, code: \"ERR\", message: \"ERR unknown\")",
                "answered(5, count: 2)",
            ]
        )
    }

    @Test(arguments: ["?\r\n", "$x\r\n", ":\r\n", "+OK\r\n", "$99999999999\r\n"])
    func whatIsNotAskedOrNotOfTheProtocolBreaks(_ text: String) {
        let speech = RedisSpeech()
        speech.begin()
        #expect(events(speech, Array(text.utf8)).last?.hasPrefix("broken") == true)
    }

    /// A message of PostgreSQL's.
    private func message(_ kind: Character, _ body: [UInt8]) -> [UInt8] {
        [kind.asciiValue ?? 0, 0, 0, 0, UInt8(body.count + 4)] + body
    }

    @Test func statementsArePreparedAndAnswered() throws {
        let statement = PostgresStatement(text: "select $1", types: [20])
        let speech = PostgresSpeech(user: "u", database: "d", statements: [statement])
        speech.begin()
        #expect(speech.takeOutput().starts(with: [0, 0, 0, 48, 0, 3, 0, 0]))
        let greeting = message("R", [0, 0, 0, 0]) + message("Z", [73])
        #expect(events(speech, greeting).isEmpty)
        #expect(speech.takeOutput().first == UInt8(ascii: "P"))
        #expect(events(speech, message("1", []) + message("Z", [73])) == ["ready"])
        let first = try speech.send(.statement(0, ["7", nil]))
        let second = try speech.send(.statement(0, ["8"]))
        #expect(speech.takeOutput().first == UInt8(ascii: "B"))
        let row = message("D", [0, 0]) + message("C", Array("SELECT 1".utf8) + [0])
        let error = Array("SERROR\0C23505\0Mduplicate\0\0".utf8)
        #expect(
            events(
                speech,
                message("2", []) + row + message("Z", [73]) + message("E", error)
                    + message("Z", [73])
            ) == [
                "answered(\(first), count: 1)",
                "failed(\(second), code: \"23505\", message: \"duplicate\")",
            ]
        )
    }

    @Test func aFillingDoesNotWaitForTheDisk() {
        let speech = PostgresSpeech(user: "u", database: "d", statements: [], waitsForDisk: false)
        speech.begin()
        let told = String(decoding: speech.takeOutput(), as: UTF8.self)
        #expect(told.hasSuffix("client_encoding\0UTF8\0synchronous_commit\0off\0\0"))
    }

    @Test func aPasswordIsNotGiven() {
        let speech = PostgresSpeech(user: "u", database: "d", statements: [])
        speech.begin()
        #expect(events(speech, message("R", [0, 0, 0, 10])).first?.contains("trust") == true)
    }

    @Test func statementsThatAreRefusedBreak() {
        let statement = PostgresStatement(text: "nonsense", types: [])
        let speech = PostgresSpeech(user: "u", database: "d", statements: [statement])
        speech.begin()
        _ = events(speech, message("R", [0, 0, 0, 0]) + message("Z", [73]))
        let error = Array("SERROR\0C42601\0Msyntax error\0\0".utf8)
        #expect(events(speech, message("E", error)).first?.contains("syntax error") == true)
    }
}
