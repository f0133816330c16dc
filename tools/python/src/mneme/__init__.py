"""Client of Mneme, a memory database.

    import mneme

    with mneme.Client("localhost:7411", store="notes") as memory:
        memory.remember("Ann keeps bees behind the old mill", owner="ann")
        for item in memory.recall("Who keeps beehives?", owner="ann"):
            print(item.score, item.text)

`AsyncClient` is the same for asyncio. Everything that is refused is an exception of `errors`.
"""

from . import changes, errors, json, memories, records
from ._async.client import AsyncClient, AsyncPending
from ._async.transaction import AsyncTransaction
from ._async.watch import AsyncWatch
from ._frames import Welcome
from ._options import VERSION as __version__
from ._sync.client import Client, Pending
from ._sync.transaction import Transaction
from ._sync.watch import Watch
from .errors import Action, MnemeError
from .values import FarDate, FarInstant, Instant, Key, Reference, Value, Vector

__all__ = [
    "Action",
    "AsyncClient",
    "AsyncPending",
    "AsyncTransaction",
    "AsyncWatch",
    "Client",
    "FarDate",
    "FarInstant",
    "Instant",
    "Key",
    "MnemeError",
    "Pending",
    "Reference",
    "Transaction",
    "Value",
    "Vector",
    "Watch",
    "Welcome",
    "__version__",
    "changes",
    "errors",
    "json",
    "memories",
    "records",
]
