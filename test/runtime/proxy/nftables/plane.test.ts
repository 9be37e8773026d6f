/**
 * The nftables data plane end to end: real sockets of processes in network namespaces, through the kernel's table. Needs
 * root, nft, ip and conntrack, and a kernel that has nf_tables; says so aloud where it is skipped.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ApiError } from '../../../../core/errors.ts';
import { Network, NODE_IP, NODE_IP6, OTHER_IP, OUTSIDE_IP, podIp, podIp6, whyNot } from './network.ts';
import { NODE_PORT, VIP, VIP6, World } from './world.ts';

const NODE_PORTS = { type: 'NodePort' } as const;
const WEB = { host: VIP, port: 80 };
const WEB6 = { host: VIP6, port: 80 };
const PORT = { host: NODE_IP, port: NODE_PORT };

const reason = whyNot();
if (reason !== undefined) console.log(`skipped: the nftables data plane end to end, as ${reason}`);

let network: Network;
test.before(async () => {
  if (reason === undefined) network = await Network.make(4);
});
test.after(() => network?.remove());

/** Each with a table of its own, which is gone afterwards. */
function plane(name: string, use: (world: World) => Promise<void>, flushed = false): void {
  test(`nftables: ${name}`, async () => {
    if (reason !== undefined) return;
    const world = await World.start(network);
    try {
      await use(world);
      assert.is(world.plane.stats().counters.failures, flushed ? 1 : 0, 'every change was one transaction');
    } finally {
      await world.plane.close(0);
    }
    assert.is(network.node.run('nft list ruleset'), '', 'nothing is left behind');
  });
}

/** 'NAME CLIENT' → how often each. */
function tally(answers: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    [...Map.groupBy(answers, (answer) => answer)].map(([key, all]) => [key, all.length]).sort(),
  );
}

function distinct(answers: readonly string[]): string[] {
  return Object.keys(tally(answers));
}

plane('a cluster address leads to every endpoint alike, and shows them the client', async (world) => {
  await world.serve({ backends: [1, 2, 3] });
  const counts = tally(await network.pods[0].connect(WEB, 300));
  assert.equal(
    Object.keys(counts),
    [1, 2, 3].map((n) => `pod-${n} ${podIp(0)}`),
  );
  // Of 300 draws, 100 ± 8 are expected: six deviations.
  for (const count of Object.values(counts)) assert.ok(count > 50 && count < 150, String(count));
});

plane('the same over IPv6', async (world) => {
  await world.serve({ backends: [1, 2] });
  assert.equal(
    distinct(await network.pods[0].connect(WEB6, 40)),
    [1, 2].map((n) => `pod-${n} ${podIp6(0)}`),
  );
});

for (const [family, to, client] of [
  ['IPv4', WEB, podIp(0)],
  ['IPv6', WEB6, podIp6(0)],
] as const) {
  plane(`UDP over ${family}: every client's flow is on its own, and stays with its endpoint`, async (world) => {
    await world.serve({ protocol: 'UDP', backends: [1, 2] });
    assert.equal(distinct(await network.pods[0].send(to, 40)), [`pod-1 ${client}`, `pod-2 ${client}`]);
    assert.is(distinct(await network.pods[0].send(to, 20, false)).length, 1);
  });
}

plane('processes of the node reach it as pods do', async (world) => {
  await world.serve({ backends: [1, 'far'] });
  assert.equal(
    distinct(await network.node.connect(WEB, 40)).map((answer) => answer.split(' ')[0]),
    ['far', 'pod-1'],
  );
});

plane('a client from outside the pods is masqueraded at a cluster address, as kube-proxy does', async (world) => {
  await world.serve({ backends: [1] });
  const [answer] = await network.outside.connect(WEB);
  assert.is(answer, 'pod-1 10.1.0.254');
});

