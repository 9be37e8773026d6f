import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { VirtualClock } from '../../../core/clock.ts';
import { Listers } from '../../../core/cluster/listers.ts';
import type { Node, Pod, PodSpec } from '../../../core/objects/types.ts';
import { createQueuedScheduler } from '../../../core/scheduler/create-queued-scheduler.ts';
import { createDecider, DECIDER_KINDS, type DeciderKind } from '../../../core/scheduler/deciders.ts';
import { defaultProfile } from '../../../core/scheduler/profile.ts';
import { Nominator } from '../../../core/scheduler/queue/nominator.ts';
import { ScheduleOne } from '../../../core/scheduler/schedule-one.ts';
import type { Scheduler } from '../../../core/scheduler/scheduler.ts';
import { node, pod, START_MS } from './queue/pods.ts';

// A tiny cluster whose shapes often just fit or just do not; every rule of a shape is either there or not.
const nodeShape = fc.record({
  cpu: fc.constantFrom('1', '3', '4'),
  tainted: fc.boolean(),
  unschedulable: fc.boolean(),
});
const podShape = fc.record({
  cpu: fc.constantFrom('1', '2', '3'),
  priority: fc.nat(2),
  app: fc.constantFrom('web', 'db'),
  tolerant: fc.boolean(),
  rule: fc.constantFrom('none', 'zone a', 'port', 'spread', 'near web', 'not near web'),
  gated: fc.boolean(),
});
const index = fc.nat(5);
const step = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constant('node' as const), index: fc.nat(2), shape: nodeShape }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove node' as const), index: fc.nat(2) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('pod' as const), index, shape: podShape }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('delete pod' as const), index }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('open gate' as const), index }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('relabel' as const), index, app: fc.constantFrom('web', 'db') }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
type PodShape = typeof podShape extends fc.Arbitrary<infer T> ? T : never;
type NodeShape = typeof nodeShape extends fc.Arbitrary<infer T> ? T : never;

const steps = fc.array(step, { maxLength: 25, size: 'max' });
const noPriorities = steps.map((list) =>
  list.map((one) => (one.do === 'pod' ? { ...one, shape: { ...one.shape, priority: 0 } } : one)),
);

/** A node stays in its zone: hints do not look at the domains that other pods lose when a node moves. */
const ZONES: Record<string, string> = { n0: 'a', n1: 'b' };

function nodeOf(name: string, { cpu, tainted, unschedulable }: NodeShape): Node {
  const zone = ZONES[name];
  const taints = tainted ? [{ key: 'k', effect: 'NoSchedule' }] : [];
  return node(name, { has: { cpu }, labels: zone ? { zone } : {}, taints, unschedulable });
}

const nearWeb = { labelSelector: { matchLabels: { app: 'web' } }, topologyKey: 'zone' };
const RULES: Record<PodShape['rule'], Partial<PodSpec>> = {
  none: {},
  'zone a': { nodeSelector: { zone: 'a' } },
  port: {},
  spread: {
    topologySpreadConstraints: [{ ...nearWeb, maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule' }],
  },
  'near web': { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [nearWeb] } } },
  'not near web': { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [nearWeb] } } },
};

function podOf(name: string, { cpu, priority, app, tolerant, rule, gated }: PodShape): Pod {
  const ports = rule === 'port' ? [{ hostPort: 80 }] : [];
  return pod(name, {
    metadata: { labels: { app } },
    spec: {
      priority,
      containers: [{ name: 'c', ports, resources: { requests: { cpu } } }],
      tolerations: tolerant ? [{ operator: 'Exists' }] : [],
      schedulingGates: gated ? [{ name: 'g' }] : [],
      ...RULES[rule],
    },
  });
}

/** What is out there, beside the scheduler: binds and deletes at once. */
class World {
  readonly nodes = new Map<string, Node>();
  readonly pods = new Map<string, Pod>();
  readonly log: string[] = [];
  readonly scheduler: Scheduler;
  readonly #clock = new VirtualClock(START_MS);
  #created = 0;

  constructor(decider: DeciderKind) {
    this.scheduler = createQueuedScheduler({
      decider,
      clock: this.#clock,
      // Hints alone must do.
      maxInUnschedulablePodsMs: Number.MAX_SAFE_INTEGER,
      binder: {
        bind: (bound, _nodeName, done) => {
          assert.not(this.pods.get(bound.metadata.name)?.spec.nodeName, 'bound twice');
          this.pods.set(bound.metadata.name, bound);
          done();
        },
      },
      evictor: {
        evict: (victims) => {
          for (const victim of victims) this.#delete(victim);
        },
      },
      onDecision: ({ pod: { metadata }, result, host = '', message = '' }) =>
        this.log.push(`${metadata.name} ${result} ${host} ${message}`),
    });
  }

