/** Where pods go, and who makes way. Source: Kubernetes v1.36, test/e2e/scheduling/{predicates,preemption}.go, test/e2e/node/taints.go. */
import * as assert from 'uvu/assert';
import { ownerOf, podOf, running, turned } from '../kit/pods.ts';
import { type Body, eventually } from '../kit/resource.ts';
import type { Check, Row } from '../row.ts';

const RESOURCE = 'scheduling.k8s.io/foo';

export const SCHEDULING: readonly Row[] = [
  {
    id: 'C095',
    async run({ everywhere }) {
      const { items } = await everywhere('v1', 'nodes').list();
      const free = items.filter(({ spec }: Body) => !spec.unschedulable && (spec.taints ?? []).length === 0);
      assert.ok(free.length >= 2, `${free.length} nodes are untainted`);
    },
  },
  {
    id: 'C047',
    async run(check) {
      const sets = check.namespaced('apps/v1', 'daemonsets');
      const { replicas: _, ...spec } = ownerOf('DaemonSet', 'daemon', 0).spec;
      await sets.create({ metadata: { name: 'daemon', labels: { daemon: check.unique } }, spec });
      const query = `labelSelector=daemon%3D${check.unique}`;
      assert.is((await check.everywhere('apps/v1', 'daemonsets').list(query)).items.length, 1);
      await sets.deleteCollection(query);
      await sets.gone('daemon');
    },
  },
  {
    id: 'C249',
    async run(check) {
      const resources = { requests: { cpu: '1000' } };
      await stays(check, podOf('additional-pod', {}, { containers: [{ name: 'c', image: 'pause', resources }] }));
    },
  },
  {
    id: 'C250',
    async run(check) {
      const label = `kubernetes.io/e2e-${check.unique}`;
      const node = await labelled(check, label);
      const pods = check.namespaced('v1', 'pods');
      await pods.create(podOf('with-labels', {}, { nodeSelector: { [label]: '42' } }));
      assert.is((await turned(pods, 'with-labels', 'has a node', ({ spec }) => spec.nodeName)).spec.nodeName, node);
    },
  },
  {
    id: 'C251',
    run: (check) => stays(check, podOf('restricted-pod', {}, { nodeSelector: { label: 'nonempty' } })),
  },
  {
    id: 'C139',
    async run(check) {
      const label = `kubernetes.io/e2e-${check.unique}`;
      await labelled(check, label);
      const pods = check.namespaced('v1', 'pods');
      const ports: [string, string][] = [
        ['127.0.0.1', 'TCP'],
        ['127.0.0.2', 'TCP'],
        ['127.0.0.2', 'UDP'],
      ];
      for (const [i, [hostIP, protocol]] of ports.entries()) {
        await pods.create(withHostPort(`pod${i + 1}`, label, { hostPort: 54323, hostIP, protocol }));
        await turned(pods, `pod${i + 1}`, 'runs', ({ status }) => status.phase === 'Running');
      }
    },
  },
  {
    id: 'C252',
    async run(check) {
      const label = `kubernetes.io/e2e-${check.unique}`;
      await labelled(check, label);
      const pods = check.namespaced('v1', 'pods');
      await pods.create(withHostPort('pod4', label, { hostPort: 54322, protocol: 'TCP' }));
      await turned(pods, 'pod4', 'runs', ({ status }) => status.phase === 'Running');
      await stays(check, withHostPort('pod5', label, { hostPort: 54322, hostIP: '127.0.0.1', protocol: 'TCP' }));
    },
  },
  { id: 'C255', run: (check) => preempts(check, { priorityClassName: 'c255-high' }) },
  {
    id: 'C256',
    run: (check) => preempts(check, { priorityClassName: 'system-cluster-critical' }, 'kube-system'),
  },
  {
    id: 'C257',
    async run(check) {
      const victim = await preempts(check, { priorityClassName: 'c257-high' }, check.namespace, ['example.com/hold']);
      const condition = victim.status.conditions.find(({ type }: Body) => type === 'DisruptionTarget');
      assert.is(condition?.status, 'True');
      assert.is(condition.reason, 'PreemptionByScheduler');
      const pods = check.namespaced('v1', 'pods');
      await pods.patch(victim.metadata.name, 'merge', { metadata: { finalizers: null } });
      await pods.gone(victim.metadata.name);
    },
  },
  {
    id: 'C163',
    async run(check) {
      await check.namespaced('v1', 'services').create({
        metadata: { name: 'endpoint-test' },
        spec: { selector: { name: 'endpoint-test' }, ports: [{ port: 80 }] },
      });
      const endpoints = check.namespaced('v1', 'endpoints');
      const count = (wanted: number) =>
        turned(endpoints, 'endpoint-test', `has ${wanted} addresses`, ({ subsets = [] }) => {
          const addresses = subsets.flatMap((subset: Body) => subset.addresses ?? []);
          return addresses.length === wanted;
        });
      await eventually('there are Endpoints', async () => (await endpoints.list()).items.length === 1);
      const pods = check.namespaced('v1', 'pods');
      for (const [i, name] of ['pod1', 'pod2'].entries()) {
        await pods.create(podOf(name, { name: 'endpoint-test' }));
        await count(i + 1);
      }
      await running(check, 'endpoint-test', 2);
      await pods.delete('pod1', { gracePeriodSeconds: 0 });
      await count(1);
      await pods.delete('pod2', { gracePeriodSeconds: 0 });
      await count(0);
    },
  },
];

