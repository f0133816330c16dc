// What a prompt needs of a session, and a session as it was: each of one snapshot.

internal import MnemeModel
internal import MnemeStore

extension Memory {
    /// The newest entries that fit, those of parents before them, and what answers a question.
    ///
    /// The entries leave room for what is recalled; what entries do not use, that may.
    func readContext(_ question: ContextQuestion) throws(MnemeError) -> SessionContext {
        let recalls = !question.question.isEmpty || !question.vectors.isEmpty
        let reserved = recalls ? question.recallTokens ?? question.tokens / 3 : 0
        try question.check(reserved)
        let snapshot = store.snapshot()
        let chain = try entries(question, snapshot)
        var entries: [Record] = []
        var (spent, total) = (0, 0)
        var isFull = false
        for one in chain {
            total += try one.count()
            if isFull { continue }
            let newest = try one.newest(within: question.tokens - reserved - spent)
            entries += newest.entries
            spent += newest.tokens
            isFull = !newest.isAll
        }
        var context = SessionContext(
            entries: entries.reversed(),
            recalled: [],
            leftOut: max(0, total - entries.count),
            recallLeftOut: [],
            tokens: spent,
            sequence: snapshot.sequence
        )
        guard recalls else { return context }
        let taken = entries.map(\.reference.key.value)
        let recall = Recall(
            question.question,
            owner: chain.first?.session?.owner ?? question.owner,
            collection: question.collection,
            vectors: question.vectors,
            where: taken.isEmpty
                ? nil : .compare(field: PseudoField.key, .notIn(taken)),
            limit: question.limit,
            tokens: question.tokens - spent
        )
        var run = try RecallRun(recall, snapshot, embedder)
        let recalled = try run.run()
        context.recalled = recalled.items
        context.recallLeftOut = recalled.leftOut
        context.tokens += recalled.tokens
        return context
    }

    /// A session's entries, then those of the session that it goes on from, and so on.
    ///
    /// A session that was passed already ends the way: records of sessions are anybody's to put.
    private func entries(
        _ question: ContextQuestion,
        _ snapshot: Snapshot
    ) throws(MnemeError) -> [SessionEntries] {
        func entries(_ id: Key, _ owner: String?) throws(MnemeError) -> SessionEntries {
            try SessionEntries(
                id,
                lane: question.lane,
                in: question.collection,
                owner: owner,
                tokensField: question.tokensField,
                snapshot
            )
        }
        var chain = [try entries(question.id, question.owner)]
        guard question.withParents else { return chain }
        guard let first = chain[0].session else {
            throw MnemeError(
                .badRequest,
                "only sessions that were opened have parents, and \(question.id) was not; leave "
                    + "\"parents\" out"
            )
        }
        var passed: Set<String> = [first.id]
        var session = first
        while let parent = session.terms.parent, chain.count <= ContextQuestion.parentLimit,
            passed.insert(parent).inserted,
            let record = try snapshot.record(Reference(MemoryLayout.sessions, .text(parent)))
        {
            let next = SessionRecord.session(record)
            // Nobody comes by another owner's entries by naming his session.
            guard next.owner == session.owner || session.owner.hasPrefix(next.owner + "/")
            else { break }
            chain.append(try entries(.text(parent), nil))
            session = next
        }
        return chain
    }

    /// A session with its lanes and, unless they are not wanted, its entries in order.
    func readSession(_ question: Rehydration) throws(MnemeError) -> Rehydrated {
        if let limit = question.limit, limit < 1 {
            throw MnemeError(.badRequest, "the limit is \(limit); give 1 or more, or leave it out")
        }
        let snapshot = store.snapshot()
        let entries = try SessionEntries(
            question.id,
            in: question.collection,
            owner: question.owner,
            snapshot
        )
        let lanes = try entries.lanes()
        let count = lanes.values.reduce(0, +)
        var answer = Rehydrated(
            session: entries.session,
            lanes: lanes,
            entries: [],
            missing: max(0, (entries.session?.entryCount ?? 0) - Int64(count)),
            sequence: snapshot.sequence
        )
        if question.isSummaryOnly { return answer }
        let page = try entries.page(
            limit: question.limit ?? Int.max / 2,
            after: question.after
        )
        answer.entries = page.rows.map(\.record)
        answer.next = page.next
        return answer
    }
}

extension ContextQuestion {
    /// Refuses numbers out of their bounds.
    fileprivate func check(_ reserved: Int) throws(MnemeError) {
        guard tokens >= 0 else {
            throw MnemeError(.badRequest, "the tokens are \(tokens); give 0 or more")
        }
        guard (0...tokens).contains(reserved) else {
            throw MnemeError(
                .badRequest,
                "recallTokens are a part of the \(tokens) tokens, and \(reserved) are not; give "
                    + "0 to \(tokens)"
            )
        }
        guard limit >= 0 else {
            throw MnemeError(.badRequest, "the limit is \(limit); give 0 or more")
        }
        guard recallTokens == nil || !question.isEmpty || !vectors.isEmpty else {
            throw MnemeError(
                .badRequest,
                "recallTokens are left to memories that answer a question, and there is none; "
                    + "give question or vectors, or leave recallTokens out"
            )
        }
    }
}
