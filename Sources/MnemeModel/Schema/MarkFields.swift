// The fields by which a collection's records are put aside: an instant, a truth value, or both, by
// the roles deletedAt and active, archivedAt and archived. formats/operations.md#put-aside

/// What says of a record that it is deleted softly, or that it is archived.
///
/// It has the mark where one of the fields says so.
package struct MarkFields: Hashable, Sendable {
    /// Has an instant where the record is marked, and null otherwise.
    package let time: String?
    /// Has the value `flagOfMarked` where the record is marked, and the other or null otherwise.
    package let flag: String?
    package let flagOfMarked: Bool
    /// Whether no record is without the flag.
    private let hasFlagAlways: Bool

    /// Nil where there is no such field.
    private init?(_ time: String?, _ flag: String?, marked: Bool, _ collection: Collection) {
        if time == nil, flag == nil { return nil }
        self.time = time
        self.flag = flag
        flagOfMarked = marked
        hasFlagAlways = flag.flatMap { collection.field($0) }?.isRequired ?? false
    }

    /// What marks a collection's records as deleted; nil where nothing does.
    package static func deleted(_ collection: Collection) -> MarkFields? {
        MarkFields(
            collection.roles.deletedAt,
            collection.roles.active,
            marked: false,
            collection
        )
    }

    /// What marks a collection's records as archived; nil where nothing does.
    package static func archived(_ collection: Collection) -> MarkFields? {
        MarkFields(
            collection.roles.archivedAt,
            collection.roles.archived,
            marked: true,
            collection
        )
    }

    /// The fields.
    package var names: [String] { [time, flag].compactMap { $0 } }

    /// Holds for the records without the mark; as far as that can be said so that an index over
    /// the fields serves it.
    package var lacking: Filter {
        var parts: [Filter] = []
        if let time { parts.append(.compare(field: time, .exists(false))) }
        if let flag {
            parts.append(
                .compare(
                    field: flag,
                    hasFlagAlways ? .eq(.bool(!flagOfMarked)) : .ne(.bool(flagOfMarked))
                )
            )
        }
        return parts.count == 1 ? parts[0] : .and(parts)
    }

    /// Holds for the records with the mark.
    package var holding: Filter {
        var parts: [Filter] = []
        if let time { parts.append(.compare(field: time, .exists(true))) }
        if let flag { parts.append(.compare(field: flag, .eq(.bool(flagOfMarked)))) }
        return parts.count == 1 ? parts[0] : .or(parts)
    }

    /// Whether a record has the mark, by its fields.
    package func isHeld(_ value: (String) -> Value) -> Bool {
        if let time, case .instant = value(time) { return true }
        if let flag, value(flag) == .bool(flagOfMarked) { return true }
        return false
    }

    /// What sets the mark, or takes it away.
    package func edits(setting isSet: Bool, at now: Instant) -> [Edit] {
        var edits: [Edit] = []
        if let time {
            edits.append(isSet ? .set(FieldPath(time), .instant(now)) : .unset(FieldPath(time)))
        }
        if let flag {
            edits.append(.set(FieldPath(flag), .bool(isSet == flagOfMarked)))
        }
        return edits
    }
}

extension Collection {
    /// Refuses roles by which no record could be put aside or brought back.
    ///
    /// - Throws: `.badSchema`.
    func validateMarks() throws(MnemeError) {
        let marks: [(String, String?)] = [
            ("deletedAt", roles.deletedAt), ("active", roles.active),
            ("archivedAt", roles.archivedAt), ("archived", roles.archived),
        ]
        var roleByField: [String: String] = [:]
        for (role, name) in marks {
            guard let name, let field = field(name) else { continue }
            let place = "collection \"\(self.name)\", role \(role)"
            if let other = roleByField.updateValue(role, forKey: name) {
                throw MnemeError(
                    .badSchema,
                    "\(place) is played by \"\(name)\", which plays the role \(other) too. Name "
                        + "another field."
                )
            }
            if field.generated != nil {
                throw MnemeError(
                    .badSchema,
                    "\(place) is played by \"\(name)\", which is generated, so that no change can "
                        + "set it. Name another field."
                )
            }
            guard field.type == .instant else { continue }
            if field.isRequired || field.fill != nil || !(field.standard ?? .null).isNull {
                throw MnemeError(
                    .badSchema,
                    "\(place) is played by \"\(name)\", which is required or has a default or a "
                        + "fill; null is what says that a record is not \(role.dropLast(2)). Leave "
                        + "these out."
                )
            }
        }
    }
}
