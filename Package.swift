// swift-tools-version: 6.2
// The floor plan. A target lists only rooms on floors below its own; `tidy` holds it to that.

import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

func room(_ name: String, _ below: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: below, swiftSettings: strict)
}

func tests(_ name: String, _ rooms: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: rooms, swiftSettings: strict)
}

let package = Package(
    name: "mneme",
    products: [
        .library(name: "Mneme", targets: ["Mneme"]),
        .library(name: "MnemeClient", targets: ["MnemeClient"]),
        .executable(name: "mneme", targets: ["MnemeProgram"]),
        .executable(name: "mneme-bench", targets: ["MnemeBench"]),
        .executable(name: "mneme-simulate", targets: ["MnemeSimulate"]),
        .executable(name: "tidy", targets: ["Tidy"]),
    ],
    targets: [
        // Floor 0: ground.
        .target(name: "CKernels"),
        .target(name: "CXXHash"),
        .systemLibrary(name: "CLZ4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"])]),
        .target(name: "CCipher", linkerSettings: [.linkedLibrary("crypto")]),
        .target(
            name: "CTLS",
            linkerSettings: [.linkedLibrary("ssl"), .linkedLibrary("crypto")]
        ),
        .target(name: "CEdit", linkerSettings: [.linkedLibrary("edit")]),
        .systemLibrary(name: "CStemmer", providers: [.apt(["libstemmer-dev"])]),
        .systemLibrary(name: "CEpoll"),
        .systemLibrary(
            name: "CSQLite",
            pkgConfig: "sqlite3",
            providers: [.apt(["libsqlite3-dev"])]
        ),
        .target(name: "CMicroHTTP", linkerSettings: [.linkedLibrary("microhttpd")]),
        .systemLibrary(
            name: "CSystemd",
            pkgConfig: "libsystemd",
            providers: [.apt(["libsystemd-dev"])]
        ),
        .target(
            name: "CTokenTable",
            exclude: ["LICENSE-APACHE-2.0", "NOTICE", "token-table.bin"],
            cSettings: [.headerSearchPath(".")]
        ),
        room("MnemeBase", ["CKernels", "CXXHash", "CLZ4", "CCipher"]),

        // Floor 1: files.
        room("MnemeModel", ["MnemeBase"]),
        room("MnemeLog", ["MnemeBase"]),
        room("MnemePages", ["MnemeBase", "CKernels"]),
        room("MnemeEmbed", ["MnemeBase", "CTokenTable"]),
        room("MnemeTransport", ["MnemeBase", "CEpoll", "CSystemd", "CTLS"]),

        // Floor 2: indexes.
        room("MnemeTree", ["MnemeBase", "MnemePages"]),
        room("MnemeVectors", ["MnemeBase", "MnemePages", "CKernels"]),
        room("MnemeText", ["MnemeBase", "MnemePages", "CStemmer"]),
        room("MnemeGraph", ["MnemeBase", "MnemePages"]),
        room("MnemeRecall", ["MnemeBase", "MnemeModel", "MnemeEmbed"]),
        room("MnemeLanguage", ["MnemeBase", "MnemeModel"]),

        // Floor 3: halls.
        room(
            "MnemeStore",
            [
                "MnemeBase", "MnemeModel", "MnemeLog", "MnemePages", "MnemeEmbed",
                "MnemeLanguage", "MnemeTree", "MnemeVectors", "MnemeText", "MnemeGraph",
                "MnemeRecall",
            ]
        ),

        room("MnemeWire", ["MnemeBase", "MnemeModel"]),

        // Floor 4: doors.
        room(
            "Mneme",
            [
                "MnemeBase", "MnemeModel", "MnemeEmbed", "MnemeLanguage", "MnemeRecall",
                "MnemeStore",
            ]
        ),
        room("MnemeClient", ["MnemeBase", "MnemeModel", "MnemeTransport", "MnemeWire"]),

        // Floor 5: the house.
        room("MnemeCommandLine", ["MnemeBase", "MnemeModel"]),

        room(
            "MnemeServer",
            ["MnemeBase", "MnemeModel", "MnemeTransport", "MnemeWire", "Mneme", "CMicroHTTP"]
        ),

        // Floor 6: programs.
        .executableTarget(
            name: "MnemeProgram",
            dependencies: [
                "MnemeBase", "MnemeStore", "Mneme", "MnemeClient", "MnemeCommandLine",
                "MnemeServer", "MnemeTransport", "CSQLite", "CEdit",
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "MnemeBench",
            dependencies: [
                "MnemeBase", "MnemeModel", "MnemeVectors", "MnemeStore", "Mneme", "MnemeClient",
                "MnemeTransport", "MnemeWire", "MnemeCommandLine", "CSQLite",
            ],
            path: "Benchmarks/MnemeBench",
            swiftSettings: strict
        ),
        .target(name: "TidyChecks", path: "tools/tidy-source/checks", swiftSettings: strict),
        .executableTarget(
            name: "Tidy",
            dependencies: ["TidyChecks"],
            path: "tools/tidy-source/program",
            swiftSettings: strict
        ),

        // Tests, and the world that they share.
        .target(
            name: "SimulatedWorld",
            dependencies: ["MnemeBase"],
            path: "Tests/SimulatedWorld",
            swiftSettings: strict
        ),
        .target(
            name: "CrashHarness",
            dependencies: [
                "SimulatedWorld", "MnemeBase", "MnemeModel", "MnemeLog", "MnemePages",
                "MnemeStore",
            ],
            path: "Tests/CrashHarness",
            swiftSettings: strict
        ),
        .target(
            name: "Doors",
            dependencies: [
                "MnemeBase", "MnemeModel", "Mneme", "MnemeTransport", "MnemeServer", "MnemeClient",
            ],
            path: "Tests/Doors",
            swiftSettings: strict
        ),
        .target(
            name: "KilledServer",
            dependencies: ["MnemeBase", "MnemeModel", "Mneme", "MnemeClient"],
            path: "Tests/KilledServer",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "MnemeSimulate",
            dependencies: [
                "CrashHarness", "KilledServer", "MnemeBase", "MnemeModel", "MnemeLog", "MnemeStore",
            ],
            path: "tools/simulate",
            swiftSettings: strict
        ),
        .target(
            name: "WireFuzz",
            dependencies: ["MnemeBase", "MnemeModel", "MnemeWire"],
            path: "Tests/Fuzz/Wire",
            exclude: ["corpus"],
            swiftSettings: strict
        ),
        // What is fuzzed is built under a sanitizer too: from rooms below the store's alone.
        .target(
            name: "FuzzTargets",
            dependencies: [
                "MnemeBase", "MnemeModel", "MnemeLog", "MnemePages", "MnemeTree", "MnemeVectors",
                "MnemeText", "MnemeGraph", "WireFuzz",
            ],
            path: "Tests/Fuzz/Targets",
            exclude: ["corpus"],
            swiftSettings: strict
        ),
        tests("MnemeBaseTests", ["MnemeBase"]),
        tests("MnemePagesTests", ["MnemeBase", "MnemePages"]),
        tests("MnemeTextTests", ["MnemeText", "MnemeBase"]),
        .testTarget(
            name: "MnemeEmbedTests",
            dependencies: ["MnemeBase", "MnemeEmbed"],
            exclude: ["Golden"],
            swiftSettings: strict
        ),
        tests("TidyTests", ["TidyChecks"]),
        tests(
            "MnemeTests",
            [
                "MnemeBase", "MnemeLog", "MnemeModel", "MnemeStore", "Mneme", "MnemeClient",
                "Doors",
            ]
        ),
        tests(
            "MnemeStoreTests",
            [
                "MnemeBase", "MnemeModel", "MnemeLog", "MnemePages", "MnemeTree", "MnemeText",
                "MnemeGraph", "MnemeVectors", "MnemeRecall", "MnemeStore", "SimulatedWorld",
            ]
        ),
        tests("MnemeVectorsTests", ["MnemeBase", "MnemePages", "MnemeVectors", "CKernels"]),
        tests("MnemeModelTests", ["MnemeBase", "MnemeModel"]),
        tests(
            "MnemeRecallTests",
            ["MnemeBase", "MnemeModel", "MnemeEmbed", "MnemeRecall"]
        ),
        tests("MnemeLanguageTests", ["MnemeBase", "MnemeModel", "MnemeLanguage"]),
        tests("SimulatedWorldTests", ["SimulatedWorld", "MnemeBase"]),
        tests("MnemeCommandLineTests", ["MnemeBase", "MnemeModel", "MnemeCommandLine"]),
        tests(
            "MnemeProgramTests",
            [
                "MnemeProgram", "KilledServer", "MnemeBase", "MnemeModel", "Mneme", "MnemeClient",
                "MnemeCommandLine", "CSQLite",
            ]
        ),
        tests("MnemeTreeTests", ["MnemeBase", "MnemePages", "MnemeTree"]),
        tests("BenchTests", ["MnemeBench", "Mneme", "MnemeBase", "MnemeCommandLine"]),
        tests(
            "SimulationTests",
            [
                "CrashHarness", "SimulatedWorld", "MnemeBase", "MnemeModel", "MnemeLog",
                "MnemeStore",
            ]
        ),
        tests(
            "FormatTests",
            [
                "MnemeBase", "MnemeModel", "MnemeLog", "MnemePages", "MnemeStore", "Mneme",
                "SimulatedWorld",
            ]
        ),
        tests("MnemeLogTests", ["MnemeBase", "MnemeLog", "SimulatedWorld"]),
        tests("MnemeGraphTests", ["MnemeBase", "MnemePages", "MnemeGraph"]),
        tests("MnemeTransportTests", ["MnemeBase", "MnemeTransport"]),
        tests(
            "MnemeServerTests",
            [
                "MnemeBase", "MnemeModel", "MnemeLog", "MnemeStore", "Mneme", "MnemeTransport",
                "MnemeWire", "MnemeServer",
            ]
        ),
        .testTarget(
            name: "MnemeWireTests",
            dependencies: ["MnemeBase", "MnemeModel", "MnemeWire", "WireFuzz"],
            exclude: ["golden"],
            swiftSettings: strict
        ),
        tests(
            "MnemeClientTests",
            ["MnemeBase", "MnemeModel", "Mneme", "MnemeTransport", "MnemeWire", "MnemeClient"]
        ),
        tests(
            "FuzzTests",
            [
                "MnemeBase", "MnemeModel", "MnemeLog", "MnemePages", "MnemeTree", "MnemeGraph",
                "MnemeStore", "Mneme", "FuzzTargets", "WireFuzz",
            ]
        ),
        tests("ConformanceTests", ["MnemeBase", "MnemeModel", "Mneme", "MnemeClient", "Doors"]),
        .testTarget(
            name: "ScriptTests",
            dependencies: ["MnemeBase", "MnemeModel", "Doors"],
            exclude: ["README.md", "scripts"],
            swiftSettings: strict
        ),
    ]
)

// tools/fuzz alone builds this: it needs libFuzzer, which is linked only under its sanitizer.
if Context.environment["MNEME_FUZZ"] == "1" {
    package.products.append(.executable(name: "mneme-fuzz", targets: ["FuzzProgram"]))
    package.targets.append(
        .executableTarget(
            name: "FuzzProgram",
            dependencies: ["FuzzTargets"],
            path: "Tests/Fuzz/Program",
            swiftSettings: strict
        )
    )
}

// MNEME_TESTS=MnemeModelTests,MnemeStoreTests builds these alone among the tests.
if let wanted = Context.environment["MNEME_TESTS"] {
    let names = wanted.split(separator: ",").map(String.init)
    package.targets.removeAll { $0.type == .test && !names.contains($0.name) }
}

// MNEME_OPTIMIZED=1 optimizes all but the tests themselves in a debug build: what is tested is the
// code that a release has, and a third of the time is enough for it. What is checked at run time in
// a release is checked there too.
if Context.environment["MNEME_OPTIMIZED"] == "1" {
    for target in package.targets where target.type != .test && target.swiftSettings != nil {
        target.swiftSettings?.append(.unsafeFlags(["-O"], .when(configuration: .debug)))
    }
}
