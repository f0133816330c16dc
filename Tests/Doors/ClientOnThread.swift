// The client that waits as a door for tasks: it does so on a thread of its own, and where it waits
// for what is still to be committed, over a connection and on a thread of their own.

internal import MnemeBase
package import MnemeClient
package import MnemeModel

/// A `BlockingClient` that tasks may ask.
package final class ClientOnThread: Door {
    private let client: OneClient
    /// For watches that wait: what is committed for them to end comes over the other one.
    private let watcher: OneClient

    /// A door before two clients of one store that nobody else uses.
    package init(_ client: BlockingClient, watching watcher: BlockingClient) {
        self.client = OneClient(client)
        self.watcher = OneClient(watcher)
    }

    package func perform(_ request: Request) async throws(MnemeError) -> Response {
        guard case .watch(let watch) = request, watch.waitMilliseconds > 0 else {
            return try await client.perform(request)
        }
        return try await watcher.perform(request)
    }

    package func close() async throws(MnemeError) {
        await client.close()
        await watcher.close()
    }
}

/// SAFETY: the client is used by the one thread of the pool alone.
private final class OneClient: @unchecked Sendable {
    private let client: BlockingClient
    private let thread = WorkerPool(threadCount: 1)

    init(_ client: BlockingClient) { self.client = client }

    func perform(_ request: Request) async throws(MnemeError) -> Response {
        let result: Result<Response, MnemeError> = await withCheckedContinuation { waiter in
            thread.submit {
                waiter.resume(
                    returning: Result { () throws(MnemeError) in try self.client.perform(request) }
                )
            }
        }
        return try result.get()
    }

    func close() async {
        await withCheckedContinuation { waiter in
            thread.submit {
                self.client.close()
                waiter.resume()
            }
        }
    }
}
