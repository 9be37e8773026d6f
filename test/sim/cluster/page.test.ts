/** The report of a run over time: one file that fetches nothing, the same for the same run, and safe with any name. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { renderClusterPage } from '../../../sim/cluster/page.ts';
import type { ClusterRun } from '../../../sim/cluster/result.ts';
import { budget, deployment, nodes, simulationOf } from '../../support/simulated-cluster.ts';

const frame = { title: 'T', summary: 'S', madeAt: 'now', cards: [], reproduce: [], origin: [] };
const page = (run: ClusterRun): string => renderClusterPage({ ...frame, run });

const objects = [...nodes(3, '2'), deployment('web', 9), budget('web', { maxUnavailable: 1 })];
const events = '2m fail node=n0 for=1m; 5m roll web; 8m drain n1; 11m scale deployment=web replicas=20';
const play = (): Promise<ClusterRun> => simulationOf(objects, { events, duration: '15m' }).run();

test('all sections are there, with an upright line for each event in each chart', async () => {
  const run = await play();
  const text = page(run);
  for (const head of [
    'What happened',
    'Pods over time',
    'Workloads',
    'wait for a node',
    'Limits',
    'Decisions',
    'made up',
  ]) {
    assert.match(text, new RegExp(`<h2>[^<]*${head}`));
  }
  assert.is(text.match(/class="mark"/g)?.length, 2 * run.events.length);
  assert.not.match(text, /<script|https?:\/\/(?!www\.w3\.org)|NaN|undefined|Infinity/);
});

test('the same run is the same page', async () => {
  assert.is(page(await play()), page(await play()));
});

test('a name that is markup stays text', async () => {
  const run = await play();
  run.events[0].text = '<img src=x onerror=alert(1)>';
  run.log[0].why = '<b>bold</b>';
  const text = page(run);
  assert.not.match(text, /<img|<b>bold/);
  assert.match(text, /&lt;img src=x/);
});

test('a cluster without workloads or events has a page', async () => {
  const text = page(await simulationOf(nodes(1), { duration: '1m' }).run());
  assert.not.match(text, /<h2>What happened|NaN|undefined/);
});

test('limits that were passed stand out', async () => {
  const run = await play();
  run.violations.maxSurge.push('default/web: 20 pods are asked for, 12 are allowed');
  assert.match(page(run), /✗ 1/);
});

test.run();
