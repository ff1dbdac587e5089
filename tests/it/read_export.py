"""Reads a folder of Parquet files by pyarrow, DuckDB, Polars and pandas, and prints what each sees.

One line of JSON for each reader: its name, and the rows, sorted by id, with values as texts.
"""

import datetime
import json
import sys

import duckdb
import pandas
import polars
import pyarrow.dataset
import pyarrow.parquet

FOLDER, COLUMNS = sys.argv[1], sys.argv[2].split(",")
FILES = FOLDER + "/**/*.parquet"


def text(value):
    if value is None or value != value:
        return ""
    if isinstance(value, datetime.datetime):
        if value.tzinfo is None:
            return value.isoformat()
        return value.astimezone(datetime.timezone.utc).isoformat()
    if isinstance(value, dict):
        value = list(value.items())
    if isinstance(value, list):
        pairs = [(pair["key"], pair["value"]) if isinstance(pair, dict) else pair for pair in value]
        return ";".join(f"{key}={found}" for key, found in pairs)
    return str(value)


def tell(name, rows):
    rows = [[text(row[column]) for column in COLUMNS] for row in rows]
    rows.sort(key=lambda row: int(row[0]))
    print(json.dumps({"reader": name, "rows": rows}))


dataset = pyarrow.dataset.dataset(FOLDER, format="parquet", partitioning="hive")
tell("pyarrow.dataset", dataset.to_table().to_pylist())
tell("pyarrow.parquet", pyarrow.parquet.read_table(FOLDER).to_pylist())
duckdb.sql("SET TimeZone = 'UTC'")
found = duckdb.sql(f"SELECT * FROM '{FILES}'")
names = [column[0] for column in found.description]
tell("duckdb", [dict(zip(names, row)) for row in found.fetchall()])
tell("polars", polars.scan_parquet(FILES, hive_partitioning=True).collect().to_dicts())
frame = pandas.read_parquet(FOLDER)
tell("pandas", frame.astype(object).where(frame.notna(), None).to_dict("records"))
