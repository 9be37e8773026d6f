/** Scenarios as users write them: what they come to, and every mistake with its line and field. */
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { formatProblem } from '../../../core/index.ts';
import { readScenario, type ScenarioInput } from '../../../sim/cluster/scenario/read-scenario.ts';
import type { Scenario } from '../../../sim/cluster/scenario/scenario.ts';
import { KindTable } from '../../../sim/cluster/world/kinds.ts';
import { folderOf } from '../../support/keelson.ts';
import { deployment, nodes } from '../../support/simulated-cluster.ts';

const OBJECTS = [...nodes(6), deployment('web', 3), deployment('api', 2)];
const KINDS = new KindTable(OBJECTS);

function read(input: ScenarioInput): { scenario: Scenario; problems: string[] } {
  const { scenario, problems } = readScenario(input, OBJECTS, KINDS);
  return { scenario, problems: problems.map(formatProblem) };
}

function fromFile(text: string, more: Record<string, string> = {}): { scenario: Scenario; problems: string[] } {
  const folder = folderOf({ 's.yaml': text, ...more });
  try {
    const { scenario, problems } = read({ file: join(folder.path, 's.yaml') });
    return { scenario, problems: problems.map((one) => one.replaceAll(`${folder.path}/`, '')) };
  } finally {
    folder.remove();
  }
}

const texts = [
  { says: '5m fail zone=b count=2 for=10m', means: '2 nodes of zone b without power for 10m' },
  { says: '5m fail n1', means: 'node n1 without power' },
  { says: '5m restore node=n1,n2', means: 'power back on: nodes n1, n2' },
  { says: '5m drain node=n0 force timeout=3m', means: 'drain node n0' },
  {
    says: '5m cordon selector=topology.kubernetes.io/zone=a',
    means: 'cordon: all nodes of topology.kubernetes.io/zone=a',
  },
  { says: '5m uncordon zone=c', means: 'uncordon: all nodes of zone c' },
  { says: '5m roll *', means: 'roll all Deployments' },
  { says: '5m roll web,default/api', means: 'roll default/web, default/api' },
  { says: '5m scale deployment=web replicas=0', means: 'scale default/web to 0' },
  { says: '5m set-image deployment=web image=web:2', means: 'set the image of default/web to web:2' },
  { says: '5m delete deployment/web', means: 'delete Deployment default/web' },
  { says: '5m delete pod/shop/web-1', means: 'delete Pod shop/web-1' },
  { says: '5m delete node/n3', means: 'delete Node n3' },
  { says: '5m crash deployment=web count=2', means: '2 of the pods of default/web crash' },
  { says: '5m crash shop/web-1', means: 'pod shop/web-1 crashes' },
  { says: '5m outage of=controllers for=90s', means: 'the controllers down for 1m 30s' },
];
for (const { says, means } of texts) {
  test(`'${says}' is ${means}`, () => {
    const { scenario, problems } = read({ events: says });
    assert.equal(problems, []);
    assert.equal(
      scenario.events.map(({ atMs, text }) => [atMs, text]),
      [[300_000, means]],
    );
  });
}

test('a file says the same, and how long pods take; events come in order of time', () => {
  const { scenario, problems } = fromFile(`
duration: 1h
pods: {start: 10s..20s, stop: 0s}
events:
  - at: 20m
    drain: {node: [n0, n1], force: true, delete-emptydir-data: false}
  - {at: 5m, fail: {zone: b, count: 1}}
  - at: 5m
    scale: {deployment: web, replicas: 7}
`);
  assert.equal(problems, []);
  assert.is(scenario.durationMs, 3_600_000);
  assert.equal(scenario.times.start, { fromMs: 10_000, toMs: 20_000 });
  assert.equal(scenario.times.stop, { fromMs: 0, toMs: 0 });
  assert.equal(
    scenario.events.map(({ text }) => text),
    ['1 node of zone b without power', 'scale default/web to 7', 'drain nodes n0, n1'],
  );
  const { happening } = scenario.events[2];
  const options = { force: true, ignoreDaemonSets: true, deleteEmptyDirData: false, timeoutMs: undefined };
  assert.equal(happening.do === 'drain' && happening.options, options);
});

