/** Files of volumes. Source: Kubernetes v1.36, test/e2e/common/storage, test/e2e/storage/subpath.go. */
import * as assert from 'uvu/assert';
import {
  configMap,
  containerOf,
  outputInside,
  podWith,
  printed,
  ready,
  runToEnd,
  secret,
  WAITS,
} from '../../kit/containers.ts';
import { type Body, eventually } from '../../kit/resource.ts';
import type { Check, Row } from '../../row.ts';

const AT = { volumeMounts: [{ name: 'volume', mountPath: '/etc/volume' }] };
const of = (source: object): object => ({ volumes: [{ name: 'volume', ...source }] });
const mode = (path: string): string => `stat -L -c %a ${path}`;

export const VOLUMES: readonly Row[] = [
  {
    id: 'C258',
    async run(check) {
      await configMap(check, 'map', { 'data-1': 'value-1' }, { binaryData: { 'dump.bin': '3q3+7w==' } });
      const command = 'cat /etc/volume/data-1; hexdump -e \'4/1 " %02x"\' /etc/volume/dump.bin';
      assert.is(await printed(check, command, AT, of({ configMap: { name: 'map' } })), 'value-1 de ad fe ef');
    },
  },
  { id: 'C259', run: (check) => optionalUpdates(check) },
  {
    id: 'C260',
    telling: true,
    async run(check) {
      await configMap(check, 'map', { 'data-1': 'value-1' });
      const command = `cat /etc/volume/data-1; echo; ${mode('/etc/volume/data-1')}`;
      assert.is(await printed(check, command, AT, of({ configMap: { name: 'map' } })), 'value-1\n644\n');
    },
  },
  {
    id: 'C261',
    async run(check) {
      await configMap(check, 'map', { 'data-1': 'value-1' });
      const command = `cat /etc/volume/data-1; echo; ${mode('/etc/volume/data-1')}`;
      const log = await printed(check, command, AT, of({ configMap: { name: 'map', defaultMode: 0o400 } }));
      assert.is(log, 'value-1\n400\n');
    },
  },
  {
    id: 'C262',
    async run(check) {
      await configMap(check, 'map', { 'data-1': 'value-1', 'data-2': 'value-2' });
      const items = [{ key: 'data-2', path: 'path/to/data-2' }];
      const command = 'cat /etc/volume/path/to/data-2; ls /etc/volume';
      assert.is(await printed(check, command, AT, of({ configMap: { name: 'map', items } })), 'value-2path\n');
    },
  },
  {
    id: 'C263',
    async run(check) {
      await configMap(check, 'map', { 'data-1': 'value-1' });
      const names = ['one', 'two'];
      const volumes = names.map((name) => ({ name, configMap: { name: 'map' } }));
      const volumeMounts = names.map((name) => ({ name, mountPath: `/etc/${name}`, readOnly: true }));
      const log = await printed(check, 'cat /etc/one/data-1 /etc/two/data-1', { volumeMounts }, { volumes });
      assert.is(log, 'value-1value-1');
    },
  },
  {
    id: 'C265',
    async run(check) {
      await configMap(check, 'map', { 'data-1': 'value-1' });
      await updates(check, of({ configMap: { name: 'map' } }), () =>
        check.namespaced('v1', 'configmaps').patch('map', 'merge', { data: { 'data-1': 'value-2' } }),
      );
    },
  },
  {
    id: 'C273',
    async run(check) {
      await configMap(check, 'map', { 'data-1': 'value-1' });
      await updates(check, of({ projected: { sources: [{ configMap: { name: 'map' } }] } }), () =>
        check.namespaced('v1', 'configmaps').patch('map', 'merge', { data: { 'data-1': 'value-2' } }),
      );
    },
  },
  {
    id: 'C266',
    async run(check) {
      const items = [{ path: 'podname', fieldRef: { fieldPath: 'metadata.name' } }];
      assert.is(await printed(check, 'cat /etc/volume/podname', AT, of({ downwardAPI: { items } })), 'prints');
    },
  },
  { id: 'C267', run: (check) => followsMetadata(check, 'annotations') },
  { id: 'C268', run: (check) => followsMetadata(check, 'labels') },
  {
    id: 'C269',
    async run(check) {
      const reads = containerOf(
        'main',
        'until test -s /etc/volume/hello; do sleep 0.1; done; cat /etc/volume/hello',
        AT,
      );
      const writes = containerOf('sub', 'echo "Hello from the busy-box sub-container" > /etc/volume/hello', AT);
      const log = await runToEnd(check, podWith('shared', [reads, writes], of({ emptyDir: {} })));
      assert.is(log, 'Hello from the busy-box sub-container\n');
    },
  },
  {
    id: 'C270',
    async run(check) {
      const command = `echo content > /etc/volume/f; chmod 644 /etc/volume/f; cat /etc/volume/f; ${mode('/etc/volume/f')}`;
      const log = await printed(check, `${command}; ${mode('/etc/volume')}`, AT, of({ emptyDir: {} }));
      assert.is(log, 'content\n644\n777\n');
    },
  },
  {
    id: 'C271',
    async run(check) {
      const write = 'echo content > /etc/volume/f; chmod 777 /etc/volume/f; cat /etc/volume/f';
      const asked = `${mode('/etc/volume/f')}; id -u; stat -f -c %T /etc/volume; ${mode('/etc/volume')}`;
      const container = { ...AT, securityContext: { runAsUser: 1001 } };
      const log = await printed(check, `${write}; ${asked}`, container, of({ emptyDir: { medium: 'Memory' } }));
      assert.is(log, 'content\n777\n1001\ntmpfs\n777\n');
    },
  },
  {
    id: 'C272',
    async run(check) {
      await configMap(check, 'map', { 'configmap-data': 'configmap-value' });
      await secret(check, 'secret', { 'secret-data': 'secret-value' });
      const sources = [
        { secret: { name: 'secret', items: [{ key: 'secret-data', path: 'secret-data' }] } },
        { configMap: { name: 'map', items: [{ key: 'configmap-data', path: 'configmap-data' }] } },
        { downwardAPI: { items: [{ path: 'podname', fieldRef: { fieldPath: 'metadata.name' } }] } },
      ];
      const command = 'cd /etc/volume; cat podname secret-data configmap-data';
      assert.is(await printed(check, command, AT, of({ projected: { sources } })), 'printssecret-valueconfigmap-value');
    },
  },
  {
    id: 'C274',
    async run(check) {
      await secret(check, 'secret', { 'data-1': 'value-1' });
      const command = `cat /etc/volume/data-1; echo; ${mode('/etc/volume/data-1')}; stat -f -c %T /etc/volume`;
      const log = await printed(check, command, AT, of({ secret: { secretName: 'secret' } }));
      assert.match(log, /^value-1\n644\n/);
    },
  },
  {
    id: 'C275',
    async run(check) {
      await secret(check, 'secret', { 'data-1': 'value-1' });
      const command = `cat /etc/volume/data-1; echo; stat -L -c '%a %g' /etc/volume/data-1; id -u`;
      const securityContext = { runAsUser: 1000, fsGroup: 1001 };
      const volumes = of({ secret: { secretName: 'secret', defaultMode: 0o440 } });
      assert.is(await printed(check, command, AT, { ...volumes, securityContext }), 'value-1\n440 1001\n1000\n');
    },
  },
  {
    id: 'C276',
    async run(check) {
      const other = await check.anotherNamespace();
      await secret(check, 'same-name', { 'data-1': 'of another' }, other);
      await secret(check, 'same-name', { 'data-1': 'value-1' });
      const log = await printed(check, 'cat /etc/volume/data-1', AT, of({ secret: { secretName: 'same-name' } }));
      assert.is(log, 'value-1');
    },
  },
  {
    id: 'C278',
    async run(check) {
      await configMap(check, 'map', { 'configmap-key': 'configmap-value', other: 'other' });
      const volumeMounts = [
        { name: 'volume', mountPath: '/test-file', subPath: 'configmap-key' },
        { name: 'volume', mountPath: '/etc/volume' },
      ];
      const log = await printed(check, 'cat /test-file', { volumeMounts }, of({ configMap: { name: 'map' } }));
      assert.is(log, 'configmap-value');
    },
  },
];

