/** What the engine remembers of pods that fit nowhere: when it starts anew, when it does not remember, and its bounds. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Listers } from '../../../../core/cluster/listers.ts';
import type { PodRequest } from '../../../../core/cluster/pod-request.ts';
import type { Pod } from '../../../../core/objects/types.ts';
import { EngineDecider } from '../../../../core/scheduler/engine/decider.ts';
import { RefusedClasses } from '../../../../core/scheduler/engine/refused-classes.ts';
import { podKey } from '../../../../core/scheduler/framework.ts';
import { diagnose } from '../../../../core/scheduler/message.ts';
import { defaultProfile } from '../../../../core/scheduler/profile.ts';
import { Nominator } from '../../../../core/scheduler/queue/nominator.ts';
import { ScanDecider } from '../../../../core/scheduler/scan/decider.ts';
import { ScheduleOne } from '../../../../core/scheduler/schedule-one.ts';
import { node, type PodParts, pod } from '../../../support/builders.ts';

const NODES = ['a', 'b', 'c', 'd'];
const hungry = (name: string, parts: PodParts = {}): Pod =>
  pod(name, { priority: 9, asks: { cpu: '3', memory: '1Gi' }, ...parts });

/** Four nodes, each full: one pod that may be evicted, one that may not. */
function world(kind: 'scan' | 'engine') {
  const listers = new Listers();
  const nominated = new Nominator();
  const profiles = [defaultProfile()];
  const options = { listers, nominated, profiles };
  const decider = kind === 'scan' ? new ScanDecider(options) : new EngineDecider(options);
  for (const name of NODES) {
    decider.addNode(node(name));
    decider.addPod(pod(`low-${name}`, { on: name, priority: 1, asks: { cpu: '2' } }));
    decider.addPod(pod(`high-${name}`, { on: name, priority: 9, asks: { cpu: '2' } }));
  }
  return { decider, nominated, listers, scheduler: new ScheduleOne({ decider, ...options }) };
}
type World = ReturnType<typeof world>;

function answer({ scheduler }: World, incoming: Pod): unknown {
  const { pod: _, preemption, ...rest } = scheduler.schedule(incoming);
  return { ...rest, nominated: preemption?.nominatedNode, victims: preemption?.victims.map(podKey) };
}

const remembers = ({ decider }: World, incoming: Pod): boolean => decider.begin(incoming).nothingFits?.() === true;

const rows: { name: string; happens: (world: World) => void; incoming?: Pod; remembers: boolean }[] = [
  { name: 'nothing happens', happens: () => {}, remembers: true },
  {
    name: 'more pods come and go than the log keeps',
    happens: ({ decider }) => {
      const gone = pod('low-a', { on: 'a' });
      decider.removePod(gone);
      const passing = pod('passing', { on: 'b', asks: { memory: '8Gi' } });
      for (let i = 0; i < 40_000; i++) {
        decider.addPod(passing);
        decider.removePod(passing);
      }
      decider.addPod(passing);
    },
    remembers: true,
  },
  {
    name: 'more nominations change than are kept',
    happens: ({ nominated }) => {
      nominated.add(pod('first', { priority: 9, asks: { memory: '8Gi' } }), 'c');
      for (let i = 0; i < 10_000; i++) nominated.add(pod('other', { priority: 9 }), NODES[i % 2]);
    },
    remembers: true,
  },
  {
    name: 'more reasons come and go than are kept',
    happens: (world) => {
      const { decider } = world;
      for (let i = 0; i < 1500; i++) {
        decider.updateNode(node('a', { taints: [{ key: 'k', value: `${i}`, effect: 'NoSchedule' }] }));
        remembers(world, hungry('asking'));
      }
    },
    remembers: true,
  },
  {
    name: 'a node comes that lets the pod in',
    happens: ({ decider }) => decider.addNode(node('e')),
    remembers: false,
  },
  {
    name: 'a pod comes whose anti-affinity every other pod has to heed',
    happens: ({ decider }) => {
      const term = { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'db' } } };
      const affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
      decider.addPod(pod('alone', { on: 'a', spec: { affinity } }));
    },
    incoming: hungry('third', { labels: { app: 'db' } }),
    remembers: false,
  },
  {
    name: 'the pod has been nominated meanwhile',
    happens: ({ nominated }) => nominated.add(hungry('third'), 'b'),
    remembers: false,
  },
  {
    name: 'amounts come that doubles cannot hold',
    happens: ({ decider }) => decider.addNode(node('e', { has: { cpu: '1', memory: '9007199254740993' } })),
    remembers: false,
  },
  {
    name: 'a budget protects a victim: nodes are searched, and refusals still remembered',
    happens: ({ listers }) => {
      listers.set({
        apiVersion: 'policy/v1',
        kind: 'PodDisruptionBudget',
        metadata: { name: 'all', namespace: 'default' },
        spec: { selector: { matchLabels: { app: 'web' } } },
      } as Parameters<Listers['set']>[0]);
    },
    remembers: true,
  },
];

for (const { name, happens, incoming = hungry('third'), remembers: expected } of rows) {
  test(`pods that fit nowhere: ${name}`, () => {
    const [scan, engine] = [world('scan'), world('engine')];
    for (const each of [scan, engine]) {
      // No room even with all lesser pods gone, so that nobody is nominated.
      for (const first of ['first', 'second']) answer(each, hungry(first, { labels: incoming.metadata.labels }));
      happens(each);
    }
    assert.is(remembers(engine, incoming), expected);
    assert.equal((engine.decider as EngineDecider).check(), []);
    assert.equal(answer(engine, incoming), answer(scan, incoming));
  });
}

test('makes are bounded: the one that asked least recently is forgotten', () => {
  const { decider } = world('scan') as { decider: ScanDecider };
  const memory = new RefusedClasses(({ template }) => `${template.requests[0]}`, 1);
  const fails = (cpu: number): void => {
    diagnose(decider.begin(hungry('asking', { asks: { cpu: `${cpu}m` } }), memory), -1);
  };
  for (let cpu = 5000; cpu < 5040; cpu++) {
    fails(cpu);
    fails(5000);
  }
  const makes = Array.from(memory.entries(), ([make]) => Number(make));
  assert.is(makes.length, 32);
  assert.equal([Math.min(...makes), Math.max(...makes), makes.includes(5001)], [5000, 5039, false]);
});

test('nodes are asked for the first pod after one that failed, and as long as they refuse', () => {
  const engine = world('engine');
  const { refused } = engine.decider as EngineDecider;
  const asks = hungry('asks');
  assert.not(remembers(engine, asks));
  answer(engine, asks);
  assert.is(refused.size, 0);
  assert.ok(remembers(engine, asks));
  assert.is(refused.size, 1);
  const { template } = (engine.decider as EngineDecider).cluster.request(asks, podKey(asks));
  assert.ok(refused.isFailing({ template } as PodRequest));
  engine.decider.addNode(node('e'));
  assert.not(remembers(engine, asks));
  assert.not(refused.isFailing({ template } as PodRequest), 'the next pod is chosen for by its class');
});

test.run();
