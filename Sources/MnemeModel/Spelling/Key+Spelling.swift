// `"note-1"`, `17`, a uuid; where values have no kind for it, `{"uuid": "…"}`.

extension Key: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        switch spelling {
        case .text(let text): self = .text(text)
        case .int(let number): self = .int(number)
        case .uuid(let id): self = .uuid(id)
        case .map(let members):
            guard members.count == 1, case .text(let text)? = members["uuid"],
                let id = UniqueID(text)
            else { throw Key.bad(spelling) }
            self = .uuid(id)
        default: throw Key.bad(spelling)
        }
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value { value }

    private static func bad(_ value: Value) -> MnemeError {
        wrong("A key", "a text, a whole number or {\"uuid\": \"…\"}", value)
    }
}
