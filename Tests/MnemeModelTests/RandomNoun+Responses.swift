import MnemeBase

@testable import MnemeModel

/// Answers of every kind.
extension RandomNoun {
    private func snippet() -> Snippet {
        Snippet(text: values.text(), start: 3, words: some { 4..<9 })
    }

    /// Marks of all edges of an answer, or of none.
    private func marks(_ edges: [Edge]) -> [Found.EdgeMark] {
        guard flag() else { return [] }
        return edges.map { _ in
            Found.EdgeMark(
                score: values.single(),
                highlights: Dictionary(some { (name(), [snippet()]) }) { $1 }
            )
        }
    }

    func responses() -> [Response] {
        let edges = some(edge)
        return [
            .done, .schema(schema()),
            .committed(committed()),
            .records(some { maybe(record) }),
            .found(
                Found(
                    rows: some {
                        Found.Row(
                            record: record(),
                            score: values.single(),
                            highlights: Dictionary(some { (name(), [snippet()]) }) { $1 }
                        )
                    },
                    edges: edges,
                    marks: marks(edges),
                    isExact: flag(),
                    sequence: sequence(),
                    plan: values.text(),
                    next: maybe(values.text),
                    explanation: maybe(explanation),
                    spent: maybe {
                        Budget.Spent(
                            used: flag() ? .int(Int64(count())) : .float(0.25),
                            leftOut: count()
                        )
                    }
                )
            ),
            .walked(
                Walked(
                    stops: some { Walked.Stop(reference: reference(), path: some(edge)) },
                    count: count(),
                    isComplete: flag(),
                    sequence: sequence()
                )
            ),
            .path(maybe { some(edge) }),
            .paths(
                FoundPaths(
                    paths: some { FoundPaths.FoundPath(edges: some(edge), cost: 0.625) },
                    isComplete: flag(),
                    sequence: sequence()
                )
            ),
            .session(session()),
            .remembered(remembered()),
            .recalled(recalled()),
            .forgotten(forgotten()),
            .statistics(
                Statistics(
                    sequence: sequence(),
                    records: ["notes": count()],
                    edges: ["cites": count()],
                    owners: count(),
                    logBytes: count(),
                    pageBytes: count(),
                    freePageBytes: count(),
                    residentPageBytes: count(),
                    textRuns: count(),
                    oldestSnapshotMicroseconds: maybe(count),
                    upkeepFailure: maybe(name),
                    damage: some(name),
                    indexes: some {
                        IndexBuild(
                            collection: name(),
                            name: name(),
                            done: count(),
                            of: count(),
                            failure: maybe(name)
                        )
                    },
                    archived: maybe {
                        ArchivedFigures(
                            records: count(),
                            bytes: count(),
                            coldRecords: count(),
                            coldBytes: count()
                        )
                    },
                    vectors: flag() ? ["notes.near": count()] : [:]
                )
            ),
            .verified(
                Verification(
                    frames: count(),
                    records: count(),
                    edges: count(),
                    findings: some(name)
                )
            ),
            .vectorsChecked(
                VectorsChecked(
                    fields: some {
                        VectorsChecked.Field(
                            collection: name(),
                            isOfEdges: flag(),
                            name: name(),
                            vectors: count(),
                            nodes: count(),
                            fresh: count(),
                            gone: count(),
                            asked: word(),
                            sample: count(),
                            inUse: way(),
                            ways: some(way),
                            wanted: maybe { 0.75 }
                        )
                    },
                    sequence: sequence()
                )
            ),
            .backedUp(
                BackupSummary(
                    id: uuid(),
                    store: uuid(),
                    base: maybe(uuid),
                    sequence: sequence(),
                    commit: sequence(),
                    exactFrom: maybe(sequence) ?? 0,
                    time: maybe(instant),
                    made: instant(),
                    segments: count(),
                    bytes: count(),
                    linkedBytes: count()
                )
            ),
            .began(transaction: sequence(), sequence: sequence()),
            .counted(
                Counted(
                    rows: some(fields),
                    sequence: sequence(),
                    plan: values.text(),
                    explanation: maybe(explanation)
                )
            ),
            .claimed(
                Claimed(
                    references: some(reference),
                    versions: some(sequence),
                    records: some(record),
                    sequence: sequence(),
                    isRepeated: flag(),
                    evicted: some(reference)
                )
            ),
            .history(history()),
            .audited(
                AuditStatus(
                    setting: auditSetting(),
                    rows: count(),
                    waiting: count(),
                    dropped: count()
                )
            ),
            .watched(
                Watched(events: some(event), next: sequence(), sequence: sequence())
            ),
            .usage(
                Usage(
                    owner: maybe(name),
                    collections: amounts(),
                    edges: amounts(),
                    sequence: sequence()
                )
            ),
            .purged(
                Purged(
                    owner: name(),
                    collections: amounts(),
                    edges: amounts(),
                    historyRows: count(),
                    answers: count(),
                    commits: count(),
                    sequence: sequence(),
                    at: instant(),
                    isDry: flag(),
                    proof: some(values.text)
                )
            ),
            .matched(matched()),
            .deletedWhere(DeletedWhere(count: count(), sequence: sequence())),
            .context(context()), .rehydrated(rehydrated()),
        ] + factResponses() + timedResponses() + [graphJobs()]
    }

    private func way() -> VectorsChecked.Way {
        VectorsChecked.Way(
            beam: maybe(count),
            recall: flag() ? 0.5 : 0.875,
            microseconds: 12.5
        )
    }

    func recalled() -> Recalled {
        var recalled = plainRecalled()
        recalled.notes = some(values.text)
        return recalled
    }

    private func plainRecalled() -> Recalled {
        Recalled(
            items: some {
                Recalled.Item(
                    record: record(),
                    score: values.float(),
                    parts: some {
                        // Numbers of which `value` is one too.
                        Recalled.Part(
                            signal: word(),
                            raw: values.float(),
                            strength: 0.25,
                            weight: 0.5,
                            rank: count()
                        )
                    },
                    path: some(edge),
                    tokens: count()
                )
            },
            leftOut: some {
                Recalled.LeftOut(reference: reference(), score: values.float(), reason: word())
            },
            tokens: count(),
            isExact: flag(),
            sequence: sequence()
        )
    }

    private func graphJobs() -> Response {
        .graphJob(
            GraphJobs(
                jobs: some(graphJob),
                rows: some { GraphJobs.Row(count(), reference(), .int(values.int())) },
                next: maybe(count),
                sequence: sequence()
            )
        )
    }
}
