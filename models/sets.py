"""Many values and many rows at once, each engine in its own way."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql.functions import FunctionElement

from models.base import Model, db
from models.copying import MANY

R = TypeVar("R")
_NOTHING = object()
_to_json = json.JSONEncoder().encode


def one_of(
    column: sa.ColumnElement[Any] | InstrumentedAttribute[Any], values: Iterable[Any]
) -> sa.ColumnElement[bool]:
    """``column IN values`` in one statement with one parameter, whatever their number."""
    wanted = sorted(set(values))
    if db.session.connection().dialect.name == "postgresql":
        each = sa.select(sa.func.unnest(sa.literal(wanted, ARRAY(column.type))))
    else:
        value = sa.func.json_each(json.dumps(wanted)).table_valued("value").c.value
        each = sa.select(value)
    return column.in_(each)


def one_of_chunk(
    column: sa.ColumnElement[Any] | InstrumentedAttribute[Any], values: Sequence[Any]
) -> sa.ColumnElement[bool]:
    """``one_of`` where very many are asked for, else what the planner finds by an index.

    A thousand parameters cost more to name than the rows they find cost to read. On PostgreSQL a
    few are one array, too: one statement for any number of them, and prepared as such.
    """
    if len(values) >= MANY:
        return one_of(column, values)
    if db.session.connection().dialect.name == "postgresql":
        return column == sa.any_(sa.literal(list(values), ARRAY(column.type)))
    return column.in_(values)


class among(FunctionElement[bool]):  # noqa: N801 (an SQL function)
    """``among(key, select)``: the key is one of the few that a query finds.

    PostgreSQL gets them as an array, whose members an index finds one by one; of ``IN`` it makes a
    join, for which it would rather read the whole table.
    """

    # Not a boolean: SQLite has none, would be asked whether it equals 1, and use no index for that.
    type = sa.types.NullType()  # type: ignore[assignment]
    inherit_cache = True


@compiles(among)
def _among(element: Any, compiler: Any, **options: Any) -> str:
    key, keys = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{key} IN {keys}"


@compiles(among, "postgresql")
def _among_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    key, keys = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{key} = ANY (ARRAY{keys})"


def insert_rows(
    connection: sa.Connection, table: sa.FromClause, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Insert rows of one shape past the session: where there are many, past SQLAlchemy.

    Only for tables whose rows nobody holds as objects: no key comes back.
    """
    if len(rows) >= MANY:
        copy_rows(connection, cast("sa.Table", table), rows)
    elif rows:
        connection.execute(sa.insert(cast("sa.Table", table)), rows)


