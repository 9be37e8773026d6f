/** The matrix as text: a table of at most 100 columns, the failures below it, and the counts. */
import { formatTable } from '../../runtime/cli/table.ts';
import type { KubectlVersion } from './case.ts';
import type { Result, Verdict } from './matrix.ts';

const WIDTH = 100;
const MARKS: Readonly<Record<Verdict, string>> = {
  passed: 'ok',
  failed: 'FAIL',
  'needs controller': 'ctrl',
  'not in it': '-',
};

export interface Totals {
  passed: number;
  failed: number;
  needsController: number;
  notInIt: number;
}

export function totalsOf(results: readonly Result[]): Totals {
  const count = (verdict: Verdict): number => results.filter((result) => result.verdict === verdict).length;
  return {
    passed: count('passed'),
    failed: count('failed'),
    needsController: count('needs controller'),
    notInIt: count('not in it'),
  };
}

export function matrixText(results: readonly Result[], versions: readonly KubectlVersion[]): string {
  const cells = new Map<string, string[]>();
  for (const { group, name, version, verdict } of results) {
    const row = `${group}\0${name}`;
    const found = cells.get(row) ?? versions.map(() => '');
    found[versions.indexOf(version)] = MARKS[verdict];
    cells.set(row, found);
  }
  const rows = [...cells].map(([row, marks]) => [...row.split('\0'), ...marks]);
  const table = formatTable(['group', 'command', ...versions], rows, WIDTH);
  const perVersion = formatTable(
    ['kubectl', 'passed', 'failed', 'needs controller', 'not in it'],
    versions.map((version) => {
      const { passed, failed, needsController, notInIt } = totalsOf(results.filter((one) => one.version === version));
      return [version, ...[passed, failed, needsController, notInIt].map(String)];
    }),
    WIDTH,
  );
  const failures = results.flatMap(({ group, name, version, failure }) =>
    failure === undefined ? [] : [`FAIL ${version} ${group}: ${name}\n${failure.replace(/^/gm, '  | ')}\n`],
  );
  return [table, perVersion, ...failures].join('\n');
}
