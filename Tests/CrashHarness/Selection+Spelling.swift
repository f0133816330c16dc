// How a selection is written on a command line: for each process, parted by "/", its place in the
// script, a colon, its operations, its damage behind a "!", and where it ended behind an "@".
//
//     0:0,3,5[0.2]@5.12.powerCut.77/1:0!2.3

extension Selection: CustomStringConvertible {
    package var description: String {
        parts.map { part in
            let picks = part.picks.map { pick in
                "\(pick.number)"
                    + (pick.changes.map { "[" + $0.map(String.init).joined(separator: ".") + "]" }
                        ?? "")
            }
            let damage = part.damage.map(String.init).joined(separator: ".")
            return "\(part.phase):" + picks.joined(separator: ",")
                + (damage.isEmpty ? "" : "!" + damage)
                + (part.ending.map {
                    "@\($0.operation).\($0.step).\($0.kind.rawValue).\($0.seed)"
                } ?? "")
        }.joined(separator: "/")
    }

    /// Nil when the text is none.
    package init?(_ text: String) {
        var parts: [Part] = []
        for piece in text.split(separator: "/", omittingEmptySubsequences: false) {
            guard let part = Part(piece) else { return nil }
            parts.append(part)
        }
        self.init(parts: parts)
    }
}

extension Selection.Part {
    fileprivate init?(_ text: Substring) {
        let halves = text.split(separator: "@", omittingEmptySubsequences: false)
        let sides = halves[0].split(separator: "!", omittingEmptySubsequences: false)
        let front = sides[0].split(separator: ":", omittingEmptySubsequences: false)
        guard halves.count <= 2, sides.count <= 2, front.count == 2, let phase = Int(front[0])
        else { return nil }
        self.phase = phase
        picks = []
        for pick in front[1].split(separator: ",") {
            guard let pick = Selection.Pick(pick) else { return nil }
            picks.append(pick)
        }
        if sides.count == 2 {
            for place in sides[1].split(separator: ".") {
                guard let place = Int(place) else { return nil }
                damage.append(place)
            }
        }
        guard halves.count == 2 else { return }
        let words = halves[1].split(separator: ".")
        guard words.count == 4, let operation = Int(words[0]), let step = Int(words[1]),
            let kind = Ending(rawValue: String(words[2])), let seed = UInt64(words[3])
        else { return nil }
        ending = EndingPoint(kind: kind, operation: operation, step: step, seed: seed)
    }
}

extension Selection.Pick {
    fileprivate init?(_ text: Substring) {
        let parts = text.split(separator: "[", omittingEmptySubsequences: false)
        guard parts.count <= 2, let number = Int(parts[0]) else { return nil }
        self.number = number
        guard parts.count == 2 else { return }
        guard parts[1].hasSuffix("]") else { return nil }
        changes = []
        for place in parts[1].dropLast().split(separator: ".") {
            guard let place = Int(place) else { return nil }
            changes?.append(place)
        }
    }
}
