// formats/schemas/coverage.md says where each thing that five services need is shown. It is held
// against what there is: every item has one row, and what a row names has the item's number.

import Foundation
import Testing

@Suite struct CoverageTests {
    /// The numbers of what the engine does for each service.
    ///
    /// Numbers between them are the memory layer's or the service's own.
    private static let items: [String] = {
        let services: [(String, [ClosedRange<Int>])] = [
            ("S0", [1...13, 15...18, 20...20, 22...24, 28...28]),
            ("S1", [6...16, 19...20, 29...30, 33...33, 35...35]),
            ("S2", [1...19, 21...27]),
            ("S3", [1...10, 12...19, 23...27]),
            ("S4", [1...22, 24...28, 32...36]),
        ]
        return services.flatMap { service, ranges in
            ranges.flatMap { $0 }.map { "\(service).\($0)" }
        }
    }()

    /// A row of the page's tables.
    private struct Row {
        let item: String
        let about: String
        /// What stands between backticks in the third cell.
        let places: [String]
        let missing: String
    }

    private static func rows() throws -> [Row] {
        let url = ScriptFiles.project.appending(path: "formats/schemas/coverage.md")
        return try String(contentsOf: url, encoding: .utf8).split(separator: "\n").compactMap {
            line in
            guard line.hasPrefix("| S") else { return nil }
            let cells = line.split(separator: "|", omittingEmptySubsequences: false)
                .map { $0.trimmingCharacters(in: .whitespaces) }
            try #require(cells.count == 6, "four cells are wanted in: \(line)")
            let places = cells[3].matches(of: /`([^`]+)`/).map { String($0.output.1) }
            return Row(item: cells[1], about: cells[2], places: places, missing: cells[4])
        }
    }

    /// The numbers in the comments of each script of a service.
    private static func numbers() throws -> [String: Set<String>] {
        var numbers: [String: Set<String>] = [:]
        for name in ScriptFiles.names where name.hasPrefix("services/") {
            let text = try ScriptFiles.read(name).comments.joined(separator: "\n")
            numbers[name] = Set(
                text.matches(of: /\bS[0-9]\.[0-9]+\b/).map { String($0.output) }
            )
        }
        return numbers
    }

    @Test func everyItemHasOneRow() throws {
        #expect(Self.items.count == 120)
        #expect(try Self.rows().map(\.item) == Self.items)
    }

    @Test func everyRowSaysWhereOrWhatIsMissing() throws {
        for row in try Self.rows() {
            #expect(!row.about.isEmpty, "\(row.item) is not described")
            #expect(
                !row.places.isEmpty || !row.missing.isEmpty,
                "\(row.item) says neither where it is shown nor what is missing"
            )
        }
    }

    /// Scripts and tests that rows name are there, scripts with the number in a comment.
    ///
    /// A script is named by its path from scripts/services, a test by that from the project's
    /// directory, with a dot and a function where one is meant.
    @Test func whatIsNamedIsThere() throws {
        let numbers = try Self.numbers()
        for row in try Self.rows() {
            for place in row.places {
                guard place.hasPrefix("Tests/") else {
                    let found = numbers["services/" + place]
                    #expect(found != nil, "\(row.item): there is no script \(place)")
                    #expect(
                        found?.contains(row.item) == true,
                        "\(row.item): \(place) has no comment with this number"
                    )
                    continue
                }
                let parts = place.components(separatedBy: ".swift")
                let url = ScriptFiles.project.appending(path: parts[0] + ".swift")
                let text = try? String(contentsOf: url, encoding: .utf8)
                #expect(text != nil, "\(row.item): there is no file \(place)")
                guard parts.count == 2, parts[1].hasPrefix(".") else { continue }
                #expect(
                    text?.contains("func \(parts[1].dropFirst())(") == true,
                    "\(row.item): \(place) is no function of that file"
                )
            }
        }
    }

    /// A script that has a number is named in that number's row.
    @Test func everyNumberOfAScriptIsInItsRow() throws {
        let rows = try Self.rows()
        for (name, numbers) in try Self.numbers() {
            #expect(!numbers.isEmpty, "\(name) names no item")
            for number in numbers where Self.items.contains(number) {
                let places = rows.filter { $0.item == number }.flatMap(\.places)
                #expect(
                    places.contains(String(name.dropFirst("services/".count))),
                    "\(name) has the number \(number), and its row does not name it"
                )
            }
        }
    }
}
