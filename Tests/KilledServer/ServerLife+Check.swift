// What lives have left, held against what must be there of each.

internal import MnemeClient
internal import MnemeModel

extension ServerLife {
    /// Expects all of it, once.
    ///
    /// - Throws: `corrupt`, which says what is lost, or there by halves or twice.
    func check(through client: Client) async throws(MnemeError) {
        try await checkSession(through: client)
        try await checkFacts(through: client)
        let own = Filter.eq("owner", .text(owner))
        let events = try await client.find(Find("events", where: own)).rows.map(\.record)
        try expect(events.map { $0["status"] } == ["done"], "the event is \(events)")
        let get = NamedCall(owner, .get(["bake"]))
        let got = try await client.procedure(get)
        guard case .records(let records) = got else {
            throw MnemeError(.corrupt, "the procedures of \(self) are \(got.json())")
        }
        try expect(
            records.first??["uses"] == .int(1),
            "the procedure is \(records.map { $0?.json() ?? "missing" })"
        )
    }

    private func checkSession(through client: Client) async throws(MnemeError) {
        let own = Filter.eq("owner", .text(owner))
        let sessions = try await client.find(Find("sessions", where: own)).rows.map(\.record)
        guard sessions.count == 1, let session = sessions.first else {
            throw MnemeError(.corrupt, "\(self) has \(sessions.count) sessions")
        }
        let count = Value.int(Int64(Self.texts.count))
        try expect(
            session["flushed"] == .bool(true) && session["entryCount"] == count,
            "the session is \(session.json())"
        )
        let id = session.reference.key
        let entries = try await client.find(
            Find(
                "memories",
                where: .and([own, .eq("session", .text(id.description))]),
                order: [Order("position")],
                select: ["text", "kind", "position"]
            )
        ).rows.map(\.record)
        try expect(
            entries.map { $0["text"].text ?? "" } == Self.texts
                && entries.map { $0["position"].int ?? 0 } == [1, 2]
                && entries.allSatisfy { $0["kind"] == "episodic" },
            "the entries are \(entries.map { $0.json() })"
        )
        let episode = try await client.get(Reference("episodes", id))
        try expect(
            episode?["entryCount"] == count && episode?["text"] == "About cake.",
            "the episode is \(episode?.json() ?? "missing")"
        )
    }

    private func checkFacts(through client: Client) async throws(MnemeError) {
        let names = ["tea", "coffee", "end", "gone"]
        let facts = try await client.get(names.map { Reference("memories", key($0)) })
        try expect(
            facts.map { $0 != nil } == [true, true, true, false],
            "of \(names) there are \(facts.map { $0 != nil })"
        )
        try expect(
            facts[0]?["validTo"].isNull == false && facts[1]?["validTo"].isNull == true,
            "the old fact and the new one are true up to \(facts.prefix(2).map { $0?["validTo"] })"
        )
        let stops = try await client.walk(
            Walk(from: [Reference("memories", key("coffee"))], types: ["SUPERSEDES"], hops: 1)
        ).stops
        try expect(
            stops.map(\.reference) == [Reference("memories", key("tea"))],
            "the edge of the supersession leads to \(stops.map(\.reference))"
        )
    }

    private func expect(
        _ holds: Bool,
        _ what: @autoclosure () -> String
    ) throws(MnemeError) {
        if !holds { throw MnemeError(.corrupt, "\(self): \(what())") }
    }
}

extension LifeWriter {
    /// Expects all its lives, and the numbers that grew with each.
    func check(through client: Client) async throws(MnemeError) {
        for number in 0..<count {
            try await ServerLife(writer: self.number, number: number).check(through: client)
        }
        guard count > 0 else { return }
        let lives = Int64(count)
        let counter = try await client.get(
            Reference(ServerLife.counters.name, .int(Int64(number)))
        )
        guard counter?["lives"] == .int(lives) else {
            throw MnemeError(.corrupt, "\(counter?.json() ?? "no counter"), of \(count) lives")
        }
        let teller = ServerLife(writer: number, number: 0).teller
        let scalars = try await client.scalars(ScalarQuestion(owner: teller, history: 1)).scalars
        guard scalars.map(\.value) == [Double(count)], scalars[0].last.number == lives else {
            throw MnemeError(.corrupt, "the scalars are \(scalars), of \(count) lives")
        }
    }
}
