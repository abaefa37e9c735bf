"""PostgreSQL 18, as its wheel has it: what the tools answer, and what they refuse."""

from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.modules.workbench import Bench, bench
from tests.support import servers

TABLE = """
CREATE TABLE book (
  id serial PRIMARY KEY, title text NOT NULL, price numeric, tags text[], about jsonb,
  at timestamptz DEFAULT '2026-01-31T12:00:00Z', lent_to int REFERENCES book (id))
"""
FILL = """
INSERT INTO book (title, price, tags, about)
SELECT 'Book ' || n, n * 1.5, ARRAY['a', 'b'], '{"pages": 7}' FROM generate_series(1, 30) n
"""


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Generator[int]:
    with servers.postgres(tmp_path_factory.mktemp("postgres")) as port:
        yield port


@pytest_asyncio.fixture
async def db(port: int, tmp_path: Path) -> AsyncGenerator[Bench]:
    async with bench(tmp_path, "postgres", port, "postgres", servers.PASSWORD) as made:
        await made.call("write_sql", sql="DROP TABLE IF EXISTS book")
        await made.call("write_sql", sql=TABLE)
        await made.call("write_sql", sql=FILL)
        yield made


async def test_schemas_and_objects_are_listed(db: Bench) -> None:
    schemas = {each["schema"]: each for each in await db.call("list_schemas")}
    assert schemas["public"]["tables"] == 1
    assert schemas["pg_catalog"]["system"] is True
    assert [each["name"] for each in (await db.call("list_objects"))["rows"]] == ["book"]
    assert [each["name"] for each in (await db.call("list_objects", kind="sequence"))["rows"]] == ["book_id_seq"]
    assert "plpgsql" in [each["name"] for each in (await db.call("list_objects", kind="extension"))["rows"]]
    assert (await db.call("list_objects", kind="view"))["rows"] == []
    functions = await db.call("list_objects", kind="function", schema="pg_catalog", limit=2, offset=1)
    assert (functions["count"], functions["more"]) == (2, True)


async def test_a_table_is_described_with_its_columns_keys_and_indexes(db: Bench) -> None:
    book = await db.call("get_object_details", name="book")
    columns = {each["name"]: each for each in book["columns"]}
    assert columns["title"] == {"name": "title", "type": "text", "nullable": False, "default": None, "comment": None}
    assert "FOREIGN KEY (lent_to) REFERENCES book(id)" in [each["definition"] for each in book["constraints"]]
    assert [each["table"] for each in book["referenced_by"]] == ["book"]
    assert [each["name"] for each in book["indexes"]] == ["book_pkey"]
    assert (await db.call("get_object_details", name="book_id_seq"))["increment_by"] == 1
    assert (await db.fault("get_object_details", name="nothing")).code == "not_found"


async def test_a_query_answers_with_values_that_json_can_hold(db: Bench) -> None:
    answer = await db.call("execute_sql", sql="SELECT * FROM book WHERE id = $1 AND title LIKE '%3'", parameters=[3])
    assert answer == {
        "rows": [
            {
                "id": 3,
                "title": "Book 3",
                "price": "4.5",
                "tags": ["a", "b"],
                "about": {"pages": 7},
                "at": "2026-01-31T12:00:00Z",
                "lent_to": None,
            }
        ],
        "count": 1,
    }
    odd = "SELECT 'NaN'::float8 AS nan, '1 day'::interval AS day, int4range(1, 5) AS range, '10.0.0.1'::inet AS ip"
    assert (await db.call("execute_sql", sql=odd))["rows"] == [
        {"nan": None, "day": "P1D", "range": "[1, 5)", "ip": "10.0.0.1"}
    ]


async def test_a_long_answer_ends_at_its_limit_and_says_so(db: Bench) -> None:
    answer = await db.call("execute_sql", sql="SELECT id FROM book ORDER BY id;", limit=4)
    assert [row["id"] for row in answer["rows"]] == [1, 2, 3, 4]
    assert answer["more"] is True
    assert "more" not in await db.call("execute_sql", sql="SELECT id FROM book", limit=30)


