/** What a container is started with: command, arguments, variables. Source: Kubernetes v1.36, test/e2e/common/node/{containers,configmap,secrets,downwardapi,expansion,pods}.go. */
import * as assert from 'uvu/assert';
import { ENTRY_IMAGE } from '../../kit/agnhost/image.ts';
import { configMap, containerOf, nodeAddress, podWith, printed, runToEnd, secret } from '../../kit/containers.ts';
import { turned } from '../../kit/pods.ts';
import type { Check, Row } from '../../row.ts';

const ARGS = "echo '$(TEST_VAR)' '$$(TEST_VAR)' '$(NONE)'";
const RESOURCES = { requests: { cpu: '250m', memory: '32Mi' }, limits: { cpu: '1250m', memory: '64Mi' } };

export const ENVIRONMENT: readonly Row[] = [
  { id: 'C180', run: (check) => starts(check, { args: ['override', 'arguments'] }, 'entry override arguments') },
  { id: 'C181', run: (check) => starts(check, { command: ['/bin/echo', 'override'] }, 'override') },
  {
    id: 'C182',
    run: (check) => starts(check, { command: ['/bin/echo', 'both'], args: ['given'] }, 'both given'),
  },
  { id: 'C183', run: (check) => starts(check, {}, 'entry default arguments') },
  {
    id: 'C167',
    telling: true,
    async run(check) {
      await configMap(check, 'map', { 'data-1': 'value-1' });
      const env = [{ name: 'CONFIG_DATA_1', valueFrom: { configMapKeyRef: { name: 'map', key: 'data-1' } } }];
      has(await printed(check, 'env', { env }), 'CONFIG_DATA_1=value-1');
    },
  },
  {
    id: 'C168',
    async run(check) {
      await configMap(check, 'map', { data_1: 'value-1', data_2: 'value-2' });
      const configMapRef = { name: 'map' };
      const log = await printed(check, 'env', { envFrom: [{ configMapRef }, { prefix: 'p_', configMapRef }] });
      has(log, 'data_1=value-1', 'data_2=value-2', 'p_data_1=value-1', 'p_data_2=value-2');
    },
  },
  {
    id: 'C232',
    async run(check) {
      await secret(check, 'secret', { 'data-1': 'value-1' });
      const env = [{ name: 'SECRET_DATA', valueFrom: { secretKeyRef: { name: 'secret', key: 'data-1' } } }];
      has(await printed(check, 'env', { env }), 'SECRET_DATA=value-1');
    },
  },
  {
    id: 'C233',
    async run(check) {
      await secret(check, 'secret', { data_1: 'value-1', data_2: 'value-2' });
      const secretRef = { name: 'secret' };
      const log = await printed(check, 'env', { envFrom: [{ secretRef }, { prefix: 'p_', secretRef }] });
      has(log, 'data_1=value-1', 'data_2=value-2', 'p_data_1=value-1', 'p_data_2=value-2');
    },
  },
  {
    id: 'C184',
    async run(check) {
      const env = [
        of('CPU_LIMIT', 'limits.cpu'),
        of('MEMORY_LIMIT', 'limits.memory'),
        of('CPU_REQUEST', 'requests.cpu'),
        of('MEMORY_REQUEST', 'requests.memory'),
        of('MILLI', 'requests.cpu', '1m'),
        of('MEBI', 'limits.memory', '1Mi'),
      ];
      const log = await printed(check, 'env', { env, resources: RESOURCES });
      has(log, 'CPU_LIMIT=2', 'MEMORY_LIMIT=67108864', 'CPU_REQUEST=1', 'MEMORY_REQUEST=33554432');
      has(log, 'MILLI=250', 'MEBI=64');
    },
  },
  {
    id: 'C185',
    async run(check) {
      const log = await printed(check, 'env', { env: [of('CPU', 'limits.cpu'), of('MEMORY', 'limits.memory', '1Ki')] });
      const [node] = (await check.everywhere('v1', 'nodes').list()).items;
      const { cpu, memory } = node.status.allocatable;
      has(log, `CPU=${cpu}`, `MEMORY=${memory.replace('Ki', '')}`);
    },
  },
  {
    id: 'C186',
    async run(check) {
      const env = [field('HOST_IP', 'status.hostIP')];
      has(await printed(check, 'env', { env }), `HOST_IP=${await nodeAddress(check)}`);
    },
  },
  {
    id: 'C187',
    async run(check) {
      const log = await printed(check, 'env', { env: [field('POD_UID', 'metadata.uid')] });
      has(log, `POD_UID=${(await check.namespaced('v1', 'pods').get('prints')).metadata.uid}`);
    },
  },
  {
    id: 'C188',
    async run(check) {
      const env = [
        field('POD_NAME', 'metadata.name'),
        field('POD_NAMESPACE', 'metadata.namespace'),
        field('POD_IP', 'status.podIP'),
      ];
      const log = await printed(check, 'env; ip -o -4 address show', { env });
      const { status } = await check.namespaced('v1', 'pods').get('prints');
      has(log, 'POD_NAME=prints', `POD_NAMESPACE=${check.namespace}`, `POD_IP=${status.podIP}`);
      assert.ok(log.includes(` inet ${status.podIP}/`), log);
    },
  },
  {
    id: 'C212',
    async run(check) {
      const services = check.namespaced('v1', 'services');
      const { spec } = await services.create({
        metadata: { name: 'fooservice' },
        spec: { selector: { name: 'server' }, ports: [{ port: 8765, targetPort: 8080 }] },
      });
      const log = await printed(check, 'env');
      const url = `tcp://${spec.clusterIP}:8765`;
      has(log, `FOOSERVICE_SERVICE_HOST=${spec.clusterIP}`, 'FOOSERVICE_SERVICE_PORT=8765', `FOOSERVICE_PORT=${url}`);
      has(log, `FOOSERVICE_PORT_8765_TCP=${url}`, 'FOOSERVICE_PORT_8765_TCP_PROTO=tcp');
      has(log, 'FOOSERVICE_PORT_8765_TCP_PORT=8765', `FOOSERVICE_PORT_8765_TCP_ADDR=${spec.clusterIP}`);
    },
  },
  {
    id: 'C242',
    async run(check) {
      const env = [
        { name: 'FOO', value: 'foo-value' },
        { name: 'BAR', value: 'bar-value' },
        { name: 'FOOBAR', value: '$(FOO);;$(BAR)' },
      ];
      has(await printed(check, 'env', { env }), 'FOO=foo-value', 'BAR=bar-value', 'FOOBAR=foo-value;;bar-value');
    },
  },
  {
    id: 'C243',
    async run(check) {
      const env = [{ name: 'TEST_VAR', value: 'test-value' }];
      const pod = podWith('prints', [containerOf('main', ['sh', '-c'], { env, args: [ARGS] })]);
      assert.is(await runToEnd(check, pod), 'test-value $(TEST_VAR) $(NONE)\n');
    },
  },
  {
    id: 'C244',
    async run(check) {
      const env = [{ name: 'TEST_VAR', value: 'test-value' }];
      assert.is(await printed(check, "echo '$(TEST_VAR)'", { env }), 'test-value\n');
    },
  },
  {
    id: 'C245',
    async run(check) {
      const volumeMounts = [
        { name: 'work', mountPath: '/logscontainer', subPathExpr: '$(POD_NAME)' },
        { name: 'work', mountPath: '/testcontainer' },
      ];
      const env = [field('POD_NAME', 'metadata.name')];
      const command = 'echo kept > /logscontainer/file; cat /testcontainer/prints/file';
      const log = await printed(check, command, { env, volumeMounts }, { volumes: [{ name: 'work', emptyDir: {} }] });
      assert.is(log, 'kept\n');
    },
  },
  {
    id: 'C246',
    async run(check) {
      const volumeMounts = [{ name: 'work', mountPath: '/logscontainer', subPathExpr: '$(POD_NAME)' }];
      const env = [{ name: 'POD_NAME', value: '/absolute' }];
      const main = containerOf('main', 'true', { env, volumeMounts });
      const pods = check.namespaced('v1', 'pods');
      await pods.create(podWith('absolute', [main], { volumes: [{ name: 'work', emptyDir: {} }] }));
      const reasonOf = ({ status }: Awaited<ReturnType<typeof pods.get>>) =>
        status.containerStatuses?.[0].state.waiting?.reason;
      const refused = await turned(
        pods,
        'absolute',
        'is refused',
        (pod) => reasonOf(pod) === 'CreateContainerConfigError',
      );
      assert.is(refused.status.phase, 'Pending');
    },
  },
];

async function starts(check: Check, container: object, says: string): Promise<void> {
  assert.is(await printed(check, undefined, { image: ENTRY_IMAGE, ...container }), `${says}\n`);
}

function has(log: string, ...lines: string[]): void {
  const all = log.split('\n');
  for (const line of lines) assert.ok(all.includes(line), `${line} is not in\n${log}`);
}

const field = (name: string, fieldPath: string): object => ({ name, valueFrom: { fieldRef: { fieldPath } } });
const of = (name: string, resource: string, divisor?: string): object => ({
  name,
  valueFrom: { resourceFieldRef: { resource, ...(divisor && { divisor }) } },
});
