// The memory layer's verbs as a person uses them: a session from its start to its episode, what is
// named, what is true, what comes at a time. What programs read of them is what a door answers.

import Foundation
import Mneme
import Testing

@testable import MnemeProgram

@Suite struct LayerVerbTests {
    private static func answer(_ line: String, _ place: BuiltProgram) throws -> Response {
        let ended = try place.shell("\(line) --json")
        try #require(ended.status == 0, "\(line): \(ended.error)")
        return try Response(json: ended.output)
    }

    @Test func aSessionIsOpenedAndFlushed() throws {
        let place = try BuiltProgram()
        guard
            case .session(let session) = try Self.answer(
                "mneme session open --owner ann --agent bot --store s",
                place
            )
        else {
            Issue.record("no session")
            return
        }
        #expect(session.isNew && session.terms.agent == "bot")
        for (speaker, text) in [("ann", "Shall we bake?"), ("bot", "A lemon cake it is.")] {
            let added = try place.shell(
                "mneme session append \(session.id) '\(text)' --speaker \(speaker) --once "
                    + "'turn \(speaker)' --store s"
            )
            #expect(added.status == 0 && added.output.hasPrefix("Added as "), "\(added)")
        }
        let again = try place.shell(
            "mneme session append \(session.id) 'Shall we bake?' --speaker ann --once 'turn ann' "
                + "--store s"
        )
        #expect(again.output.contains("It had been done before"), "\(again)")
        let shown = BuiltProgram.flat(
            try place.shell("mneme session show \(session.id) --store s").output
        )
        #expect(shown.contains("going on"), "\(shown)")
        #expect(shown.contains("ann: Shall we bake?") && shown.contains("bot: A lemon cake"))
        let context = try place.shell(
            "mneme session context \(session.id) --tokens 130 --store s"
        )
        #expect(context.status == 0 && context.output.contains("lemon cake"), "\(context)")
        let end = try place.shell(
            "mneme session end \(session.id) --flush --summary 'About cake.' "
                + "--fact 'Ann bakes.' --store s"
        )
        #expect(
            end.status == 0 && BuiltProgram.flat(end.output).contains("flushed 2 entries"),
            "\(end)"
        )
        let episodes = try place.shell("mneme episodes lemon cake --owner ann --store s")
        #expect(episodes.output.contains("episodes/\(session.id)"), "\(episodes)")
        let late = try place.shell("mneme session append \(session.id) x --store s")
        #expect(late.status == 1 && late.error.contains("has ended"), "\(late)")
        let facts = try place.shell("mneme recall 'who bakes?' --owner ann --store s")
        #expect(facts.output.contains("Ann bakes."), "\(facts)")
    }

    @Test func namedValuesArePutUsedAndFound() throws {
        let place = try BuiltProgram()
        let to = "--owner ann --store s"
        #expect(try place.shell("mneme procedure put hello '{\"say\": \"Hi\"}' \(to)").status == 0)
        #expect(try place.shell("mneme procedure put bye 'Say goodbye.' \(to)").status == 0)
        #expect(try place.shell("mneme procedure use bye \(to)").status == 0)
        #expect(try place.shell("mneme procedure use hello --failed \(to)").status == 0)
        let best = try place.shell("mneme procedure list --best-first \(to)").output
        let order = best.split(separator: "\n").dropFirst(2).map { $0.prefix { $0 != " " } }
        #expect(order == ["bye", "hello"], "\(best)")
        #expect(best.contains("0.67") && best.contains("0.33"), "\(best)")
        // What is nearly JSON is not kept as a text.
        let wrong = try place.shell("mneme document put x '{\"a\": }' \(to)")
        #expect(wrong.status == 2 && wrong.error.contains("VALUE"), "\(wrong)")
        let none = try place.shell("mneme document get x \(to)")
        #expect(none.output.contains("there is none of this name"), "\(none)")
        let missing = try place.shell("mneme procedure use nothing \(to)")
        #expect(missing.status == 1 && missing.error.contains("put it first"), "\(missing)")
        let gone = try place.shell("mneme procedure delete bye hello \(to)")
        #expect(gone.output == "Deleted 2 procedures.\n", "\(gone)")
    }

    @Test func factsAreSupersededAndExplained() throws {
        let place = try BuiltProgram()
        let memory = try Memory.open(place.path("s"))
        _ = try memory.remember([Remember("Ann drinks tea.", owner: "ann", key: "tea")])
        try memory.close()
        let new = try place.shell(
            "mneme supersede tea 'Ann drinks coffee.' --key coffee --owner ann --reason changed "
                + "--store s"
        )
        #expect(new.status == 0 && new.output.hasPrefix("True now: coffee."), "\(new)")
        let why = try place.shell("mneme why coffee --store s").output
        #expect(why.contains("← SUPERSEDES  memories/tea: Ann drinks tea. (changed)"), "\(why)")
        let twice = try place.shell("mneme supersede tea 'No.' --owner ann --store s")
        #expect(twice.status == 1 && !twice.error.isEmpty, "\(twice)")
        #expect(try place.shell("mneme pin coffee --store s").output == "Pinned 1 memory.\n")
        let pruned = try place.shell("mneme prune --records 0 --dry-run --store s").output
        #expect(pruned.contains("memories/tea") && !pruned.contains("coffee"), "\(pruned)")
        let nothing = try place.shell("mneme prune --store s")
        #expect(nothing.status == 2 && nothing.error.contains("--records N"), "\(nothing)")
        let unlinked = try place.shell("mneme upkeep unlinked --store s").output
        #expect(unlinked.contains("0 candidates among 2 memories."), "\(unlinked)")
        let archived = try place.shell("mneme forget tea --mode archive --store s").output
        #expect(archived == "Archived 1 memory.\n", "\(archived)")
    }

    @Test func whatIsRememberedOnceSaysSo() throws {
        let place = try BuiltProgram()
        let line = "mneme remember 'Tea.' --owner ann --once 'turn 1' --store s"
        let first = try place.shell(line)
        let again = try place.shell(line)
        #expect(first.status == 0 && again.status == 0, "\(again)")
        #expect(again.output.hasPrefix(first.output), "\(again)")
        #expect(again.output.contains("It had been done before"), "\(again)")
    }

    @Test func whatIsErasedWithWhatWasMadeOfItSaysWhatIsMissing() throws {
        let place = try BuiltProgram()
        let memory = try Memory.open(place.path("s"))
        var lemon = Remember("Ann likes lemon.", owner: "ann", key: "lemon", kind: .semantic)
        lemon.source.from = ["tea"]
        _ = try memory.remember([Remember("Tea.", owner: "ann", key: "tea"), lemon])
        try memory.close()
        let gone = try place.shell("mneme forget tea nothing --derived --erase --store s")
        #expect(gone.output.hasPrefix("Forgot 2 memories, 1 of them made"), "\(gone)")
        #expect(gone.output.contains("What is not there cannot be erased"), "\(gone)")
    }

    @Test func eventsAreScheduledClaimedAndSettled() throws {
        let place = try BuiltProgram()
        let made = try place.shell(
            "mneme event schedule 2024-01-31T09:00:00Z --owner ann --key rent --every monthly "
                + "--payload '{\"pay\": 700}' --store s"
        )
        #expect(made.status == 0 && made.output.contains("events/rent"), "\(made)")
        let due = try place.shell("mneme event due --owner ann --store s").output
        #expect(due.contains("{\"pay\":700}"), "\(due)")
        guard
            case .events(let claimed) = try Self.answer(
                "mneme event claim --lease-seconds 3600 --store s",
                place
            ), let lease = claimed.events.first?.lease
        else {
            Issue.record("nothing was claimed")
            return
        }
        let nobody = try place.shell("mneme event claim --store s")
        #expect(nobody.output == "No event is due.\n", "\(nobody)")
        let unsaid = try place.shell("mneme event settle events/rent --store s")
        #expect(unsaid.status == 2 && unsaid.error.contains("--lease INSTANT"), "\(unsaid)")
        let other = try place.shell(
            "mneme event settle events/rent --lease 2024-01-01T00:00:00Z --store s"
        )
        #expect(other.status == 1 && other.error.contains("lease"), "\(other)")
        let done = try place.shell("mneme event settle events rent --lease \(lease) --store s")
        #expect(done.status == 0 && done.output.contains("pending"), "\(done)")
        let never = try place.shell(
            "mneme event schedule 2024-01-31T09:00:00Z --every sometimes --store s"
        )
        #expect(never.status == 2 && never.error.contains("--every"), "\(never)")
        #expect(never.error.contains("monthly"), "\(never)")
    }

    @Test func scalarsAreMovedAndTold() throws {
        let place = try BuiltProgram()
        let to = "--owner bot --store s"
        let set = try place.shell("mneme scalar set mood --value 0.5 --maximum 1 \(to)")
        #expect(set.status == 0 && set.output.contains("0.5000"), "\(set)")
        let moved = try place.shell("mneme scalar set mood --by 2 --trigger joke \(to)")
        #expect(moved.status == 0 && moved.output.contains("1.0000"), "\(moved)")
        let told = BuiltProgram.flat(
            try place.shell("mneme scalar get --name mood --history 5 \(to)").output
        )
        #expect(told.contains("joke"), "\(told)")
        let nothing = try place.shell("mneme scalar set mood \(to)")
        #expect(nothing.status == 1 && !nothing.error.isEmpty, "\(nothing)")
    }
}
