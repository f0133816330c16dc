// A change that a transaction was refused was told something of what is there: the transaction
// conflicts with whoever changes that. And what was done under an idempotency key stays done,
// whatever was dropped since.

import Mneme
import Testing

@Suite struct RefusedChangeTests {
    private func memory() throws -> Memory {
        let memory = try Memory.inMemory()
        try memory.define(
            Schema(
                collections: [
                    Collection(
                        "users",
                        fields: [Field("mail", .text)],
                        indexes: [Index("byMail", on: ["mail"], isUnique: true)]
                    ),
                    Collection(
                        "notes",
                        fields: [Field("mail", .text), Field("author", .text), Field("n", .int)],
                        references: [
                            ReferenceRule("mail", ["mail"], to: "users", on: ["mail"]),
                            ReferenceRule("author", ["author"], to: "users"),
                        ]
                    ),
                ],
                edgeTypes: [EdgeType("knows", isUnique: true)]
            )
        )
        _ = try memory.commit([
            .put(Put("users", "ann", ["mail": "ann@house"])), .put(Put("users", "bob", [:])),
            .put(Put("notes", "held", ["author": "ann"])),
            .link(Link("knows", from: Reference("users", "ann"), to: Reference("users", "bob"))),
        ])
        return memory
    }

    /// What is refused, with which code, and what makes it right.
    private static let cases: [(Change, MnemeError.Code, [Change])] = [
        (
            .put(Put("notes", "new", ["mail": "eve@house"])), .missingReference,
            [.put(Put("users", "eve", ["mail": "eve@house"]))]
        ),
        (
            .put(Put("notes", "new", ["author": "eve"])), .missingReference,
            [.put(Put("users", "eve", ["mail": "eve@home"]))]
        ),
        (.delete(Reference("users", "ann")), .referenced, [.delete(Reference("notes", "held"))]),
        (
            .link(Link("knows", from: Reference("users", "ann"), to: Reference("users", "bob"))),
            .duplicate, [.unlink(0)]
        ),
    ]

    @Test(arguments: cases.indices)
    func whatWasRefusedStaysSo(place: Int) throws {
        let (refused, code, others) = Self.cases[place]
        for isMet in [false, true] {
            let memory = try memory()
            let transaction = try memory.begin()
            do {
                try transaction.change([refused])
                Issue.record("it was not refused")
            } catch {
                #expect(error.code == code)
            }
            try transaction.change([.put(Put("notes", "mine", ["n": 1]))])
            if isMet {
                let edge = try #require(memory.find(Find(edges: "knows")).edges.first?.id)
                _ = try memory.commit(
                    others.map { if case .unlink = $0 { .unlink(edge) } else { $0 } }
                )
            } else {
                _ = try memory.remember("Nobody asked for this.", owner: "ann")
            }
            do {
                try transaction.commit()
                #expect(!isMet, "\(refused)")
            } catch {
                #expect(isMet && error.code == .conflict, "\(refused): \(error)")
            }
        }
    }

    @Test func whatWasDoneStaysDoneWhenItsCollectionIsDropped() throws {
        let memory = try memory()
        let put = Request.commit([.put(Put("notes", "a", ["n": 1]))], .buffered)
        let claim = Request.claim(Claim("notes", edits: [.increment("n", 1)]))
        var answers: [Response] = []
        for (key, request) in [("put", put), ("claim", claim)] {
            answers.append(try memory.perform(.once(key: key, request)))
        }
        try memory.drop(.collection("notes"))
        guard case .committed(var committed) = answers[0], case .claimed(var claimed) = answers[1]
        else {
            Issue.record("other answers: \(answers)")
            return
        }
        committed.isRepeated = true
        claimed.isRepeated = true
        let again = try memory.perform(.once(key: "put", put))
        #expect(again == .committed(committed))
        let claimedAgain = try memory.perform(.once(key: "claim", claim))
        #expect(claimedAgain == .claimed(claimed))
        #expect(throws: MnemeError.self) { try memory.perform(.once(key: "put", claim)) }
        #expect(throws: MnemeError.self) { try memory.perform(put) }
    }
}
