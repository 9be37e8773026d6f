/** What deciders save: reference and scan the same of the same events, and each the same again once it was loaded. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Listers } from '../../../core/cluster/listers.ts';
import { readSnapshot, writeSnapshot } from '../../../core/cluster/snapshot/snapshot.ts';
import type { Pod } from '../../../core/objects/types.ts';
import { createDecider, type DeciderKind } from '../../../core/scheduler/deciders.ts';
import type { Decider, Savable } from '../../../core/scheduler/framework.ts';
import { defaultProfile } from '../../../core/scheduler/profile.ts';
import { Nominator } from '../../../core/scheduler/queue/nominator.ts';
import { type ClusterEvent, clusterEvents } from '../../support/arbitraries.ts';

const KINDS = ['reference', 'scan'] as const;
const PLAIN: Pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'plain' }, spec: { containers: [] } };

function fresh(kind: DeciderKind): Decider & Savable {
  return createDecider(kind, { listers: new Listers(), profiles: [defaultProfile()], nominated: new Nominator() });
}

function played(kind: DeciderKind, events: readonly ClusterEvent[], cycles: readonly boolean[]): Decider & Savable {
  const decider = fresh(kind);
  const pods = new Map<string, Pod>();
  events.forEach((event, i) => {
    if (event.op === 'node') decider.addNode(event.node);
    else if (event.op === 'nodeGone') decider.removeNode(event.name);
    else if (event.op === 'pod') decider.addPod(event.pod);
    else if (pods.has(event.key)) decider.removePod(pods.get(event.key) as Pod);
    if (event.op === 'pod') pods.set(event.pod.metadata.uid ?? '', event.pod);
    if (cycles[i]) decider.begin(PLAIN);
  });
  return decider;
}

function bytesOf(decider: Savable): Uint8Array {
  const { reserved, ...saved } = decider.save();
  return writeSnapshot({ ...saved, objects: [], rest: reserved });
}

/** By names, since deciders hold their nodes in different orders. */
function byName(bytes: Uint8Array): unknown {
  const { nodes, placed, traces } = readSnapshot(bytes);
  const pods: Record<string, Pod[]> = {};
  placed((pod, _key, nodeName) => {
    pods[nodeName] ??= [];
    pods[nodeName].push(pod);
  });
  const { freedPorts } = traces;
  return {
    nodes: Object.fromEntries(nodes.map((node) => [node.metadata.name, node])),
    pods,
    traces: { ...traces, freedPorts: freedPorts.map((freed) => Object.values(freed).join()).sort() },
  };
}

const histories = fc.tuple(
  fc.boolean().chain((wide) => clusterEvents(40, wide).map((events) => structuredClone(events))),
  fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }),
);

test('reference and scan save the same, and save it again after they have loaded it', () => {
  fc.assert(
    fc.property(histories, ([events, cycles]) => {
      const [reference, scan] = KINDS.map((kind) => bytesOf(played(kind, events, cycles)));
      assert.equal(byName(reference), byName(scan));
      for (const kind of KINDS) {
        for (const bytes of [reference, scan]) {
          const loaded = fresh(kind);
          const content = readSnapshot(bytes);
          loaded.load({ ...content, reserved: [] });
          assert.equal(byName(bytesOf(loaded)), byName(bytes));
        }
      }
    }),
    { numRuns: 400 },
  );
});

test.run();
