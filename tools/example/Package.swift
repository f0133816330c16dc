// swift-tools-version: 6.2
// A program outside the package: what a service that remembers may look like.

import PackageDescription

let package = Package(
    name: "diary",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "mneme", path: "../..")],
    targets: [
        .executableTarget(
            name: "Diary",
            dependencies: [
                .product(name: "Mneme", package: "mneme"),
                .product(name: "MnemeClient", package: "mneme"),
            ]
        )
    ]
)
