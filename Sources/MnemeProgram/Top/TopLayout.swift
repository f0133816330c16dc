// What a server does, as a screen for people.

internal import Mneme
internal import MnemeBase
internal import MnemeCommandLine

/// Sets a server's figures in lines.
enum TopLayout {
    /// The head, the requests by verb, the errors, the stores.
    ///
    /// `width`: the columns of the terminal.
    static func lines(_ figures: TopFigures, of place: String, width: Int) -> [String] {
        let refused =
            figures.refusedPerSecond > 0
            ? ", \(rate(figures.refusedPerSecond)) refused a second" : ""
        var lines = [
            "\(place), over \(Figures.decimal(figures.seconds, digits: 1)) s",
            "requests \(rate(figures.requestsPerSecond)) a second · connections "
                + "\(Figures.count(whole(figures.connections))), "
                + "\(rate(figures.connectionsPerSecond)) new a second\(refused)",
            "wait for a worker: \(times(figures.waits))",
            "",
        ]
        lines += verbs(figures, width)
        if !figures.errors.isEmpty {
            let told = figures.errors.map { "\(word(ofCode: $0.code)) \(rate($0.perSecond))" }
            lines += ["", "errors a second: " + told.joined(separator: " · ")]
        }
        lines.append("")
        return lines + stores(figures, width)
    }

    private static func verbs(_ figures: TopFigures, _ width: Int) -> [String] {
        var table = TextTable([
            ("verb", .left), ("a second", .right), ("p50 ≤", .right), ("p99 ≤", .right),
            ("mean", .right),
        ])
        for verb in figures.verbs where verb.perSecond > 0 {
            table.add([
                verb.name.shown, rate(verb.perSecond), bound(verb.times.bound(of: 0.5)),
                bound(verb.times.bound(of: 0.99)),
                verb.times.mean.map(Figures.seconds) ?? "",
            ])
        }
        if table.isEmpty { return ["Nobody asked for anything meanwhile."] }
        return table.fitted(width: width).lines
    }

    private static func stores(_ figures: TopFigures, _ width: Int) -> [String] {
        guard !figures.stores.isEmpty else { return ["No store is open."] }
        var table = TextTable([
            ("store", .left), ("commits/s", .right), ("sync p50 ≤", .right),
            ("p99 ≤", .right), ("records", .right), ("log", .right), ("debt", .right),
            ("oldest read", .right),
        ])
        for store in figures.stores {
            table.add([
                store.name.shown, rate(store.commitsPerSecond),
                bound(store.syncs.bound(of: 0.5)), bound(store.syncs.bound(of: 0.99)),
                Figures.count(whole(store.records)), Figures.bytes(whole(store.logBytes)),
                Figures.decimal(store.compactionDebt, digits: 2),
                Figures.seconds(store.oldestSnapshotSeconds),
            ])
        }
        let troubles = figures.stores.flatMap { store in
            store.troubles.map { "✗ \(store.name.shown) \($0)" }
        }
        return table.fitted(width: width).lines + troubles
    }

    // MARK: Figures

    /// How often a second.
    static func rate(_ perSecond: Double) -> String {
        perSecond >= 100 || perSecond == 0
            ? Figures.count(whole(perSecond.rounded())) : Figures.decimal(perSecond, digits: 1)
    }

    /// The end of a bucket; what is beyond all of them is longer than any of them.
    static func bound(_ seconds: Double?) -> String {
        guard let seconds else { return "" }
        return seconds.isFinite ? Figures.seconds(seconds) : "> 33 s"
    }

    private static func times(_ times: BucketedTimes) -> String {
        guard times.count > 0 else { return "none" }
        return "p50 ≤ \(bound(times.bound(of: 0.5))), p99 ≤ \(bound(times.bound(of: 0.99)))"
    }

    /// What a code means; the code as it came where it is a newer server's.
    private static func word(ofCode text: String) -> String {
        guard let number = UInt16(text), let code = MnemeError.Code(rawValue: number) else {
            return text.shown
        }
        return "\(code) (\(number))"
    }

    private static func whole(_ number: Double) -> Int { Int(exactly: number.rounded()) ?? 0 }
}
