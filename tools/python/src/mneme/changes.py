"""Changes of a commit (formats/operations.md#commit), as `Client.commit` takes them.

    client.commit([put("notes", {"text": "tea"}, key="a"), link("cites", "notes/a", "notes/b")])
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ._shape import members
from .values import Instant, Key, Reference, ReferenceLike, Value

Filter = Mapping[str, Any]
"""What holds for fields: `{"state": "open", "count": {"gt": 3}}`."""

Change = dict[str, Any]


def put(
    collection: str,
    fields: Mapping[str, Value],
    *,
    key: Key | None = None,
    mode: str | None = None,
    expires_at: Instant | None = None,
    expires_in: int | None = None,
    version: int | None = None,
    if_: Filter | None = None,
    returns: str | None = None,
    models: Mapping[str, str] | None = None,
    copy: bool | None = None,
) -> Change:
    """Puts a whole record; without a key one is made.

    `mode` is replace, insert or replaceOwned; `returns` is old or new. With `version` it is done
    only of the record with this version, 0 being that of none.
    """
    return {"put": members(**locals())}


def patch(
    collection: str,
    key: Key | None = None,
    *,
    by: Mapping[str, Value] | None = None,
    set: Mapping[str, Value] | None = None,
    unset: Sequence[str] | None = None,
    fill: Mapping[str, Value] | None = None,
    increment: Mapping[str, float] | None = None,
    append: Mapping[str, Value] | None = None,
    prepend: Mapping[str, Value] | None = None,
    add_to_set: Mapping[str, Value] | None = None,
    remove: Mapping[str, Value] | None = None,
    merge: Mapping[str, Value] | None = None,
    edits: Sequence[Mapping[str, Any]] | None = None,
    if_: Filter | None = None,
    or_put: Mapping[str, Value] | None = None,
    expires_at: Instant | None = None,
    expires_in: int | None = None,
    never_expires: bool | None = None,
    version: int | None = None,
    returns: str | bool | None = None,
    models: Mapping[str, str] | None = None,
) -> Change:
    """Changes parts of a record, named by its key or `by` the fields of a unique index.

    `edits` are edits in their order, in the place of `set` to `merge`.
    """
    return {"patch": members(**locals())}


def delete(
    reference: ReferenceLike,
    *,
    version: int | None = None,
    if_: Filter | None = None,
    returns: str | None = None,
    soft: bool | None = None,
) -> Change:
    """Deletes a record and its edges; `soft` marks it as deleted and leaves it there."""
    return _of_reference("delete", reference, members(
        version=version, if_=if_, returns=returns, soft=soft
    ))  # fmt: skip


def erase(
    reference: ReferenceLike | int,
    *,
    version: int | None = None,
    if_: Filter | None = None,
    returns: str | None = None,
) -> Change:
    """Deletes a record so that no restore of an earlier backup brings it back.

    A number is that of an edge, which is taken away so; it takes nothing else.
    """
    if isinstance(reference, int):
        if version is not None or if_ is not None or returns is not None:
            raise ValueError("An edge is erased by its number alone; give it no conditions.")
        return {"erase": reference}
    return _of_reference("erase", reference, members(version=version, if_=if_, returns=returns))


def restore(
    reference: ReferenceLike,
    *,
    version: int | None = None,
    if_: Filter | None = None,
    returns: str | None = None,
) -> Change:
    """Brings back a record that was deleted softly."""
    return _of_reference("restore", reference, members(version=version, if_=if_, returns=returns))


def archive(
    reference: ReferenceLike,
    *,
    version: int | None = None,
    if_: Filter | None = None,
    returns: str | None = None,
) -> Change:
    """Marks a record as archived."""
    return _of_reference("archive", reference, members(version=version, if_=if_, returns=returns))


def unarchive(
    reference: ReferenceLike,
    *,
    version: int | None = None,
    if_: Filter | None = None,
    returns: str | None = None,
) -> Change:
    """Takes the mark of the archive away."""
    return _of_reference("unarchive", reference, members(version=version, if_=if_, returns=returns))


def link(
    type: str,
    start: ReferenceLike,
    end: ReferenceLike,
    fields: Mapping[str, Value] | None = None,
    *,
    mode: str | None = None,
    returns: str | None = None,
    copy: bool | None = None,
) -> Change:
    """Links a record to another one. `mode` is insert or replace."""
    return {
        "link": members(
            type=type, from_=start, to=end, fields=fields, mode=mode, returns=returns, copy=copy
        )
    }


def unlink(edge: int) -> Change:
    """Takes away the edge of a number."""
    return {"unlink": edge}


def supersede(
    old: ReferenceLike,
    collection: str,
    fields: Mapping[str, Value],
    *,
    at: Instant,
    key: Key | None = None,
    by: str | None = None,
    edge_fields: Mapping[str, Value] | None = None,
) -> Change:
    """Has a new record take the place of `old` as what is true from `at` on."""
    return {"supersede": members(**locals())}


def _of_reference(verb: str, reference: ReferenceLike, given: dict[str, Any]) -> Change:
    named = Reference.read(reference).spelling
    return {verb: {"reference": named, **given}} if given else {verb: named}
