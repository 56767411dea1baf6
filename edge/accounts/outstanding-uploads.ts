// Uploads that were announced within the last hour and that no job uses: rows of the account's own database.

export type Upload = { id: string; bytes: number };
export type Announced = { accepted: true } | { accepted: false; retryAfterMs: number };

const windowMs = 3_600_000;

/** The table is made with the first upload: an account that never uploads stores nothing. */
export function outstandingUploads(sql: SqlStorage) {
  let made = false;
  function make(): void {
    if (!made) sql.exec("CREATE TABLE IF NOT EXISTS uploads (id TEXT PRIMARY KEY, livemode INTEGER, bytes INTEGER, announced_at INTEGER)");
    made = true;
  }
  return {
    /** Counts the upload unless the sum would grow beyond `bytesMax`. Live and test uploads are summed apart. */
    announce({ id, bytes }: Upload, livemode: boolean, bytesMax: number, now: number): Announced {
      make();
      sql.exec("DELETE FROM uploads WHERE announced_at <= ?", now - windowMs);
      const { total, oldest } = sql
        .exec<{ total: number; oldest: number | null }>(
          "SELECT COALESCE(SUM(bytes), 0) AS total, MIN(announced_at) AS oldest FROM uploads WHERE livemode = ?",
          Number(livemode),
        )
        .one();
      if (total + bytes > bytesMax) return { accepted: false, retryAfterMs: (oldest ?? now) + windowMs - now };
      sql.exec("INSERT INTO uploads VALUES (?, ?, ?, ?)", id, Number(livemode), bytes, now);
      return { accepted: true };
    },
    /** A job uses them now. */
    use(ids: readonly string[]): void {
      make();
      for (const id of ids) sql.exec("DELETE FROM uploads WHERE id = ?", id);
    },
    /** After the object's storage was emptied. */
    forget(): void {
      made = false;
    },
  };
}
