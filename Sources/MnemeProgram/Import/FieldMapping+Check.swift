// Whether a file has the members that a mapping names, before anything is imported: a mistyped name
// would otherwise leave its part out of every memory.

internal import Mneme
internal import MnemeCommandLine

extension FieldMapping {
    /// How many objects are looked at.
    static let checkedCount = 1000

    /// The members that are named, with the options that name them.
    private var named: [(option: String, member: String)] {
        var ownerMember: String?
        if case .member(let name) = owner { ownerMember = name }
        let all: [(String, String?)] = [
            ("--text", text), ("--owner", ownerMember), ("--key", key), ("--time", time),
            ("--session", session), ("--position", position), ("--speaker", speaker),
            ("--importance", importance), ("--tags", tags),
        ]
        return all.compactMap { option, member in member.map { (option, $0) } }
    }

    /// Refuses a name that no object at the beginning of a file has as a member.
    ///
    /// What is no object is passed over: the import names it with its line.
    ///
    /// - Throws: `Failure` that names the option and the members that there are.
    /// - Complexity: as far as the first objects that have all members, at most `checkedCount`.
    func check(against file: InputFile) throws(Failure) {
        var missing = named
        var members: Set<String> = []
        var count = 0
        var lines = InputLines(file)
        while count < Self.checkedCount, !missing.isEmpty, let line = try lines.next() {
            guard case .map(let object)? = try? Value(json: line) else { continue }
            count += 1
            members.formUnion(object.keys)
            missing.removeAll { object[$0.member] != nil }
        }
        guard count > 0, let (option, member) = missing.first else { return }
        let objects =
            count == Self.checkedCount
            ? "None of the first \(Figures.count(count)) objects" : "No object"
        let known = members.sorted().joined(separator: ", ")
        throw Failure(
            "\(objects) of \(file.path) has the member \"\(member)\", which \(option) names. "
                + "Members there: \(TextFlow.shortened(known, to: 200)). Nothing was imported."
        )
    }
}