plane('an endpoint that leaves gets nothing new, and its connection goes on', async (world) => {
  await world.serve({ backends: [1] });
  assert.is(await network.pods[0].hold(WEB), `pod-1 ${podIp(0)}`);
  await world.serve({ backends: [2, 3] });
  assert.equal(
    distinct(await network.pods[0].connect(WEB, 40)),
    [2, 3].map((n) => `pod-${n} ${podIp(0)}`),
  );
  assert.is(await network.pods[0].talk('still there?'), 'still there?');
  await network.pods[0].letGo();
  await world.serve({ backends: [1] });
  assert.equal(distinct(await network.pods[0].connect(WEB, 20)), [`pod-1 ${podIp(0)}`]);
});

plane('nobody serves: refused at once, in both families, to pods and to the node, and served again', async (world) => {
  await world.serve({ backends: [] });
  for (const client of [network.pods[0], network.node, network.outside]) {
    assert.equal(await client.connect(WEB), ['ECONNREFUSED']);
    assert.equal(await client.connect(WEB6), ['ECONNREFUSED']);
  }
  await world.serve({ backends: [1] });
  assert.equal(await network.pods[0].connect(WEB), [`pod-1 ${podIp(0)}`]);
});

plane('a port that the Service has not is refused', async (world) => {
  await world.serve({ backends: [1] });
  assert.equal(await network.pods[0].connect({ host: VIP, port: 81 }), ['ECONNREFUSED']);
  assert.equal(await network.node.connect({ host: VIP6, port: 81 }), ['ECONNREFUSED']);
});

plane('a pod that reaches itself sees the node as its client', async (world) => {
  await world.serve({ backends: [0] });
  assert.equal(await network.pods[0].connect(WEB), ['pod-0 10.1.0.254']);
  assert.equal(await network.pods[1].connect(WEB), [`pod-0 ${podIp(1)}`]);
  const [answer] = await network.pods[0].connect(WEB6);
  assert.match(answer, /^pod-0 fd00:7::1$/);
});

plane(
  'ClientIP: a client stays with its endpoint for as long as it comes back in time, and only while it is eligible',
  async (world) => {
    const spec = { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 3 } } };
    await world.serve({ spec, backends: [1, 2, 3] });
    const [first] = await network.pods[0].connect(WEB);
    assert.equal(distinct(await network.pods[0].connect(WEB, 20)), [first]);
    // Longer than the timeout in all, never between two connections.
    for (let i = 0; i < 3; i++) {
      await wait(1500);
      assert.equal(await network.pods[0].connect(WEB), [first]);
    }
    // Another endpoint comes, and the client stays; its own goes, and it does not.
    const own = Number(first.slice('pod-'.length).split(' ')[0]);
    const others = [1, 2, 3].filter((n) => n !== own);
    await world.serve({ spec, backends: [0, 1, 2, 3] });
    assert.equal(distinct(await network.pods[0].connect(WEB, 20)), [first]);
    await world.serve({ spec, backends: others });
    const [second] = await network.pods[0].connect(WEB);
    assert.not.equal(second, first);
    assert.equal(distinct(await network.pods[0].connect(WEB, 20)), [second]);
    assert.match(await world.plane.list(), /expires/);
    await wait(3500);
    assert.not.match(await world.plane.list(), /expires/, 'the client is forgotten');
  },
);

plane('a node port under policy Cluster leads anywhere, and shows the node as the client', async (world) => {
  await world.serve({ spec: NODE_PORTS, backends: [1, 'far'] });
  const answers = distinct(await network.outside.connect(PORT, 40));
  assert.equal(answers, [`far ${NODE_IP}`, 'pod-1 10.1.0.254']);
  const answers6 = distinct(await network.outside.connect({ host: NODE_IP6, port: NODE_PORT }, 40));
  assert.equal(
    answers6.map((answer) => answer.split(' ')[0]),
    ['far', 'pod-1'],
  );
  assert.equal(
    distinct(await network.node.connect(PORT, 40)).map((answer) => answer.split(' ')[0]),
    ['far', 'pod-1'],
  );
});

