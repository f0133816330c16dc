// What refuses a switch of vectors, and whom a switch refuses.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct VectorSwitchRefusalTests {
    private typealias Notes = SwitchedNotes

    private func store(_ schema: Schema = Notes.schema()) throws -> Store {
        let store = try Store.open("store", options: Kinds.options(MemoryDisk()))
        try store.define(schema)
        try store.define(try Notes.addition())
        return store
    }

    private func refused(
        _ store: Store,
        _ code: MnemeError.Code,
        _ words: String,
        _ change: VectorSwitch = Notes.toNew
    ) throws {
        try expectRefusal(code, words, leaving: store) { try store.switchVector(change) }
    }

    @Test func namesThatMakeNoSense() throws {
        let store = try store()
        func change(_ name: String, _ next: String, _ old: String) -> VectorSwitch {
            VectorSwitch("notes", name, to: next, keepingOldAs: old)
        }
        try refused(store, .unknownField, "meaning3", change("meaning", "meaning3", "old"))
        try refused(store, .unknownField, "no vector field", change("text", "meaning2", "old"))
        try refused(store, .badRequest, "to themselves", change("meaning", "meaning", "old"))
        try refused(store, .schemaConflict, "\"old\"", change("meaning", "meaning2", "meaning2"))
        try refused(store, .schemaConflict, "\"old\"", change("meaning", "meaning2", "meaning"))
        try refused(store, .schemaConflict, "\"old\"", change("meaning", "meaning2", "text"))
        try refused(store, .badSchema, "9x", change("meaning", "meaning2", "9x"))
        var other = Notes.toNew
        other.collection = "birds"
        try refused(store, .unknownCollection, "birds", other)
        try store.close()
    }

    @Test func recordsThatWouldBeLost() throws {
        let store = try store()
        _ = try store.commit((0..<5).map { Notes.put($0, new: $0 > 2) })
        try refused(store, .vectorsMissing, "3 records of it have a vector in \"meaning\"")
        try refused(store, .vectorsMissing, "{\"meaning2\": {\"exists\": false}}")
        _ = try store.commit([Notes.fill(0), Notes.fill(1)])
        try refused(store, .vectorsMissing, "(\"n2\")")
        // Who has neither is not lost; who has expired, or was deleted with others, is not there.
        _ = try store.commit([.put(Put("notes", "none", ["text": "a"]))])
        try refused(store, .vectorsMissing, "1 record of it has")
        var partly = Notes.toNew
        partly.isPartial = true
        let copy = try self.store()
        _ = try copy.commit([Notes.put(1)])
        try copy.switchVector(partly)
        #expect(try copy.snapshot().find(Notes.near(4)).rows.isEmpty)
        #expect(try copy.snapshot().find(Notes.lacking("meaning")).rows.count == 1)
        try copy.close()
        _ = try store.deleteWhere(DeleteWhere("notes", where: .eq("text", "words 2")))
        try store.switchVector(Notes.toNew)
        #expect(try store.verify().findings == [])
        try store.close()
    }

    @Test func whatIsSaidOfTheNameHoldsOfWhatItMeans() throws {
        var partly = Notes.toNew
        partly.isPartial = true
        let required = try store(Notes.schema(required: true))
        _ = try required.commit([Notes.put(1), Notes.put(2, new: true)])
        try refused(required, .vectorsMissing, "\"partly\" does not do", partly)
        _ = try required.commit([Notes.fill(1)])
        try required.switchVector(Notes.toNew)
        let schema = try #require(
            required.snapshot().schema.collections.first { $0.name == "notes" }
        )
        #expect(schema.field("meaning")?.isRequired == true)
        #expect(schema.field("meaning1")?.isRequired == false)
        try expectRefusal(.missingField, leaving: required) {
            _ = try required.commit([.put(Put("notes", "x", ["meaning1": Notes.old(1)]))])
        }
        _ = try required.commit([.put(Put("notes", "x", ["meaning": Notes.new(1)]))])
        try required.close()

        let check = Check("both", try Expression("meaning is null or owner is not null"))
        for schema in [
            Notes.schema(checks: [check]),
            Notes.schema(generated: try Expression("meaning is not null")),
        ] {
            let store = try store(schema)
            _ = try store.commit([
                Notes.put(1), .put(Put("notes", "x", ["meaning2": Notes.new(1)])),
            ])
            try refused(store, .vectorsMissing, "speaks of \"meaning\"", partly)
            _ = try store.commit([Notes.fill(1)])
            try refused(store, .vectorsMissing, "in \"meaning2\" and none in \"meaning\"", partly)
            _ = try store.commit([.delete(Reference("notes", "x"))])
            try store.switchVector(partly)
            #expect(try store.verify().findings == [])
            try store.close()
        }

        let speaker = Check("new", try Expression("meaning2 is null or owner is not null"))
        let store = try store()
        try store.define(
            Schema(collections: [Collection("notes", fields: [], checks: [speaker])])
        )
        try refused(store, .schemaConflict, "check \"new\" speaks of it")
        try store.close()
    }

    @Test func whoBeganBeforeBeginsAgain() throws {
        let store = try store()
        _ = try store.commit((0..<20).map { Notes.put($0, new: true) })
        let transaction = try store.begin()
        let idle = try store.begin()
        let near = Notes.near(3)
        #expect(try transaction.find(near).rows.count == 20)
        try transaction.change([.put(Put("notes", "t", ["meaning": Notes.old(1)]))])
        try store.switchVector(Notes.toNew)
        // Inside, everything is as it was.
        #expect(try transaction.find(near).rows.count == 21)
        try expectRefusal(.conflict, "begun", leaving: store) { _ = try transaction.commit(.none) }
        #expect(try idle.find(near).rows.count == 20)
        _ = try idle.commit(.none)
        let again = try store.begin()
        try again.change([.put(Put("notes", "t", ["meaning": Notes.new(1)]))])
        _ = try again.commit(.none)
        #expect(try store.snapshot().find(Notes.near(4)).rows.count == 21)
        try store.close()
    }

    @Test func modelsThatAreNamedAreHeldAgainstTheField() throws {
        let store = try store()
        func put(_ models: [String: String]) -> Change {
            var put = Put("notes", "m", ["meaning": Notes.old(1), "owner": "a"])
            put.models = models
            return .put(put)
        }
        func patch(_ models: [String: String]) -> Change {
            var patch = Patch("notes", "m", [.set("meaning", Notes.old(2))])
            patch.models = models
            return .patch(patch)
        }
        _ = try store.commit([put(["meaning": "small"])])
        _ = try store.commit([patch(["meaning": "small"])])
        for change in [put(["meaning": "large"]), patch(["meaning": "large"])] {
            try expectRefusal(.wrongModel, "\"small\"", "\"large\"", leaving: store) {
                _ = try store.commit([change])
            }
        }
        try expectRefusal(.unknownField, leaving: store) {
            _ = try store.commit([put(["text": "small"])])
        }
        let asked = Find("notes", near: Near("meaning", [1, 0, 0], model: "small"))
        #expect(try store.snapshot().find(asked).rows.count == 1)
        let wrong = Find("notes", near: Near("meaning", [1, 0, 0, 0], model: "large"))
        try expectRefusal(.wrongModel, "\"small\"") { _ = try store.snapshot().find(wrong) }
        let bare = Field("bare", Notes.type(3))
        try store.define(Schema(collections: [Collection("notes", fields: [bare])]))
        try expectRefusal(.wrongModel, "Leave the model out") {
            _ = try store.snapshot().find(Find("notes", near: Near("bare", [1, 0, 0], model: "a")))
        }
        try expectRefusal(.badSchema, "1 to 255") {
            let field = Field("empty", Notes.type(3, ""))
            try store.define(Schema(collections: [Collection("notes", fields: [field])]))
        }
        try store.close()
    }
}
