// The matrix of who may do what: each role, with each kind of scope, asks each verb at each door.
// What is expected follows from formats/security.md, and from what each record says of itself; the
// code that decides is not asked.

import Doors
import Foundation
import MnemeModel
import Testing

@Suite struct PermitMatrix {
    /// A permit of the matrix, by what its scope is called.
    struct Cell: CustomTestStringConvertible, Sendable {
        let way: PermittedHouse.Way
        let permit: Permit

        var testDescription: String { "\(permit.name) at \(way)" }
    }

    static let permits: [Permit] = Permit.Role.allCases.flatMap { role in
        [
            Permit("\(role).whole", role),
            Permit("\(role).notes", role, collections: ["notes"]),
            Permit("\(role).ann", role, owners: ["ann"]),
            Permit("\(role).both", role, collections: ["notes"], owners: ["ann"]),
            Permit("\(role).verbs", role, verbs: ["find", "get", "deleteWhere"]),
        ]
    }

    static let cells: [Cell] = PermittedHouse.Way.allCases.flatMap { way in
        permits.map { Cell(way: way, permit: $0) }
    }

    /// What the page says that verbs need; of those that stand in two rows first what asks needs.
    private static func needs() throws -> [String: [(role: Permit.Role, isOfWhole: Bool)]] {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let page = try String(
            contentsOf: root.appending(path: "formats/security.md"),
            encoding: .utf8
        )
        var needs: [String: [(role: Permit.Role, isOfWhole: Bool)]] = [:]
        for line in page.split(separator: "\n") {
            let cells = line.split(separator: "|", omittingEmptySubsequences: false)
                .map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count == 5, let role = Permit.Role(rawValue: cells[1]) else { continue }
            let words = cells[3].split { !($0.isLetter || $0 == ".") }.map(String.init)
            for word in Set(words) where Request.verbs.contains(word) {
                needs[word, default: []].append((role, cells[2] == "yes"))
            }
        }
        return needs
    }

    /// Whether the page has a request refused.
    private static func isForbidden(
        _ ask: PermitAsk,
        _ request: Request,
        _ permit: Permit
    ) throws -> Bool {
        let found = try #require(try needs()[request.verb], "\(request.verb)")
        let need = try #require(request.isChange ? found.last : found.first)
        let isLimited = permit.collections != nil || permit.owners != nil
        var least = need.role
        if case .once = request { least = max(least, .write) }
        if let verbs = permit.verbs, !verbs.contains(request.verb) { return true }
        if permit.role < least { return true }
        if isLimited, need.isOfWhole || ask.explains { return true }
        return permit.collections.map { !ask.names.isSubset(of: $0) } ?? false
    }

    private static let keys: [(PermitSample.Canary, Reference)] = [
        (.ann, Reference("notes", "nann")), (.work, Reference("notes", "nwork")),
        (.bob, Reference("notes", "nbob")), (.nobody, Reference("tags", "t")),
        (.annsPaper, Reference("papers", "pann")), (.bobsPaper, Reference("papers", "pbob")),
        (.annsMemory, Reference("memories", "mann")),
        (.bobsMemory, Reference("memories", "mbob")),
    ]

    /// What stands in the store of what a permit may not change.
    private static func untouchable(
        _ permit: Permit,
        _ door: any Door
    ) async throws -> [String: Record?] {
        var records: [String: Record?] = [:]
        for (canary, reference) in keys
        where permit.role == .read || !canary.isReached(by: permit) {
            records["\(reference)"] = try await door.get(reference)
        }
        return records
    }

    @Test func everyVerbStandsOnThePage() throws {
        let needs = try Self.needs()
        for verb in Request.verbs where verb != "inside" {
            #expect(needs[verb] != nil, "\(verb)")
        }
        let asked = try PermitAsk.all.map { ask in
            try Request(json: ask.json.replacing("$edge", with: "1").replacing("$open", with: "1"))
        }
        #expect(Set(asked.map(\.verb)).union(["inside"]) == Set(Request.verbs))
    }

