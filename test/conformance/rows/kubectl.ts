/** The real kubectl. Source: Kubernetes v1.36, test/e2e/kubectl/kubectl.go. */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import * as assert from 'uvu/assert';
import { eventually } from '../kit/resource.ts';
import type { Check, Row } from '../row.ts';

export const KUBECTL: readonly Row[] = [
  {
    id: 'C106',
    async run({ kubectl }) {
      const versions = (await kubectl.output(['api-versions'])).trim().split('\n');
      for (const version of ['v1', 'apps/v1', 'batch/v1']) assert.ok(versions.includes(version), version);
    },
  },
  {
    id: 'C107',
    async run({ kubectl, cluster }) {
      const text = stripVTControlCharacters(await kubectl.output(['cluster-info']));
      assert.ok(text.includes(`Kubernetes control plane is running at ${cluster.url}`), text);
    },
  },
  {
    id: 'C109',
    async run({ kubectl, namespace }) {
      const of = (image: string): string => JSON.stringify(deployment('httpd-deployment', image));
      await kubectl.output(['apply', '-n', namespace, '-f', '-'], of('httpd:2.4.38'));
      const same = await kubectl.run(['diff', '-n', namespace, '-f', '-'], of('httpd:2.4.38'));
      assert.is(same.code, 0, same.stderr + same.stdout);
      const { code, stdout, stderr } = await kubectl.run(['diff', '-n', namespace, '-f', '-'], of('busybox:1.29'));
      assert.is(code, 1, stderr);
      assert.match(stdout, /^-\s+(- )?image: httpd:2\.4\.38$/m);
      assert.match(stdout, /^\+\s+(- )?image: busybox:1\.29$/m);
    },
  },
  {
    id: 'C111',
    async run({ kubectl, namespace }) {
      const at = ['-n', namespace];
      await kubectl.output(['create', ...at, '-f', '-'], JSON.stringify(pod('pause')));
      await kubectl.output(['wait', ...at, '--for=condition=Ready', 'pod/pause', '--timeout=20s']);
      await kubectl.output(['label', ...at, 'pods', 'pause', 'testing-label=testing-label-value']);
      const shown = await kubectl.output(['get', ...at, 'pod', 'pause', '-L', 'testing-label']);
      assert.match(shown, /TESTING-LABEL\s*\n.*testing-label-value/);
      await kubectl.output(['label', ...at, 'pods', 'pause', 'testing-label-']);
      const after = await kubectl.output(['get', ...at, 'pod', 'pause', '-L', 'testing-label']);
      assert.not.match(after, /testing-label-value/);
    },
  },
  {
    id: 'C115',
    async run({ kubectl, namespace, namespaced }) {
      const at = ['-n', namespace];
      const name = 'e2e-test-httpd-pod';
      await kubectl.output(['run', ...at, name, '--image=httpd:2.4.38', '--labels=run=e2e-test-httpd-pod']);
      await kubectl.output(['wait', ...at, '--for=condition=Ready', `pod/${name}`, '--timeout=20s']);
      const before = await namespaced('v1', 'pods').get(name);
      const patch = JSON.stringify({ spec: { containers: [{ name, image: 'busybox:1.29' }] } });
      const answer = await kubectl.output(['patch', ...at, 'pod', name, '-p', patch, '--dry-run=server', '-o', 'json']);
      assert.is(JSON.parse(answer).spec.containers[0].image, 'busybox:1.29', 'the answer is what would be');
      const after = await namespaced('v1', 'pods').get(name);
      assert.is(after.spec.containers[0].image, 'httpd:2.4.38');
      assert.is(after.metadata.resourceVersion, before.metadata.resourceVersion);
      await kubectl.output(['delete', ...at, 'pods', name, '--now']);
    },
  },
  {
    id: 'C116',
    async run({ kubectl }) {
      const text = await kubectl.output(['version']);
      assert.match(text, /^Client Version: v\d/m);
      assert.match(text, /^Server Version: v1\.\d+\.\d+/m);
      const { serverVersion } = JSON.parse(await kubectl.output(['version', '-o', 'json']));
      for (const field of [
        'major',
        'minor',
        'gitVersion',
        'gitCommit',
        'gitTreeState',
        'buildDate',
        'goVersion',
        'platform',
      ]) {
        assert.ok(serverVersion[field], `${field} is given`);
      }
    },
  },
  {
    id: 'C117',
    async run(check) {
      const socket = join(tmpdir(), `keelson-proxy-${process.pid}.sock`);
      await throughProxy(check, [`--unix-socket=${socket}`], async () => {
        await eventually('the socket is there', async () => existsSync(socket));
        return { socketPath: socket };
      });
    },
  },
  {
    id: 'C118',
    run: (check) =>
      throughProxy(check, ['-p', '0', '--disable-filter'], async (printed) => {
        await eventually('it has said where it listens', async () => /:\d+\s/.test(printed()));
        return { host: '127.0.0.1', port: Number(/:(\d+)\s/.exec(printed())?.[1]) };
      }),
  },
];

/** @param place of the proxy, from what it has printed so far. */
async function throughProxy(
  { kubectl }: Check,
  args: readonly string[],
  place: (printed: () => string) => Promise<object>,
): Promise<void> {
  const child = kubectl.start(['proxy', ...args]);
  let text = '';
  child.stdout?.on('data', (chunk) => (text += chunk));
  try {
    const where = await place(() => text);
    const body = JSON.parse(await fetched({ ...where, path: '/api/' }));
    assert.is(body.kind, 'APIVersions');
    assert.ok(body.versions.includes('v1'));
  } finally {
    const closed = once(child, 'close');
    child.kill();
    await closed;
  }
}

function fetched(options: object): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get({ ...options, agent: false }, (message) => {
      let text = '';
      message.setEncoding('utf8');
      message.on('data', (chunk) => (text += chunk));
      message.on('end', () => resolve(text));
    });
    request.on('error', reject);
  });
}

function pod(name: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { name } },
    spec: { containers: [{ name, image: 'pause', ports: [{ containerPort: 80 }] }] },
  };
}

function deployment(name: string, image: string): object {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'httpd', image, ports: [{ containerPort: 80 }] }] },
      },
    },
  };
}
