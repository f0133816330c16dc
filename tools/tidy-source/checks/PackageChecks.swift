// The checks that look at the floor plan: what `swift package describe --type json` says that the
// targets depend on, against the floors, against each other and against what their files import.

package import Foundation

/// The targets of a package and what they depend on.
package struct PackagePlan: Sendable, Decodable {
    /// A target as the package describes it.
    package struct Target: Sendable, Decodable {
        let name: String
        let path: String
        let dependencies: [String]?

        private enum CodingKeys: String, CodingKey {
            case name, path
            case dependencies = "target_dependencies"
        }

        /// A target by hand.
        package init(name: String, path: String, dependencies: [String]) {
            self.name = name
            self.path = path
            self.dependencies = dependencies
        }

        /// The floor, where the target is a part of the house or a benchmark.
        var floor: Int? { path.hasPrefix("Benchmarks/") ? Floors.programs : Floors.floor(of: name) }

        /// Tests, and tools beside the house, may depend on anything.
        var isFree: Bool { path.hasPrefix("Tests/") || path.hasPrefix("tools/") }
    }

    let targets: [Target]

    /// A plan by hand.
    package init(targets: [Target]) { self.targets = targets }

    /// Reads what `swift package describe --type json` prints.
    ///
    /// - Throws: a decoding error where it is anything else.
    package init(json: Data) throws {
        self = try JSONDecoder().decode(PackagePlan.self, from: json)
    }
}

/// What is wrong with the floor plan.
package enum PackageChecks {
    private static let manifest = "Package.swift"

    /// Everything that is wrong with the plan, and with the imports of `files` against it.
    package static func findings(in plan: PackagePlan, files: [SourceFile]) -> [Finding] {
        floors(plan) + cycles(plan) + undeclared(plan, files)
    }

    static func floors(_ plan: PackagePlan) -> [Finding] {
        plan.targets.filter { !$0.isFree }.flatMap { target -> [Finding] in
            guard let floor = target.floor else {
                return [
                    Finding(
                        manifest,
                        1,
                        "\(target.name) is no room of the house",
                        "give it a floor in Floors.swift, or remove the target"
                    )
                ]
            }
            return (target.dependencies ?? []).compactMap { other in
                Floors.objection(to: other, in: target.name, on: floor).map {
                    Finding(manifest, 1, $0.0, $0.1)
                }
            }
        }
    }

    static func cycles(_ plan: PackagePlan) -> [Finding] {
        var dependencies: [String: [String]] = [:]
        for target in plan.targets { dependencies[target.name] = target.dependencies ?? [] }
        var done: Set<String> = []
        var findings: [Finding] = []
        func visit(_ name: String, _ path: [String]) {
            if let start = path.firstIndex(of: name) {
                let circle = (path[start...] + [name]).joined(separator: " → ")
                findings.append(
                    Finding(
                        manifest,
                        1,
                        "the targets depend on each other in a circle: \(circle)",
                        "remove one of these dependencies"
                    )
                )
                return
            }
            guard !done.contains(name) else { return }
            for other in dependencies[name] ?? [] { visit(other, path + [name]) }
            done.insert(name)
        }
        for target in plan.targets { visit(target.name, []) }
        return findings
    }

    static func undeclared(_ plan: PackagePlan, _ files: [SourceFile]) -> [Finding] {
        let names = Set(plan.targets.map(\.name))
        return files.filter(\.isSwift).flatMap { file -> [Finding] in
            // Targets may lie inside each other's folders; the longest path is the file's own.
            let owner = plan.targets.filter { file.path.hasPrefix($0.path + "/") }
                .max { $0.path.count < $1.path.count }
            guard let owner else { return [] }
            let declared = Set(owner.dependencies ?? [])
            return file.code.enumerated().compactMap { index, line in
                guard let module = ImportLine(line)?.module, names.contains(module),
                    !declared.contains(module)
                else { return nil }
                return Finding(
                    file.path,
                    index + 1,
                    "\(owner.name) imports \(module) without depending on it",
                    "add \(module) to its dependencies in Package.swift"
                )
            }
        }
    }
}
