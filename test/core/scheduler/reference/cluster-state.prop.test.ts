/** Laws of the reference's state: whatever happened, it equals one that is told only how things stand now. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Node, Pod } from '../../../../core/objects/types.ts';
import { podKey } from '../../../../core/scheduler/framework.ts';
import { ClusterState } from '../../../../core/scheduler/reference/cluster-state.ts';
import { hostPort, node, pod } from '../../../support/builders.ts';

type Event =
  | { kind: 'setNode'; node: Node }
  | { kind: 'removeNode'; name: string }
  | { kind: 'setPod'; pod: Pod }
  | { kind: 'removePod'; pod: Pod };

// Few names on purpose: events meet each other.
const names = fc.constantFrom('a', 'b', 'c');
const nodes = fc.record({ name: names, cpu: fc.nat(9) }).map(({ name, cpu }) => node(name, { has: { cpu: `${cpu}` } }));
const pods = fc
  .record({
    name: fc.constantFrom('x', 'y', 'z'),
    on: fc.option(names),
    cpu: fc.nat(9),
    port: fc.nat(9),
    done: fc.nat(5),
  })
  .map(({ name, on, cpu, port, done }) =>
    // No two pods hold one port: ports are a set, and the first holder to leave frees it for good (node-ports.test.ts).
    pod(`${name}${port}`, {
      on: on ?? undefined,
      spec: { ...hostPort(8000 + 10 * 'xyz'.indexOf(name) + port), overhead: { cpu: `${cpu}` } },
      status: { phase: done === 0 ? 'Succeeded' : 'Running' },
    }),
  );
const events = fc.array<Event>(
  fc.oneof(
    nodes.map((one): Event => ({ kind: 'setNode', node: one })),
    names.map((name): Event => ({ kind: 'removeNode', name })),
    pods.map((one): Event => ({ kind: 'setPod', pod: one })),
    pods.map((one): Event => ({ kind: 'removePod', pod: one })),
  ),
  { maxLength: 40 },
);

function apply(state: ClusterState, event: Event): void {
  if (event.kind === 'setNode') state.setNode(event.node);
  else if (event.kind === 'removeNode') state.removeNode(event.name);
  else if (event.kind === 'setPod') state.setPod(event.pod);
  else state.removePod(event.pod);
}

/** Node → what there is of it, without order. */
function summary(state: ClusterState): unknown {
  const infos = state.snapshot().map((info) => ({
    name: info.name,
    offered: String(info.allocatable.get('cpu')),
    requested: [info.requested('cpu'), info.nonZeroRequested('cpu'), info.nonZeroRequested('memory')].map(String),
    pods: info.pods.map(podKey).sort(),
    ports: Array.from({ length: 30 }, (_, port) =>
      info.portIsTaken({ ip: '0.0.0.0', protocol: 'TCP', port: 8000 + port }),
    ),
  }));
  return infos.sort((one, other) => (one.name < other.name ? -1 : 1));
}

test('ClusterState: equals one that is built from how things stand', () => {
  fc.assert(
    fc.property(events, (list) => {
      const state = new ClusterState();
      const nodesNow = new Map<string, Node>();
      const podsNow = new Map<string, Pod>();
      for (const event of list) {
        apply(state, event);
        if (event.kind === 'setNode') nodesNow.set(event.node.metadata.name, event.node);
        else if (event.kind === 'removeNode') nodesNow.delete(event.name);
        else if (event.kind === 'setPod') podsNow.set(podKey(event.pod), event.pod);
        else podsNow.delete(podKey(event.pod));
      }
      const rebuilt = new ClusterState();
      for (const one of nodesNow.values()) rebuilt.setNode(one);
      for (const one of podsNow.values()) rebuilt.setPod(one);
      assert.equal(summary(state), summary(rebuilt));
    }),
    { numRuns: 500 },
  );
});

test.run();
