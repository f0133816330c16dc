// How the lines of a table are spelled: what stands before the colon.
//
//   unit day · units day (plural) · role ago · part night · season summer · month 5 · weekday 1
//   number 3 · number 2 6 (from, to) · ordinal 3 · day -1 · holiday 12 25 · holiday 11 4th 4 ·
//   holiday easter -2 · and the name of each mark of `WordMarks`.

/// Reads what stands before the colon of a line.
enum SenseLine {
    /// Adds what a line says to a sense.
    ///
    /// - Precondition: It is spelled as the head of this file says.
    static func add(_ what: String, to sense: inout WordSense) {
        let parts = what.split(separator: " ").map(String.init)
        precondition(!parts.isEmpty, "a line of a table says what its words are")
        let value = parts.count > 1 ? parts[1] : ""
        switch parts[0] {
        case "unit", "units":
            sense.unit = one(DateUnit.allCases, value)
            sense.isPlural = parts[0] == "units"
        case "role": sense.role = one(DateRole.allCases, value)
        case "part": sense.part = one(DayPart.allCases, value)
        case "season": sense.season = one(Season.allCases, value)
        case "month": sense.month = UInt8(number(value, 1...12))
        case "weekday": sense.weekday = UInt8(number(value, 1...7))
        case "ordinal": sense.ordinal = UInt8(number(value, 1...31))
        case "day": sense.dayOffset = Int8(number(value, -9...9))
        case "number":
            sense.low = Int16(number(value, 1...10_000))
            sense.high = parts.count > 2 ? Int16(number(parts[2], 1...10_000)) : sense.low
            if sense.high != sense.low { sense.marks.insert(.vague) }
        default: sense.marks.formUnion(marks(parts))
        }
    }

    /// The holiday of a line.
    static func holiday(_ what: String) -> Holiday {
        let parts = what.split(separator: " ").map(String.init)
        precondition(parts.count >= 3, "a holiday has a month and a day, or its days from Easter")
        if parts[1] == "easter" { return .easter(number(parts[2], -60...60)) }
        let month = number(parts[1], 1...12)
        guard parts.count > 3 else {
            return .fixed(month: month, day: number(parts[2], 1...31))
        }
        let week = number(String(parts[2].prefix(1)), 1...5)
        return .weekday(month: month, week: week, weekday: number(parts[3], 1...7))
    }

    private static func marks(_ parts: [String]) -> WordMarks {
        var marks: WordMarks = []
        for part in parts {
            guard let mark = names[part] else { preconditionFailure("no mark is named \(part)") }
            marks.formUnion(mark)
        }
        return marks
    }

    private static let names: [String: WordMarks] = [
        "stop": .stop, "kin": .kin, "reason": .reason, "first": .firstPerson, "place": .place,
        "lead": .placeLead, "title": .title, "past": .past, "future": .future,
        "ambiguous": .ambiguous, "abbreviation": .abbreviation, "noname": .noName,
        "auxiliary": .auxiliary, "when": .askWhen, "count": .askNumber, "duration": .askDuration,
        "where": .askPlace, "who": .askPerson, "why": .askReason, "what": .askOther,
        "amount": .amount, "intitle": .inTitle, "negation": .negation, "article": .article,
        "greeting": .greeting,
    ]

    /// The case of a name.
    private static func one<Case>(_ cases: [Case], _ name: String) -> Case {
        for each in cases where "\(each)" == name { return each }
        preconditionFailure("nothing is named \(name)")
    }

    private static func number(_ text: String, _ range: ClosedRange<Int>) -> Int {
        guard let value = Int(text), range.contains(value) else {
            preconditionFailure("\(text) is no number of \(range)")
        }
        return value
    }
}
