// What a text says without what repeats its record.

import MnemeRecall
import Testing

@Suite struct TextBodyTests {
    @Test(arguments: [
        ("[8 May 2023] Ann: I ran.", "Ann", "I ran.", "I ran."),
        ("[8 May 2023] Ann: Look! [image: a dog]", "Ann", "Look! [image: a dog]", "Look!"),
        ("Ann: I ran.", "Ann", "I ran.", "I ran."),
        ("Ann: I ran.", "Bob", "Ann: I ran.", "Ann: I ran."),
        ("Anna: I ran.", "Ann", "Anna: I ran.", "Anna: I ran."),
        ("I ran.", nil, "I ran.", "I ran."),
        ("[only a stamp]", nil, "[only a stamp]", "[only a stamp]"),
        ("[unfinished", "Ann", "[unfinished", "[unfinished"),
        ("", "", "", ""),
        ("a]", nil, "a]", "a]"),
    ])
    func headsAndNotes(_ text: String, _ speaker: String?, _ body: String, _ alone: String) {
        #expect(TextBody.withoutHead(text, speaker: speaker) == body)
        #expect(TextBody.alone(text, speaker: speaker) == alone)
    }
}
