"""Records as Parquet, through pyarrow: read and written in batches."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import pyarrow as pa
import pyarrow.parquet as pq

from calm.errors import CalmError

ROWS_AT_ONCE = 2000


def write_parquet(path: Path, kind: type[Any], rows: Iterable[Any]) -> int:
    """Write records of one kind, a column a field; return how many."""
    schema = pa.schema([(name, _type(hint)) for name, hint in get_type_hints(kind).items()])
    work = path.with_name(f".{path.name}.new")
    count = 0
    try:
        with pq.ParquetWriter(work, schema) as writer:
            rest = iter(rows)
            while batch := list(islice(rest, ROWS_AT_ONCE)):
                writer.write_table(pa.Table.from_pylist([asdict(row) for row in batch], schema))
                count += len(batch)
        work.replace(path)
    finally:
        work.unlink(missing_ok=True)
    return count


def read_parquet(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the rows of a file; raises CalmError where it is broken."""
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(ROWS_AT_ONCE):
                yield from batch.to_pylist()
    except pa.ArrowException as error:
        raise CalmError("file.not-parquet", path=path, reason=error) from None


def _type(hint: Any) -> pa.DataType:
    """Return the column type of a field: a text, a whole number, or a list of them; or `None`."""
    inner = [part for part in get_args(hint) if part not in (type(None), ...)]
    if get_origin(hint) is UnionType:
        return _type(inner[0])
    if get_origin(hint) is tuple:
        return pa.list_(_type(inner[0]))
    return pa.int32() if hint is int else pa.string()
