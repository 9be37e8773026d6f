/** kubectl from 1.30 on prefers WebSocket; where that is refused it falls back to SPDY, and everything goes on. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { KubeObject } from '../../core/index.ts';
import { kubeconfigText } from '../../runtime/api/auth/kubeconfig.ts';
import { type RunningCluster, startCluster } from '../../runtime/up/cluster.ts';
import { installedKubectls } from '../support/kubectl.ts';
import { refuseWebSockets } from './refusing-proxy.ts';
import { Line } from './shell.ts';

interface Context {
  directory: string;
  cluster: RunningCluster;
}

const test = suite<Context>('WebSockets refused');

test.before(async (context) => {
  context.directory = mkdtempSync(join(tmpdir(), 'keelson-fall-back-'));
  // Plain HTTP: the proxy has to look into what is asked.
  const options = { store: 'memory', host: '127.0.0.1', port: 0, insecure: true, nodes: 1 } as const;
  const problem = (error: Error): void => assert.unreachable(error.message);
  context.cluster = await startCluster({ ...options, dataDir: context.directory, problem });
  const { client } = context.cluster.server;
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'default' },
    spec: { containers: [{ name: 'a', image: 'a:1', ports: [{ containerPort: 80 }] }] },
  } as KubeObject;
  await client.create({ group: '', resource: 'pods' }, pod);
  for (;;) {
    const seen = client.view.get('', 'pods', 'default', 'web') as { status?: { phase?: string } } | undefined;
    if (seen?.status?.phase === 'Running') break;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
});
test.after(async ({ cluster, directory }) => {
  await cluster.stop();
  rmSync(directory, { recursive: true });
});

const PODS = '/api/v1/namespaces/default/pods/web';
/** From when on kubectl asks for a WebSocket first: commands since 1.30, ports since 1.31. */
const ROWS: readonly (readonly [version: string, code: number, prefersForPorts: boolean])[] = [
  ['1.30', 400, false],
  ['1.31', 403, true],
  ['1.33', 400, true],
];

for (const [version, program] of installedKubectls(ROWS.map(([version]) => version))) {
  const [, code, prefersForPorts] = ROWS.find((row) => row[0] === version) as (typeof ROWS)[number];
  test(`kubectl ${version} falls back to SPDY for commands, files and ports after a ${code}`, async (context) => {
    const proxy = await refuseWebSockets(context.cluster.url, code);
    const kubeconfig = join(context.directory, `config-${version}`);
    writeFileSync(kubeconfig, kubeconfigText({ server: proxy.url, user: 'admin' }));
    const env = { PATH: process.env.PATH ?? '', HOME: context.directory, KUBECONFIG: kubeconfig };
    const place = { directory: context.directory, env };
    const run = (line: string) => new Line(`${program} ${line}`, place).ended;
    try {
      const executed = await run("exec web -- sh -c 'echo out; echo err >&2; exit 3'");
      assert.equal([executed.out, executed.exit], ['out\n', 3], executed.err);
      assert.match(executed.err, /^err$/m);
      const piped = await new Line(`echo typed | ${program} exec -i web -- cat`, place).ended;
      assert.is(piped.out, 'typed\n', piped.err);
      writeFileSync(join(context.directory, 'sent'), 'a file');
      const copied = await run(`cp sent web:/tmp/sent-${version}`);
      assert.is(copied.exit, 0, copied.err);
      const back = await run(`cp web:/tmp/sent-${version} back-${version}`);
      assert.is(back.exit, 0, back.err);
      assert.is(readFileSync(join(context.directory, `back-${version}`), 'utf8'), 'a file');
      assert.is(await forwarded(program, env), 200);
    } finally {
      proxy.close();
    }
    const seen = (kind: string): string[] => [...new Set(proxy.upgrades.filter((line) => line.startsWith(kind)))];
    const ports = prefersForPorts ? [`websocket ${code} GET ${PODS}/portforward`] : [];
    assert.equal(seen('websocket'), [`websocket ${code} GET ${PODS}/exec`, ...ports]);
    assert.equal(seen('SPDY'), [`SPDY/3.1 101 POST ${PODS}/exec`, `SPDY/3.1 101 POST ${PODS}/portforward`]);
  });
}

/** The status of an answer that came through a forwarded port. */
async function forwarded(program: string, env: Record<string, string>): Promise<number> {
  const child = spawn(program, ['port-forward', 'web', ':80'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    let said = '';
    for await (const chunk of child.stdout) {
      said += chunk;
      const port = /127\.0\.0\.1:(\d+) -> 80/.exec(said)?.[1];
      if (port) return (await fetch(`http://127.0.0.1:${port}/`)).status;
    }
    throw new Error(`no port was forwarded: ${said}`);
  } finally {
    child.kill();
  }
}

test.run();
