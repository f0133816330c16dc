// What the articles in Sources/*/*.docc show, compiled and run. What stands between the marks in
// Articles+NAME.swift is the blocks of the article NAME, in their order and without the imports;
// ArticleTests hold them against the page, letter by letter, and what they print.

import Doors
import Mneme
import MnemeClient

/// A namespace, in which the addresses and files of the pages lead to those of a test.
enum Articles {
    /// What these are.
    struct Place: Sendable {
        var address = ""
        var files: [String: String] = [:]
        /// A token that the server knows.
        var token = ""
        /// The directory of a store.
        var directory = ""
    }

    @TaskLocal static var place = Place()

    /// The options of a page, with files that are there, and with times that nobody runs out of.
    private static func here(_ options: ClientOptions) -> ClientOptions {
        var options = options
        options.timeout = ClientOptions.patient.timeout
        options.connectTimeout = ClientOptions.patient.connectTimeout
        if var tls = options.tls {
            tls.authorities = tls.authorities.flatMap { place.files[$0] }
            tls.certificate = tls.certificate.flatMap { place.files[$0] }
            options.tls = tls
        }
        return options
    }

    private static func checked(_ address: String) throws(MnemeError) -> String {
        guard address == "localhost:7411" else {
            throw MnemeError(.badRequest, "the page has another address: \(address)")
        }
        return place.address
    }

    enum Client {
        static func connect(
            _ address: String,
            store: String,
            options: ClientOptions = ClientOptions()
        ) async throws(MnemeError) -> MnemeClient.Client {
            try await .connect(checked(address), store: store, options: here(options))
        }
    }

    enum BlockingClient {
        static func connect(
            _ address: String,
            store: String
        ) throws(MnemeError) -> MnemeClient.BlockingClient {
            try .connect(checked(address), store: store, options: .patient)
        }
    }

    enum Memory {
        static func open(_ directory: String) throws(MnemeError) -> Mneme.Memory {
            guard directory == "diary.mneme" else {
                throw MnemeError(.badRequest, "the page has another directory: \(directory)")
            }
            return try .open(place.directory)
        }

        static func inMemory() throws(MnemeError) -> Mneme.Memory { try .inMemory() }
    }
}
