"""Checks of a database's health: a question each, whose rows are findings."""

from typing import Final, Literal

Check = Literal["connections", "cache", "indexes", "vacuum", "wraparound", "sequences", "constraints", "replication"]

CHECKS: Final[dict[Check, str]] = {
    "connections": """
SELECT count(*) AS connections, count(*) FILTER (WHERE state = 'active') AS active,
       count(*) FILTER (WHERE state = 'idle in transaction') AS idle_in_transaction,
       count(*) FILTER (WHERE wait_event_type = 'Lock') AS waiting_for_locks,
       current_setting('max_connections')::int AS limit
FROM pg_stat_activity WHERE backend_type = 'client backend'
""",
    "cache": """
SELECT round(100.0 * sum(heap_blks_hit) / NULLIF(sum(heap_blks_hit + heap_blks_read), 0), 2)::float
         AS table_hit_percent,
       round(100.0 * sum(idx_blks_hit) / NULLIF(sum(idx_blks_hit + idx_blks_read), 0), 2)::float AS index_hit_percent
FROM pg_statio_user_tables
""",
    "indexes": """
SELECT i.indexrelid::regclass::text AS index, i.indrelid::regclass::text AS "table",
       pg_relation_size(i.indexrelid) AS bytes,
       CASE WHEN NOT i.indisvalid THEN 'invalid: drop it or build it again'
            WHEN twin.indexrelid IS NOT NULL THEN 'covers the same columns as ' || twin.indexrelid::regclass::text
            ELSE 'not used since the statistics were reset' END AS finding
FROM pg_index i JOIN pg_stat_user_indexes s USING (indexrelid)
LEFT JOIN LATERAL (
  SELECT other.indexrelid FROM pg_index other
  WHERE other.indrelid = i.indrelid AND other.indexrelid < i.indexrelid AND other.indkey = i.indkey
    AND other.indclass = i.indclass AND other.indexprs IS NOT DISTINCT FROM i.indexprs
    AND other.indpred IS NOT DISTINCT FROM i.indpred LIMIT 1) twin ON true
WHERE NOT i.indisvalid OR twin.indexrelid IS NOT NULL OR (s.idx_scan = 0 AND NOT i.indisunique)
ORDER BY bytes DESC
""",
    "vacuum": """
SELECT relid::regclass::text AS "table", n_live_tup AS live_rows, n_dead_tup AS dead_rows,
       last_vacuum, last_autovacuum, last_analyze, last_autoanalyze
FROM pg_stat_user_tables
WHERE n_dead_tup > 1000 AND n_dead_tup > n_live_tup / 10 ORDER BY n_dead_tup DESC
""",
    "wraparound": """
SELECT datname AS database, age(datfrozenxid) AS transaction_age,
       current_setting('autovacuum_freeze_max_age')::bigint AS freeze_max_age,
       round(100.0 * age(datfrozenxid) / 2147483647, 2)::float AS percent_of_limit
FROM pg_database WHERE datallowconn ORDER BY 2 DESC
""",
    "sequences": """
SELECT schemaname || '.' || sequencename AS sequence, last_value, max_value,
       round(100.0 * last_value / max_value, 2)::float AS percent_used
FROM pg_sequences WHERE last_value > max_value * 0.5 AND increment_by > 0 ORDER BY 4 DESC
""",
    "constraints": """
SELECT conrelid::regclass::text AS "table", conname AS name, pg_get_constraintdef(oid, true) AS definition,
       'not validated' AS finding
FROM pg_constraint WHERE NOT convalidated ORDER BY 1, 2
""",
    "replication": """
SELECT application_name, client_addr, state, sync_state,
       pg_wal_lsn_diff(sent_lsn, replay_lsn)::bigint AS bytes_behind
FROM pg_stat_replication
""",
}