plane('a node port answers at all addresses of the node but its loopback ones', async (world) => {
  await world.serve({ spec: NODE_PORTS, backends: [1] });
  assert.equal(await network.node.connect({ host: '127.0.0.1', port: NODE_PORT }), ['ECONNREFUSED']);
  assert.match((await network.pods[2].connect({ host: '10.1.0.254', port: NODE_PORT }))[0], /^pod-1 /);
  assert.equal(await network.pods[2].connect({ host: podIp(3), port: NODE_PORT }), ['ECONNREFUSED']);
});

plane('UDP at a node port', async (world) => {
  await world.serve({ spec: NODE_PORTS, protocol: 'UDP', backends: [1, 2] });
  assert.equal(distinct(await network.outside.send(PORT, 40)), ['pod-1 10.1.0.254', 'pod-2 10.1.0.254']);
});

plane(
  "external policy Local: outside keeps its address and stays on this node, the node's own go anywhere",
  async (world) => {
    await world.serve({ spec: { ...NODE_PORTS, externalTrafficPolicy: 'Local' }, backends: [1, 'far'] });
    assert.equal(distinct(await network.outside.connect(PORT, 20)), [`pod-1 ${OUTSIDE_IP}`]);
    const names = (answers: readonly string[]) => distinct(answers.map((answer) => answer.split(' ')[0]));
    assert.equal(names(await network.pods[0].connect(PORT, 40)), ['far', 'pod-1']);
    assert.equal(names(await network.node.connect(PORT, 40)), ['far', 'pod-1']);
  },
);

plane("external policy Local, none here: dropped from outside, the node's own go on", async (world) => {
  await world.serve({ spec: { ...NODE_PORTS, externalTrafficPolicy: 'Local' }, backends: ['far'] });
  assert.equal(await network.outside.connect(PORT), ['nothing']);
  assert.match((await network.pods[0].connect(PORT))[0], /^far /);
  assert.match((await network.node.connect(PORT))[0], /^far /);
});

plane('internal policy Local: none here is dropped, one here is used', async (world) => {
  await world.serve({ spec: { internalTrafficPolicy: 'Local' }, backends: ['far'] });
  assert.equal(await network.pods[0].connect(WEB), ['nothing']);
  await world.serve({ spec: { internalTrafficPolicy: 'Local' }, backends: [1, 'far'] });
  assert.equal(distinct(await network.pods[0].connect(WEB, 20)), [`pod-1 ${podIp(0)}`]);
});

plane("a load balancer's address is served, and closed to clients outside its source ranges", async (world) => {
  const status = { loadBalancer: { ingress: [{ ip: '203.0.113.5', ipMode: 'VIP' }] } };
  const spec = { type: 'LoadBalancer', loadBalancerSourceRanges: ['192.168.7.0/24', '10.1.0.0/24'] };
  const at = { host: '203.0.113.5', port: 80 };
  await world.serve({ spec, status, backends: [1, 2] });
  assert.equal(distinct(await network.outside.connect(at, 40)), ['pod-1 10.1.0.254', 'pod-2 10.1.0.254']);
  assert.equal(await network.outside.connect(at, 1, OTHER_IP), ['nothing']);
  assert.match((await network.outside.connect(PORT, 1, OTHER_IP))[0], /^pod-/, 'the node port is open');
  assert.match((await network.pods[0].connect(at))[0], /^pod-/);
  await world.serve({ spec: { type: 'LoadBalancer' }, status, backends: [1, 2] });
  assert.match((await network.outside.connect(at, 1, OTHER_IP))[0], /^pod-/);
});

