# Derived from src/mneme/_async/questions.py by tools/python/derive; change that one.
"""Questions over records and edges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .. import _shape
from .._shape import members
from ..changes import Filter
from ..errors import BadRequest
from ..records import Counted, Edge, Found, Matched, Row, Walked, Ways
from ..values import Instant, Reference, ReferenceLike
from .door import Door

Order = Sequence[Any]
"""Fields, or `{"field": …, "descending": True}`."""


class Questions(Door):
    """What is asked of many records at once."""

    def find(
        self,
        collection: str | None = None,
        where: Filter | None = None,
        *,
        edges: str | None = None,
        owner: str | None = None,
        near: Mapping[str, Any] | None = None,
        match: Mapping[str, Any] | None = None,
        order: Order | None = None,
        limit: int | None = None,
        offset: int | None = None,
        after: str | None = None,
        select: Sequence[Any] | None = None,
        budget: Mapping[str, Any] | None = None,
        highlight: Mapping[str, Any] | None = None,
        explain: bool | None = None,
        as_of: Instant | None = None,
        known_at: Instant | None = None,
        deleted: str | None = None,
        archived: str | None = None,
    ) -> Found:
        """A page of the records of a collection, or of the edges of a type, `edges`."""
        content = members(
            collection=collection,
            where=where,
            edges=edges,
            owner=owner,
            near=near,
            match=match,
            order=order,
            limit=limit,
            offset=offset,
            after=after,
            select=select,
            budget=budget,
            highlight=highlight,
            explain=explain,
            as_of=as_of,
            known_at=known_at,
            deleted=deleted,
            archived=archived,
        )
        return self._read("find", content, "found", Found)

    def find_each(
        self,
        collection: str | None = None,
        where: Filter | None = None,
        *,
        page: int = 500,
        limit: int | None = None,
        **question: Any,
    ) -> Iterator[Row]:
        """All rows, or the first `limit`, page by page along the cursor.

        They are as they stand while it goes on. `question` is as of `find`, without `near`,
        `match`, `budget` and `known_at`, whose answers have no cursors.
        """
        for name in ("near", "match", "budget", "known_at"):
            if question.get(name) is not None:
                raise BadRequest(
                    f"An answer by {name} has no cursor to go along; ask find for it, with a limit."
                )
        while True:
            size = page if limit is None else min(page, limit)
            found = self.find(collection, where, limit=size, **question)
            for row in found.rows:
                yield row
            if limit is not None:
                limit -= len(found.rows)
            if found.next is None or limit == 0:
                return
            question["after"] = found.next
            question["offset"] = None  # Of the first page: the cursor stands behind it.

    def near(
        self,
        collection: str | None,
        field: str,
        vector: Sequence[float],
        *,
        edges: str | None = None,
        where: Filter | None = None,
        minimum: float | None = None,
        exact: bool | None = None,
        beam: int | None = None,
        recall: float | None = None,
        model: str | None = None,
        **question: Any,
    ) -> Found:
        """The records whose vectors are nearest; or with None and `edges` the edges.

        `question` is as of `find`.
        """
        near = members(
            field=field,
            vector=vector,
            minimum=minimum,
            exact=exact,
            beam=beam,
            recall=recall,
            model=model,
        )
        return self.find(collection, where, edges=edges, near=near, **question)

    def match(
        self,
        collection: str | None,
        field: str | Mapping[str, float],
        words: str | None = None,
        *,
        edges: str | None = None,
        query: str | None = None,
        where: Filter | None = None,
        operator: str | None = None,
        minimum: int | None = None,
        must: Sequence[Any] | None = None,
        should: Sequence[Any] | None = None,
        not_: Sequence[Any] | None = None,
        statistics: str | None = None,
        **question: Any,
    ) -> Found:
        """The records whose texts have words, the best first; or with None and `edges` the edges.

        `field` is a searchable field, or several with their weights; `question` is as of `find`.
        """
        match = members(
            words=words,
            query=query,
            operator=operator,
            minimum=minimum,
            must=must,
            should=should,
            not_=not_,
            statistics=statistics,
        )
        match["field" if isinstance(field, str) else "fields"] = field
        return self.find(collection, where, edges=edges, match=match, **question)

    def count(
        self,
        collection: str | None = None,
        where: Filter | None = None,
        *,
        edges: str | None = None,
        owner: str | None = None,
        by: Sequence[Any] | None = None,
        values: Mapping[str, Any] | None = None,
        having: Filter | None = None,
        order: Order | None = None,
        limit: int | None = None,
        explain: bool | None = None,
        as_of: Instant | None = None,
        known_at: Instant | None = None,
        deleted: str | None = None,
        archived: str | None = None,
    ) -> Counted:
        """Counts by groups. Without `by` and `values`, `count` of the answer is the number."""
        content = members(
            collection=collection,
            where=where,
            edges=edges,
            owner=owner,
            by=by,
            values=values,
            having=having,
            order=order,
            limit=limit,
            explain=explain,
            as_of=as_of,
            known_at=known_at,
            deleted=deleted,
            archived=archived,
        )
        return self._read("count", content, "counted", Counted)

    def walk(
        self,
        start: ReferenceLike | Sequence[ReferenceLike],
        *,
        types: Sequence[str] | None = None,
        direction: str | None = None,
        where: Filter | None = None,
        hops: int | None = None,
        limit: int | None = None,
        count_only: bool | None = None,
        through: Sequence[Mapping[str, Any]] | None = None,
        only: Sequence[Mapping[str, Any]] | None = None,
        fan_out: Mapping[str, Any] | None = None,
        as_of: Instant | None = None,
        known_at: Instant | None = None,
        deleted: str | None = None,
        archived: str | None = None,
    ) -> Walked:
        """Follows edges from a record, or from several, the nearest records first.

        `through` has the records that it comes to, `only` those that it tells of, each a list of
        `{"collection": …, "where": …}`; `fan_out` is how many edges it takes from each record:
        `{"count": 20, "strongest": "weight"}`.
        """
        several = isinstance(start, (list, tuple)) and not isinstance(start, Reference)
        content = members(
            from_=list(start) if several else [start],
            types=types,
            direction=direction,
            where=where,
            hops=hops,
            limit=limit,
            count_only=count_only,
            through=through,
            only=only,
            fan_out=fan_out,
            as_of=as_of,
            known_at=known_at,
            deleted=deleted,
            archived=archived,
        )
        return self._read("walk", content, "walked", Walked)

    def path(
        self,
        start: ReferenceLike,
        end: ReferenceLike,
        *,
        types: Sequence[str] | None = None,
        direction: str | None = None,
        where: Filter | None = None,
        hops: int | None = None,
        through: Sequence[Mapping[str, Any]] | None = None,
        fan_out: Mapping[str, Any] | None = None,
        as_of: Instant | None = None,
        known_at: Instant | None = None,
        deleted: str | None = None,
        archived: str | None = None,
    ) -> list[Edge] | None:
        """The edges of a shortest path, or None where there is none; otherwise as of `walk`."""
        content = members(
            from_=start,
            to=end,
            types=types,
            direction=direction,
            where=where,
            hops=hops,
            through=through,
            fan_out=fan_out,
            as_of=as_of,
            known_at=known_at,
            deleted=deleted,
            archived=archived,
        )
        told = self._ask("path", content, "path")
        return None if told is None else _shape.read(list[Edge], told)

    def paths(
        self,
        start: ReferenceLike,
        end: ReferenceLike,
        *,
        cost: str | None = None,
        strength: str | None = None,
        types: Sequence[str] | None = None,
        direction: str | None = None,
        where: Filter | None = None,
        hops: int | None = None,
        limit: int | None = None,
        through: Sequence[Mapping[str, Any]] | None = None,
        fan_out: Mapping[str, Any] | None = None,
        as_of: Instant | None = None,
        known_at: Instant | None = None,
        deleted: str | None = None,
        archived: str | None = None,
    ) -> Ways:
        """Paths between two records: the shortest, or the best by `cost` or by `strength`."""
        content = members(
            from_=start,
            to=end,
            cost=cost,
            strength=strength,
            types=types,
            direction=direction,
            where=where,
            hops=hops,
            limit=limit,
            through=through,
            fan_out=fan_out,
            as_of=as_of,
            known_at=known_at,
            deleted=deleted,
            archived=archived,
        )
        return self._read("paths", content, "paths", Ways)

    def pattern(
        self, nodes: Mapping[str, Any], steps: Sequence[Mapping[str, Any]], **question: Any
    ) -> Matched:
        """Records that stand to each other as a pattern says.

        `question` may have different, owner, as_of, select, distinct, order, limit, offset,
        count_only, work and explain.
        """
        content = members(nodes=nodes, steps=steps, **question)
        return self._read("pattern", content, "matched", Matched)
