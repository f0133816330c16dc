// The collections of events and of scalars, which a store has from their first use on.

internal import MnemeModel

extension MemoryLayout {
    static let events = "events"
    static let scalars = "scalars"
    static let scalarChanges = "scalarChanges"

    static var eventsCollection: Collection {
        var roles = Roles()
        roles.owner = "owner"
        roles.triggerAt = "triggerAt"
        roles.status = "status"
        roles.payload = "payload"
        roles.recurrence = "recurrence"
        roles.occurrence = "occurrence"
        roles.claimedAt = "claimedAt"
        roles.leaseUntil = "leaseUntil"
        return Collection(
            events,
            fields: [
                Field("owner", .text, isRequired: true),
                Field("triggerAt", .instant, isRequired: true),
                Field(
                    "status",
                    .oneOf(["pending", "claimed", "done", "cancelled"]),
                    isRequired: true
                ),
                Field("payload", .json),
                Field("recurrence", .json),
                Field("occurrence", .instant),
                Field("claimedAt", .instant),
                Field("leaseUntil", .instant),
            ],
            indexes: [
                Index("byTrigger", on: ["status", "triggerAt"]),
                Index("byLease", on: ["status", "leaseUntil"]),
                Index("byOwner", on: ["owner", "status", "triggerAt"]),
            ],
            roles: roles
        )
    }

    /// No index has a field that a change changes, so that a change rewrites no entry of one.
    static var scalarsCollection: Collection {
        Collection(
            scalars,
            fields: scalarFields,
            indexes: [Index("byOwner", on: ["owner", "name"], isUnique: true)],
            roles: scalarRoles
        )
    }

    /// The changes, one row each, which are never written again.
    static var scalarChangesCollection: Collection {
        Collection(
            scalarChanges,
            fields: scalarFields,
            indexes: [
                Index(
                    "byTime",
                    on: [
                        "owner", "name", IndexField("at", descending: true),
                        IndexField("number", descending: true),
                    ]
                )
            ],
            roles: scalarRoles
        )
    }

    private static var scalarRoles: Roles {
        var roles = Roles()
        roles.owner = "owner"
        roles.time = "at"
        return roles
    }

    private static var scalarFields: [Field] {
        [
            Field("owner", .text, isRequired: true),
            Field("name", .text, isRequired: true),
            Field("number", .int, isRequired: true),
            Field("at", .instant, isRequired: true),
            Field("before", .float, isRequired: true),
            Field("value", .float, isRequired: true),
            Field("rest", .float, isRequired: true),
            Field("decay", .float, isRequired: true),
            Field("minimum", .float),
            Field("maximum", .float),
            Field("trigger", .text),
            Field("reason", .text),
        ]
    }
}