def copy_rows(
    connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Write rows of one shape past SQLAlchemy. Raises IntegrityError as SQLAlchemy does."""
    write_rows(connection, table, list(rows[0]), _converted(connection, table, rows))


def write_rows(
    connection: sa.Connection,
    table: sa.Table,
    names: Sequence[str],
    rows: Iterable[Sequence[Any]],
) -> None:
    """Write rows of these columns past SQLAlchemy: their values are the driver's own already."""
    quoted = connection.dialect.identifier_preparer
    target = f"{quoted.format_table(table)} ({', '.join(map(quoted.quote, names))})"
    driver: Any = connection.connection.driver_connection
    try:
        if connection.dialect.name == "postgresql":
            with driver.cursor() as cursor, cursor.copy(f"COPY {target} FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            return
        marks = ", ".join("?" * len(names))
        driver.executemany(f"INSERT INTO {target} VALUES ({marks})", rows)  # noqa: S608 (names of ours)
    except connection.dialect.loaded_dbapi.IntegrityError as error:
        raise IntegrityError(f"INSERT INTO {target}", None, error) from error


def insert_missing(
    connection: sa.Connection,
    table: sa.FromClause,
    rows: Sequence[Mapping[str, Any]],
    returned: sa.ColumnElement[R] | InstrumentedAttribute[R] | None = None,
) -> list[R]:
    """Insert the rows, of one shape, whose keys nobody has; ``returned`` of those that were put in.

    One statement with few parameters, however many rows: each column goes as an array, or all of
    them as JSON.
    """
    if not rows:
        return []
    target = cast("sa.Table", table)
    if connection.dialect.name == "postgresql":
        those = _as_arrays(target, rows)
    else:
        those = _as_json(target, rows, connection.dialect)
    statement = or_nothing(connection, table).from_select(list(rows[0]), those)
    if returned is None:
        connection.execute(statement)
        return []
    return list(connection.execute(statement.returning(returned)).scalars())


def add_up(session: Session, table: sa.FromClause, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add these numbers to the rows of their keys, in the order given: what is no key is a number.

    A row that is not there yet begins with them.
    """
    if not rows:
        return
    connection = session.connection()
    kind: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    keys = [column.name for column in cast("sa.Table", table).primary_key]
    statement = kind.insert(table)
    added = {name: table.c[name] + statement.excluded[name] for name in rows[0] if name not in keys}
    # One by one: an import may have more of them than a statement takes values.
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=added), list(rows))


def or_nothing(connection: sa.Connection, table: sa.FromClause) -> Any:
    """An INSERT that leaves out what is there already."""
    kind: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    return kind.insert(cast("sa.Table", table)).on_conflict_do_nothing()


def _as_arrays(table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> sa.Select[Any]:
    each: list[sa.ColumnElement[Any]] = []
    for name in rows[0]:
        kind, values = table.c[name].type, [row[name] for row in rows]
        if isinstance(kind, sa.JSON):
            # In an array the driver would have to escape each quote of each value.
            each.append(sa.func.json_array_elements(sa.literal(values, kind)))
        else:
            each.append(sa.func.unnest(sa.literal(values, ARRAY(kind))))
    return sa.select(*each)


def _as_json(
    table: sa.Table, rows: Sequence[Mapping[str, Any]], dialect: sa.Dialect
) -> sa.Select[Any]:
    converters = [(name, _converter(table.c[name].type, dialect)) for name in rows[0]]
    values = [[convert(row[name]) for name, convert in converters] for row in rows]
    row = sa.func.json_each(json.dumps(values, ensure_ascii=False)).table_valued("value").c.value
    columns = (sa.func.json_extract(row, f"$[{at}]") for at in range(len(converters)))
    # Without a condition the clause on conflicts would be read as one of a join.
    return sa.select(*columns).where(sa.true())


def add_many(session: Session, records: Sequence[Model]) -> None:
    """Add new records of one model to a session; a flush then costs a few statements.

    Each gets its key here, so that no statement has to say it: from PostgreSQL's sequence, and on
    SQLite the one that SQLite would give it. Nobody else writes to that file until this
    transaction, which holds its write lock, ends.
    """
    if len(records) >= MANY:
        (key,) = cast("sa.Table", type(records[0]).__table__).primary_key
        for record, number in zip(records, keys_for(session, key, len(records)), strict=True):
            setattr(record, key.name, number)
    session.add_all(records)


def keys_for(session: Session, key: sa.Column[Any], n: int) -> Iterable[int]:
    """The keys of so many records to come, which nobody else will get."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        first = _last_key(connection, key.table, key) + 1
        return range(first, first + n)
    # Looked up once and not for every number.
    name = sa.func.pg_get_serial_sequence(key.table.name, key.name)
    sequence = sa.select(sa.cast(name, postgresql.REGCLASS)).scalar_subquery()
    each = sa.func.generate_series(1, n).table_valued("number")
    return connection.scalars(sa.select(sa.func.nextval(sequence)).select_from(each)).all()


def _last_key(connection: sa.Connection, table: sa.Table, key: sa.Column[Any]) -> int:
    """The highest key of a table on SQLite; of those that give none twice, the highest ever."""
    highest = connection.scalar(sa.select(sa.func.max(key))) or 0
    if not table.dialect_options["sqlite"]["autoincrement"]:
        return highest
    given = sa.text("SELECT seq FROM sqlite_sequence WHERE name = :name")
    return max(highest, connection.scalar(given, {"name": table.name}) or 0)


def _converted(
    connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]
) -> Iterator[Sequence[Any]]:
    """What SQLAlchemy would give the driver, row by row, in the order of the first one's names."""
    names = list(rows[0])
    converters = [_converter(table.c[name].type, connection.dialect) for name in names]
    wanted = [(at, convert) for at, convert in enumerate(converters) if convert != _as_it_is]
    # Most rows have the very moment, state or nothing that the one before them had.
    last: list[Any] = [_NOTHING] * len(names)
    made: list[Any] = list(last)
    for row in rows:
        values = list(map(row.__getitem__, names))
        # Most values are the driver's already: a hundred thousand rows feel each call.
        for at, convert in wanted:
            value = values[at]
            if value is not last[at]:
                last[at], made[at] = value, convert(value)
            values[at] = made[at]
        yield values


def _converter(kind: sa.types.TypeEngine[Any], dialect: sa.Dialect) -> Callable[[Any], Any]:
    """What SQLAlchemy makes of a value before the driver gets it; of JSON its text."""
    if isinstance(kind, sa.JSON):
        return _json_or_null if kind.none_as_null else _to_json
    return kind.dialect_impl(dialect).bind_processor(dialect) or _as_it_is


def _json_or_null(value: Any) -> str | None:
    return None if value is None else _to_json(value)


def _as_it_is(value: Any) -> Any:
    return value
