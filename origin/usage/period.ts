// Quotas are counted by calendar month, UTC.
const dayMs = 86_400_000;

/** `2026-11`. */
export const periodOf = (now: Date): string => now.toISOString().slice(0, 7);

export function periodBounds(now: Date): { startsAt: Date; endsAt: Date } {
  const [year, month] = [now.getUTCFullYear(), now.getUTCMonth()];
  return { startsAt: new Date(Date.UTC(year, month, 1)), endsAt: new Date(Date.UTC(year, month + 1, 1)) };
}

export const dayStart = (now: Date): Date => new Date(Math.floor(now.getTime() / dayMs) * dayMs);
export const nextDay = (now: Date): Date => new Date(dayStart(now).getTime() + dayMs);
export const secondsUntil = (moment: Date, now: Date): number => Math.max(1, Math.ceil((moment.getTime() - now.getTime()) / 1_000));
