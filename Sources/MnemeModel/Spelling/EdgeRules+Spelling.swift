// What walk, path and paths say alike of the edges that they follow: which records they come to,
// how many edges they take from one, and when both were there and valid.

/// A question that follows edges.
protocol FollowsEdges {
    var sight: Sight { get set }
    var through: [NodeChoice]? { get set }
    var fanOut: FanOut? { get set }
    var asOf: Instant? { get set }
    var knownAt: Instant? { get set }
}

extension Walk: FollowsEdges {}
extension Path: FollowsEdges {}
extension Paths: FollowsEdges {}

extension FollowsEdges {
    /// Reads what they say alike.
    mutating func readRules(_ members: inout SpelledMembers) throws(MnemeError) {
        sight = try members.sight()
        through = try members.optionalNouns("through")
        fanOut = try members.optionalNoun("fanOut")
        asOf = try members.optionalInstant("asOf")
        knownAt = try members.optionalInstant("knownAt")
    }
}

extension Spelling {
    /// Puts what they say alike.
    mutating func put(rulesOf question: some FollowsEdges) {
        put(question.sight)
        if let through = question.through { put("through", through.spelling) }
        put("fanOut", question.fanOut)
        put("asOf", question.asOf)
        put("knownAt", question.knownAt)
    }
}