    @Test func everyKindOfChangeIsAsked() throws {
        var asked: Set<PermitAsk.ChangeKind> = []
        for ask in PermitAsk.all {
            let json = ask.json.replacing("$edge", with: "1").replacing("$open", with: "1")
            var request = try Request(json: json)
            if case .inside(_, let inner) = request { request = inner }
            switch request {
            case .commit(let changes, _), .signed(_, let changes, _):
                asked.formUnion(changes.map { PermitAsk.ChangeKind($0) })
            default: continue
            }
        }
        #expect(asked == Set(PermitAsk.ChangeKind.allCases))
    }

    @Test(arguments: cells)
    func whatAPermitDoesNotReachIsNeitherToldNorChanged(cell: Cell) async throws {
        let house = try PermittedHouse(cell.way)
        do {
            try await hold(cell.permit, in: house)
        } catch {
            await house.remove()
            throw error
        }
        await house.remove()
    }

    private func hold(_ permit: Permit, in house: PermittedHouse) async throws {
        let admin = try await house.open(nil)
        try await admin.define(Schema(json: PermitSample.schema))
        var edge: UInt64 = 0
        for json in PermitSample.filling {
            let response = try await admin.perform(try Request(json: json))
            if case .committed(let committed) = response {
                edge = committed.outcomes.compactMap(\.madeEdge).first ?? edge
            }
        }
        #expect(edge > 0)
        let before = try await Self.untouchable(permit, admin)
        let door = try await house.open(permit)
        let unreached = PermitSample.Canary.allCases.filter { !$0.isReached(by: permit) }
        var open: UInt64 = 1
        var hasBegun = false
        var seen = ""
        for ask in PermitAsk.all {
            let json = ask.json.replacing("$edge", with: "\(edge)")
                .replacing("$open", with: "\(open)")
            let request = try Request(json: json)
            let isForbidden = try Self.isForbidden(ask, request, permit)
            var told = ""
            do {
                let response = try await door.perform(request)
                #expect(!isForbidden, "\(permit.name): \(json)")
                if case .began(let transaction, _) = response {
                    (open, hasBegun) = (transaction, true)
                }
                told = response.json()
                seen += told
            } catch {
                // A client knows itself that nothing was begun.
                let isLost = request.transaction != nil && !hasBegun
                if isForbidden, !isLost || error.code != .noTransaction {
                    #expect(error.code == .forbidden, "\(permit.name): \(json): \(error)")
                } else if !ask.putsForOthers {
                    #expect(error.code != .forbidden, "\(permit.name): \(json): \(error)")
                }
                told = "\(error)"
            }
            for canary in unreached {
                #expect(!told.contains(canary.rawValue), "\(permit.name): \(json): \(told)")
            }
        }
        let after = try await Self.untouchable(permit, admin)
        #expect(after == before, "\(permit.name)")
        if permit.verbs == nil {
            for canary in PermitSample.Canary.allCases where canary.isReached(by: permit) {
                #expect(seen.contains(canary.rawValue), "\(permit.name) sees \(canary)")
            }
        }
        try await door.close()
        try await admin.close()
    }

