// Each check of tidy against a planted violation and against its innocent twin.

import Foundation
import Testing

@testable import TidyChecks

@Suite struct TidyTests {
    private let head = "// What lives here.\n\n"

    private func problems(_ path: String, _ text: String) -> [String] {
        FileChecks.findings(in: SourceFile(path: path, text: text)).map {
            "\($0.line): \($0.problem)"
        }
    }

    /// Expects exactly one finding, on a line of its own, that says `words`.
    private func expectOne(
        _ path: String,
        _ text: String,
        line: Int,
        _ words: String,
        _ place: SourceLocation = #_sourceLocation
    ) {
        let found = FileChecks.findings(in: SourceFile(path: path, text: text))
        #expect(found.count == 1, "\(found)", sourceLocation: place)
        #expect(found.first?.line == line, "\(found)", sourceLocation: place)
        #expect(found.first?.problem.contains(words) == true, "\(found)", sourceLocation: place)
        #expect(found.first?.remedy.isEmpty == false, sourceLocation: place)
    }

    @Test func aCleanFileHasNoFindings() {
        let text = head + "internal import Glibc\npackage import MnemeBase\nlet one = 1\n"
        #expect(problems("Sources/MnemeLog/Frame.swift", text) == [])
        #expect(problems("Sources/MnemeBase/Ids.swift", head + "import CKernels\n") == [])
    }

    @Test(arguments: [
        ("MnemeLog", "package import MnemeStore", "up to MnemeStore"),
        ("MnemeLog", "internal import MnemePages", "sideways to MnemePages"),
        ("MnemeBase", "@testable import MnemeBase", "sideways"),
        ("MnemeTree", "import struct MnemeStore.Writer", "up to MnemeStore"),
        ("MnemeStore", "package import Foundation", "stays out of floors"),
        ("MnemeStore", "public import MnemeModel", "public import"),
        ("MnemeGraph", "import Elsewhere", "no room of the house"),
    ])
    func anImportAgainstTheFloorsIsFound(_ room: String, _ line: String, _ words: String) {
        expectOne("Sources/\(room)/File.swift", head + line + "\n", line: 3, words)
        #expect(problems("Tests/\(room)Tests/File.swift", head + line + "\n") == [])
    }

    @Test func upperFloorsMayImportFoundation() {
        #expect(problems("Sources/Mneme/A.swift", head + "public import Foundation\n") == [])
        #expect(problems("Sources/MnemeProgram/A.swift", head + "import Mneme\n") == [])
        #expect(problems("Benchmarks/MnemeBench/A.swift", head + "import MnemeStore\n") == [])
        #expect(problems("tools/tidy-source/A.swift", head + "import Foundation\n") == [])
    }

    @Test func anUnknownRoomIsFound() {
        expectOne("Sources/MnemeAttic/File.swift", head, line: 1, "no room of the house")
    }

    @Test func lengthIsMeasuredInCharacters() {
        let line = "// " + String(repeating: "\u{6c34}", count: 97)
        #expect(problems("Sources/MnemeLog/A.swift", line + "\n") == [])
        expectOne("Sources/MnemeLog/A.swift", line + "x\n", line: 1, "101 columns")
        expectOne("Tests/MnemeLogTests/A.swift", line + "x\n", line: 1, "101 columns")
        #expect(problems("Sources/CTokenTable/table.c", line + "x\n") == [])

        let whole = head + String(repeating: "let one = 1\n", count: 698)
        #expect(problems("Sources/MnemeLog/A.swift", whole) == [])
        expectOne("Sources/MnemeLog/A.swift", whole + "let two = 2\n", line: 701, "701 lines")
    }

    @Test(arguments: [
        "let one = unsafe two()", "var one: UnsafeRawPointer?", "array.withUnsafeBytes { _ in }",
        "final class One: @unchecked Sendable {}", "nonisolated(unsafe) var one = 1",
        "@unsafe func one() {}", "let text = \"\\(unsafe two())\"",
    ])
    func unsafeCodeOutsideItsListIsFound(_ line: String) {
        expectOne("Sources/MnemeTree/Tree.swift", head + line + "\n", line: 3, "unsafe code")
        for path in ["Sources/MnemeBase/Mapping.swift", "Sources/MnemePages/Page.swift"] {
            #expect(problems(path, head + line + "\n") == [])
        }
        #expect(problems("Tests/MnemeStoreTests/WriterTests.swift", line + "\n") == [])
    }

    @Test func everyPlaceOfUnsafeCodeHasAReason() {
        #expect(UncheckedList.entries.allSatisfy { !$0.reason.isEmpty })
        #expect(Set(UncheckedList.entries.map(\.path)).count == UncheckedList.entries.count)
    }

    @Test(arguments: ["let one = try! two()", "let one = two as! Three", "fatalError(\"no\")"])
    func aTrapInSourcesIsFound(_ line: String) {
        expectOne("Sources/MnemeTree/Tree.swift", head + line + "\n", line: 3, "may trap")
        #expect(problems("Tests/MnemeStoreTests/A.swift", line + "\n") == [])
        #expect(problems("Sources/MnemeStore/A.swift", head + "// \(line)\n") == [])
    }

    @Test func aWordThatOnlyContainsATrapIsNone() {
        #expect(problems("Sources/MnemeStore/A.swift", head + "if alias != bias! {}\n") == [])
    }

