/** Two clusters on one etcd: each sees what is written at the other, and one works when the other has been killed. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { configMap, plainPod } from '../../../support/api-server.ts';
import { Etcd, whyNoEtcd } from '../../store/etcd.ts';
import { ask, type Server, start, until } from './on-etcd.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';
const PODS = '/api/v1/namespaces/default/pods';
const reason = whyNoEtcd();
if (reason !== undefined) console.log(`skipped: two servers on one etcd, as ${reason}`);

const test = suite<{ etcd: Etcd; servers: Server[] }>('two servers on one etcd');
if (reason === undefined) {
  test.before(async (context) => {
    context.etcd = await Etcd.start();
    const first = await start(context.etcd.url);
    context.servers = [first, await start(context.etcd.url)];
  });
  test.after(async ({ etcd, servers }) => {
    for (const { child } of servers) child.kill('SIGKILL');
    await etcd.kill();
  });

  test('one of them leads', ({ servers }) => {
    assert.equal(
      servers.map(({ leads }) => leads),
      [true, false],
    );
  });

  test('what is written at one is read and watched at the other, in one order of versions', async ({ servers }) => {
    const [a, b] = servers;
    const version = (await ask(a, 'GET', MAPS)).metadata.resourceVersion;
    const watch = lines(b, `${MAPS}?watch=1&resourceVersion=${version}`);
    const versions: number[] = [];
    for (let i = 0; i < 40; i++) {
      const [at, other] = i % 2 === 0 ? [a, b] : [b, a];
      const made = await ask(at, 'POST', MAPS, configMap(`m${i}`));
      versions.push(Number(made.metadata.resourceVersion));
      assert.is(
        (await ask(other, 'GET', `${MAPS}/m${i}`)).metadata.uid,
        made.metadata.uid,
        'read at the other at once',
      );
    }
    assert.equal(
      versions,
      versions.toSorted((x, y) => x - y),
    );
    await until('the watch has all', () => watch.seen.length >= 40);
    assert.equal(
      watch.seen.map(({ object }) => Number(object.metadata.resourceVersion)),
      versions,
    );
    watch.stop();
  });

  test('writers at both that compete for one object: of each version one wins', async ({ servers }) => {
    await ask(servers[0], 'POST', MAPS, configMap('counter', { n: '0' }));
    const add = async (server: Server): Promise<void> => {
      for (let done = 0; done < 15; ) {
        const now = await ask(server, 'GET', `${MAPS}/counter`);
        const next = { ...now, data: { n: `${Number(now.data.n) + 1}` } };
        const answer = await ask(server, 'PUT', `${MAPS}/counter`, next);
        if (answer.kind === 'ConfigMap') done++;
        else assert.is(answer.code, 409, answer.message);
      }
    };
    await Promise.all([...servers, ...servers].map(add));
    assert.is((await ask(servers[0], 'GET', `${MAPS}/counter`)).data.n, '60');
  });

  test('when the leader is killed the other schedules and runs pods, and watches there go on', async ({ servers }) => {
    const [a, b] = servers;
    await ask(b, 'POST', PODS, plainPod('before'));
    await runs(b, 'before');
    const version = (await ask(b, 'GET', PODS)).metadata.resourceVersion;
    const watch = lines(b, `${PODS}?watch=1&resourceVersion=${version}`);
    a.child.kill('SIGKILL');
    const killedMs = performance.now();
    await ask(b, 'POST', PODS, plainPod('after'));
    await runs(b, 'after');
    console.log(
      `a pod runs ${Math.round(performance.now() - killedMs)} ms after the leader was killed; leases are of 2,000`,
    );
    const lease = await ask(b, 'GET', '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/keelson-scheduler');
    assert.is(lease.spec.leaseTransitions, 1);
    const types = watch.seen.filter(({ object }) => object.metadata.name === 'after').map(({ type }) => type);
    assert.is(types[0], 'ADDED');
    assert.ok(types.includes('MODIFIED'));
    watch.stop();
  });

  test('a third one begins, and waits', async ({ etcd, servers }) => {
    const third = await start(etcd.url);
    servers.push(third);
    assert.is(third.leads, false);
  });

  test('when the second is killed too, the third takes over', async ({ servers }) => {
    const [, b, third] = servers;
    await ask(third, 'POST', PODS, plainPod('last'));
    b.child.kill('SIGKILL');
    await runs(third, 'last');
    assert.not.match(third.said(), /bug|TypeError/);
  });
}

function lines({ url }: Server, path: string) {
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  const seen: any[] = [];
  const stopping = new AbortController();
  const read = async (): Promise<void> => {
    const { body } = await fetch(url + path, { signal: stopping.signal });
    let rest = '';
    for await (const chunk of body!.pipeThrough(new TextDecoderStream())) {
      const parts = (rest + chunk).split('\n');
      rest = parts.pop() ?? '';
      seen.push(...parts.map((part) => JSON.parse(part)));
    }
  };
  read().catch((error: Error) => {
    if (error.name !== 'AbortError') seen.push({ type: 'BROKEN', object: { metadata: {} } });
  });
  return { seen, stop: () => stopping.abort() };
}

const runs = (server: Server, name: string): Promise<void> =>
  until(`${name} runs`, async () => (await ask(server, 'GET', `${PODS}/${name}`)).status?.phase === 'Running');

test.run();
