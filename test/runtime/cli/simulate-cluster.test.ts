/** `keelson simulate --scenario` as a user calls it: table, JSON, report, exit codes, the same bytes again. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { folderOf, keelson } from '../../support/keelson.ts';

const EXAMPLE = join(import.meta.dirname, '../../../sim/cluster/example');
const CLUSTER = join(EXAMPLE, 'cluster.yaml');
const folder = folderOf({});
const cwd = folder.path;
test.after(() => folder.remove());

test('the example: events with their recovery, workloads, disruptions; the seed first, within 100 columns', () => {
  const { code, out, err } = keelson(['simulate', CLUSTER, '--scenario', join(EXAMPLE, 'bad-day.yaml')], { cwd });
  assert.is(code, 0, err);
  assert.is(err, '');
  assert.match(out, /^seed 42\n9 nodes, 3 workloads, 45m\. Pods start in 2s to 6s/);
  assert.match(out, /AT +EVENT +WHOLE AGAIN AFTER +WHAT CAME OF IT/);
  assert.match(out, /^5:00 +all nodes of zone b without power for 15m +15m \d+s +b-1, b-2, b-3$/m);
  assert.match(out, /^Deployment default\/web +16 +16 +\d+ +16/m);
  assert.match(out, /maxSurge, maxUnavailable and disruption budgets were kept\ndecisions [0-9a-f]{64} \(\d+\)\n$/);
  for (const line of out.split('\n')) assert.ok(line.length <= 104, line);
});

test('-o json has everything, the same bytes for the same seed', () => {
  const args = ['simulate', CLUSTER, '--events', '2m fail zone=a count=2 for=3m', '--for', '12m', '-o', 'json'];
  const { out, code } = keelson(args, { cwd });
  assert.is(code, 0);
  assert.is(keelson(args, { cwd }).out, out);
  assert.is.not(keelson([...args, '--seed', '7'], { cwd }).out, out);
  const run = JSON.parse(out) as { seed: number; log: object[]; events: { nodes: string[] }[]; timeline: object };
  assert.is(run.seed, 42);
  assert.is(run.events[0].nodes.length, 2);
  assert.ok(run.log.length > 20);
});

test('--report writes one page with the command that makes it again', () => {
  const args = ['simulate', CLUSTER, '--events', '1m roll web', '--for', '3m', '--report', 'page.html'];
  const { code, out } = keelson(args, { cwd });
  assert.is(code, 0);
  assert.match(out, /report .*page\.html\n$/);
  const page = readFileSync(join(cwd, 'page.html'), 'utf8');
  assert.ok(page.includes('--events &#39;1m roll web&#39; --for 3m'), 'the command is there');
});

test('every mistake of the scenario is told at once, with exit code 2', () => {
  const events = '5m fail zone=q; soon roll web; 5m drain n7';
  const { code, out, err } = keelson(['simulate', CLUSTER, '--events', events], { cwd });
  assert.is(code, 2);
  assert.is(out, '');
  assert.match(err, /events\[0\]\.fail\.zone: no node is in it/);
  assert.match(err, /events\[1\]\.at: "soon" is no time/);
  assert.match(err, /events\[2\]\.drain\.node: there is no node 'n7'/);
});

test('a dump without its ReplicaSets is refused: its pods would be made twice', () => {
  const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-abc', uid: 'u', controller: true };
  const metadata = { name: 'web-abc-1', labels: { app: 'web' }, ownerReferences: [owner] };
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [{ name: 'a', image: 'i' }] } };
  const dump = folderOf({ 'pod.json': JSON.stringify(pod) });
  const { code, err } = keelson(['simulate', CLUSTER, join(dump.path, 'pod.json'), '--for', '1m'], { cwd });
  dump.remove();
  assert.is(code, 2);
  assert.match(
    err,
    /deployment default\/web: 1 pods are a ReplicaSet's that is not among the objects; dump ReplicaSets too/,
  );
});

test('flags of other ways do not go with it', () => {
  const { code, err } = keelson(['simulate', CLUSTER, '--for', '1m', '--threads', '2'], { cwd });
  assert.is(code, 2);
  assert.match(err, /--threads does not go with --scenario/);
});

test.run();
