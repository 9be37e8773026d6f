/** The rows of the third-party checklist (../shared/data), and why those that have no test here are not attempted. */
import { readFileSync } from 'node:fs';
import { sharedPath } from '../support/shared.ts';

export interface Listed {
  id: string;
  area: string;
  tier: 'api' | 'ctl' | 'node' | 'net';
  title: string;
}

/** undefined where the file is absent; that is said aloud. */
export function readChecklist(): Listed[] | undefined {
  const path = sharedPath('data/conformance-checklist.tsv');
  if (!path) return undefined;
  const [, ...lines] = readFileSync(path, 'utf8').trim().split('\n');
  return lines.map((line) => {
    const [id, area, tier, , title] = line.split('\t');
    return { id, area, tier: tier as Listed['tier'], title };
  });
}

/** Rows without a test, by what is missing. The README's table says the same, which a test holds it to. */
export const NOT_ATTEMPTED: readonly { why: string; ids: readonly string[] }[] = [
  { why: 'the CronJob controller', ids: ['C042', 'C043', 'C044', 'C045'] },
  { why: 'the DaemonSet controller', ids: ['C041', 'C048', 'C049', 'C050', 'C051', 'C052'] },
  { why: 'the StatefulSet controller', ids: ['C087', 'C088', 'C089', 'C090', 'C092', 'C093'] },
  { why: 'a DNS server for the names of Services and pods', ids: ['C127', 'C128', 'C129', 'C130', 'C131', 'C132'] },
];

/** What a row lacks that has no test. */
export function lackOf(id: string): string | undefined {
  return NOT_ATTEMPTED.find(({ ids }) => ids.includes(id))?.why;
}
