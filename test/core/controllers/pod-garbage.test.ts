/** Pods that no agent will end. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { podGarbageCollector } from '../../../core/controllers/pod-garbage/pod-garbage.ts';
import { NODES, PODS } from '../../../core/controllers/resources.ts';
import { timeText } from '../../../core/controllers/time.ts';
import type { KubeObject, Pod } from '../../../core/objects/types.ts';
import { cacheOf, look, lookAgain, tell } from '../../support/look.ts';

const NOW = Date.parse('2026-01-02T00:00:00Z');
const NODE = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } } as KubeObject;

function pod(name: string, nodeName: string, phase = 'Running', metadata: object = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'x', uid: name, ...metadata },
    spec: { nodeName, containers: [] },
    status: { phase },
  };
}

const types = (writes: readonly { type: string }[]): string[] => writes.map(({ type }) => type);

test('a pod on a node that is there is left alone', () => {
  assert.equal(
    look(
      podGarbageCollector(),
      'x/p',
      [
        [NODES, NODE],
        [PODS, pod('p', 'n')],
      ],
      { nowMs: NOW },
    ).writes,
    [],
  );
});

test('a pod that was told to go before it had a node goes at once', () => {
  const going = pod('p', '', 'Pending', { deletionTimestamp: timeText(NOW) });
  const [write] = look(podGarbageCollector(), 'x/p', [[PODS, going]], { nowMs: NOW }).writes;
  assert.equal([write.type, write.type === 'delete' && write.graceSeconds], ['delete', 0]);
});

test('a pod that waits for a node is left alone', () => {
  assert.equal(look(podGarbageCollector(), 'x/p', [[PODS, pod('p', '', 'Pending')]], { nowMs: NOW }).writes, []);
});

test('a pod on a node that is gone fails and goes, after 40 s and a look at the API', () => {
  const controller = podGarbageCollector();
  const cache = cacheOf([[PODS, pod('p', 'n')]]);
  assert.equal(lookAgain(controller, 'x/p', cache, { nowMs: NOW }), {
    writes: [],
    events: [],
    rest: { afterMs: 40_000 },
  });
  const looked = lookAgain(controller, 'x/p', cache, { nowMs: NOW + 40_000 });
  assert.equal(types(looked.writes), ['get', 'patch', 'delete']);
  assert.match(JSON.stringify(looked.writes[1]), /"phase":"Failed".*DeletionByPodGC/);
});

test('of too many pods that are over the oldest go', () => {
  const controller = podGarbageCollector(2);
  const over = [3, 1, 2].map((age) =>
    pod(`p${age}`, 'n', 'Succeeded', { creationTimestamp: timeText(NOW - age * 1000) }),
  );
  const seen = over.map((one) => [PODS, one] as const);
  const cache = cacheOf([[NODES, NODE], ...seen]);
  assert.ok(tell(controller, seen, cache).has('x/p3'));
  const writes = ['x/p1', 'x/p2', 'x/p3'].map((key) => types(lookAgain(controller, key, cache, { nowMs: NOW }).writes));
  assert.equal(writes, [[], [], ['delete']]);
});

test.run();