/** A pod that waits, with the volume at /etc/volume; its containers all see the change. */
async function updates(check: Check, volumes: object, change: () => Promise<unknown>): Promise<void> {
  await ready(check, podWith('watches', [containerOf('main', WAITS, AT)], volumes));
  assert.is(await outputInside(check, 'watches', 'cat /etc/volume/data-1'), 'value-1');
  await change();
  await becomes(check, 'cat /etc/volume/data-1', 'value-2');
}

async function becomes(check: Check, command: string, wanted: string): Promise<void> {
  await eventually(`${command} says ${wanted}`, async () => {
    return (await outputInside(check, 'watches', command)).includes(wanted);
  });
}

async function followsMetadata(check: Check, which: 'labels' | 'annotations'): Promise<void> {
  const items = [{ path: which, fieldRef: { fieldPath: `metadata.${which}` } }];
  const pod = podWith('watches', [containerOf('main', WAITS, AT)], of({ downwardAPI: { items } }), {
    [which]: { key1: 'value1', key2: 'value2' },
  });
  await ready(check, pod);
  const command = `cat /etc/volume/${which}`;
  const said = await outputInside(check, 'watches', command);
  assert.ok(said.startsWith('key1="value1"\nkey2="value2"'), said);
  await check.namespaced('v1', 'pods').patch('watches', 'merge', { metadata: { [which]: { key3: 'value3' } } });
  await becomes(check, command, 'key3="value3"');
}

/** One map goes, one changes, one comes: each in a volume that may be without. */
async function optionalUpdates(check: Check): Promise<void> {
  await configMap(check, 'goes', { 'data-1': 'value-1' });
  await configMap(check, 'changes', { 'data-1': 'value-1' });
  const names = ['goes', 'changes', 'comes'];
  const volumes = names.map((name) => ({ name, configMap: { name, optional: true } }));
  const volumeMounts = names.map((name) => ({ name, mountPath: `/etc/${name}` }));
  await ready(check, podWith('watches', [containerOf('main', WAITS, { volumeMounts })], { volumes }));
  const files = async (): Promise<Body> => {
    const parts = names.map((name) => `echo ${name} $(cat /etc/${name}/* 2>/dev/null)`);
    const lines = (await outputInside(check, 'watches', parts.join(';'))).trim().split('\n');
    return Object.fromEntries(lines.map((line) => [line.split(' ')[0], line.split(' ').slice(1).join(' ')]));
  };
  assert.equal(await files(), { goes: 'value-1', changes: 'value-1', comes: '' });
  const maps = check.namespaced('v1', 'configmaps');
  await maps.delete('goes');
  await maps.patch('changes', 'json', [{ op: 'move', from: '/data/data-1', path: '/data/data-3' }]);
  await configMap(check, 'comes', { 'data-1': 'value-1' });
  await eventually('all three are seen', async () => {
    const now = await files();
    return now.goes === '' && now.changes === 'value-1' && now.comes === 'value-1';
  });
  assert.is((await outputInside(check, 'watches', 'ls /etc/changes')).trim(), 'data-3');
}
