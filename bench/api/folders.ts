/** Data directories of the benchmarks: gone when the process is. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folders: string[] = [];

export function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'keelson-bench-api-'));
  folders.push(made);
  return made;
}

process.once('exit', () => {
  for (const one of folders) rmSync(one, { recursive: true, force: true });
});
