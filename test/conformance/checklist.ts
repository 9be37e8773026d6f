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

/** Of a tier whose row has no test. */
export const NOT_ATTEMPTED: Readonly<Record<Listed['tier'], string>> = {
  api: 'no test is written',
  ctl: 'needs controllers that are not there yet, or no test is written',
  node: 'needs containers that run; made-up nodes have none',
  net: 'needs packets to reach pods; made-up nodes have no network',
};