/** It gets no node, and an event says that. */
async function stays(check: Check, pod: Body): Promise<void> {
  const pods = check.namespaced('v1', 'pods');
  const events = check.namespaced('v1', 'events');
  const { name } = pod.metadata;
  await pods.create(pod);
  const query = `fieldSelector=${encodeURIComponent(`involvedObject.name=${name},reason=FailedScheduling`)}`;
  await eventually(`${name} is told to have failed`, async () => (await events.list(query)).items.length > 0);
  const { spec, status } = await pods.get(name);
  assert.is(spec.nodeName, undefined);
  assert.is(status.phase, 'Pending');
  assert.is(status.conditions.find(({ type }: Body) => type === 'PodScheduled').reason, 'Unschedulable');
}

/** Labels the first node. @returns its name */
async function labelled({ everywhere }: Check, label: string): Promise<string> {
  const nodes = everywhere('v1', 'nodes');
  const { name } = (await nodes.list()).items[0].metadata;
  await nodes.patch(name, 'merge', { metadata: { labels: { [label]: '42' } } });
  return name;
}

function withHostPort(name: string, label: string, port: object): Body {
  const containers = [{ name: 'c', image: 'agnhost', ports: [{ containerPort: 8080, ...port }] }];
  return podOf(name, {}, { containers, nodeSelector: { [label]: '42' } });
}

/** A pod of low priority makes way on a node with room for one. @returns it, as it was last seen */
async function preempts(check: Check, high: object, namespace?: string, finalizers: string[] = []): Promise<Body> {
  const label = `kubernetes.io/e2e-${check.unique}`;
  const node = await labelled(check, label);
  const nodes = check.everywhere('v1', 'nodes');
  const room = { [RESOURCE]: '3' };
  await nodes.patch(node, 'strategic', { status: { capacity: room, allocatable: room } }, 'status');
  const classes = check.everywhere('scheduling.k8s.io/v1', 'priorityclasses');
  await classes.create({ metadata: { name: `${check.unique}-low` }, value: 1 });
  await classes.create({ metadata: { name: `${check.unique}-high` }, value: 1000 });
  const taking = (name: string, spec: object): Body => {
    const resources = { requests: { [RESOURCE]: '2' }, limits: { [RESOURCE]: '2' } };
    const containers = [{ name: 'c', image: 'pause', resources }];
    return podOf(name, {}, { containers, nodeSelector: { [label]: '42' }, ...spec });
  };
  const pods = check.namespaced('v1', 'pods');
  const low = taking('low', { priorityClassName: `${check.unique}-low` });
  await pods.create({ ...low, metadata: { ...low.metadata, finalizers } });
  let victim = await turned(pods, 'low', 'runs', ({ status }) => status.phase === 'Running');
  const uid = victim.metadata.uid;
  const there = check.namespaced('v1', 'pods', namespace);
  const name = `${check.unique}-preemptor`;
  await there.create(taking(name, high));
  await turned(
    there,
    name,
    'has the node',
    ({ spec, status }) => spec.nodeName === node || status.nominatedNodeName === node,
  );
  await eventually('the lower one goes', async () => {
    const { code, body } = await check.api.get(`${pods.path}/low`);
    if (code === 200 && body.metadata.uid === uid) victim = body;
    return code === 404 || Boolean(victim.metadata.deletionTimestamp);
  });
  if (finalizers.length === 0) await turned(there, name, 'runs', ({ status }) => status.phase === 'Running');
  await there.delete(name, { gracePeriodSeconds: 0 });
  return victim;
}
