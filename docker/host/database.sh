# What is read of the database, in its own container.
# shellcheck shell=sh disable=SC2154

# Two roles take turns when the password is changed (docs/rotation.md); one of them may log in.
role=trusty
find_role() {
  for role in trusty trusty_b; do
    if compose exec -T postgres psql -U $role -d trusty -qXc 'select 1' >/dev/null 2>&1; then return; fi
  done
  role=trusty
}

sql() { compose exec -T postgres psql -U $role -d trusty -qAtX -v ON_ERROR_STOP=1 "$@"; }

# Rows and digest of each table, as of the transaction that the lines of $1 begin: the same rows give the same digests on any host.
digests() {
  tables=$(sql -c "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname not in ('pg_catalog', 'information_schema') order by 1") || return 1
  found=$({
    printf '%s\n' "$1" "set timezone = 'UTC';"
    for table in $tables; do
      printf '%s\n' "select '$table', count(*) from $table;" '\o | sha256sum' \
        "copy (select t from $table t order by t::text collate \"C\") to stdout;" '\o'
    done
    echo 'commit;'
  } | sql) || return 1
  printf '%s\n' "$found" | sed 'N; s/\n/|/; s/ *-$//'
}

# The migrations that were run, by the time at which each was made.
migrations() { printf '%s\n' "$1" 'select created_at from drizzle.__drizzle_migrations order by 1;' 'commit;' | sql; }

# Every object that belongs to a job, one JSON object on a line.
objects() {
  {
    printf '%s\n' "$1"
    cat <<'SQL'
select json_build_object('bucket', 'uploads', 'key', account || '/' || (i->>'upload'), 'size', (i->>'size')::bigint, 'sha256', i->>'found_sha256', 'job', id)
  from jobs, jsonb_array_elements(inputs) i where files_deleted_at is null
union all
select json_build_object('bucket', 'results', 'key', r->>'key', 'size', (r->>'size')::bigint, 'sha256', r->>'sha256', 'job', id)
  from jobs, jsonb_array_elements(results) r where files_deleted_at is null;
commit;
SQL
  } | sql
}
