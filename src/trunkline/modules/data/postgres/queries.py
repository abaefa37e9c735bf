"""Questions to PostgreSQL's catalogs. $1, $2 … are parameters."""

from typing import Final

SCHEMAS: Final = """
SELECT n.nspname AS schema, pg_get_userbyid(n.nspowner) AS owner,
       n.nspname LIKE 'pg\\_%' OR n.nspname = 'information_schema' AS system,
       count(c.oid) FILTER (WHERE c.relkind IN ('r', 'p', 'f')) AS tables,
       count(c.oid) FILTER (WHERE c.relkind IN ('v', 'm')) AS views
FROM pg_namespace n LEFT JOIN pg_class c ON c.relnamespace = n.oid
WHERE n.nspname NOT LIKE 'pg\\_toast%' AND n.nspname NOT LIKE 'pg\\_temp%'
GROUP BY n.oid ORDER BY system, schema
"""

RELATIONS: Final = """
SELECT c.relname AS name, pg_get_userbyid(c.relowner) AS owner,
       CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table' WHEN 'f' THEN 'foreign table'
                      WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' ELSE 'sequence' END AS kind,
       CASE WHEN c.relkind IN ('r', 'm') AND c.reltuples >= 0 THEN c.reltuples::bigint END AS estimated_rows,
       CASE WHEN c.relkind IN ('r', 'm') THEN pg_total_relation_size(c.oid) END AS bytes,
       obj_description(c.oid, 'pg_class') AS comment
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relkind::text = ANY ($2::text[])
ORDER BY c.relname OFFSET $3
"""

FUNCTIONS: Final = """
SELECT p.proname AS name, pg_get_function_identity_arguments(p.oid) AS arguments,
       pg_get_function_result(p.oid) AS returns, l.lanname AS language, obj_description(p.oid, 'pg_proc') AS comment
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
WHERE n.nspname = $1 ORDER BY p.proname, arguments OFFSET $2
"""

EXTENSIONS: Final = """
SELECT e.extname AS name, e.extversion AS version, n.nspname AS schema,
       obj_description(e.oid, 'pg_extension') AS comment
FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace ORDER BY e.extname OFFSET $1
"""

RELATION: Final = """
SELECT c.oid::bigint AS oid, c.relkind::text AS relkind, pg_get_userbyid(c.relowner) AS owner,
       CASE WHEN c.reltuples >= 0 THEN c.reltuples::bigint END AS estimated_rows,
       CASE WHEN c.relkind IN ('r', 'm') THEN pg_total_relation_size(c.oid) END AS bytes,
       obj_description(c.oid, 'pg_class') AS comment,
       CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid, true) END AS definition
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S')
"""

COLUMNS: Final = """
SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, NOT a.attnotnull AS nullable,
       pg_get_expr(d.adbin, d.adrelid) AS default, col_description(a.attrelid, a.attnum) AS comment
FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = $1::bigint::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""

CONSTRAINTS: Final = """
SELECT conname AS name, pg_get_constraintdef(oid, true) AS definition, convalidated AS validated
FROM pg_constraint WHERE conrelid = $1::bigint::oid ORDER BY contype, conname
"""

REFERENCED_BY: Final = """
SELECT conrelid::regclass::text AS "table", conname AS name, pg_get_constraintdef(oid, true) AS definition
FROM pg_constraint WHERE confrelid = $1::bigint::oid AND contype = 'f' ORDER BY 1, 2
"""

INDEXES: Final = """
SELECT c.relname AS name, pg_get_indexdef(i.indexrelid) AS definition, i.indisunique AS "unique",
       i.indisvalid AS valid, pg_relation_size(i.indexrelid) AS bytes, s.idx_scan AS scans
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
LEFT JOIN pg_stat_all_indexes s ON s.indexrelid = i.indexrelid
WHERE i.indrelid = $1::bigint::oid ORDER BY c.relname
"""

SEQUENCE: Final = """
SELECT data_type::text AS type, start_value, min_value, max_value, increment_by, cycle, last_value
FROM pg_sequences WHERE schemaname = $1 AND sequencename = $2
"""

ACTIVITY: Final = """
SELECT pid, usename AS "user", datname AS database, application_name, client_addr, state, wait_event_type, wait_event,
       round(extract(epoch FROM clock_timestamp() - xact_start)::numeric, 1)::float AS transaction_seconds,
       round(extract(epoch FROM clock_timestamp() - query_start)::numeric, 1)::float AS query_seconds,
       pg_blocking_pids(pid) AS blocked_by, left(query, 500) AS query
FROM pg_stat_activity
WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND ($1 OR state <> 'idle')
ORDER BY xact_start NULLS LAST, query_start
"""

HAS_STATEMENTS: Final = "SELECT extversion FROM pg_extension WHERE extname = 'pg_stat_statements'"

TOP_QUERIES: Final = """
SELECT left(query, 1000) AS query, calls, round(total_exec_time::numeric, 2)::float AS total_ms,
       round(mean_exec_time::numeric, 3)::float AS mean_ms, rows, shared_blks_hit, shared_blks_read,
       shared_blks_dirtied, temp_blks_written,
       round((100 * total_exec_time / NULLIF(sum(total_exec_time) OVER (), 0))::numeric, 1)::float AS percent_of_time
FROM pg_stat_statements
ORDER BY CASE $1 WHEN 'mean_time' THEN mean_exec_time WHEN 'calls' THEN calls
                 WHEN 'io' THEN shared_blks_read + temp_blks_written ELSE total_exec_time END DESC
"""
