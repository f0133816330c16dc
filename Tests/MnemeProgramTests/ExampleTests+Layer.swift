// What the examples of the memory layer's verbs name: a session, what another one left, named
// values, events, a scalar and a memory that was made of another.

import Mneme

extension ExampleTests {
    /// Opens a session under the id that the examples give it.
    static func talk(_ notes: Memory) throws {
        _ = try notes.openSession(owner: "ada", on: SessionTerms(id: "talk"))
        _ = try notes.append(
            to: "talk",
            [
                Remember("What does Ada drink?", owner: "", kind: .working, speaker: "bob"),
                Remember("Tea, what else.", owner: "", kind: .working, speaker: "ada"),
            ]
        )
    }

    static func rememberMore(_ notes: Memory) throws {
        let old = try notes.openSession(owner: "ada")
        _ = try notes.append(
            to: old.id,
            [Remember("Ada bakes a cake.", owner: "", kind: .working, speaker: "ada")]
        )
        _ = try notes.endSession(old.id, summary: "About cake.", SessionClosing(flushes: true))
        try talk(notes)
        var lemon = Remember("Ada likes lemon.", owner: "ada", key: "lemon", kind: .semantic)
        lemon.source.from = ["tea"]
        _ = try notes.remember([
            lemon, Remember("Bob drinks coffee.", owner: "bob"),
            // What says the same as another one, and what has faded.
            Remember("Ada takes her tea without milk!", owner: "ada"),
            Remember(
                "Ada saw a heron.",
                owner: "ada",
                time: Instant(microseconds: 1_600_000_000_000_000),
                importance: 0.1
            ),
        ])
        let recipe = NamedValue("tea", .text("Boil water."), text: "How to make tea")
        _ = try notes.procedure(NamedCall("ada", .put([recipe])))
        _ = try notes.document(NamedCall("ada", .put([recipe])))
        try schedule(notes)
        try notes.setScalar(ScalarChange("mood.joy", owner: "ada", value: 0.5, decay: 0.1))
    }

    /// One that is due, one that comes again, one that is claimed.
    private static func schedule(_ notes: Memory) throws {
        let past = Instant(microseconds: 1_700_000_000_000_000)
        let payload = Value.map(["title": .text("exam")])
        _ = try notes.schedule([
            Schedule(at: past, owner: "ada", key: "exam", payload: payload),
            Schedule(
                at: past,
                owner: "ada",
                key: "rent",
                recurrence: Recurrence(every: .month)
            ),
            Schedule(at: past, owner: "bob", key: "party"),
        ])
        guard let lease = Instant("2040-01-01T00:00:00Z") else { return }
        _ = try notes.commit([
            .patch(
                Patch(
                    "events",
                    "party",
                    [
                        .set("status", .text("claimed")), .set("leaseUntil", .instant(lease)),
                        .set("occurrence", .instant(past)), .set("claimedAt", .instant(past)),
                    ]
                )
            )
        ])
    }
}
