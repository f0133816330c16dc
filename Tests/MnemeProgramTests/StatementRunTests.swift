import Mneme
import MnemeBase
import Synchronization
import Testing

@testable import MnemeCommandLine
@testable import MnemeProgram

/// What control-C does to a statement that runs.
@Suite struct StatementRunTests {
    private func store(_ place: BuiltProgram) throws -> ShellStore {
        let words = ["shell", "--store", place.path("s"), "--create"]
        guard case .run(_, let invocation) = try Tool.program.parse(words) else {
            throw MnemeError(.badRequest, "no command")
        }
        let store = try ShellStore(invocation, creating: true)
        guard case .memory(let memory) = store.way else { return store }
        try memory.define(Schema(json: DefineVerb.example))
        _ = try memory.commit([.put(Put("notes", "tea", ["title": "Green tea", "stars": 4]))])
        return store
    }

    /// Whoever reads is left to end by itself, and hears no more of the store.
    @Test func aReadIsLeft() throws {
        let place = try BuiltProgram()
        let store = try store(place)
        defer { try? store.close() }
        let run = StatementRun(store)
        let goesOn = Gate()
        let hasEnded = Gate()
        let said = Mutex<MnemeError.Code?>(nil)
        let ending = run.runBeside {
            run.interrupt()
            goesOn.wait()
            do throws(MnemeError) {
                _ = try ShellDoor(run: run).describe()
            } catch {
                said.withLock { $0 = error.code }
            }
            hasEnded.open()
            return Program.Ending(status: 0)
        }
        #expect(ending == nil && run.isGivenUp)
        goesOn.open()
        hasEnded.wait()
        #expect(said.withLock { $0 } == .cancelled)
        // The next one is not concerned.
        let next = StatementRun(store).runBeside {
            let status: Int32 = (try? ShellDoor(run: StatementRun(store)).describe()) == nil ? 1 : 0
            return Program.Ending(status: status)
        }
        #expect(next?.status == 0)
    }

    @Test func aTransactionBelongsToTheStore() throws {
        let place = try BuiltProgram()
        let store = try store(place)
        defer { try? store.close() }
        let run = StatementRun(store)
        _ = try run.begin()
        let door = ShellDoor(run: run)
        _ = try door.commit([.delete(Reference("notes", "tea"))])
        #expect(try door.get(Reference("notes", "tea")) == nil)
        guard case .memory(let memory) = store.way else { return }
        #expect(try memory.get(Reference("notes", "tea")) != nil)
        try run.rollback()
        #expect(try door.get(Reference("notes", "tea")) != nil)
        #expect(store.transaction == nil)
    }

    @Test func completionsAreThoseOfTheStore() throws {
        let place = try BuiltProgram()
        let store = try store(place)
        defer { try? store.close() }
        let completer = Completer(store, ShellCommands.program)
        func text(_ typed: String) -> Completion { completer.completion(of: typed) }
        #expect(text("descr") == .text("ibe "))
        #expect(text("get no") == .text("tes "))
        #expect(text("get notes ") == .text("tea "))
        #expect(text("get notes/") == .text("tea "))
        #expect(text("get notes 't") == .text("ea' "))
        #expect(text("find {\"collection\": \"no") == .text("tes\""))
        #expect(text("find {\"collection\": \"notes\", \"where\": {\"sta") == .text("rs\": "))
        #expect(
            text("find {\"collection\": \"notes\", \"where\": {\"title\": \"")
                == .text("Green tea\"")
        )
        #expect(
            text("find {\"collection\": \"notes\", \"where\": {\"stars\": {\"gt")
                == .choices(["gt", "gte"])
        )
        #expect(text("{\"find\": {\"coll") == .text("ection\": "))
        #expect(text("put notes {\"ti") == .text("tle\": "))
        #expect(text("scalar se") == .text("t "))
        #expect(text("get notes --archi") == .text("ved "))
        #expect(text("no verb ") == .nothing)
        #expect(text("get nothing ") == .nothing)
        #expect(text(".mo") == .text("de "))
    }
}

@Suite struct DryRunTests {
    @Test func nothingIsChangedByADryRun() throws {
        let place = try BuiltProgram()
        let memory = try Memory.open(place.path("s"))
        try memory.define(Schema(json: DefineVerb.example))
        _ = try memory.commit([.put(Put("notes", "tea", ["title": "Green tea", "stars": 4]))])
        _ = try memory.remember([
            Remember("Ada takes tea.", owner: "ada"), Remember("Milk is white.", owner: "ada"),
        ])
        try memory.close()
        func said(_ line: String) throws -> String {
            let ended = try place.shell("mneme \(line) --dry-run --store s")
            #expect(ended.status == 0 && ended.error.isEmpty, "\(line): \(ended)")
            return ended.output
        }
        #expect(try said("delete notes tea").hasPrefix("notes/tea would go"))
        #expect(try said("delete notes no").hasPrefix("notes/no is not there"))
        #expect(try said("forget --owner ada").hasPrefix("2 memories would go"))
        #expect(try said("forget --where '{\"text\": \"Milk is white.\"}'").hasPrefix("1 memory"))
        #expect(try said("forget nothing").hasPrefix("0 memories"))
        #expect(try said("compact").contains("nothing was changed"))
        #expect(try said("rebuild").contains("Nothing is lost"))
        #expect(try said("quotas notes --set '[{\"records\": 5}]'").contains("at most 5 records"))
        #expect(try place.shell("mneme quotas --store s").output.hasPrefix("No collection"))
        #expect(try place.shell("mneme get notes/tea --store s").status == 0)
        let set = try place.shell("mneme quotas notes --set '[{\"records\": 5}]' --store s")
        #expect(set.status == 0, "\(set)")
        #expect(try place.shell("mneme quotas --store s").output.contains("at most 5 records"))
        #expect(try place.shell("mneme scrub --store s").output.contains("nothing is damaged"))
    }
}
