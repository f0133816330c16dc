// `{"code": 107, "name": "badFilter", "action": "fixInput", "message": "…", "cause": "…"}`

extension MnemeError: Spelled {
    /// The error of its spelling; `name` and `action` follow from the code and are not taken over.
    ///
    /// - Throws: also `newerFormat` for a code that this version does not know.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "An error")
        let number = try members.unsigned("code")
        let message = try members.text("message")
        let cause = try members.optionalText("cause")
        _ = try members.optionalText("name")
        _ = try members.optionalText("action")
        try members.finish()
        guard let code = UInt16(exactly: number).flatMap(Code.init(rawValue:)) else {
            throw MnemeError(
                .newerFormat,
                "An error came with the code \(number), which this version does not know; its "
                    + "message: \(message)",
                cause: cause
            )
        }
        self.init(code, message, cause: cause)
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("code", Int(code.rawValue))
        spelling.put("name", "\(code)")
        spelling.put("action", action.rawValue)
        spelling.put("message", message)
        spelling.put("cause", cause)
        return spelling.value
    }
}
