import Mneme
import MnemeCommandLine
import Testing

@testable import MnemeProgram

private let mapping = FieldMapping(
    text: "said",
    owner: .member("user"),
    key: "id",
    time: "at",
    session: "talk",
    position: "turn",
    speaker: "who",
    importance: "weight",
    tags: "tags"
)

private func refusal(_ json: String, _ mapping: FieldMapping = mapping) throws -> String {
    let value = try Value(json: json)
    do {
        _ = try mapping.memory(value)
        return "nothing is wrong"
    } catch {
        return error.message
    }
}

@Suite struct FieldMappingTests {
    @Test func everyMemberHasItsPlace() throws {
        let memory = try mapping.memory(
            Value(
                json: """
                    {"said": "Hello", "user": "ada/home", "id": 7, "at": "2024-02-29T12:00:00Z",
                    "talk": 3, "turn": 4, "who": "Ada", "weight": 1, "tags": ["a", "b"],
                    "mood": {"joy": 0.5}, "gone": null}
                    """
            )
        )
        var expected = Remember("Hello", owner: "ada/home", key: "7")
        expected.time = Instant("2024-02-29T12:00:00Z")
        expected.session = "3"
        expected.position = 4
        expected.speaker = "Ada"
        expected.importance = 1
        expected.tags = ["a", "b"]
        expected.data = ["mood": ["joy": 0.5], "gone": nil]
        #expect(memory == expected)
    }

    @Test func whatIsNotThereIsNotUsed() throws {
        let memory = try mapping.memory(Value(json: #"{"said": "x", "user": "u", "at": null}"#))
        #expect(memory == Remember("x", owner: "u"))
        let constant = FieldMapping(text: "t", owner: .constant("all"))
        #expect(try constant.memory(["t": "x"]) == Remember("x", owner: "all"))
    }

    @Test(arguments: [
        ("[1]", "an object should be here, and not [1]"),
        (#"{"user": "u"}"#, "\"said\" should hold the text, and there is none"),
        (#"{"said": 5, "user": "u"}"#, "\"said\" should hold a text that is not empty, and not 5"),
        (#"{"said": "", "user": "u"}"#, "\"said\" should hold a text that is not empty"),
        (#"{"said": "x"}"#, "\"user\" should hold the owner, and there is none"),
        (#"{"said": "x", "user": []}"#, "\"user\" should hold a text or a whole number"),
        (#"{"said": "x", "user": "u", "id": true}"#, "\"id\" should hold a text or a whole number"),
        (#"{"said": "x", "user": "u", "at": "noon"}"#, "\"at\" should hold an instant such as"),
        (#"{"said": "x", "user": "u", "at": 5}"#, "\"at\" should hold an instant such as"),
        (#"{"said": "x", "user": "u", "turn": 1.5}"#, "\"turn\" should hold a whole number"),
        (
            #"{"said": "x", "user": "u", "weight": 2}"#,
            "\"weight\" should hold a number from 0 to 1"
        ),
        (#"{"said": "x", "user": "u", "tags": "a"}"#, "\"tags\" should hold an array of texts"),
        (#"{"said": "x", "user": "u", "tags": [1]}"#, "\"tags\" should hold an array of texts"),
    ])
    func whatIsWrongIsNamed(_ json: String, _ part: String) throws {
        let message = try refusal(json)
        #expect(message.contains(part), "\(message)")
    }
}
