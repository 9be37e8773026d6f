/**
 * How the table comes and goes: crash, exit, two processes that want it, tools that are not there; and that the kernel's
 * own listing after many changes is that of a fresh load.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ApiError } from '../../../../core/errors.ts';
import { parseCidr } from '../../../../core/objects/ip.ts';
import { NftablesPlane } from '../../../../runtime/proxy/nftables/plane.ts';
import { Ruleset } from '../../../../runtime/proxy/nftables/rules.ts';
import { Network, POD_RANGES, podIp, whyNot } from './network.ts';
import { type Serving, tableOf, VIP, World } from './world.ts';

const WEB = { host: VIP, port: 80 };

const reason = whyNot();
if (reason !== undefined) console.log(`skipped: the lifetime of the nftables table, as ${reason}`);

let network: Network;
test.before(async () => {
  if (reason === undefined) network = await Network.make(2);
});
test.after(() => network?.remove());

function real(name: string, use: () => Promise<void>): void {
  test(`nftables: ${name}`, async () => {
    if (reason !== undefined) return;
    await use();
    assert.is(tables(), '', 'nothing is left behind');
  });
}

function tables(): string {
  return network.node.run('nft list tables').trim();
}

async function serving(how: 'exit' | 'stay') {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'serving.ts'), network.node.netns, how], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const [words] = await once(child.stdout, 'data');
  assert.is(String(words), 'serves\n');
  return { child, ended };
}

real('a process that ends without a word takes its table along', async () => {
  const { ended } = await serving('exit');
  assert.equal(await ended, [3, null]);
});

real('the table of a process that was killed serves on, until the next one replaces it whole', async () => {
  const { child, ended } = await serving('stay');
  child.kill('SIGKILL');
  await ended;
  assert.equal(await network.pods[1].connect(WEB), [`pod-0 ${podIp(1)}`]);
  assert.is(tables(), 'table inet keelson');
  const world = await World.start(network);
  assert.is((await world.plane.list()).match(/chain owner-/g)?.length, 1);
  await world.serve({ backends: [1] });
  assert.equal(await network.pods[0].connect(WEB), [`pod-1 ${podIp(0)}`]);
  await world.plane.close(0);
});

real('of two processes the second has the table; the first is told, and leaves it alone', async () => {
  const first = await World.start(network);
  await first.serve({ backends: [0] });
  const second = await World.start(network);
  await second.serve({ backends: [1] });
  for (const backends of [[1], [0, 1]]) {
    try {
      await first.serve({ backends });
      assert.unreachable();
    } catch (error) {
      assert.match((error as Error).message, /another process has taken over table inet keelson/);
    }
  }
  assert.not.ok(first.plane.health().healthy);
  assert.equal(await network.pods[0].connect(WEB), [`pod-1 ${podIp(0)}`]);
  await first.plane.close(0);
  assert.is(tables(), 'table inet keelson');
  await second.plane.close(0);
});

real('close waits for connections, for as long as it is given', async () => {
  const world = await World.start(network);
  await world.serve({ backends: [0] });
  await network.pods[1].hold(WEB);
  const closing = world.plane.close(5000);
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.is(await network.pods[1].talk('last words'), 'last words');
  await network.pods[1].letGo();
  await closing;
});

real('a table that is flushed is loaded again by itself', async () => {
  const world = await World.start(network, { checkMs: 100 });
  await world.serve({ backends: [0] });
  network.node.run('nft flush ruleset');
  for (let i = 0; i < 100 && tables() === ''; i++) await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(await network.pods[1].connect(WEB), [`pod-0 ${podIp(1)}`]);
  await world.plane.close(0);
});

real('without conntrack all works but what needs it, and that is said', async () => {
  const world = await World.start(network, { commands: { conntrack: 'no-such-conntrack' } });
  await world.serve({ protocol: 'UDP', backends: [0] });
  assert.match((await network.pods[1].send(WEB))[0], /^pod-0 /);
  assert.match(
    world.plane.health().problems.join('\n'),
    /no-such-conntrack: is not installed \(Debian package conntrack\): UDP/,
  );
  assert.equal(await world.plane.drain({ address: podIp(0), port: 8080 }, 50), { ended: false, inFlight: 0 });
  await world.plane.close(0);
});

real("the kernel's table after many changes is that of a fresh load", async () => {
  const world = await World.start(network);
  const node = { type: 'NodePort' } as const;
  const balancer = { type: 'LoadBalancer', loadBalancerSourceRanges: ['10.0.0.0/8'] };
  const sticky = { sessionAffinity: 'ClientIP' } as const;
  const status = { loadBalancer: { ingress: [{ ip: '203.0.113.5', ipMode: 'VIP' as const }] } };
  const local = { externalTrafficPolicy: 'Local' } as const;
  const servings: Serving[] = [
    { backends: [0, 1] },
    { backends: [1] },
    { backends: [] },
    { spec: node, backends: [0, 1, 'far'] },
    { spec: { ...node, ...local }, backends: [0, 1, 'far'] },
    { spec: { ...node, ...local }, backends: ['far'] },
    { spec: { ...balancer, ...sticky }, status, backends: [0, 1, 'far'] },
    { spec: { ...balancer, ...sticky, ...local }, status, backends: [1, 'far'] },
    { spec: { ...balancer, ...sticky, ...local }, status, backends: ['far'] },
    { spec: { ...balancer, loadBalancerSourceRanges: [] }, status, backends: [0] },
    { spec: node, protocol: 'UDP', backends: [0, 1] },
    { spec: { ...sticky }, protocol: 'UDP', backends: [0, 1] },
    { backends: [0, 1] },
  ];
  for (const next of servings) {
    await world.serve(next);
    const fresh = new Ruleset({ nodeName: 'n1', podRanges: POD_RANGES.map((range) => parseCidr(range)!) });
    fresh.change(tableOf(next).table.frontends);
    assert.equal(blocks(await world.plane.list()), blocks(freshlyLoaded(fresh.full('owner-x'))));
  }
  assert.is(world.plane.stats().counters.failures, 0);
  await world.plane.close(0);
});

function freshlyLoaded(commands: string): string {
  const script = 'nft -f - && nft -n list table inet keelson';
  return spawnSync('unshare', ['--net', 'sh', '-c', script], { input: commands, encoding: 'utf8' }).stdout;
}

/** A listing's sets and chains, sorted, with their elements sorted; whose the table is does not count. */
function blocks(listing: string): string[] {
  const all = listing.replace(/owner-[\w-]+/, 'owner').split(/\n\t}\n/);
  const sorted = all.map((block) =>
    block.replace(/elements = \{([^}]*)\}/, (_, elements: string) =>
      elements
        .split(',')
        .map((one) => one.trim())
        .sort()
        .join(', '),
    ),
  );
  return sorted.map((block) => block.trim()).sort();
}

