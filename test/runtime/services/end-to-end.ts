/** What holds of Services however they are carried: told to real containers, by requests from this machine and from pods. */
import { execFileSync } from 'node:child_process';
import type { Test } from 'uvu';
import * as assert from 'uvu/assert';
import type { EndpointSlice } from '../../../core/index.ts';
import type { TestDockerd } from '../../support/dockerd.ts';
import { ask, refusal, World } from './world.ts';

export const MACHINE_ADDRESS = '192.0.2.10';

/** By the kernel; by a process, which has to accept a connection before it can refuse it. */
const REFUSED: readonly (string | undefined)[] = ['ECONNREFUSED', 'ECONNRESET'];
/** As client libraries do it inside a cluster. busybox's own TLS is of no use here. */
const ASK_WHO_I_AM = `
  cd /var/run/secrets/kubernetes.io/serviceaccount
  BODY='{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}'
  printf 'POST /apis/authentication.k8s.io/v1/selfsubjectreviews HTTP/1.1\\r\\nHost: api\\r\\nConnection: close\\r\\n' > /tmp/ask
  printf 'Content-Type: application/json\\r\\nContent-Length: %d\\r\\n' \${#BODY} >> /tmp/ask
  printf 'Authorization: Bearer %s\\r\\n\\r\\n%s' $(cat token) "$BODY" >> /tmp/ask
  (cat /tmp/ask; sleep 1) | openssl s_client -quiet -CAfile ca.crt -verify_return_error \\
    -verify_ip $KUBERNETES_SERVICE_HOST -connect $KUBERNETES_SERVICE_HOST:$KUBERNETES_SERVICE_PORT 2>&1`;

export function testServices(test: Test, dockerd: TestDockerd, mode: 'nftables' | 'userspace'): World {
  const world = new World(dockerd);
  let web: { clusterIP: string; nodePort: number };

  test.before(async () => {
    await world.start(mode, { nodes: 1 });
    await world.deploy('web', 3, { nodeSelector: { 'kubernetes.io/hostname': 'real' } });
    web = await world.expose('web');
  });

  test.after(async () => {
    await world.close();
    assert.equal(world.problems.map(String), []);
    assert.not.match(execFileSync('ip', ['route', 'show', 'table', 'local'], { encoding: 'utf8' }), /10\.96/);
    assert.is(execFileSync('nft', ['list', 'tables'], { encoding: 'utf8' }).includes('keelson'), false);
  });

  test('the cluster address and the node port lead to all pods, from this machine', async () => {
    const places: [string, number][] = [
      [web.clusterIP, 80],
      ['127.0.0.1', web.nodePort],
      [MACHINE_ADDRESS, web.nodePort],
    ];
    for (const [host, port] of places) {
      await world.until(`three pods answer at ${host}`, async () => {
        const names = await Promise.all(Array.from({ length: 20 }, () => ask(host, port))).catch(() => []);
        return new Set(names).size === 3;
      });
    }
  });

  test('and from pods, who also reach themselves', async () => {
    const [pod] = world.ready('web');
    const script = `for i in $(seq 20); do wget -q -O - http://${web.clusterIP}/; done`;
    const names = new Set((await world.run(pod, script)).split('\n'));
    assert.equal(
      [...names].sort(),
      world
        .ready('web')
        .map(({ metadata }) => metadata?.name)
        .sort(),
    );
    assert.match(await world.run(pod, `wget -q -O - http://${MACHINE_ADDRESS}:${web.nodePort}/`), /^web-/);
    assert.is(await world.run(pod, 'echo $WEB_SERVICE_HOST'), '', 'it began before the Service was there');
  });

  test('a pod finds the API by its variables and is who its token says', async () => {
    const [pod] = world.ready('web');
    const answer = await world.run(pod, ASK_WHO_I_AM);
    assert.match(answer, /"username":"system:serviceaccount:default:default"/);
  });

  test('pods are deleted under requests, and none of them fails', async () => {
    const { asked, failures } = await world.under(web.clusterIP, 80, async () => {
      for (let round = 0; round < 2; round++) {
        await world.delete(world.ready('web')[0]);
        await world.until('another one is ready', () => world.ready('web').length === 3);
      }
    });
    assert.ok(asked > 100, `${asked} requests`);
    assert.equal(failures, []);
  });

  test('a Service without endpoints refuses, and so does one whose pods are made up', async () => {
    const none = await world.expose('none');
    await world.until('it is refused', async () => REFUSED.includes(await refusal(none.clusterIP, 80)));
    await world.deploy('unreal', 1, { nodeSelector: { 'keelson.dev/made-up': 'true' } });
    const unreal = await world.expose('unreal');
    await world.until('it has an endpoint', () =>
      [...world.client.view.list('discovery.k8s.io', 'endpointslices', 'default')].some(
        (slice) =>
          slice.metadata.labels?.['kubernetes.io/service-name'] === 'unreal' &&
          (slice as EndpointSlice).endpoints.length === 1,
      ),
    );
    for (const [host, port] of [
      [unreal.clusterIP, 80],
      ['127.0.0.1', unreal.nodePort],
    ] as const) {
      await world.until(`${host} refuses`, async () => REFUSED.includes(await refusal(host, port)));
    }
  });
  return world;
}
