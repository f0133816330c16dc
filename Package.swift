// swift-tools-version: 6.2
// The floor plan. A target lists only rooms on floors below its own; `tidy` holds the sources to it.

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
        .executable(name: "mneme", targets: ["MnemeProgram"]),
        .executable(name: "mneme-bench", targets: ["MnemeBench"]),
        .executable(name: "tidy", targets: ["Tidy"]),
    ],
    targets: [
        // Floor 0: ground.
        .target(name: "CKernels"),
        .target(name: "CXXHash"),
        .systemLibrary(name: "CLZ4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"])]),
        .systemLibrary(name: "CStemmer", providers: [.apt(["libstemmer-dev"])]),
        .target(name: "CTokenTable", cSettings: [.headerSearchPath(".")]),
        room("MnemeBase", ["CKernels", "CXXHash"]),

        // Floor 1: files.
        room("MnemeModel", ["MnemeBase"]),
        room("MnemeLog", ["MnemeBase"]),
        room("MnemePages", ["MnemeBase"]),
        room("MnemeEmbed", ["MnemeBase", "CTokenTable"]),

        // Floor 2: indexes.
        room("MnemeTree", ["MnemeBase", "MnemePages"]),
        room("MnemeVectors", ["MnemeBase", "MnemePages", "CKernels"]),
        room("MnemeText", ["MnemeBase", "MnemePages", "CStemmer"]),
        room("MnemeGraph", ["MnemeBase", "MnemePages"]),

        // Floor 3: halls.
        room(
            "MnemeStore",
            [
                "MnemeBase", "MnemeModel", "MnemeLog", "MnemePages", "MnemeTree", "MnemeVectors",
                "MnemeText", "MnemeGraph", "CLZ4",
            ]),

        // Floor 4: doors.
        room("Mneme", ["MnemeBase", "MnemeModel", "MnemeEmbed", "MnemeStore"]),

        // Floor 6: programs.
        .executableTarget(
            name: "MnemeProgram", dependencies: ["Mneme"], swiftSettings: strict),
        .executableTarget(
            name: "MnemeBench", dependencies: ["Mneme"], path: "Benchmarks/MnemeBench",
            swiftSettings: strict),
        .executableTarget(name: "Tidy", path: "tools/tidy-source", swiftSettings: strict),

        // Tests.
        tests("MnemeBaseTests", ["MnemeBase"]),
        tests("MnemePagesTests", ["MnemeBase", "MnemePages"]),
        tests("MnemeTreeTests", ["MnemeBase", "MnemePages", "MnemeTree"]),
    ]
)
