/** Every benchmark that is a script of its own runs through on a small cut and prints its rows. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { whyNot } from '../runtime/proxy/nftables/network.ts';

interface Script {
  name: string;
  args: string[];
  env?: Record<string, string>;
  /** One for each row it must print. */
  rows: RegExp[];
  /** Why this machine's kernel cannot run it. */
  lacks?: string;
}

const SCRIPTS: Script[] = [
  {
    name: 'classes',
    args: ['--nodes', '200', '--classes', '2', '--rounds', '1'],
    rows: [/^200 +2 +awake .+%$/m, /^200 +2 +asleep .+%$/m],
  },
  {
    name: 'library',
    args: ['--nodes', '100', '--pods', '500', '--runs', '1'],
    rows: [/^engine, built-in plugins +\d+ pods\/s/m, /^scan, a tenth refused by it +\d+ pods\/s/m, /scans: .+: \d+/m],
  },
  {
    name: 'service',
    args: ['--requests', '2000', '--servers', '10', '--runs', '1', '--policy', 'round-robin,maglev'],
    rows: [/^round-robin .+million requests\/s/m, /^maglev .+million requests\/s/m],
  },
  {
    name: 'store',
    args: ['--only', 'lmdb'],
    env: { BENCH: 'smoke' },
    rows: [/lmdb/m],
  },
  {
    name: 'nftables',
    args: ['--services', '5', '--endpoints', '2', '--runs', '1'],
    rows: [/^keelson/m, /^kube-proxy's layout/m],
    lacks: whyNot(),
  },
];

for (const { name, args, env, rows, lacks } of SCRIPTS) {
  test(`${name}.bench.ts prints its rows`, () => {
    if (lacks !== undefined) {
      console.log(`SKIPPED: ${name}.bench.ts, as ${lacks}`);
      return;
    }
    const script = join(import.meta.dirname, `../../bench/${name}.bench.ts`);
    const options = { encoding: 'utf8', timeout: 60_000, env: { ...process.env, ...env } } as const;
    const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], options);
    assert.is(status, 0, stderr);
    for (const row of rows) assert.match(stdout, row);
  });
}

test.run();
