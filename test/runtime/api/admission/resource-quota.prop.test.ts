/** However requests of two servers overlap and however late their caches are: what was let in fits, and usage is its sum. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Pod } from '../../../../core/index.ts';
import type { ResourceQuota } from '../../../../runtime/api/admission/quota/quota.ts';
import { resourceQuota } from '../../../../runtime/api/admission/quota/resource-quota.ts';
import { FakeView } from '../auth/fake-view.ts';
import { FakeWriter } from './fake-writer.ts';
import { outcomeOf } from './requests.ts';

const LIMIT = 10;
const quota: ResourceQuota = {
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { namespace: 'a', name: 'q', uid: 'q', resourceVersion: '1' },
  spec: { hard: { pods: '100', 'requests.cpu': String(LIMIT) } },
  status: { used: { pods: '0', 'requests.cpu': '0' } },
};
const pod = (cpu: number): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: 'a', name: 'p' },
  spec: { containers: [{ name: 'c', resources: { requests: { cpu } } }] },
});

// Who asks for how much, after how many turns of the event loop, and whether that server's cache then catches up.
const requests = fc.array(
  fc.record({ server: fc.nat(1), cpu: fc.integer({ min: 1, max: 4 }), wait: fc.nat(4), flush: fc.boolean() }),
  { minLength: 1, maxLength: 16, size: 'max' },
);

test('ResourceQuota: two servers with late caches never let in more than fits, and lose no charge', async () => {
  await fc.assert(
    fc.asyncProperty(requests, async (all) => {
      const writer = new FakeWriter([quota]);
      const servers = [0, 1].map(() => {
        const view = new FakeView([quota]);
        return { view, plugin: resourceQuota(view, writer, () => 0) };
      });
      const admitted: number[] = [];
      const refused: number[] = [];
      const sent = all.map(async ({ server, cpu, wait, flush }) => {
        for (let turn = 0; turn < wait; turn++) await Promise.resolve();
        const { view, plugin } = servers[server];
        if (flush) writer.flush(view);
        const outcome = await outcomeOf(plugin, pod(cpu));
        if (outcome === 'done') admitted.push(cpu);
        else if (outcome.startsWith('403 pods "p" is forbidden: exceeded quota')) refused.push(cpu);
        else assert.match(outcome, /^409 /); // Lost the race four times: the client asks again.
      });
      await Promise.all(sent);
      const sum = admitted.reduce((total, cpu) => total + cpu, 0);
      assert.equal((writer.stored.get('q') as ResourceQuota).status?.used, {
        pods: String(admitted.length),
        'requests.cpu': String(sum),
      });
      assert.ok(sum <= LIMIT);
      for (const cpu of refused) assert.ok(sum + cpu > LIMIT, 'refused only what does not fit');
    }),
    { numRuns: 400 },
  );
});

test.run();
