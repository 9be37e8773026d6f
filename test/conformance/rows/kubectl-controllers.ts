/** What kubectl does with controllers. Source: Kubernetes v1.36, test/e2e/kubectl/kubectl.go. */
import * as assert from 'uvu/assert';
import { ownerOf, podsOf, running, turned } from '../kit/pods.ts';
import { type Body, eventually } from '../kit/resource.ts';
import type { Check, Row } from '../row.ts';

const RC = 'agnhost-primary';

export const KUBECTL_WITH_CONTROLLERS: readonly Row[] = [
  { id: 'C108', run: describes },
  { id: 'C110', run: exposes },
  {
    id: 'C112',
    async run(check) {
      await withController(check, 1);
      const kubectl = inNamespace(check);
      for (const { metadata } of await podsOf(check, RC)) {
        await kubectl('patch', 'pod', metadata.name, '-p', '{"metadata":{"annotations":{"x":"y"}}}');
      }
      for (const { metadata } of await podsOf(check, RC)) assert.is(metadata.annotations.x, 'y');
    },
  },
  {
    id: 'C113',
    async run(check) {
      const kubectl = inNamespace(check);
      await kubectl('run', 'e2e-test-httpd-pod', '--image=httpd:1', '--labels=run=e2e-test-httpd-pod');
      const pods = check.namespaced('v1', 'pods');
      await turned(pods, 'e2e-test-httpd-pod', 'runs', ({ status }) => status.phase === 'Running');
      const pod = JSON.parse(await kubectl('get', 'pod', 'e2e-test-httpd-pod', '-o', 'json'));
      assert.is(pod.spec.containers[0].image, 'httpd:1');
      pod.spec.containers[0].image = 'busybox:1';
      await check.kubectl.output(['replace', '-n', check.namespace, '-f', '-'], JSON.stringify(pod));
      assert.is((await pods.get('e2e-test-httpd-pod')).spec.containers[0].image, 'busybox:1');
    },
  },
  {
    id: 'C114',
    async run(check) {
      await inNamespace(check)('run', 'e2e-test-httpd-pod', '--restart=Never', '--image=httpd:1');
      const { spec } = await check.namespaced('v1', 'pods').get('e2e-test-httpd-pod');
      assert.is(spec.containers[0].image, 'httpd:1');
      assert.is(spec.restartPolicy, 'Never');
    },
  },
  {
    id: 'C119',
    async run(check) {
      await applied(check, ownerOf('ReplicationController', 'update-demo', 2));
      await running(check, 'update-demo', 2);
      const kubectl = inNamespace(check);
      await kubectl('delete', 'rc', 'update-demo', '--grace-period=0', '--force');
      await eventually('nothing is left', async () => (await podsOf(check, 'update-demo')).length === 0);
      assert.is(await kubectl('get', 'rc,svc', '-l', 'name=update-demo', '--no-headers'), '');
    },
  },
  {
    id: 'C120',
    async run(check) {
      await applied(check, ownerOf('ReplicationController', 'update-demo', 2));
      await running(check, 'update-demo', 2);
      const kubectl = inNamespace(check);
      for (const replicas of [1, 2]) {
        await kubectl('scale', 'rc', 'update-demo', `--replicas=${replicas}`, '--timeout=1m');
        await running(check, 'update-demo', replicas);
      }
    },
  },
];

const inNamespace =
  ({ kubectl, namespace }: Check) =>
  (...args: string[]): Promise<string> =>
    kubectl.output([...args, '-n', namespace]);

async function applied({ kubectl, namespace }: Check, object: Body): Promise<void> {
  const whole = { apiVersion: 'v1', kind: 'ReplicationController', ...object };
  await kubectl.output(['create', '-n', namespace, '-f', '-'], JSON.stringify(whole));
}

async function withController(check: Check, replicas: number): Promise<void> {
  await applied(check, ownerOf('ReplicationController', RC, replicas));
  await running(check, RC, replicas);
}

async function describes(check: Check): Promise<void> {
  const kubectl = inNamespace(check);
  await withController(check, 1);
  await kubectl('expose', 'rc', RC, '--port=6379');
  const [pod] = await podsOf(check, RC);
  const says = (text: string, ...wanted: [string, string][]): void => {
    for (const [field, value] of wanted) {
      assert.match(text, new RegExp(`^\\s*${field}:\\s+.*${value}`, 'm'), `${field}: ${value} in\n${text}`);
    }
  };
  says(
    await kubectl('describe', 'pod', pod.metadata.name),
    ['Name', RC],
    ['Namespace', check.namespace],
    ['Node', pod.spec.nodeName],
    ['Labels', `name=${RC}`],
    ['Status', 'Running'],
    ['IP', pod.status.podIP],
    ['Controlled By', `ReplicationController/${RC}`],
    ['Image', 'httpd'],
    ['State', 'Running'],
    ['QoS Class', 'BestEffort'],
  );
  const rc = await kubectl('describe', 'rc', RC);
  says(
    rc,
    ['Name', RC],
    ['Namespace', check.namespace],
    ['Selector', `name=${RC}`],
    ['Labels', `name=${RC}`],
    ['Annotations', ''],
    ['Replicas', '1 current / 1 desired'],
    ['Pods Status', '1 Running / 0 Waiting / 0 Succeeded / 0 Failed'],
    ['Image', 'httpd'],
  );
  assert.match(rc, /Events:/);
  says(
    await kubectl('describe', 'service', RC),
    ['Name', RC],
    ['Namespace', check.namespace],
    ['Selector', `name=${RC}`],
    ['Type', 'ClusterIP'],
    ['IP', ''],
    ['Port', '<unset>  6379/TCP'],
    ['Endpoints', '.*:6379'],
    ['Session Affinity', 'None'],
  );
  const { metadata } = await check.everywhere('v1', 'nodes').get(pod.spec.nodeName);
  const node = await kubectl('describe', 'node', metadata.name);
  says(node, ['Name', metadata.name], ['CreationTimestamp', ''], ['Kernel Version', ''], ['Kubelet Version', '']);
  for (const heading of ['Labels:', 'Annotations:', 'Conditions:', 'Addresses:', 'Capacity:'])
    assert.ok(node.includes(heading));
  says(await kubectl('describe', 'namespace', check.namespace), ['Name', check.namespace], ['Status', 'Active']);
}

async function exposes(check: Check): Promise<void> {
  const kubectl = inNamespace(check);
  await withController(check, 1);
  const [{ status }] = await podsOf(check, RC);
  const endpoints = check.namespaced('v1', 'endpoints');
  const reaches = async (name: string, port: number): Promise<void> => {
    await turned(endpoints, name, `leads to ${status.podIP}:6379`, ({ subsets = [] }) => {
      return subsets[0]?.addresses?.[0]?.ip === status.podIP && subsets[0].ports[0].port === 6379;
    });
    const service = await check.namespaced('v1', 'services').get(name);
    assert.is(service.spec.ports[0].port, port);
  };
  await kubectl('expose', 'rc', RC, '--name=rm2', '--port=1234', '--target-port=6379');
  await eventually('there are Endpoints', async () => (await endpoints.list()).items.length >= 1);
  await reaches('rm2', 1234);
  await kubectl('expose', 'service', 'rm2', '--name=rm3', '--port=2345', '--target-port=6379');
  await eventually('there are more Endpoints', async () => (await endpoints.list()).items.length >= 2);
  await reaches('rm3', 2345);
}