// --- what refuses to start ---------------------------------------------------------------------------------------

test('nftables: a start without nft says what to install', async () => {
  const error = await startWith('/no/such/nft');
  assert.is(error.code, 'NotFound');
  assert.match(error.message, /is not installed \(Debian package nftables\)/);
});

for (const [name, stderr, code, words] of [
  [
    'not root',
    'Operation not permitted (you must be root)',
    'Forbidden',
    /needs root, or the capability CAP_NET_ADMIN/,
  ],
  ['no nf_tables', 'Unable to initialize Netlink socket: Protocol not supported', 'MethodNotAllowed', /kernel lacks/],
  ['a wrong rule', 'Error: syntax error\nadd rule\n    ^^^', 'Conflict', /Error: syntax error \/ add rule$/],
] as const) {
  test(`nftables: a start that nft refuses, ${name}, is an error in one line`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'keelson-nft-'));
    const nft = join(folder, 'nft');
    writeFileSync(nft, `#!/bin/sh\ncat > /dev/null\ncat >&2 <<'END'\n${stderr}\nEND\nexit 1\n`);
    chmodSync(nft, 0o755);
    try {
      const error = await startWith(nft);
      assert.is(error.code, code);
      assert.match(error.message, words);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

async function startWith(nft: string): Promise<ApiError> {
  try {
    await NftablesPlane.start({ commands: { nft } });
  } catch (error) {
    assert.instance(error, ApiError);
    return error as ApiError;
  }
  throw new Error('it started');
}

test.run();