test('what is applied, of a file or as it stands, is known to the other events', () => {
  const shop = 'apiVersion: v1\nkind: Node\nmetadata: {name: n9}\nstatus: {allocatable: {cpu: "4"}}\n';
  const { scenario, problems } = fromFile(
    `
events:
  - {at: 1m, cordon: n9}
  - {at: 2m, apply: {file: node.yaml}}
  - at: 3m
    apply:
      objects:
        - {apiVersion: v1, kind: Namespace, metadata: {name: shop}}
`,
    { 'node.yaml': shop },
  );
  assert.equal(problems, []);
  assert.equal(
    scenario.events.map(({ text }) => text),
    ['cordon: node n9', 'apply Node n9', 'apply Namespace shop'],
  );
});

test('the command line goes before the file, and its events join those of the file', () => {
  const folder = folderOf({ 's.yaml': 'duration: 1h\nevents: [{at: 10m, roll: "*"}]\n' });
  const { scenario, problems } = read({ file: join(folder.path, 's.yaml'), events: '5m fail n1', duration: '20m' });
  folder.remove();
  assert.equal(problems, []);
  assert.is(scenario.durationMs, 1_200_000);
  assert.is(scenario.events.length, 2);
});

test('every mistake is told at once, with its line and field', () => {
  const { problems } = fromFile(`duration: forever
pods: {start: 3s..1s, nap: 5s}
evnts: []
events:
  - at: 5m
    fail: {zone: z}
  - at: soon
    drain: {node: n99, forced: yes}
  - {at: 1m, scale: {deployment: wbe}}
  - {at: 2m, roll: web, drain: n1}
  - {at: 3m, explode: n1}
  - 7
  - {at: 4m, crash: {count: 0}}
  - {at: 4m, outage: {of: etcd}}
  - {at: 4m, delete: gizmo/x}
  - {at: 4m, apply: {file: none.yaml}}
  - {at: 4m, apply: {objects: [{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {}}]}}
  - {at: 40m, roll: web}
`);
  const told = problems.join('\n');
  for (const expected of [
    's.yaml:1:11: duration: "forever" is no time',
    's.yaml:2:15: pods.start: "3s..1s" is no time, nor a range of times',
    's.yaml:2:28: pods.nap: is unknown; there are start, ready, stop',
    's.yaml:3:1: evnts: is unknown; there are duration, pods, events',
    's.yaml:6:18: events[0].fail.zone: no node is in it',
    's.yaml:7:9: events[1].at: "soon" is no time',
    "events[1].drain.node: there is no node 'n99'",
    'events[1].drain.forced: is unknown',
    "events[2].scale.deployment: there is no Deployment 'default/wbe'",
    'events[2].scale.replicas: is missing',
    'events[3]: 2 things happen here; it is one of apply, delete, fail',
    "events[4]: 'explode' cannot happen",
    'events[5]: 7 is not an event',
    'events[6].crash.count: 0 is not a whole number from 1',
    'events[6].crash: needs a pod, or a deployment',
    'events[7].outage.of: "etcd" is none of controllers, scheduler',
    "events[8].delete.object: 'gizmo/x' is not KIND/NAME",
    'none.yaml: cannot be read: no such file',
    'events[10].apply.objects[0]: spec.containers: ',
    "duration: is over before 'roll default/web' happens",
  ]) {
    assert.ok(told.includes(expected), `${expected}\nis not in\n${told}`);
  }
});

const wrong = [
  { says: 'a scenario that is no map', text: '- 5m\n', told: 's.yaml:1:1: ["5m"] is not a scenario' },
  { says: 'an empty file', text: '', told: 's.yaml: the file is empty' },
  { says: 'a file that is no YAML', text: 'events: [\n', told: 's.yaml:' },
  {
    says: 'events that are no list',
    text: 'events: {at: 5m}\n',
    told: 's.yaml:1:1: events: {"at":"5m"} is not a list',
  },
];
for (const { says, text, told } of wrong) {
  test(`${says} is told`, () => {
    const { problems } = fromFile(text);
    assert.ok(problems[0]?.startsWith(told), problems.join('\n'));
  });
}

test('a duration of nothing, or of more than a week, is none', () => {
  for (const duration of ['0s', '169h']) {
    assert.equal(read({ duration }).problems, ['--for: duration: is not from 1ms to 7 days']);
  }
  assert.equal(read({ duration: '168h' }).problems, []);
});

test.run();