  apply(one: Step): void {
    const name = `n${one.index}`;
    const known = [...this.pods.values()][one.index];
    switch (one.do) {
      case 'node': {
        const made = nodeOf(name, one.shape);
        this.nodes.set(name, made);
        this.scheduler.nodeAdded(made);
        break;
      }
      case 'remove node':
        this.nodes.delete(name);
        this.scheduler.nodeDeleted(name);
        // As pod garbage collection does; the plugins count on it and do not all listen to Node/Delete.
        for (const one of [...this.pods.values()]) if (one.spec.nodeName === name) this.#delete(one);
        break;
      case 'pod':
        this.#deliver(podOf(`p${this.#created++}`, one.shape));
        break;
      case 'delete pod':
        if (known) this.#delete(known);
        break;
      case 'open gate':
        if (known) this.#deliver({ ...known, spec: { ...known.spec, schedulingGates: [] } });
        break;
      case 'relabel':
        if (known) this.#deliver({ ...known, metadata: { ...known.metadata, labels: { app: one.app } } });
    }
    this.#settle();
  }

  #deliver(one: Pod): void {
    this.pods.set(one.metadata.name, one);
    this.scheduler.podUpdated(one);
  }

  #delete(one: Pod): void {
    this.pods.delete(one.metadata.name);
    this.scheduler.podDeleted(one);
  }

  /** Until nothing moves for longer than any backoff lasts. */
  #settle(): void {
    const end = this.#clock.now() + 60_000;
    this.scheduler.runUntilIdle();
    for (let at = this.scheduler.nextFlush(); at !== undefined && at <= end; at = this.scheduler.nextFlush()) {
      this.#clock.set(Math.max(at, this.#clock.now()));
      this.scheduler.flush();
      this.scheduler.runUntilIdle();
    }
    this.#clock.set(end);
  }
}

/** Every pod is on a node or waits in one place. */
function checkConservation({ scheduler, pods }: World): void {
  const waiting = [...scheduler.pending()].map(({ pod: { metadata } }) => metadata.name).sort();
  const unbound = [...pods.values()].filter(({ spec }) => !spec.nodeName).map(({ metadata }) => metadata.name);
  assert.equal(waiting, unbound.sort());
}

/** What the pods on a node ask for is there; two pods do not hold one port. */
function checkPlaces({ pods }: World, before: ReadonlyMap<string, string>, nodes: World['nodes']): void {
  for (const [name, { status }] of nodes) {
    const there = [...pods.values()].filter(({ spec }) => spec.nodeName === name);
    // A node that shrank keeps what it has, but takes nothing new.
    if (there.every(({ metadata }) => before.get(metadata.name) === name)) continue;
    const asked = there.reduce((sum, { spec }) => sum + Number(spec.containers[0].resources?.requests?.cpu), 0);
    assert.ok(asked <= Number(status?.allocatable?.cpu), `${name} is overcommitted`);
    const holders = there.filter(({ spec }) => spec.containers[0].ports?.length);
    assert.ok(holders.length <= 1, `port 80 of ${name} is taken twice`);
  }
}

/** A scheduler that knows only how things stand now places none of the waiting pods. */
function checkNobodySleeps({ scheduler, nodes, pods }: World): void {
  const listers = new Listers();
  const profiles = [defaultProfile()];
  const nominated = new Nominator();
  const decider = createDecider('reference', { listers, profiles, nominated });
  for (const one of nodes.values()) decider.addNode(one);
  for (const one of pods.values()) if (one.spec.nodeName) decider.addPod(one);
  const cycle = new ScheduleOne({ decider, profiles, listers, nominated });
  for (const { pod: one, place } of scheduler.pending()) {
    if (place === 'gated') assert.ok(one.spec.schedulingGates?.length);
    else if (nodes.size > 0) assert.is.not(cycle.schedule(one).result, 'scheduled', `${one.metadata.name} sleeps on`);
  }
}

for (const kind of DECIDER_KINDS) {
  test(`Scheduler over ${kind}: no pod is lost, no node overcommitted, whatever happens`, () => {
    fc.assert(
      fc.property(steps, (list) => {
        const world = new World(kind);
        for (const one of list) {
          const before = new Map([...world.pods].map(([name, { spec }]) => [name, spec.nodeName ?? '']));
          world.apply(one);
          checkConservation(world);
          checkPlaces(world, before, world.nodes);
        }
      }),
      { numRuns: 150 },
    );
  });
}

test('Scheduler: events alone wake every pod that can be placed, so that none waits behind one that cannot', () => {
  fc.assert(
    fc.property(noPriorities, (list) => {
      const world = new World('reference');
      for (const one of list) {
        world.apply(one);
        checkNobodySleeps(world);
      }
    }),
    { numRuns: 1500 },
  );
});

test('Scheduler: the same deliveries make the same log, under every decider', () => {
  fc.assert(
    fc.property(steps, (list) => {
      const [first, ...others] = [...DECIDER_KINDS, ...DECIDER_KINDS].map((kind) => {
        const world = new World(kind);
        for (const one of list) world.apply(one);
        return world.log;
      });
      for (const log of others) assert.equal(log, first);
    }),
    { numRuns: 60 },
  );
});

test.run();
