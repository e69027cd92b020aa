/** Numbers as people read them in a tree or a status bar. */

/** Seconds as "0.4 s", "12 s", "3 min 05 s", "2 h 10 min", "1 d 3 h". */
export function formatDuration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${String(whole)} s`;
  if (whole < 3600) return `${String(Math.floor(whole / 60))} min ${String(whole % 60).padStart(2, "0")} s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 24 * 60) return `${String(Math.floor(minutes / 60))} h ${String(minutes % 60).padStart(2, "0")} min`;
  const hours = Math.round(minutes / 60);
  return `${String(Math.floor(hours / 24))} d ${String(hours % 24)} h`;
}

/** Tokens as "512", "8k", "128k", "1M" where that is exact, else the number. */
export function formatTokens(tokens: number): string {
  const mega = 1024 * 1024;
  if (tokens >= mega && tokens % mega === 0) return `${String(tokens / mega)}M`;
  if (tokens >= 1024 && tokens % 1024 === 0) return `${String(tokens / 1024)}k`;
  return String(tokens);
}

/** Bytes as "7.7 GiB". */
export function formatBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value >= 100 || unit === 0 ? value.toFixed(0) : value.toFixed(1)} ${units[unit] ?? ""}`;
}
