/** Stories of a cluster over time: what the same controllers and scheduler make of it, and what is told of that. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { KubeObject, Node, Pod } from '../../../core/index.ts';
import type { ClusterRun } from '../../../sim/cluster/result.ts';
import type { ClusterSimulation } from '../../../sim/cluster/simulation.ts';
import { budget, deployment, nodes, podSpec, simulationOf } from '../../support/simulated-cluster.ts';

const PODS = { group: '', resource: 'pods' };
const podsOf = ({ api }: ClusterSimulation): Pod[] => [...api.objects.list(PODS)] as Pod[];
const nodeOf = ({ api }: ClusterSimulation, name: string): Node =>
  api.objects.get({ group: '', resource: 'nodes' }, '', name) as Node;
const words = ({ log }: ClusterRun, what: string): string[] =>
  log.filter((entry) => entry.what === what).map(({ object, why }) => `${object}: ${why}`);
const KEPT = { maxSurge: [], maxUnavailable: [], disruptionBudgets: [] };

test('a Deployment comes up, with its Service, within seconds', async () => {
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default', uid: 'service-web' },
    spec: { selector: { app: 'web' }, ports: [{ port: 80 }], clusterIP: '10.96.0.10', clusterIPs: ['10.96.0.10'] },
  } as KubeObject;
  const simulation = simulationOf([...nodes(3), deployment('web', 6), service], { duration: '1m' });
  const run = await simulation.run();
  assert.equal(
    run.workloads.map(({ name, desired, serving, mostPods }) => [name, desired, serving, mostPods]),
    [['Deployment default/web', 6, 6, 6]],
  );
  assert.is(run.timeline.counts.ready.at(-1), 6);
  assert.ok(run.rollouts[0].toMs !== null && run.rollouts[0].toMs < 10_000, 'the first rollout ends');
  const slices = [...simulation.api.objects.list({ group: 'discovery.k8s.io', resource: 'endpointslices' })];
  assert.is((slices[0] as unknown as { endpoints: unknown[] }).endpoints.length, 6);
  assert.equal(run.violations, KEPT);
});

test('nodes without power are noticed after 40 to 50 s, and given up five minutes later', async () => {
  const simulation = simulationOf([...nodes(6), deployment('web', 12)], {
    events: '2m fail zone=a',
    duration: '15m',
  });
  const run = await simulation.run();
  const lost = run.log.filter(({ what, why }) => what === 'Tainted' && why.includes('NoExecute'));
  assert.equal(lost.map(({ object }) => object).sort(), ['Node n0', 'Node n3']);
  for (const { atMs } of lost) assert.ok(atMs >= 160_000 && atMs < 190_000, `${atMs} ms`);
  assert.is(run.evictions.taint, 4);
  assert.is(run.reschedules.count, 4);
  // Power is never back: the evicted pods wait for their kubelets, and stand-ins serve.
  assert.is(run.pods.terminating, 4);
  assert.is(run.workloads[0].serving, 12);
  assert.is(run.workloads[0].leastServing, 8);
  const { recoveredMs } = run.events[0];
  assert.ok(recoveredMs !== null && recoveredMs > 330_000 && recoveredMs < 380_000, `${recoveredMs} ms`);
});

test('a node that is soon back keeps its pods, whose containers start anew', async () => {
  const simulation = simulationOf([...nodes(2), deployment('web', 4)], {
    events: '2m fail node=n0 for=3m',
    duration: '10m',
  });
  const before = new Set<string>();
  simulation.agenda.after(100_000, () => {
    for (const { metadata } of podsOf(simulation)) before.add(metadata.name);
  });
  const run = await simulation.run();
  assert.is(run.evictions.taint, 0);
  assert.is(run.restarts, 2);
  assert.ok(podsOf(simulation).every(({ metadata }) => before.has(metadata.name)));
  assert.equal(nodeOf(simulation, 'n0').spec?.taints ?? [], []);
  assert.is(run.workloads[0].serving, 4);
});

test('a drain waits for what the disruption budget allows', async () => {
  const objects = [...nodes(3), deployment('web', 6), budget('web', { minAvailable: 5 })];
  const simulation = simulationOf(objects, { events: '2m drain n0,n1', duration: '15m' });
  const run = await simulation.run();
  const [{ drained, recoveredMs, problem }] = run.events;
  assert.is(problem, undefined);
  assert.ok(drained && drained.evicted >= 4, 'every pod of both nodes is evicted, some of them twice');
  assert.ok(drained.refused > 0, 'the budget refuses at first');
  assert.ok(
    drained && recoveredMs !== null && recoveredMs >= drained.endedMs - 120_000,
    'it is over with the last pod',
  );
  assert.is(run.workloads[0].leastServing, 5);
  assert.ok(podsOf(simulation).every(({ spec }) => spec.nodeName === 'n2'));
  assert.ok(nodeOf(simulation, 'n0').spec?.unschedulable);
  assert.equal(run.violations, KEPT);
  assert.match(
    words(run, 'EvictionRefused')[0],
    /The disruption budget web needs 5 healthy pods and has \d currently$/,
  );
});

test('a drain that may not take a pod says why and takes nothing', async () => {
  const alone = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'alone', namespace: 'default', uid: 'pod-alone' },
    spec: { ...podSpec(), nodeName: 'n0' },
  } as KubeObject;
  const run = await simulationOf([...nodes(2), alone], { events: '1m drain n0' }).run();
  assert.is(run.events[0].problem, 'default/alone has no controller that makes it anew (force)');
  assert.is(run.pods.ready, 1);
  const forced = await simulationOf([...nodes(2), alone], { events: '1m drain node=n0 force' }).run();
  assert.is(forced.events[0].drained?.evicted, 1);
  assert.is(forced.pods.ready, 0);
});

test('all Deployments rolled: none goes past its limits, all end with new pods', async () => {
  const strict = { strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } };
  const objects = [...nodes(4), deployment('web', 8), deployment('api', 4, strict)];
  const run = await simulationOf(objects, { events: '2m roll *' }).run();
  assert.equal(run.violations, KEPT);
  const [web, api] = run.workloads;
  assert.equal([web.mostPods, web.leastServing], [10, 6]);
  assert.equal([api.mostPods, api.leastServing], [5, 4]);
  assert.is(run.rollouts.filter(({ fromMs, toMs }) => fromMs === 120_000 && toMs !== null).length, 2);
});

test('an image is set, and a Deployment scaled', async () => {
  const simulation = simulationOf([...nodes(3), deployment('web', 3)], {
    events: '1m set-image deployment=web image=app:2; 5m scale deployment=web replicas=5',
  });
  const run = await simulation.run();
  assert.equal(
    podsOf(simulation).map(({ spec }) => spec.containers[0].image),
    Array(5).fill('app:2'),
  );
  assert.is(run.workloads[0].serving, 5);
  assert.is(run.rollouts.length, 2);
});

test('pods for which there is no room wait, and the scheduler says why', async () => {
  const run = await simulationOf([...nodes(1, '1'), deployment('web', 3)], { duration: '1m' }).run();
  assert.is(run.waiting.length, 1);
  assert.match(run.waiting[0].why, /^0\/1 nodes are available: 1 Insufficient cpu\./);
  assert.is(run.workloads[0].leastServing, null);
  assert.is(run.pods.pending, 1);
});

test('a more important Deployment takes the room of another by preemption', async () => {
  const high = {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name: 'high', uid: 'class-high' },
    value: 1000,
  } as unknown as KubeObject;
  const objects = [
    ...nodes(1, '2'),
    high,
    deployment('low', 4),
    { ...deployment('vital', 0, {}, podSpec('1', { priorityClassName: 'high' })) },
  ];
  const run = await simulationOf(objects, { events: '1m scale deployment=vital replicas=1', duration: '5m' }).run();
  assert.is(run.evictions.preemption, 2);
  assert.equal(
    run.workloads.map(({ name, serving }) => [name, serving]),
    [
      ['Deployment default/low', 2],
      ['Deployment default/vital', 1],
    ],
  );
  assert.match(words(run, 'Preempted')[0], /pod default\/vital-\S+ of priority 1000 needs the room$/);
});

test('a pod that crashes while it is going is not started anew, and goes', async () => {
  const metadata = { labels: { app: 'web' }, annotations: { 'keelson.dev/made-up-stop': '20s' } };
  const web = deployment('web', 1, { template: { metadata, spec: podSpec() } });
  const simulation = simulationOf([...nodes(1), web], {
    events: '2m scale deployment=web replicas=0; 130s crash deployment=web',
    duration: '5m',
  });
  const run = await simulation.run();
  assert.is(run.events[1].problem, undefined);
  assert.is(run.restarts, 0);
  assert.equal(podsOf(simulation), []);
});

test('a pod that crashes is started anew at once, then later each time', async () => {
  const simulation = simulationOf([...nodes(1), deployment('web', 1)], {
    events: '1m crash deployment=web; 2m crash deployment=web; 3m crash deployment=web',
    duration: '5m',
  });
  const run = await simulation.run();
  assert.is(run.restarts, 3);
  assert.is(podsOf(simulation)[0].status?.containerStatuses?.[0].restartCount, 3);
  const [first, second, third] = run.events.map(({ recoveredMs }) => recoveredMs ?? 0);
  assert.ok(first < 10_000 && second > 10_000 && second < 20_000 && third > 20_000, `${first} ${second} ${third}`);
});

test('a deleted Deployment goes with all it owns, a deleted namespace with all that is in it', async () => {
  const space = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', uid: 'ns-shop' } } as KubeObject;
  const inShop = (object: KubeObject): KubeObject => ({
    ...object,
    metadata: { ...object.metadata, namespace: 'shop', uid: `shop-${object.metadata.name}` },
  });
  const objects = [...nodes(2), space, deployment('web', 2), inShop(deployment('api', 2))];
  const simulation = simulationOf(objects, { events: '1m delete deployment/web; 2m delete namespace/shop' });
  await simulation.run();
  const left = ['Pod', 'ReplicaSet', 'Deployment'].flatMap((kind) =>
    [...simulation.api.objects.list(simulation.api.kinds.named(kind)!)].map(({ metadata }) => metadata.name),
  );
  assert.equal(left, []);
  const spaces = [...simulation.api.objects.list({ group: '', resource: 'namespaces' })];
  assert.equal(spaces.map(({ metadata }) => metadata.name).sort(), ['default', 'kube-node-lease']);
});

test('a node that is deleted takes its pods with it, after a while', async () => {
  const run = await simulationOf([...nodes(3), deployment('web', 6)], { events: '2m delete node/n1' }).run();
  assert.is(run.evictions.podGarbage, 2);
  assert.is(run.pods.ready, 6);
  assert.is(run.nodes, 2);
});

test('while the controllers are down nothing is replaced, and all is made good afterwards', async () => {
  const simulation = simulationOf([...nodes(3), deployment('web', 6)], {
    events: '2m outage of=controllers for=5m; 3m scale deployment=web replicas=9; 4m delete node/n0',
    duration: '12m',
  });
  const run = await simulation.run();
  const step = run.timeline.stepMs;
  const at = (minutes: number): number => run.timeline.workloads[0].pods[(minutes * 60_000) / step];
  assert.is(at(6), 6);
  assert.is(run.workloads[0].serving, 9);
});

test('while the scheduler is down pods wait', async () => {
  const simulation = simulationOf([...nodes(3), deployment('web', 3)], {
    events: '1m outage of=scheduler for=2m; 90s scale deployment=web replicas=5',
    duration: '5m',
  });
  const run = await simulation.run();
  assert.is(run.timeline.counts.pending[120_000 / run.timeline.stepMs], 2);
  assert.is(run.workloads[0].serving, 5);
});

test('pods that run for a while are over then, and how pods take their time is theirs to say', async () => {
  const annotations = { 'keelson.dev/made-up-run': '30s', 'keelson.dev/made-up-start': '20s' };
  const job = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'job', namespace: 'default', uid: 'pod-job', annotations },
    spec: podSpec('1', { restartPolicy: 'Never' }),
  } as KubeObject;
  const simulation = simulationOf([...nodes(1), job], { duration: '2m' });
  const run = await simulation.run();
  assert.is(podsOf(simulation)[0].status?.phase, 'Succeeded');
  const { starting, finished } = run.timeline.counts;
  const seconds = (n: number): number => (n * 1000) / run.timeline.stepMs;
  assert.equal(
    [starting[seconds(19)], starting[seconds(21)], finished[seconds(49)], finished[seconds(51)]],
    [1, 0, 0, 1],
  );
});

test('the deciders give the same run, and so does the same seed again; another seed gives another', async () => {
  const objects = [...nodes(4), deployment('web', 8), budget('web', { maxUnavailable: 1 })];
  const events = '2m fail node=n1 for=4m; 3m roll web; 5m drain n2';
  const played = async (seed: number, decider: 'engine' | 'scan' | 'reference'): Promise<string> =>
    JSON.stringify(await simulationOf(objects, { events, seed, decider }).run());
  const first = await played(1, 'engine');
  assert.is(await played(1, 'engine'), first);
  assert.is(await played(1, 'scan'), first);
  assert.is(await played(1, 'reference'), first);
  assert.is.not(await played(2, 'engine'), first);
});

test.run();
