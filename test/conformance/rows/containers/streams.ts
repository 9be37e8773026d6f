/** Logs and commands. Source: Kubernetes v1.36, test/e2e/{kubectl/kubectl,common/node/pods}.go. */
import * as assert from 'uvu/assert';
import { containerOf, inPhase, inside, openSocket, podWith, ready, says, WAITS } from '../../kit/containers.ts';
import type { Row } from '../../row.ts';

export const STREAMS: readonly Row[] = [
  {
    id: 'C121',
    async run(check) {
      const { kubectl, namespace } = check;
      const main = containerOf('main', 'i=0; while [ $i -lt 100 ]; do echo "line $i GET /api"; i=$((i+1)); done');
      await check.namespaced('v1', 'pods').create(podWith('logs', [main]));
      await inPhase(check, 'logs', 'Succeeded');
      const logs = (...args: string[]) => kubectl.output(['logs', 'logs', '-n', namespace, ...args]);
      const all = await logs();
      assert.is(all.trimEnd().split('\n').length, 100);
      assert.is(await logs('--tail=1'), 'line 99 GET /api\n');
      assert.is(await logs('--limit-bytes=1'), 'l');
      const [stamp, ...words] = (await logs('--tail=1', '--timestamps')).trim().split(' ');
      assert.ok(!Number.isNaN(Date.parse(stamp)), stamp);
      assert.is(words.join(' '), 'line 99 GET /api');
      await new Promise((next) => setTimeout(next, 2100));
      assert.is(await logs('--since=1s'), '');
      assert.is(await logs('--since=24h'), all);
    },
  },
  {
    id: 'C217',
    telling: true,
    async run(check) {
      await ready(check, podWith('commands', [containerOf('main', WAITS)]));
      const { code, out } = await inside(check, 'commands', ['echo', 'remote execution test']);
      assert.is(out, 'remote execution test\n');
      assert.is(code, 0);
      assert.is((await inside(check, 'commands', 'exit 7')).code, 7);
    },
  },
  {
    id: 'C218',
    async run(check) {
      await ready(check, podWith('logs', [containerOf('main', 'echo container is alive; sleep 600')]));
      await says(check, 'logs', 'main', /alive/);
      const path = `${check.namespaced('v1', 'pods').path}/logs/log?container=main`;
      const socket = openSocket(check, path, 'binary.k8s.io');
      const pieces: Buffer[] = [];
      await new Promise<void>((resolve, reject) => {
        socket.on('message', (data: Buffer) => pieces.push(data));
        socket.on('close', () => resolve());
        socket.on('error', reject);
      });
      assert.is(Buffer.concat(pieces).toString(), 'container is alive\n');
    },
  },
];
