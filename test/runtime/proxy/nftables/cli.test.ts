/** `keelson proxy --backend nftables` as a user runs it, on a node of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { folderOf, KEELSON, keelson } from '../../../support/keelson.ts';
import { until } from '../../../support/proxied.ts';
import { Network, podIp, whyNot } from './network.ts';

const reason = whyNot();
if (reason !== undefined) console.log(`skipped: keelson proxy --backend nftables, as ${reason}`);

function services(ips: readonly string[]): string {
  const service = `apiVersion: v1
kind: Service
metadata: {name: web, annotations: {proxy.keelson.dev/policy: maglev, proxy.keelson.dev/eject-after: "5"}}
spec: {clusterIP: 10.96.0.10, selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}`;
  const pods = ips.map(
    (ip, i) =>
      `apiVersion: v1\nkind: Pod\nmetadata: {name: w${i}, labels: {app: web}}\nspec: {nodeName: n1, containers: [{name: c, image: i}]}\n` +
      `status: {phase: Running, podIP: ${ip}, conditions: [{type: Ready, status: "True"}]}`,
  );
  return [service, ...pods].join('\n---\n');
}

test('keelson proxy --backend nftables: serves a cluster address, takes over changes, says what it cannot do, and leaves nothing', async () => {
  if (reason !== undefined) return;
  const network = await Network.make(2);
  const folder = folderOf({ 'services.yaml': services([podIp(0)]) });
  const path = join(folder.path, 'services.yaml');
  const flags = ['--backend', 'nftables', '--node', 'n1', '--pod-cidr', '10.1.0.0/24,fd00:1::/64', '-o', 'json'];
  const child = spawn(
    'nsenter',
    [`--net=${network.node.netns}`, process.execPath, KEELSON, 'proxy', '--config', path, ...flags],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => (err += chunk));
  const exited = once(child, 'exit');
  const web = { host: '10.96.0.10', port: 80 };
  try {
    await until(() => out.endsWith('\n'), 'it says what it serves');
    const [listener] = JSON.parse(out).listeners;
    assert.equal([listener.address, listener.policy], ['10.96.0.10:80', 'random']);
    assert.match(
      err,
      /default\/web: the kernel deals out connections at random, without regard to policy maglev, ejection/,
    );
    assert.equal(await network.pods[1].connect(web), [`pod-0 ${podIp(1)}`]);
    writeFileSync(path, services([podIp(1)]));
    await until(() => err.includes('all workers have it'), 'the change is served');
    assert.equal(await network.pods[0].connect(web), [`pod-1 ${podIp(0)}`]);
    child.kill('SIGTERM');
    assert.equal(await exited, [0, null]);
    assert.is(network.node.run('nft list ruleset'), '');
  } finally {
    child.kill('SIGKILL');
    folder.remove();
    network.remove();
  }
});

for (const { name, args, says } of [
  { name: 'a mapping', args: ['--backend', 'nftables', '--listen', 'web:80=8080'], says: /--listen: does not go with/ },
  {
    name: 'a range that is none',
    args: ['--backend', 'nftables', '--pod-cidr', '10.1'],
    says: /--pod-cidr: '10.1' is no/,
  },
  { name: 'pods without it', args: ['--pod-cidr', '10.1.0.0/24'], says: /--pod-cidr: goes with --backend nftables/ },
  { name: 'another backend', args: ['--backend', 'nftable'], says: /did you mean nftables/ },
]) {
  test(`keelson proxy --backend: ${name} is wrong usage`, () => {
    const { code, err } = keelson(['proxy', '--config', 'x', ...args]);
    assert.is(code, 2);
    assert.match(err, says);
  });
}

test.run();