    @Test func aMissingHeadIsFound() {
        expectOne("Sources/MnemeLog/A.swift", "let one = 1\n", line: 1, "no head")
        expectOne("Sources/MnemeLog/A.swift", "/// A summary.\nlet one = 1\n", line: 1, "no head")
        expectOne("Sources/MnemeLog/A.swift", "", line: 1, "no head")
        #expect(problems("Tests/MnemeLogTests/A.swift", "let one = 1\n") == [])
    }

    // Put together so that tidy does not find its own tests.
    @Test(arguments: ["TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK", "Place" + "holder"])
    func unfinishedWorkIsFound(_ word: String) {
        let line = "// \(word): later\n"
        expectOne("Sources/MnemeLog/A.swift", head + line, line: 3, "unfinished work")
        expectOne("tools/install", "#!/bin/sh\n# \(word)\n", line: 2, "unfinished work")
        expectOne("Sources/CKernels/a.c", line, line: 1, "unfinished work")
    }

    @Test func aWordThatOnlyContainsAMarkIsNone() {
        #expect(problems("Sources/MnemeLog/A.swift", head + "let X" + "XXY = 1\n") == [])
    }
}

@Suite struct CodeTextTests {
    @Test(arguments: [
        ("let a = 1 // unsafe b", "let a = 1"),
        ("/* unsafe /* nested */ still */ let a", "                                let a"),
        (#"let a = "unsafe \" b" + c"#, "let a =               + c"),
        (##"let a = #"unsafe " b"# + c"##, "let a =                + c"),
        (#"let a = "x \(f(g) + "y") z" + c"#, "let a =      f(g) +         + c"),
        ("let a = \"// no comment\" + c", "let a =                 + c"),
        ("#expect(a == \"b\")", "#expect(a ==    )"),
    ])
    func onlyCodeIsLeft(_ text: String, _ expected: String) {
        var code = CodeText.strip(text)
        #expect(code.utf8.count == text.utf8.count)
        while code.last == " " { code.removeLast() }
        #expect(code == expected)
    }

    @Test func linesStayWhereTheyAre() {
        let text = "let a = \"\"\"\n  unsafe \\(b)\n  \"quoted\"\n  \"\"\"\nlet c = 1\n"
        let lines = CodeText.strip(text).split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 6)
        #expect(lines[1].split(separator: " ") == ["b"])
        #expect(lines[4] == "let c = 1")
    }
}

@Suite struct PackageChecksTests {
    private func target(_ name: String, _ dependencies: String...) -> PackagePlan.Target {
        .init(name: name, path: "Sources/\(name)", dependencies: dependencies)
    }

    private func problems(_ targets: [PackagePlan.Target], _ files: [SourceFile] = []) -> [String] {
        PackageChecks.findings(in: PackagePlan(targets: targets), files: files).map(\.problem)
    }

    @Test func aPlanThatFollowsTheFloorsIsClean() {
        #expect(
            problems([
                target("CKernels"), target("MnemeBase", "CKernels"),
                target("MnemeLog", "MnemeBase"),
                .init(name: "LogTests", path: "Tests/LogTests", dependencies: ["MnemeLog"]),
                .init(name: "Bench", path: "Benchmarks/Bench", dependencies: ["MnemeLog"]),
            ]) == []
        )
    }

    @Test func aDependencyAgainstTheFloorsIsFound() {
        let up = problems([target("MnemeBase", "MnemeLog"), target("MnemeLog")])
        #expect(up.count == 1 && up[0].contains("up to MnemeLog"), "\(up)")
        let sideways = problems([target("MnemeLog", "MnemePages"), target("MnemePages")])
        #expect(sideways.count == 1 && sideways[0].contains("sideways"), "\(sideways)")
        let stranger = problems([target("MnemeAttic")])
        #expect(stranger.count == 1 && stranger[0].contains("no room"), "\(stranger)")
    }

    @Test func aCircleIsFound() {
        let tests = "Tests/"
        let found = problems([
            .init(name: "A", path: tests + "A", dependencies: ["B"]),
            .init(name: "B", path: tests + "B", dependencies: ["C"]),
            .init(name: "C", path: tests + "C", dependencies: ["A"]),
        ])
        #expect(found.count == 1 && found[0].contains("A → B → C → A"), "\(found)")
    }

    @Test func anUndeclaredImportIsFound() {
        let file = SourceFile(
            path: "Sources/MnemeLog/A.swift",
            text: "// Head.\nimport MnemeBase\nimport Glibc\n"
        )
        let plan = [target("MnemeBase"), target("MnemeLog")]
        let found = problems(plan, [file])
        #expect(found == ["MnemeLog imports MnemeBase without depending on it"])
        #expect(problems([target("MnemeBase"), target("MnemeLog", "MnemeBase")], [file]) == [])
    }

    @Test func thePackageManagersDescriptionIsRead() throws {
        let json = """
            {"name": "mneme", "targets": [
                {"name": "MnemeBase", "path": "Sources/MnemeBase", "type": "library",
                 "target_dependencies": ["MnemeLog"]},
                {"name": "MnemeLog", "path": "Sources/MnemeLog", "type": "library"}]}
            """
        let plan = try PackagePlan(json: Data(json.utf8))
        #expect(PackageChecks.floors(plan).count == 1)
        #expect(throws: (any Error).self) { try PackagePlan(json: Data("[]".utf8)) }
    }
}