plane(
  'UDP: a flow whose endpoint leaves goes to another one with its next datagram, also by way of none',
  async (world) => {
    const spec = NODE_PORTS;
    for (const [client, to] of [
      [network.pods[0], WEB],
      [network.pods[0], WEB6],
      [network.outside, PORT],
    ] as const) {
      await world.serve({ spec, protocol: 'UDP', backends: [1] });
      assert.match((await client.send(to, 1, false))[0], /^pod-1 /);
      await world.serve({ spec, protocol: 'UDP', backends: [2] });
      assert.match((await client.send(to, 1, false))[0], /^pod-2 /);
      await world.serve({ spec, protocol: 'UDP', backends: [] });
      assert.equal(await client.send(to, 1, false), ['nothing']);
      await world.serve({ spec, protocol: 'UDP', backends: [3] });
      assert.match((await client.send(to, 1, false))[0], /^pod-3 /);
    }
    assert.ok(world.plane.stats().counters.udpFlowsCut >= 6);
  },
);

plane('UDP: flows to endpoints that stay are not cut', async (world) => {
  await world.serve({ protocol: 'UDP', backends: [1] });
  const [first] = await network.pods[0].send(WEB, 1, false);
  await world.serve({ protocol: 'UDP', backends: [1, 2, 3] });
  assert.equal(distinct(await network.pods[0].send(WEB, 10, false)), [first]);
  assert.is(world.plane.stats().counters.udpFlowsCut, 0);
});

plane('drain: nothing new at once, and the end is told when the last connection has ended', async (world) => {
  await world.serve({ backends: [1, 2] });
  let holder = '';
  while (!holder.startsWith('pod-1')) {
    await network.pods[0].letGo();
    holder = await network.pods[0].hold(WEB);
  }
  const endpoint = { address: podIp(1), port: 8080 };
  const early = await world.plane.drain(endpoint, 300);
  assert.equal(early.ended, false);
  assert.ok(early.inFlight >= 1);
  assert.equal(distinct(await network.pods[3].connect(WEB, 20)), [`pod-2 ${podIp(3)}`]);
  assert.is(await network.pods[0].talk('hello'), 'hello');
  await world.plane.sample();
  assert.is(world.plane.stats().activeConnections >= 1, true);
  const end = world.plane.drain(endpoint, 5000);
  await network.pods[0].letGo();
  assert.equal(await end, { ended: true, inFlight: 0 });
  await world.serve({ backends: [2] });
  await world.serve({ backends: [1] });
  assert.match((await network.pods[0].connect(WEB))[0], /^pod-1/, 'named anew, it is no longer drained');
});

plane('what the kernel cannot do: refused, or said', async (world) => {
  await world.serve({ backends: [1], settings: { policy: 'maglev' } });
  assert.match(world.plane.health().problems.join('\n'), /default\/web: .* policy maglev/);
  try {
    await world.serve({ backends: [1], settings: { sendProxyProtocol: 2 } });
    assert.unreachable();
  } catch (error) {
    assert.instance(error, ApiError);
    assert.match((error as Error).message, /service default\/web: .*PROXY protocol/);
  }
  assert.equal(await network.pods[0].connect(WEB), [`pod-1 ${podIp(0)}`], 'left as it was');
});

plane(
  'a table that somebody flushed is loaded again with the next change',
  async (world) => {
    await world.serve({ backends: [1] });
    network.node.run('nft flush ruleset');
    await world.serve({ backends: [1, 2] });
    assert.equal(distinct(await network.pods[0].connect(WEB, 40)).length, 2);
    assert.ok(world.plane.health().healthy);
  },
  true,
);

plane('changes that come together go in one transaction, and each is acknowledged', async (world) => {
  await world.serve({ backends: [1] });
  const before = world.plane.stats().counters.transactions;
  await Promise.all([[2], [3], [1, 2], [2, 3]].map((backends) => world.serve({ backends })));
  assert.is(world.plane.stats().counters.transactions, before + 1);
  assert.is(world.plane.stats().version, 5);
  assert.equal(distinct(await network.pods[0].connect(WEB, 40)).length, 2);
});

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

test.run();
