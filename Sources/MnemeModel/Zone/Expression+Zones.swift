// Which time zones an expression names, and whether it depends on their tables at all.
// formats/expressions.md#zones

extension Expression {
    /// The names of zones that it has written out; those of constant distance are not among them.
    ///
    /// - Complexity: O(*n*) in the nodes.
    package var zones: Set<String> {
        var names: Set<String> = []
        root.addZones(to: &names)
        return names
    }

    /// Whether what it gives depends on the machine's tables of zones.
    ///
    /// - Complexity: O(*n*) in the nodes.
    package var dependsOnZones: Bool { root.dependsOnZones }

    /// Expects the machine to have the zones that it names.
    ///
    /// - Throws: `.unknownZone`.
    package func checkZones() throws(MnemeError) {
        for name in zones.sorted() { try Zones.shared.check(name) }
    }
}

extension ExpressionNode {
    /// The zone of a call that takes one.
    private var zone: ExpressionNode? {
        guard case .call(let function, let arguments) = self, function.takesZone,
            arguments.count == 2
        else { return nil }
        return arguments[1]
    }

    fileprivate func addZones(to names: inout Set<String>) {
        if case .literal(.text(let name))? = zone, ZoneOffset.microseconds(name) == nil {
            names.insert(name)
        }
        for part in parts { part.addZones(to: &names) }
    }

    fileprivate var dependsOnZones: Bool {
        switch zone {
        case nil: break
        case .literal(.text(let name))? where ZoneOffset.microseconds(name) != nil: break
        default: return true
        }
        return parts.contains { $0.dependsOnZones }
    }
}

extension Schema {
    /// Expects the machine to have the zones that expressions name.
    ///
    /// - Throws: `.unknownZone`.
    package func checkZones() throws(MnemeError) {
        var expressions: [Expression] = []
        for collection in collections {
            expressions += collection.fields.compactMap(\.generated)
            expressions += collection.checks.map(\.condition)
        }
        for type in edgeTypes {
            expressions += type.fields.compactMap(\.generated)
            expressions += type.checks.map(\.condition)
        }
        for expression in expressions { try expression.checkZones() }
    }
}