async def test_a_parameter_is_a_value_and_never_sql(db: Bench) -> None:
    name = "x'; DROP TABLE book; --"
    made = await db.call("write_sql", sql="INSERT INTO book (title) VALUES ($1) RETURNING title", parameters=[name])
    assert made == {"status": "INSERT 0 1", "rows": [{"title": name}], "count": 1}
    about = await db.call("execute_sql", sql="SELECT $1::jsonb->'a' AS a", parameters=[{"a": [1]}])
    assert about["rows"] == [{"a": [1]}]


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM book",
        "WITH gone AS (DELETE FROM book RETURNING *) SELECT * FROM gone",
        "SELECT 1; DELETE FROM book",
        "SELECT nextval('book_id_seq')",
        "SELECT setval('book_id_seq', 1)",
        "COMMIT",
        "SET TRANSACTION READ WRITE",
        "SELECT set_config('transaction_read_only', 'off', true)",
        "COPY book TO PROGRAM 'cat'",
        "CREATE TABLE other (id int)",
        "TRUNCATE book",
        "DO 'BEGIN DELETE FROM book; END'",
        "SELECT 1 FOR UPDATE; COMMIT; DELETE FROM book",
        "EXPLAIN ANALYZE DELETE FROM book",
    ],
)
async def test_a_tool_that_reads_cannot_be_made_to_write(db: Bench, sql: str) -> None:
    fact = await db.fault("execute_sql", sql=sql)
    assert fact.code in ("invalid_arguments", "upstream_failed"), fact
    assert (await db.call("execute_sql", sql="SELECT count(*) AS n FROM book"))["rows"] == [{"n": 30}]


@pytest.mark.parametrize("sql", ["DELETE FROM book", "SELECT 1; DELETE FROM book", "SELECT 1) ; --"])
async def test_explaining_with_analyze_changes_nothing(db: Bench, sql: str) -> None:
    assert (await db.fault("explain_query", sql=sql, analyze=True)).code == "invalid_arguments"
    assert (await db.call("execute_sql", sql="SELECT count(*) AS n FROM book"))["rows"] == [{"n": 30}]


async def test_a_plan_is_shown(db: Bench) -> None:
    (plan,) = await db.call("explain_query", sql="SELECT * FROM book WHERE id = $1", parameters=[1])
    assert plan["Plan"]["Relation Name"] == "book"
    (timed,) = await db.call("explain_query", sql="SELECT * FROM book", analyze=True)
    assert timed["Plan"]["Actual Rows"] == 30


@pytest.mark.parametrize(
    ("sql", "code", "hint"),
    [
        ("SELECT * FROM nothing", "invalid_arguments", "list_objects"),
        ("SELECT colour FROM book", "invalid_arguments", "get_object_details"),
        ("SELEC 1", "invalid_arguments", "write_sql"),
        ("SELECT 1/0", "invalid_arguments", "Correct"),
        ("SELECT 'infinity'::date", "invalid_arguments", "Correct"),
        pytest.param("SELECT pg_sleep(40)", "upstream_timeout", "Ask for less", marks=pytest.mark.slow),
    ],
)
async def test_an_error_says_what_to_do(db: Bench, sql: str, code: str, hint: str) -> None:
    fact = await db.fault("execute_sql", sql=sql)
    assert fact.code == code
    assert hint in fact.hint
    assert fact.message.startswith("PostgreSQL: ")


async def test_a_write_that_breaks_a_constraint_changes_nothing(db: Bench) -> None:
    fact = await db.fault("write_sql", sql="INSERT INTO book (title) VALUES ('good'), (NULL)")
    assert fact.code == "upstream_failed"
    assert "not-null" in fact.message
    assert (await db.call("execute_sql", sql="SELECT count(*) AS n FROM book"))["rows"] == [{"n": 30}]


async def test_the_health_of_a_database_is_looked_at(db: Bench) -> None:
    await db.call("write_sql", sql="CREATE INDEX twin ON book (id)")
    health = await db.call("analyze_db_health")
    assert set(health) == {
        "connections", "cache", "indexes", "vacuum", "wraparound", "sequences", "constraints", "replication",
    }  # fmt: skip
    assert "covers the same columns as book_pkey" in [each["finding"] for each in health["indexes"]]
    assert set(await db.call("analyze_db_health", checks=["cache"])) == {"cache"}
    assert [each["state"] for each in await db.call("list_active_queries", idle=True)]
    assert "pg_stat_statements" in (await db.fault("get_top_queries")).message


async def test_a_wrong_password_or_address_is_said_so(db: Bench) -> None:
    db.credential = type(db.credential)(db.credential.scheme, {"username": "postgres", "password": "wrong-password"})
    fact = await db.fault("list_schemas")
    assert fact.code == "credential_rejected"
    assert "wrong-password" not in fact.message
    db.variables["port"] = "1"
    assert (await db.fault("list_schemas")).code == "upstream_unavailable"
