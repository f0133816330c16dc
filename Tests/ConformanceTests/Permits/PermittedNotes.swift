// A house of notes and papers, of which a permit may reach some, and how what it is asked refuses.

import Doors
import MnemeModel

/// What the tests of names and of answers under a permit share.
enum PermittedNotes {
    private static let schema = """
        {"collections": [
            {"name": "notes", "fields": [{"name": "owner", "type": "text"},
                {"name": "state", "type": "text"}],
             "indexes": [{"name": "byState", "fields": ["owner", "state"]}],
             "roles": {"owner": "owner"}},
            {"name": "papers", "fields": [{"name": "text", "type": "text"}], "history": {}}],
         "edges": [{"name": "knows", "from": "notes", "to": "notes"},
            {"name": "cites", "from": "notes", "to": "papers"}, {"name": "touches"}]}
        """

    /// The house with its schema, and a door that reaches all of it.
    static func house() async throws -> (house: PermittedHouse, admin: any Door) {
        let house = try PermittedHouse(.embedded)
        let admin = try await house.open(nil)
        try await admin.define(Schema(json: Self.schema))
        return (house, admin)
    }

    /// What a request is refused with; nil where it is answered.
    static func refusal(_ door: any Door, _ json: String) async throws -> MnemeError? {
        let request = try Request(json: json)
        do throws(MnemeError) {
            _ = try await door.perform(request)
            return nil
        } catch {
            return error
        }
    }
}
