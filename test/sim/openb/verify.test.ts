import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { publishedDefault, VERIFIED_POINTS, verifyOpenB } from '../../../sim/openb/verify.ts';
import { sharedPath } from '../../support/shared.ts';

test('verify: one seed of the built-in table lies within the published bounds', async () => {
  const workloads: string[] = [];
  const { comparisons, within, total } = await verifyOpenB({ seeds: [42], policies: ['FGD', 'BestFit'] }, (progress) =>
    workloads.push(progress.workload),
  );
  assert.equal(workloads, ['default', 'default']);
  assert.is(total, 2 * VERIFIED_POINTS.length);
  const outside = comparisons.filter((comparison) => !comparison.within);
  assert.is(within, total, JSON.stringify(outside));
});

test('verify: what the project carries of the published figures covers every point that is verified', () => {
  const published = publishedDefault();
  assert.is(published.length, 6 * 3 * 15);
  for (const { metric, arrivedPct } of VERIFIED_POINTS) {
    const figures = published.filter((row) => row.metric === metric && row.arrivedPct === arrivedPct);
    assert.is(figures.length, 6);
    for (const { mean, std } of figures) assert.ok(mean > 0 && std >= 0);
  }
});

const folder = mkdtempSync(join(tmpdir(), 'keelson-verify-'));
mkdirSync(join(folder, 'expected'));
const SUMMARY = 'workload,policy,metric,arrived_pct,mean,std,min,max,seeds\n';

const refusals = [
  { name: 'a folder without the summary', summary: undefined, says: [/summary\.csv: cannot be read: no such file$/] },
  {
    name: 'a metric that nobody knows, and a mean that is no number',
    summary: `${SUMMARY}default,FGD,speed,100,1,1,1,1,10\ndefault,FGD,alloc_pct,100,fast,1,1,1,10\n`,
    says: [
      /summary\.csv:2: metric: 'speed' is none of alloc_pct, frag_pct_of_total, frag_pct_of_idle$/,
      /summary\.csv:3: mean: 'fast' is not a number$/,
    ],
  },
  {
    name: 'missing lists, the nodes of all workloads named once',
    summary: `${SUMMARY}a,FGD,alloc_pct,100,1,1,1,1,10\nb,FGD,alloc_pct,100,1,1,1,1,10\n`,
    says: [/gpu_node\.csv: cannot be read/, /pod_list_a\.csv: cannot be read/, /pod_list_b\.csv: cannot be read/],
  },
];
for (const { name, summary, says } of refusals) {
  test(`verify, refused: ${name}`, async () => {
    if (summary) writeFileSync(join(folder, 'expected', 'summary.csv'), summary);
    try {
      await verifyOpenB({ dataDir: folder });
      assert.unreachable();
    } catch (error) {
      const lines = (error as Error).message.split('\n');
      assert.is(lines.length, says.length, lines.join('\n'));
      for (const [i, pattern] of says.entries()) assert.match(lines[i], pattern);
    }
  });
}

const openb = sharedPath('data/traces/openb');
if (openb) {
  test('verify: one seed of FGD on all nine lists of the trace runs, and nearly all lies within', async () => {
    const { runs, within, total } = await verifyOpenB({ dataDir: openb, seeds: [42], policies: ['FGD'] });
    assert.is(runs.length, 9);
    assert.is(total, 9 * VERIFIED_POINTS.length);
    assert.ok(within >= total - 2, `${within} of ${total}`); // One seed scatters more than the mean of ten.
  });
}

test.run();