    /// Numbers say nothing of others either.
    @Test(arguments: PermittedHouse.Way.allCases)
    func numbersAreOfWhatIsReached(way: PermittedHouse.Way) async throws {
        let house = try PermittedHouse(way)
        let admin = try await house.open(nil)
        try await admin.define(Schema(json: PermitSample.schema))
        for json in PermitSample.filling { _ = try await admin.perform(try Request(json: json)) }
        let door = try await house.open(Permit("ann", .read, owners: ["ann"]))
        let counted = try await door.perform(Request(json: #"{"count": {"collection": "notes"}}"#))
        guard case .counted(let figures) = counted else { throw MnemeError(.badRequest, "") }
        #expect(figures.rows == [["count": 2]])
        #expect(figures.plan.isEmpty)
        let usage = try await door.perform(Request(json: #"{"usage": {"of": ["notes"]}}"#))
        guard case .usage(let amounts) = usage else { throw MnemeError(.badRequest, "") }
        #expect(amounts.collections["notes"]?.count == 2)
        let walked = try await door.perform(
            Request(
                json:
                    #"""
                    {"walk": {"from": ["notes/nann"], "direction": "both", "hops": 5,
                    "countOnly": true}}
                    """#
            )
        )
        guard case .walked(let stops) = walked else { throw MnemeError(.badRequest, "") }
        #expect(stops.count == 0)
        let path = try await door.perform(
            Request(json: #"{"path": {"from": "notes/nann", "to": "notes/nwork", "hops": 6}}"#)
        )
        #expect(path == .path(nil))
        let all = try await admin.perform(
            Request(json: #"{"path": {"from": "notes/nann", "to": "notes/nwork", "hops": 6}}"#)
        )
        guard case .path(let edges?) = all else { throw MnemeError(.badRequest, "") }
        #expect(edges.count == 2)
        try await door.close()
        try await admin.close()
        await house.remove()
    }

    /// Owners are compared part by part.
    @Test func aNameThatBeginsAlikeIsAnotherOwner() async throws {
        let house = try PermittedHouse(.embedded)
        let admin = try await house.open(nil)
        _ = try await admin.remember("canary of anna", owner: "anna")
        _ = try await admin.remember("canary of work", owner: "ann/work")
        let door = try await house.open(Permit("ann", .write, owners: ["ann"]))
        let found = try await door.recall("canary", owner: nil, limit: 10)
        #expect(found.items.map { $0.record["owner"] } == ["ann/work"])
        await #expect(throws: MnemeError.self) {
            _ = try await door.remember("mine", owner: "anna")
        }
        try await door.close()
        await house.remove()
    }

    /// The audit is read by admins of the whole store.
    @Test(arguments: permits)
    func theAuditIsTheWholeStores(permit: Permit) async throws {
        let house = try PermittedHouse(.embedded)
        let admin = try await house.open(nil)
        _ = try await admin.perform(
            Request(
                json:
                    #"""
                    {"audit": {"set": {"writes": true, "reads": true}}}
                    """#
            )
        )
        _ = try await admin.remember("audited", owner: "ann")
        let door = try await house.open(permit)
        for json in [
            #"{"find": {"collection": "$audit"}}"#, #"{"count": {"collection": "$audit"}}"#,
            #"{"get": ["$audit/1"]}"#,
        ] {
            let request = try Request(json: json)
            let mayAsk =
                permit.role == .admin && permit.isWhole
                && (permit.verbs?.contains(request.verb) ?? true)
            do {
                _ = try await door.perform(request)
                #expect(mayAsk, "\(permit.name): \(json)")
            } catch {
                #expect(!mayAsk && error.code == .forbidden, "\(permit.name): \(json): \(error)")
            }
        }
        try await door.close()
        await house.remove()
    }

    /// A permit that is over is worth nothing, at whatever door.
    @Test(arguments: PermittedHouse.Way.allCases)
    func aPermitThatIsOverIsWorthNothing(way: PermittedHouse.Way) async throws {
        let house = try PermittedHouse(way)
        let over = Permit("over", .admin, expiresAt: Instant(microseconds: 1))
        do {
            let door = try await house.open(over)
            _ = try await door.describe()
            Issue.record("it was let in")
        } catch let error as MnemeError {
            #expect(error.code == .tokenExpired)
        }
        await house.remove()
    }

    /// What one permit did under a key is not told to another.
    @Test func idempotencyKeysAreEachPermitsOwn() async throws {
        let house = try PermittedHouse(.embedded)
        let admin = try await house.open(nil)
        try await admin.define(Schema(json: PermitSample.schema))
        for json in PermitSample.filling { _ = try await admin.perform(try Request(json: json)) }
        let claim = try Request(
            json: """
                {"claim": {"collection": "notes", "limit": 10, "set": {"state": "mine"},
                    "returns": true, "idempotencyKey": "k"}}
                """
        )
        let bob = try await house.open(Permit("bob", .write, owners: ["bob"]))
        #expect(try await bob.perform(claim).json().contains("canarybob"))
        let ann = try await house.open(Permit("ann", .write, owners: ["ann"]))
        #expect(try await !ann.perform(claim).json().contains("canarybob"))
        #expect(try await bob.perform(claim).json().contains("canarybob"))
        await house.remove()
    }
}
