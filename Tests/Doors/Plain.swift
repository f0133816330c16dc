// What a door answered as text, without what no two stores have in common: keys and instants that
// the store chose, and sizes of its files. The rules are those of Tests/ScriptTests/README.md.

internal import Foundation
package import MnemeModel

/// Makes answers of different stores comparable; one for each store.
package struct Plain {
    /// How much is left out.
    package enum Detail: Sendable {
        /// Only what differs by run.
        case exact
        /// Also what the work behind changes when it comes to it: sequences, plans, and how
        /// much is there to be verified.
        case withoutUpkeep
        /// What is said in Tests/ScriptTests/README.md: scores are rounded, as they may differ by
        /// machine, sequences and plans left out, as they may by version.
        case script
    }

    private let detail: Detail
    /// The keys that the store chose, in the order in which they appeared.
    private var keys: [String] = []
    /// The transactions that were begun, likewise.
    private var transactions: [String] = []
    /// The cursor of the last answer that had one, as it stands in JSON, or where the last watch
    /// is to go on.
    private var cursor = ""
    private var isNumber = false
    private let start: Date

    /// Comparisons that begin now.
    package init(_ detail: Detail) {
        self.detail = detail
        start = Date()
    }

    /// A request in which `<key n>` stands for the n-th key that the store chose, the text
    /// `<transaction n>` for the number of the n-th transaction, and `<next>` for the cursor of
    /// the last answer that had one; the text `<next>` for the number of one.
    package func filled(_ text: String) -> String {
        var text = text
        for (index, key) in keys.enumerated() {
            text = text.replacing("<key \(index + 1)>", with: key)
        }
        for (index, number) in transactions.enumerated() {
            text = text.replacing("\"<transaction \(index + 1)>\"", with: number)
        }
        return text.replacing(isNumber ? "\"<next>\"" : "<next>", with: cursor)
    }

    /// The keys that the store chose so far.
    package var keyCount: Int { keys.count }

    /// The text of an answer: pretty JSON with names for what differs.
    package mutating func text(_ result: Result<Response, MnemeError>) -> String {
        let tree =
            switch result {
            case .success(let response): plain(response.spelling)
            case .failure(let error): error.spelling
            }
        return named(tree.json(pretty: true))
    }

    // MARK: The tree

    private mutating func plain(_ response: Value) -> Value {
        guard case .map(let members) = response, let (word, content) = members.first,
            case .map(var inner) = content
        else { return response }
        if detail != .exact, inner["sequence"] != nil { inner["sequence"] = "<sequence>" }
        if detail != .exact, word != "history", inner["versions"] != nil {
            inner["versions"] = "<versions>"
        }
        switch word {
        case "began":
            guard case .int(let number)? = inner["transaction"] else { break }
            let index = transactions.firstIndex(of: "\(number)") ?? transactions.count
            if index == transactions.count { transactions.append("\(number)") }
            inner["transaction"] = .text("<transaction \(index + 1)>")
        case "statistics":
            for name in ["logBytes", "pageBytes", "freePageBytes", "residentPageBytes", "textRuns"]
            where inner[name] != nil {
                inner[name] = "<number>"
            }
            // What has expired counts until it is swept.
            if detail == .withoutUpkeep { inner["vectors"] = nil as Value? }
        case "verified":
            if detail != .exact { inner["frames"] = "<number>" }
            // What has expired is compared until it is swept.
            if detail == .withoutUpkeep { (inner["records"], inner["edges"]) = ("<number>", nil) }
        case "found":
            if detail != .exact { inner["plan"] = "<plan>" }
            inner["explained"] = plain(explained: inner["explained"])
            if case .text(let next)? = inner["next"] { (cursor, isNumber) = (next, false) }
            // It has keys in it, and is there as the plan will have it.
            if inner["next"] != nil { inner["next"] = detail == .exact ? "<next>" : Value?.none }
            inner["rows"] = each(inner["rows"]) { rounded($0, ["score"]) }
        case "watched":
            if case .int(let next)? = inner["next"] { (cursor, isNumber) = ("\(next)", true) }
            if detail == .exact { break }
            inner["next"] = "<sequence>"
            inner["events"] = each(inner["events"]) { event in
                var event = event
                event["sequence"] = "<sequence>"
                event["commit"] = "<sequence>"
                if case .map(var record)? = event["put"] {
                    record["version"] = "<sequence>"
                    event["put"] = .map(record)
                }
                return event
            }
        case "counted":
            if detail != .exact { inner["plan"] = "<plan>" }
            inner["explained"] = plain(explained: inner["explained"])
        case "matched":
            if detail != .exact { inner["plan"] = "<plan>" }
            inner["explained"] = plain(matching: inner["explained"])
        case "recalled": plain(&inner, items: "items", leftOut: "leftOut")
        case "context": plain(&inner, items: "recalled", leftOut: "recallLeftOut")
        case "rehydrated":
            if case .text(let next)? = inner["next"] { (cursor, isNumber) = (next, false) }
            if inner["next"] != nil { inner["next"] = detail == .exact ? "<next>" : Value?.none }
        default: break
        }
        return .map([word: .map(inner)])
    }

    /// Recalled items without ages, and what was left out, under the names that an answer has them.
    private func plain(_ inner: inout [String: Value], items: String, leftOut: String) {
        var hasInstants = false
        inner[items] = each(inner[items]) { item in
            var item = rounded(item, ["score"])
            // An instant has as many digits as it needs, and so a record as many tokens.
            if detail == .script, hasNow(item["record"] ?? .null) {
                item["tokens"] = "<number>"
                hasInstants = true
            }
            item["parts"] = each(item["parts"]) { part in
                var part = rounded(part, ["raw", "strength", "weight", "value"])
                // An age goes on while the test runs.
                if part["signal"] == "recency" { part["raw"] = "<days>" }
                return part
            }
            return item
        }
        if hasInstants { inner["tokens"] = "<number>" }
        inner[leftOut] = each(inner[leftOut]) { rounded($0, ["score"]) }
    }

    /// What an explanation says without the time that it took, and in a script without what is
    /// expected of a way, which is an estimate.
    private func plain(explained: Value?) -> Value? {
        guard case .map(var members)? = explained else { return explained }
        members["microseconds"] = "<number>"
        guard detail == .script else { return Value.map(members) }
        if members["expected"] != nil { members["expected"] = "<number>" }
        members["considered"] = each(members["considered"]) { way in
            var way = way
            for name in ["expected", "cost"] where way[name] != nil { way[name] = "<number>" }
            return way
        }
        return Value.map(members)
    }

    /// The same of how a pattern was searched.
    private func plain(matching explained: Value?) -> Value? {
        guard case .map(var members)? = explained else { return explained }
        members["microseconds"] = "<number>"
        guard detail == .script else { return Value.map(members) }
        members["stages"] = each(members["stages"]) { stage in
            var stage = stage
            stage["expected"] = "<number>"
            return stage
        }
        return Value.map(members)
    }

    private func each(
        _ value: Value?,
        _ change: ([String: Value]) -> [String: Value]
    ) -> Value {
        guard case .array(let elements)? = value else { return value ?? .null }
        return .array(
            elements.map { element in
                if case .map(let members) = element { .map(change(members)) } else { element }
            }
        )
    }

    private func hasNow(_ value: Value) -> Bool {
        switch value {
        case .instant(let instant): isNow(instant)
        case .array(let elements): elements.contains { hasNow($0) }
        case .map(let members): members.values.contains { hasNow($0) }
        default: false
        }
    }

    private func rounded(_ members: [String: Value], _ names: [String]) -> [String: Value] {
        guard detail == .script else { return members }
        var members = members
        for name in names {
            guard let number = members[name]?.number, number.isFinite else { continue }
            // Adding 0 makes −0 the 0 that it is rounded to.
            members[name] = .float((number * 1000).rounded() / 1000 + 0)
        }
        return members
    }

    // MARK: The text

    /// Keys that the store chose and instants of now by their names.
    private mutating func named(_ text: String) -> String {
        let key = /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/
        var named = ""
        var rest = text[...]
        while let match = rest.firstMatch(of: key) {
            let index = keys.firstIndex(of: String(match.output)) ?? keys.count
            if index == keys.count { keys.append(String(match.output)) }
            named += rest[..<match.range.lowerBound] + "<key \(index + 1)>"
            rest = rest[match.range.upperBound...]
        }
        named += rest
        for (index, number) in transactions.enumerated() {
            named = named.replacing(
                "transaction \(number)",
                with: "transaction <transaction \(index + 1)>"
            )
        }
        return named.replacing(/\{"\$instant": "([^"]+)"\}/) { match in
            guard let instant = Instant(String(match.output.1)) else { return match.output.0 }
            return isNow(instant) ? "{\"$instant\": \"<now>\"}" : match.output.0
        }
    }

    private func isNow(_ instant: Instant) -> Bool {
        let date = Date(timeIntervalSince1970: Double(instant.microseconds) / 1e6)
        let (earliest, latest) = (start.addingTimeInterval(-60), Date().addingTimeInterval(60))
        return (earliest...latest).contains(date)
    }
}

extension Door {
    /// What becomes of a request, thrown or returned.
    package func outcome(_ request: Request) async -> Result<Response, MnemeError> {
        do throws(MnemeError) {
            return .success(try await perform(request))
        } catch {
            return .failure(error)
        }
    }
}
